"""Scores of steps: errors of whole recordings, walking and other, as the sensorwatch publisher has them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from vitalband.analysis.agreement import bootstrap_interval
from vitalband.analysis.scores import NAN, Answered, Score, by_subject

WALKING_STEPS_PER_S = 0.5
"""A recording with so many true steps a second is one of walking. Choice of this project: it parts the
sensorwatch recordings as their names do; the slowest walk has 0.63, the chore with most steps 0.25."""


def step_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """Mean absolute error of walking, of other recordings, their mean, and false steps an hour.

    A recording without any reading of steps counts as one that counted none.
    """
    answered = [one for one in answered if len(one.pairs)]
    names = ("walking error", "non-walking error", "balanced error")
    zero = figures(answered, {one.name: 0.0 for one in answered})
    counts = {one.name: float(np.nan_to_num(one.pairs.value[0])) for one in answered}
    kinds = (walking(answered), others(answered), answered)
    scores = [
        _score(
            vital,
            name,
            unit,
            kind,
            figures(answered, counts)[place],
            floor=zero[place],
            interval=bootstrap_interval(by_subject(answered), _drawn(counts, place)),
            by_recording={one.name: counts[one.name] - float(one.pairs.reference[0]) for one in kind},
        )
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    return [*scores, _false_steps(vital, others(answered), counts)]


def _drawn(counts: Mapping[str, float], place: int) -> Callable[[list[Answered]], float]:
    return lambda drawn: figures(drawn, counts)[place]


def _score(
    vital: str,
    name: str,
    unit: str,
    answered: Sequence[Answered],
    value: float,
    *,
    floor: float,
    interval: tuple[float, float] | None,
    by_recording: Mapping[str, float],
) -> Score:
    return Score(
        vital=vital,
        measure=name,
        value=value,
        unit=unit,
        recordings=len(answered),
        subjects=len({one.subject for one in answered}),
        used=sum(bool(one.pairs.is_answered[0]) for one in answered),
        expected=len(answered),
        interval=interval,
        floor=floor,
        floor_name="count nothing",
        note=_missing(answered),
        by_recording=by_recording,
    )


def walking(answered: Sequence[Answered]) -> list[Answered]:
    """Recordings of walking."""
    return [one for one in answered if _is_walking(one)]


def others(answered: Sequence[Answered]) -> list[Answered]:
    """Recordings of anything else."""
    return [one for one in answered if not _is_walking(one)]


def figures(answered: Sequence[Answered], counts: Mapping[str, float]) -> tuple[float, float, float]:
    """(walking, non-walking, balanced) error of a count for each recording; NaN of no recording."""
    parts = [_mean_error(walking(answered), counts), _mean_error(others(answered), counts)]
    known = [part for part in parts if not np.isnan(part)]
    return parts[0], parts[1], float(np.mean(known)) if known else NAN


def _mean_error(answered: Sequence[Answered], counts: Mapping[str, float]) -> float:
    errors = [abs(counts[one.name] - float(one.pairs.reference[0])) for one in answered]
    return float(np.mean(errors)) if errors else NAN


def _is_walking(one: Answered) -> bool:
    return float(one.pairs.reference[0]) >= WALKING_STEPS_PER_S * _duration_s(one)


def _duration_s(one: Answered) -> float:
    return float(one.pairs.time_s[0])


def _missing(answered: Sequence[Answered]) -> str:
    missing = [one.name for one in answered if not one.pairs.is_answered[0]]
    return f"no step reading in {len(missing)}, taken as none counted" if missing else ""


def _false_steps(vital: str, answered: Sequence[Answered], counts: Mapping[str, float]) -> Score:
    """Steps beyond the true ones, an hour of recordings that are not of walking."""

    def rate(chosen: Sequence[Answered]) -> float:
        hours = sum(_duration_s(one) for one in chosen) / 3600
        extra = np.array([counts[one.name] - float(one.pairs.reference[0]) for one in chosen])
        return float(np.maximum(extra, 0.0).sum() / hours) if hours else NAN

    extra = {one.name: max(counts[one.name] - float(one.pairs.reference[0]), 0.0) for one in answered}
    return _score(
        vital,
        "false steps outside walking",
        "/h",
        answered,
        rate(answered),
        floor=0.0,
        interval=bootstrap_interval(by_subject(answered), rate),
        by_recording=extra,
    )
