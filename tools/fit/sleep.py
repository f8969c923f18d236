"""Fits the sleep scorer: networks of movement and heart rate, and a line of movement alone.

Subjects are left out in turn. The threshold of wake is where 93 % of sleep lies below it, over all subjects
as each was scored by the fit to the others; once more by the others' threshold alone. What is scored is what
the band scores: the integers of `vitalband.signal.sleep`, which are the firmware's. Epochs without counts or
heart rate are not scored, as the authors of the data did not.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from fit.result import DataSet, Figure, Number, Result, Table
from fit.sleep_parts import (
    REM_LEANING,
    SENSITIVITY,
    Floats,
    Night,
    fitted,
    nights,
    wake_scores,
    with_thresholds,
)
from vitalband.signal.integers import Integers
from vitalband.signal.sleep import Scorer, rem_leaning_q10

_DATA = DataSet("walch", 20, "Walch et al., Sleep 42(12), 2019; PhysioNet sleep-accel")
_DRAWS = 500


class LeftOut:
    """Scores and leanings to REM of each night by the fit to the others, of scored epochs."""

    def __init__(self, recorded: Sequence[Night]) -> None:
        self.stages: list[Integers] = []
        self.scores: list[Floats] = []
        self.linear: list[Floats] = []
        self.is_rem: list[NDArray[np.bool]] = []
        for place, night in enumerate(recorded):
            scorer = fitted([other for index, other in enumerate(recorded) if index != place])
            scores, linear = wake_scores(scorer, night)
            leaning = rem_leaning_q10(scorer.networks.logits_q10(night.inputs[night.is_scored]))
            self.stages.append(night.stages[night.is_scored])
            self.scores.append(scores[night.is_scored])
            self.linear.append(linear[night.is_scored])
            self.is_rem.append(leaning > scorer.rem_above_q10)


def area_under_curve(scores: Floats, is_wake: NDArray[np.bool]) -> float:
    """Chance that an epoch of wake scores above one of sleep."""
    ranks, wake = rankdata(scores), int(is_wake.sum())
    return float((ranks[is_wake].sum() - wake * (wake + 1) / 2) / (wake * (len(scores) - wake)))


def threshold(scores: Sequence[Floats], stages: Sequence[Integers]) -> int:
    """Where 93 % of the epochs of sleep lie below."""
    sleep = np.concatenate([part[stage > 0] for part, stage in zip(scores, stages, strict=True)])
    return int(np.floor(np.quantile(sleep, SENSITIVITY)))


def kappa(truth: Integers, told: Integers) -> float:
    """Cohen's kappa of three stages."""
    table = np.zeros((3, 3))
    np.add.at(table, (truth, told), 1)
    total = table.sum()
    agreed = np.trace(table) / total
    chance = (table.sum(axis=0) * table.sum(axis=1)).sum() / total**2
    return float((agreed - chance) / (1 - chance))


def _wake_found(scores: Sequence[Floats], stages: Sequence[Integers]) -> float:
    above = threshold(scores, stages)
    found = [part[stage == 0] > above for part, stage in zip(scores, stages, strict=True)]
    return float(np.concatenate(found).mean())


