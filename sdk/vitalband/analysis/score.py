"""Scores of recordings: every vital that has a reference, by the rules of its field.

`docs/scoring.md` says the rules in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bandschema.enums import Reading
from bandschema.readings import BY_READING
from vitalband.analysis.agreement import (
    FloatArray,
    LimitsOfAgreement,
    error_against_coverage,
    limits_of_agreement,
)
from vitalband.analysis.oxygen import in_range, oxygen_scores
from vitalband.analysis.pairing import NO_SERIES, pairs_of
from vitalband.analysis.plain import activity_scores, cuff_scores, value_scores
from vitalband.analysis.rates import rate_scores
from vitalband.analysis.scores import Answered, Score, ScoredRecording
from vitalband.analysis.sleep import sleep_scores
from vitalband.analysis.steps import step_scores
from vitalband.values import unit_symbol

NUMBERS = tuple(
    reading.name.lower()
    for reading in (
        Reading.HEART_RATE_BPM,
        Reading.RESPIRATORY_RATE_BPM,
        Reading.SPO2_PERCENT,
        Reading.RMSSD_MS,
        Reading.SKIN_TEMPERATURE_C,
        Reading.CORE_TEMPERATURE_ESTIMATE_C,
    )
)
"""Vitals whose values are numbers on a scale, of which errors against the mean can be drawn."""
COVERAGE_STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)

Scorer = Callable[[str, str, Sequence[Answered]], list[Score]]
"""Of a vital by its name, the symbol of its unit, and the pairs of each recording."""
_SCORERS: Mapping[str, Scorer] = {
    "heart_rate_bpm": rate_scores,
    "respiratory_rate_bpm": rate_scores,
    "spo2_percent": oxygen_scores,
    "steps": step_scores,
    "sleep_stage": sleep_scores,
    "activity": activity_scores,
    "systolic_mmhg": cuff_scores,
    "diastolic_mmhg": cuff_scores,
}


@dataclass(frozen=True, slots=True)
class VitalScore:
    """All that is said of one vital.

    `limits` are of the readings shown; `curve` rows of (coverage, mean absolute error) of the most confident
    share of all readings; both None for vitals that are no numbers on a scale.
    """

    vital: str
    answered: Sequence[Answered]
    scores: Sequence[Score]
    limits: LimitsOfAgreement | None = None
    curve: FloatArray | None = None


def score(recordings: Sequence[ScoredRecording]) -> list[VitalScore]:
    """Score every vital for which a recording has a reference, in the order of the catalogue."""
    found: list[VitalScore] = []
    for reading in BY_READING:
        vital = reading.name.lower()
        answered = answered_of(vital, recordings)
        if answered:
            found.append(_vital_score(vital, answered))
    return found


def answered_of(vital: str, recordings: Sequence[ScoredRecording]) -> list[Answered]:
    """The pairs of each recording that has a reference of the vital."""
    return [
        Answered(
            one.name,
            one.subject,
            pairs_of(vital, one.readings.get(vital, NO_SERIES), one.references[vital]),
        )
        for one in recordings
        if vital in one.references and len(one.references[vital])
    ]


def _vital_score(vital: str, answered: Sequence[Answered]) -> VitalScore:
    unit = unit_symbol(BY_READING[Reading[vital.upper()]].unit)
    scores = _SCORERS.get(vital, value_scores)(vital, unit, answered)
    if vital not in NUMBERS:
        return VitalScore(vital, answered, scores)
    if vital == "spo2_percent":
        answered = [in_range(one) for one in answered]
    shown = np.concatenate([one.pairs.error[one.pairs.is_shown] for one in answered])
    every = [one.pairs.only(one.pairs.is_answered) for one in answered]
    error = np.abs(np.concatenate([pairs.error for pairs in every]))
    quality = np.concatenate([pairs.quality for pairs in every])
    coverage, mean = error_against_coverage(error, quality)
    return VitalScore(vital, answered, scores, limits_of_agreement(shown), np.column_stack([coverage, mean]))
