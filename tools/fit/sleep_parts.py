"""Nights as the band's sleep scorer sees them, and its networks: fitted, and made integers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bandsim.recordings.reading import number_rows
from vitalband.signal.integers import Integers
from vitalband.signal.sleep import (
    FEATURE_LIMIT,
    INPUTS,
    MISSING,
    Networks,
    Scorer,
    epochs_of,
    features_of,
    inputs_of,
    wake_score_q10,
)

Floats = NDArray[np.float64]

UNITS, SEEDS = 8, (0, 1, 2)
CLASS_WEIGHTS = np.array([2.0, 1.0, 1.0])
DECAY, MOTION_DECAY = 7e-3, 1e-3
STEPS = 60
REM_LEANING = 0.3
SENSITIVITY = 0.93
"""Share of sleep that is told to be sleep: the working point of Walch et al. 2019."""
MOTION_INPUTS = (
    *range(10),
    16,
    17,
    *(21 + 8 * later + index for later in range(3) for index in range(3)),
    45,
    46,
)
"""Inputs that know nothing of the heart: movement and the time of the night."""
_BITS = 30


@dataclass(frozen=True)
class Night:
    """One subject: inputs (n, 53), stage (n,) of 0 wake, 1 NREM, 2 REM, -1 not scored, and what was there."""

    name: str
    inputs: Integers
    stages: Integers
    activity_q4: Integers
    rate_q4: Integers
    spread_q4: Integers

    @property
    def is_scored(self) -> NDArray[np.bool]:
        """Epochs with a stage in which both sensors told something, as Walch et al. score them."""
        return (self.stages >= 0) & (self.activity_q4 != MISSING) & (self.rate_q4 > 0)


def nights(data: Path) -> list[Night]:
    """All subjects of the data set."""
    found: list[Night] = []
    for path in sorted((data / "walch" / "cropped").glob("*_cleaned_psg.out")):
        stem = path.name.removesuffix("_psg.out")
        scored = number_rows(path, delimiter=None)
        codes = scored[:, 1].astype(np.int64)
        counts = number_rows(path.with_name(f"{stem}_counts.out"))
        rates = number_rows(path.with_name(f"{stem}_hr.out"), delimiter=None)
        epochs = epochs_of(counts, rates, len(scored), float(scored[0, 0]))
        stages = np.where(codes < 0, -1, np.where(codes == 0, 0, np.where(codes == 5, 2, 1)))
        inputs = inputs_of(features_of(*epochs))
        found.append(Night(stem.removesuffix("_cleaned"), inputs, stages, *epochs))
    return found


def _activation(x: Floats) -> tuple[Floats, Floats]:
    """Value and slope of the firmware's activation."""
    x = np.clip(x, -3, 3)
    square = x * x
    low = 27 + 9 * square
    value = x * (27 + square) / low
    slope = ((27 + 3 * square) * low - (27 + square) * 18 * square) / (low * low)
    return value, np.where(np.abs(x) < 3, slope, 0.0)