def _interval(left: LeftOut, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the wake that is found, whole subjects drawn anew."""
    random = np.random.default_rng(seed)
    count = len(left.scores)
    drawn = [
        _wake_found([left.scores[k] for k in chosen], [left.stages[k] for k in chosen])
        for chosen in random.integers(0, count, (_DRAWS, count))
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)


def _by_others(left: LeftOut) -> tuple[float, float]:
    """Sleep and wake found where each subject's threshold is that of the others."""
    asleep: list[NDArray[np.bool]] = []
    awake: list[NDArray[np.bool]] = []
    for place, (scores, stages) in enumerate(zip(left.scores, left.stages, strict=True)):
        others = [index for index in range(len(left.scores)) if index != place]
        above = threshold([left.scores[k] for k in others], [left.stages[k] for k in others])
        asleep.append(scores[stages > 0] <= above)
        awake.append(scores[stages == 0] > above)
    return float(np.concatenate(asleep).mean()), float(np.concatenate(awake).mean())


def _figures(left: LeftOut, recorded: Sequence[Night], seed: int) -> list[Figure]:
    stages, scores = np.concatenate(left.stages), np.concatenate(left.scores)
    above = threshold(left.scores, left.stages)
    told = np.where(scores > above, 0, np.where(np.concatenate(left.is_rem), 2, 1))
    sleep_by_others, wake_by_others = _by_others(left)
    floor = [night.inputs[night.is_scored][:, 2].astype(np.float64) for night in recorded]
    counts = np.bincount(stages, minlength=3) / len(stages)
    is_wake, is_rem = stages == 0, stages == 2
    agreed = {"stages": stages == told, "sleep": is_wake == (told == 0)}

    def figure(
        name: str, value: float, floor: float | None = None, interval: tuple[float, float] | None = None
    ) -> Figure:
        rounded = None if floor is None else round(floor, 3)
        return Figure(
            name, round(value, 3), "", len(stages), "epochs of 20 subjects", floor=rounded, interval=interval
        )

    return [
        figure("wake found at 93 % of sleep", _wake_found(left.scores, left.stages),
               _wake_found(floor, left.stages), interval=_interval(left, seed)),
        figure("area under the curve, wake against sleep", area_under_curve(scores, is_wake),
               area_under_curve(np.concatenate(floor), is_wake)),
        figure("kappa of wake, NREM, REM there", kappa(stages, told), 0.0),
        figure("agreement on wake, NREM, REM there", float(agreed["stages"].mean()), float(counts[1])),
        figure("agreement on sleep and wake there", float(agreed["sleep"].mean()), float(1 - counts[0])),
        figure("REM found there", float((told == 2)[is_rem].mean())),
        figure("sleep found, threshold of the other subjects", sleep_by_others),
        figure("wake found, threshold of the other subjects", wake_by_others),
        figure("wake found at 93 % of sleep, movement alone", _wake_found(left.linear, left.stages)),
    ]  # fmt: skip


def run(data: Path, seed: int) -> Result:
    """The fit, and its figures; prints what was found in each night that was left out."""
    recorded = nights(data)
    left = LeftOut(recorded)
    above, motion_above = threshold(left.scores, left.stages), threshold(left.linear, left.stages)
    for night, scores, stages in zip(recorded, left.scores, left.stages, strict=True):
        asleep, awake = scores[stages > 0] <= above, scores[stages == 0] > above
        print(f"{night.name}: {asleep.mean():.3f} of sleep, {awake.mean():.3f} of wake, n = {len(stages)}")
    scorer = with_thresholds(fitted(recorded), above, motion_above)
    return Result(
        name="sleep",
        summary="Scorer of sleep, by",
        data=[_DATA],
        protocol="each subject in turn; epochs with counts and heart rate, decided 5 min later.",
        figures=_figures(left, recorded, seed),
        tables=_tables(scorer),
        numbers=[
            Number("SLEEP_UNITS", len(scorer.networks.first), "hidden units"),
            Number("SLEEP_SHIFT", scorer.networks.shift, "fraction bits of a unit's sum beyond 10"),
            Number(
                "SLEEP_REM_ABOVE_Q10",
                scorer.rem_above_q10,
                f"{-REM_LEANING} nat: asleep leans to REM above it",
            ),
            Number(
                "SLEEP_MOTION_BIAS", scorer.motion_bias, "bias of movement alone, its threshold taken off"
            ),
            Number("SLEEP_MOTION_SHIFT", scorer.motion_shift, "fraction bits of its sum beyond 10"),
        ],
        notes=[
            "Features were chosen on the same nights: the figures are a little optimistic.",
            "Thresholds are pooled over the subjects that were left out.",
        ],
    )


def _tables(scorer: Scorer) -> list[Table]:
    networks = scorer.networks
    return [
        Table("SLEEP_FIRST", "int16", "weights, a row of 53 inputs a unit", networks.first.ravel().tolist()),
        Table("SLEEP_FIRST_BIAS", "int32", "bias a unit", networks.first_bias.tolist()),
        Table("SLEEP_SECOND", "int16", "weights of the three stages a unit, Q10",
              networks.second.T.ravel().tolist()),
        Table("SLEEP_SECOND_BIAS", "int32", "bias of wake, NREM, REM, Q20, wake's threshold taken off",
              networks.second_bias.tolist()),
        Table("SLEEP_MOTION", "int16", "weights of movement alone", scorer.motion.tolist()),
    ]  # fmt: skip
