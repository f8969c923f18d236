"""Scores of what is compared value by value: temperature, cuff readings, activity."""

from collections.abc import Sequence

import numpy as np

from vitalband.analysis.agreement import FloatArray, mean_absolute_error, mean_error
from vitalband.analysis.scores import (
    NAN,
    Answered,
    Score,
    floor_name_of,
    mean_of_others,
    mean_of_recordings,
    naming,
    score_of,
    shown_error,
)


def value_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """Mean absolute error and bias of a value, every reading and as shown; unweighted means of recordings."""
    answered = [one for one in answered if len(one.pairs)]
    floor = mean_of_recordings(answered, mean_absolute_error, naming(mean_of_others(answered)))
    return [
        score_of(
            vital, "mean absolute error, every reading", unit, answered, mean_absolute_error,
            joined=mean_of_recordings, floor=floor, floor_name=floor_name_of(answered),
        ),
        score_of(
            vital, "mean absolute error, as shown", unit, answered, mean_absolute_error,
            joined=mean_of_recordings, errors=shown_error,
        ),
        score_of(
            vital, "bias, as shown", unit, answered, mean_error, joined=mean_of_recordings, errors=shown_error
        ),
    ]  # fmt: skip


def cuff_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """Share of cuff readings shown as they were entered, which is all that the band can do with one."""
    return [_share_of_same(vital, "shown as entered", answered, NAN, "")]


def activity_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """Share of readings that name the true activity, beside always naming the commonest."""
    truth = np.concatenate([np.empty(0), *(one.pairs.reference for one in answered)])
    counts = np.unique(truth, return_counts=True)[1]
    floor = 100 * float(counts.max() / counts.sum()) if len(counts) else NAN
    return [_share_of_same(vital, "right activity", answered, floor, "the commonest activity")]


def _share_of_same(
    vital: str, name: str, answered: Sequence[Answered], floor: float, floor_name: str
) -> Score:
    return score_of(
        vital, name, "%", answered, _same_percent, joined=mean_of_recordings, errors=shown_error,
        floor=floor, floor_name=floor_name,
    )  # fmt: skip


def _same_percent(error: FloatArray) -> float:
    # Codes and whole mmHg: anything nearer than half of one is the same.
    return 100 * float((np.abs(error) < 0.5).mean()) if len(error) else NAN
