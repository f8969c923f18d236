"""Fits the gate of the step counter: how much the six seconds around each second look like walking.

Only the count of each recording is known. Two halves by the publisher's own split are left out in turn, and
each recording by itself; of the treadmill runs, whose steps nobody counted, every second one. What is counted
is what the band counts: the integers of `vitalband.signal.steps`, which are the firmware's.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fit.result import DataSet, Figure, Number, Result, Table
from fit.steps_parts import TREADMILL, Floats, Walk, fitted, walks
from vitalband.signal.steps import count_steps

_FOLDERS = ("l2-25hz-bw4", "l2-12hz-bw2")
_WATCH = DataSet("sensorwatch", 40, "rieck/stepcounter-devel, MPL; one wearer, magnitude only")
_RUNS = DataSet("troika", 12, "Zhang, Pi and Liu, IEEE TBME 62(2), 2015; steps by the spectrum")


def counts_left_out(recordings: Sequence[Walk], folds: Sequence[Sequence[int]]) -> tuple[Floats, Floats]:
    """Steps counted in each recording by what was fitted to those outside its fold; nan in no fold.

    As it is, and brought to 25 Hz first.
    """
    counted = np.full((2, len(recordings)), np.nan)
    for fold in folds:
        weights, bias = fitted([walk for place, walk in enumerate(recordings) if place not in fold])
        for place in fold:
            counted[0, place] = count_steps(recordings[place].hops, weights, bias)
            counted[1, place] = count_steps(recordings[place].smoothed_hops, weights, bias)
    return counted[0], counted[1]


def balanced_error(recordings: Sequence[Walk], counted: Floats, part: str) -> tuple[float, float, float]:
    """Mean error of walks, of the rest, and the mean of the two, in steps a recording."""
    errors = np.abs(counted - [walk.steps for walk in recordings])
    of_part = np.array([walk.part == part for walk in recordings])
    is_walk = np.array([walk.is_walk for walk in recordings])
    walking, other = errors[of_part & is_walk].mean(), errors[of_part & ~is_walk].mean()
    return float(walking), float(other), float(walking + other) / 2


def false_steps_per_hour(recordings: Sequence[Walk], counted: Floats) -> float:
    """Steps beyond those counted by hand in hand work, net, in an hour of it."""
    places = [place for place, walk in enumerate(recordings) if walk.is_hand_work]
    excess = sum(counted[place] - recordings[place].steps for place in places)
    return float(excess) * 3600 / sum(recordings[place].seconds for place in places)


def _figures_of(recordings: Sequence[Walk], counted: Floats, protocol: str) -> list[Figure]:
    figures: list[Figure] = []
    for part in _FOLDERS:
        chosen = [walk for walk in recordings if walk.part == part]
        walking, other, both = balanced_error(recordings, counted, part)
        zero = balanced_error(recordings, np.zeros(len(recordings)), part)[2]
        title = f"error {part}, {protocol}"
        count = len(chosen)
        figures += [
            Figure(f"balanced {title}", round(both, 2), "steps", count, "recordings", floor=round(zero, 2)),
            Figure(f"walking {title}", round(walking, 2), "steps", count, "recordings"),
            Figure(f"non-walking {title}", round(other, 2), "steps", count, "recordings"),
        ]
    hands = sum(walk.is_hand_work for walk in recordings)
    per_hour = false_steps_per_hour(recordings, counted)
    figures.append(
        Figure(f"false steps, {protocol}", round(per_hour), "/h", hands, "recordings of hand work")
    )
    return figures


def run(data: Path, _seed: int) -> Result:
    """The fit, and its figures; prints the count of each recording that was left out."""
    recordings = walks(data)
    halves = [
        [k for k, walk in enumerate(recordings) if walk.is_second_half == side] for side in (False, True)
    ]
    by_half, smoothed = counts_left_out(recordings, halves)
    singly = [[k] for k, walk in enumerate(recordings) if walk.part != TREADMILL]
    by_one, _ = counts_left_out(recordings, singly)
    for walk, half, one in zip(recordings, by_half, by_one, strict=True):
        print(f"{walk.part} {walk.name}: {walk.steps:.0f} steps, {half:.0f} by halves, {one:.0f} singly")
    runs = [place for place, walk in enumerate(recordings) if walk.part == TREADMILL]
    shares = np.array([by_half[place] / recordings[place].steps for place in runs])
    figures = _figures_of(recordings, by_half, "publisher's halves")
    figures += _figures_of(recordings, by_one, "each recording left out")
    brought = balanced_error(recordings, smoothed, _FOLDERS[1])[2]
    figures += [
        Figure(
            "the same of halves, brought from 12.5 to 25 Hz first",
            round(brought, 2),
            "steps",
            10,
            "recordings",
        ),
        Figure("steps of runs against the spectrum's, mean", round(100 * shares.mean(), 1), "%", 12, "runs"),
        Figure("steps of runs against the spectrum's, least", round(100 * shares.min(), 1), "%", 12, "runs"),
        Figure("steps of runs against the spectrum's, most", round(100 * shares.max(), 1), "%", 12, "runs"),
    ]
    weights, bias = fitted(recordings)
    return Result(
        name="steps",
        summary="Gate of the step counter, by",
        data=[_WATCH, _RUNS],
        protocol="the publisher's halves, and each recording singly; of the runs every second one.",
        figures=figures,
        tables=[Table("STEPS_WEIGHTS", "int16", "weight a feature, 16 fraction bits", weights.tolist())],
        numbers=[Number("STEPS_BIAS", bias, "bias of the score, 16 fraction bits")],
        notes=[
            "Features and constants were chosen on the same recordings: the figures are a little optimistic.",
            "Steps of runs are the spectrum's, not counted.",
        ],
    )
