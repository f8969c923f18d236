"""Scores of SpO2: Arms, bias and mean absolute error; a refitted line; what a clock alone would score."""

from collections.abc import Sequence

import numpy as np

from vitalband.analysis.agreement import FloatArray, IntArray, accuracy_rms, mean_absolute_error, mean_error
from vitalband.analysis.scores import (
    NAN,
    Answered,
    Score,
    all_in_one,
    by_subject,
    every_error,
    floor_name_of,
    mean_of_others,
    naming,
    score_of,
    shown_error,
)

RANGE_PERCENT = (70.0, 100.0)
"""Arms is defined over 70-100 % (ISO 80601-2-61, as FDA guidance has it too)."""
BLOCKS = 10
"""Contiguous blocks in time of the refitted line: neighbours share their state, so they stay together."""
FEWEST_POINTS = 20
CLOCK_TOLERANCE_S = 1.0


def oxygen_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """All figures of SpO2; pairs whose reference is outside 70-100 % are left out."""
    whole = answered
    answered = [found for one in answered if len((found := in_range(one)).pairs)]
    naive = naming(mean_of_others(answered))
    name = floor_name_of(answered)
    scores = [
        score_of(
            vital, f"{measure_name}, {which}", unit, answered, measure, errors=errors, joined=all_in_one,
            floor=all_in_one(answered, measure, naive) if measure is not mean_error else NAN,
            floor_name=name if measure is not mean_error else "",
        )
        for which, errors in (("every reading", every_error), ("as shown", shown_error))
        for measure_name, measure in (
            ("Arms", accuracy_rms),
            ("mean absolute error", mean_absolute_error),
            ("bias", mean_error),
        )
    ]  # fmt: skip
    return scores + _clock(vital, unit, answered, whole) + _line(vital, unit, answered)


def in_range(one: Answered) -> Answered:
    """The pairs over which Arms is defined."""
    low, high = RANGE_PERCENT
    reference = one.pairs.reference
    return Answered(one.name, one.subject, one.pairs.only((reference >= low) & (reference <= high)))


def _clock(vital: str, unit: str, answered: Sequence[Answered], whole: Sequence[Answered]) -> list[Score]:
    """What other people's SpO2 at the same second scores: a control where all sessions follow one course."""
    series = [one for one in answered if len(one.pairs) > 1]
    if len(by_subject(series)) < 2:
        return []
    guesses = {one.name: clock_of_others(one, whole) for one in series}

    def error(one: Answered) -> FloatArray:
        found = guesses[one.name] - one.pairs.reference
        return found[np.isfinite(found)]

    note = "control: looks at no light, only at the time since the start"
    return [
        score_of(
            vital, f"control: clock alone, {name}", unit, series, measure, errors=error, joined=all_in_one,
            note=note,
        )
        for name, measure in (("Arms", accuracy_rms), ("mean absolute error", mean_absolute_error))
    ]  # fmt: skip


def clock_of_others(one: Answered, answered: Sequence[Answered]) -> FloatArray:
    """Mean over the other people of their reference at each time of `one`, NaN where none has any; (n,)."""
    times_s = one.pairs.time_s
    rows: list[FloatArray] = []
    for group in by_subject(answered):
        other = group[0].pairs
        if group[0].subject != one.subject:
            after = np.searchsorted(other.time_s, times_s).clip(0, len(other) - 1)
            before = (after - 1).clip(0)
            is_before = np.abs(times_s - other.time_s[before]) < np.abs(other.time_s[after] - times_s)
            index = np.where(is_before, before, after)
            is_near = np.abs(other.time_s[index] - times_s) <= CLOCK_TOLERANCE_S
            rows.append(np.where(is_near, other.reference[index], np.nan))
    table = np.array(rows)
    counts = np.isfinite(table).sum(axis=0)
    return np.where(counts > 0, np.nansum(table, axis=0) / np.maximum(counts, 1), np.nan)


def _line(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """A line refitted on the others: blocks in time of one person's points, else leaving each person out.

    A reading is a line of the ratio of ratios, so the line refitted on readings is that on ratios.
    """
    usable = [one for one in answered if one.pairs.is_answered.any()]
    values = np.concatenate([np.empty(0), *(one.pairs.value[one.pairs.is_answered] for one in usable)])
    truth = np.concatenate([np.empty(0), *(one.pairs.reference[one.pairs.is_answered] for one in usable)])
    is_spots = all(len(one.pairs) == 1 for one in usable)
    people = [one.subject for one in usable for _ in range(int(one.pairs.is_answered.sum()))]
    if len(truth) < FEWEST_POINTS or not (is_spots or len(set(people)) > 2):
        return []
    parts = (
        np.arange(len(truth)) * BLOCKS // len(truth)
        if is_spots
        else np.unique(people, return_inverse=True)[1]
    )
    how = f"{BLOCKS} contiguous blocks" if is_spots else "leaving each person out"
    line, mean = cross_validated_line(values, truth, parts)
    ends = np.cumsum([int(one.pairs.is_answered.sum()) for one in usable])[:-1]
    errors = dict(zip((one.name for one in usable), np.split(line - truth, ends), strict=True))
    return [
        score_of(
            vital, f"Arms, refitted line, {how}", unit, usable, accuracy_rms,
            errors=lambda one: errors[one.name], joined=all_in_one,
            floor=accuracy_rms(mean - truth), floor_name="the mean of the other blocks",
        )
    ]  # fmt: skip


def cross_validated_line(
    values: FloatArray, truth: FloatArray, parts: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Predict each part (n,) by a line, and by a mean, fitted on the other parts; both (n,)."""
    line, mean = np.empty(len(truth)), np.empty(len(truth))
    for part in np.unique(parts):
        left = parts != part
        if np.ptp(values[left]) > 0:
            slope, offset = np.polyfit(values[left], truth[left], 1)
        else:
            slope, offset = 0.0, float(truth[left].mean())
        line[~left] = slope * values[~left] + offset
        mean[~left] = truth[left].mean()
    return line, mean
