"""How well numbers agree: errors, limits of agreement, classes, ranks, and how sure a score is.

Pure functions of NumPy arrays. Nothing here knows of a vital sign; `vitalband.analysis.score` does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Item = TypeVar("Item")

LIMITS_SD = 1.96
"""Limits of agreement lie so many SD from the bias: 95 % of a normal distribution."""
BOOTSTRAP_ROUNDS = 1000
BOOTSTRAP_SEED = 20260
"""Choices of this project: 1000 rounds hold the ends of an interval to a few hundredths of its width."""
FEWEST_GROUPS = 3
"""With fewer, resampling says nothing and no interval is given."""


def mean_absolute_error(error: FloatArray) -> float:
    """Mean of |error|, in the unit of the error; NaN of nothing."""
    return float(np.abs(error).mean()) if len(error) else float("nan")


def accuracy_rms(error: FloatArray) -> float:
    """Arms of ISO 80601-2-61: sqrt(mean((device - reference)^2)), in the error's unit; NaN of nothing."""
    return float(np.sqrt(np.mean(np.square(error)))) if len(error) else float("nan")


def mean_error(error: FloatArray) -> float:
    """The bias, device minus reference; NaN of nothing."""
    return float(error.mean()) if len(error) else float("nan")


@dataclass(frozen=True, slots=True)
class LimitsOfAgreement:
    """`bias`, `sd` and the limits `lower`, `upper` = bias -+ 1.96 sd of device minus reference, of `count`.

    Pairs of one recording are not independent, so the limits are those of these pairs, not of people.
    """

    bias: float
    sd: float
    lower: float
    upper: float
    count: int


def limits_of_agreement(error: FloatArray) -> LimitsOfAgreement:
    """The limits that a Bland-Altman plot draws; NaN with fewer than two pairs."""
    if len(error) < 2:
        nan = float("nan")
        return LimitsOfAgreement(nan, nan, nan, nan, len(error))
    bias, sd = float(error.mean()), float(error.std(ddof=1))
    return LimitsOfAgreement(bias, sd, bias - LIMITS_SD * sd, bias + LIMITS_SD * sd, len(error))


def confusion(truth: IntArray, estimate: IntArray, classes: int) -> IntArray:
    """Counts (classes, classes): rows truth, columns estimate. Codes must lie in 0..classes-1."""
    return np.bincount(truth * classes + estimate, minlength=classes * classes).reshape(classes, classes)


def cohen_kappa(counts: IntArray) -> float:
    """Kappa of a square table of counts: (agreement - chance) / (1 - chance); NaN where chance is all."""
    total = counts.sum()
    if not total:
        return float("nan")
    agreement = np.trace(counts) / total
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1)) / float(total) ** 2
    return float((agreement - chance) / (1 - chance)) if chance < 1 else float("nan")


def roc_area(is_positive: BoolArray, score: FloatArray) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, ties half; NaN of one kind."""
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(mean_rank[inverse][is_positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def specificity_at(is_positive: BoolArray, score: FloatArray, sensitivity: float) -> float:
    """Specificity where the ROC curve has this sensitivity, between its points on a straight line.

    A point is "positive where score >= threshold"; a straight line between two points is what drawing lots
    between their thresholds gives. NaN when only one kind is there.
    """
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    if not positives or not negatives:
        return float("nan")
    values, inverse = np.unique(score, return_inverse=True)
    hits = np.bincount(inverse, weights=is_positive, minlength=len(values))[::-1].cumsum() / positives
    alarms = np.bincount(inverse, weights=~is_positive, minlength=len(values))[::-1].cumsum() / negatives
    hits, alarms = np.concatenate([[0.0], hits]), np.concatenate([[0.0], alarms])
    # The first point that finds so many, and the one before: where a threshold finds just so many, that one.
    after = int(np.searchsorted(hits, sensitivity, side="left").clip(1, len(hits) - 1))
    share = (sensitivity - hits[after - 1]) / (hits[after] - hits[after - 1])
    return float(1 - alarms[after - 1] - share * (alarms[after] - alarms[after - 1]))


def error_against_coverage(
    absolute_error: FloatArray, confidence: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give (coverage, mean absolute error) of the most confident share, one point a distinct confidence.

    Both arrays are (n,); coverage rises to 1. Pairs of equal confidence come in together.
    """
    if not len(absolute_error):
        return np.empty(0), np.empty(0)
    _, inverse = np.unique(-confidence, return_inverse=True)
    counts = np.bincount(inverse).cumsum()
    sums = np.bincount(inverse, weights=absolute_error).cumsum()
    return counts / len(absolute_error), sums / counts


def bootstrap_interval(
    groups: Sequence[Sequence[Item]],
    statistic: Callable[[list[Item]], float],
    *,
    rounds: int = BOOTSTRAP_ROUNDS,
    seed: int = BOOTSTRAP_SEED,
) -> tuple[float, float] | None:
    """The middle 95 % of a statistic over groups (people) that are drawn again with replacement.

    `groups` holds each person's recordings; `statistic` takes the recordings drawn. None with fewer than
    `FEWEST_GROUPS`, or where the statistic is never a number.
    """
    if len(groups) < FEWEST_GROUPS:
        return None
    random = np.random.default_rng(seed)
    drawn = random.integers(len(groups), size=(rounds, len(groups)))
    values = np.array([statistic(_together(groups, row)) for row in drawn])
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _together(groups: Sequence[Sequence[Item]], chosen: IntArray) -> list[Item]:
    return [item for index in chosen for item in groups[int(index)]]
