"""Scores of heart rate and breathing: unweighted means of recordings, everything and as shown."""

from collections.abc import Mapping, Sequence

from vitalband.analysis.agreement import FloatArray, mean_absolute_error, mean_error
from vitalband.analysis.scores import (
    Answered,
    Score,
    floor_name_of,
    mean_of_others,
    mean_of_recordings,
    naming,
    score_of,
    shown_error,
)

WRONG_BPM: Mapping[str, float] = {"heart_rate_bpm": 10.0, "respiratory_rate_bpm": 5.0}
"""An error beyond this, shown as good, is "wrong and confident": choice of this project."""


def rate_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """Mean absolute error of every reading, of those shown, the bias, and what was wrong and shown.

    The scoring of the troika data set (Temko, IEEE TBME 2017): the mean over a recording's windows, then the
    unweighted mean of recordings.
    """
    answered = [one for one in answered if len(one.pairs)]
    wrong_bpm = WRONG_BPM[vital]
    naive = naming(mean_of_others(answered))
    floor = mean_of_recordings(answered, mean_absolute_error, naive)

    def shown_floor(one: Answered) -> FloatArray:
        return naive(one)[one.pairs.is_shown]

    def wrong(error: FloatArray) -> float:
        return 100 * float((abs(error) > wrong_bpm).mean()) if len(error) else float("nan")

    every = score_of(
        vital, "mean absolute error, every reading", unit, answered, mean_absolute_error,
        joined=mean_of_recordings, floor=floor, floor_name=floor_name_of(answered), note=_missing(answered),
    )  # fmt: skip
    shown = score_of(
        vital, "mean absolute error, as shown", unit, answered, mean_absolute_error,
        joined=mean_of_recordings, errors=shown_error, floor_name=floor_name_of(answered),
        floor=mean_of_recordings(answered, mean_absolute_error, shown_floor),
    )  # fmt: skip
    bias = score_of(vital, "bias, every reading", unit, answered, mean_error, joined=mean_of_recordings)
    confident = score_of(
        vital, f"shown and off by more than {wrong_bpm:g}", "%", answered, wrong,
        joined=mean_of_recordings, errors=shown_error,
    )  # fmt: skip
    return [every, shown, bias, confident]


def _missing(answered: Sequence[Answered]) -> str:
    """What a score of "every reading" did not see."""
    missing = {one.name: int((~one.pairs.is_answered).sum()) for one in answered}
    total = sum(missing.values())
    worst = max(missing, key=lambda name: missing[name], default="")
    return f"{total} without a reading, most in {worst}: {missing[worst]}" if total else ""