def _network(x: Floats, stages: Integers, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """One network on standardised inputs: cross entropy, wake twice, ridge on weights, L-BFGS."""
    width, split = x.shape[1], x.shape[1] * UNITS
    share = CLASS_WEIGHTS[stages] / CLASS_WEIGHTS[stages].sum()
    wanted = np.eye(3)[stages]

    def parts(v: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        return (
            v[:split].reshape(width, UNITS),
            v[split : split + UNITS],
            v[split + UNITS : -3].reshape(-1, 3),
            v[-3:],
        )

    def loss(v: Floats) -> tuple[float, Floats]:
        first, bias, second, last = parts(v)
        hidden, slope = _activation(x @ first + bias)
        logits = hidden @ second + last
        logits -= logits.max(axis=1, keepdims=True)
        chance = np.exp(logits)
        chance /= chance.sum(axis=1, keepdims=True)
        value = -(share * np.log((chance * wanted).sum(axis=1) + 1e-12)).sum()
        value += DECAY * ((first**2).sum() + (second**2).sum())
        error = (chance - wanted) * share[:, np.newaxis]
        inner = (error @ second.T) * slope
        down = [x.T @ inner + 2 * DECAY * first, inner.sum(axis=0), hidden.T @ error + 2 * DECAY * second]
        return float(value), np.concatenate([*(part.ravel() for part in down), error.sum(axis=0)])

    random = np.random.default_rng(seed)
    start = [random.normal(0, 1 / np.sqrt(width), split), np.zeros(UNITS), random.normal(0, 0.5, 3 * UNITS)]
    found = minimize(loss, np.concatenate([*start, np.zeros(3)]), jac=True, method="L-BFGS-B",
                     options={"maxiter": STEPS})  # fmt: skip
    return parts(found.x)


def _quantised(first: Floats, bias: Floats, limit: float) -> tuple[Integers, Integers, int]:
    """Weights (units, n) and biases as integers of `shift` + 10 fraction bits, the most that fit.

    16 bits a weight, and no sum above 2^30 for inputs of the largest size.
    """
    largest = (np.abs(first).sum(axis=1) * limit + np.abs(bias)).max()
    shift = min(
        int(np.floor(np.log2(32767 / np.abs(first).max()))),
        int(np.floor(np.log2(((1 << _BITS) - 1) / (largest + 1)))) - 0,
    ) - 10  # fmt: skip
    scale = 2.0 ** (shift + 10)
    return np.rint(first * scale).astype(np.int64), np.rint(bias * scale).astype(np.int64), shift


def fitted(learned: Sequence[Night]) -> Scorer:
    """Networks of three seeds added, and the linear score, both with a threshold at zero log odds for now."""
    x = np.vstack([night.inputs[night.is_scored] for night in learned]).astype(np.float64)
    stages = np.concatenate([night.stages[night.is_scored] for night in learned])
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    standard = (x - middle) / spread
    found = [_network(standard, stages, seed) for seed in SEEDS]
    first = np.hstack([network[0] for network in found]).T / spread
    bias = np.concatenate([network[1] for network in found]) - first @ middle
    second = np.vstack([network[2] for network in found]).T / len(SEEDS)
    # The weights of the classes are no knowledge of how often each comes.
    last = np.mean([network[3] for network in found], axis=0) - np.log(CLASS_WEIGHTS)
    weights, biases, shift = _quantised(first, bias, FEATURE_LIMIT)
    networks = Networks(weights, biases, np.rint(second * 1024).astype(np.int64),
                        np.rint(last * (1 << 20)).astype(np.int64), shift)  # fmt: skip
    motion, motion_bias, motion_shift = _linear(standard, stages == 0, middle, spread)
    return Scorer(networks, round(-REM_LEANING * 1024), motion, motion_bias, motion_shift)


def _linear(
    standard: Floats, is_wake: NDArray[np.bool], middle: Floats, spread: Floats
) -> tuple[Integers, int, int]:
    """Logistic regression on movement alone, ridge on weights."""
    columns = list(MOTION_INPUTS)
    x = np.c_[standard[:, columns], np.ones(len(standard))]
    wanted = is_wake.astype(np.float64)

    def loss(v: Floats) -> tuple[float, Floats]:
        score = x @ v
        value = (np.logaddexp(0, score) - wanted * score).mean() + MOTION_DECAY * (v[:-1] ** 2).sum()
        slope = x.T @ (1 / (1 + np.exp(-score)) - wanted) / len(x)
        slope[:-1] += 2 * MOTION_DECAY * v[:-1]
        return float(value), slope

    found = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    weights = np.zeros((1, INPUTS))
    weights[0, columns] = found[:-1] / spread[columns]
    bias = found[-1] - weights[0] @ middle
    first, biases, shift = _quantised(weights, np.array([bias]), FEATURE_LIMIT)
    return first[0], int(biases[0]), shift


def wake_scores(scorer: Scorer, night: Night) -> tuple[Floats, Floats]:
    """Log odds of wake with heart rate, and of movement alone, with 10 fraction bits, of each epoch."""
    linear = scorer.scores_q10(night.inputs, np.zeros(len(night.inputs), np.int64))
    return wake_score_q10(scorer.networks.logits_q10(night.inputs)).astype(np.float64), linear.astype(
        np.float64
    )


def with_thresholds(scorer: Scorer, wake_above_q10: int, motion_above_q10: int) -> Scorer:
    """The same with its thresholds taken off the biases, so that wake lies above zero."""
    networks = scorer.networks
    last = networks.second_bias - np.array([wake_above_q10 << 10, 0, 0])
    bias = scorer.motion_bias - (motion_above_q10 << scorer.motion_shift)
    return replace(scorer, networks=replace(networks, second_bias=last), motion_bias=bias)
