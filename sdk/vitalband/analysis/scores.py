"""One figure of how good a vital is, and what all vitals share in making figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vitalband.analysis.agreement import FloatArray, bootstrap_interval
from vitalband.analysis.pairing import Pairs, Series

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class ScoredRecording:
    """One recording: its readings by vital, and the truth as (k, 2) rows of time_s and value.

    `subject` is the person: recordings of one are drawn together, and never serve as each other's floor.
    """

    name: str
    subject: str
    readings: Mapping[str, Series]
    references: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Answered:
    """One recording's pairs of the vital that is being scored."""

    name: str
    subject: str
    pairs: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One figure.

    `value` is in `unit`, NaN where nothing could be scored; `floor` the same measure of a `floor_name` that
    looks at no signal; `interval` the middle 95 % over people drawn again. `used` of `expected` readings
    made it: the coverage. `recordings` are of `subjects` people.
    """

    vital: str
    measure: str
    value: float
    unit: str
    recordings: int
    subjects: int
    used: int
    expected: int
    interval: tuple[float, float] | None = None
    floor: float = NAN
    floor_name: str = ""
    note: str = ""
    by_recording: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def coverage(self) -> float:
        """Share of the expected readings that was used, 0 to 1; NaN of nothing."""
        return self.used / self.expected if self.expected else NAN


Measure = Callable[[FloatArray], float]
"""A figure of the errors of one or many recordings."""


def by_subject(answered: Sequence[Answered]) -> list[list[Answered]]:
    """The recordings of each person together, in the order in which people come."""
    groups: dict[str, list[Answered]] = {}
    for one in answered:
        groups.setdefault(one.subject, []).append(one)
    return list(groups.values())


def mean_of_recordings(
    answered: Sequence[Answered], measure: Measure, errors: Callable[[Answered], FloatArray]
) -> float:
    """The unweighted mean of a measure over recordings; those without an error are left out."""
    values = [measure(found) for one in answered if len(found := errors(one))]
    return float(np.mean(values)) if values else NAN


def all_in_one(
    answered: Sequence[Answered], measure: Measure, errors: Callable[[Answered], FloatArray]
) -> float:
    """A measure of the errors of all recordings together."""
    return measure(np.concatenate([np.empty(0), *(errors(one) for one in answered)]))


def every_error(one: Answered) -> FloatArray:
    """Errors of all readings that have a value, shown or not."""
    return one.pairs.error[one.pairs.is_answered]


def shown_error(one: Answered) -> FloatArray:
    """Errors of the readings that the band would show."""
    return one.pairs.error[one.pairs.is_shown]


def score_of(
    vital: str,
    measure_name: str,
    unit: str,
    answered: Sequence[Answered],
    measure: Measure,
    *,
    errors: Callable[[Answered], FloatArray] = every_error,
    joined: Callable[[Sequence[Answered], Measure, Callable[[Answered], FloatArray]], float],
    floor: float = NAN,
    floor_name: str = "",
    note: str = "",
) -> Score:
    """Score `answered` by a measure of `errors`, joined over recordings by one of the two functions above."""
    counted = [one for one in answered if len(one.pairs)]
    return Score(
        vital=vital,
        measure=measure_name,
        value=joined(counted, measure, errors),
        unit=unit,
        recordings=len(counted),
        subjects=len({one.subject for one in counted}),
        used=sum(len(errors(one)) for one in counted),
        expected=sum(len(one.pairs) for one in counted),
        interval=bootstrap_interval(by_subject(counted), lambda drawn: joined(drawn, measure, errors)),
        floor=floor,
        floor_name=floor_name,
        note=note,
        by_recording={one.name: measure(errors(one)) for one in counted},
    )


def mean_of_others(answered: Sequence[Answered]) -> dict[str, float]:
    """For each recording, the mean over other people of each one's mean truth; its own without others."""
    own = {one.name: float(one.pairs.reference.mean()) for one in answered if len(one.pairs)}
    found: dict[str, float] = {}
    for one in answered:
        others = [
            np.mean([own[other.name] for other in group if other.name in own])
            for group in by_subject(answered)
            if group[0].subject != one.subject and any(other.name in own for other in group)
        ]
        found[one.name] = float(np.mean(others)) if others else own.get(one.name, NAN)
    return found


def floor_name_of(answered: Sequence[Answered]) -> str:
    """What `mean_of_others` names for these recordings."""
    several = len({one.subject for one in answered}) > 1
    return "the other people's mean" if several else "its own mean, which knows the answer"


def naming(estimates: Mapping[str, float]) -> Callable[[Answered], FloatArray]:
    """Errors of always naming one number for each recording, at every pair."""
    return lambda one: estimates[one.name] - one.pairs.reference
