"""Fever by the skin: what is usual for a wearer, what departs from it, and what early warning makes of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import Activity
from vitalband import (
    AlertLevel,
    Cause,
    Contact,
    EarlyWarning,
    Reading,
    ReadingId,
    SkinBaseline,
    SkinSettings,
    Stamp,
    Unit,
    Validity,
    VitalsUpdate,
)

HOUR_MS = 3_600_000
STEP_MS = 10_000
STAMP = Stamp(1, 0, 0, None, None)


def days(
    baseline: SkinBaseline, hours: float, middle_c: float, swing_c: float = 0.5, rest: float = 1.0
) -> None:
    """A course of 24 h around `middle_c`; of each 10 min the first `rest` is at rest."""
    start_ms = baseline._last_ms or 0
    for step in range(1, int(hours * HOUR_MS / STEP_MS) + 1):
        now_ms = start_ms + step * STEP_MS
        skin_c = middle_c + swing_c * np.sin(2 * np.pi * now_ms / (24 * HOUR_MS))
        baseline.feed(skin_c, now_ms % 600_000 < rest * 600_000, now_ms)


def learned(swing_c: float = 0.5) -> SkinBaseline:
    baseline = SkinBaseline()
    days(baseline, 48, 33.0, swing_c)
    return baseline


def test_nothing_is_usual_before_a_whole_day() -> None:
    baseline = SkinBaseline()
    days(baseline, 23, 33.0)
    assert baseline.usual_c is None
    days(baseline, 1, 35.0)
    assert baseline.finding is None
    days(baseline, 1, 33.0)
    assert baseline.usual_c == pytest.approx(33.0, abs=0.3)


def test_a_fever_is_found_within_the_hour_and_ends_with_it() -> None:
    baseline = learned()
    assert baseline.finding is None
    days(baseline, 0.4, 35.5)
    assert baseline.finding is None
    days(baseline, 0.3, 35.5)
    assert baseline.finding is not None
    assert baseline.finding.usual_c == pytest.approx(33.0, abs=0.2)
    assert "above usual" in baseline.finding.summary
    days(baseline, 0.5, 33.0)
    assert baseline.finding is None


@given(st.floats(30.0, 35.5), st.floats(0.0, 2.0))
def test_a_wearers_own_day_is_no_finding(middle_c: float, swing_c: float) -> None:
    # Parts of 3 h, of which the quarters of an hour count 10 s each: as long a course in fewer steps.
    coarse = SkinSettings(part_ms=3 * HOUR_MS, least_rest_ms=60_000, least_parts=8, parts_in_a_row=1)
    baseline = SkinBaseline(coarse)
    for step in range(24 * 4 * 4):
        now_ms = step * HOUR_MS // 4
        skin_c = middle_c + swing_c * np.sin(2 * np.pi * now_ms / (24 * HOUR_MS))
        assert baseline.feed(float(skin_c), True, now_ms) is None


def test_a_wide_usual_spread_asks_for_a_wide_departure() -> None:
    calm, restless = learned(0.2), learned(1.5)
    for baseline in (calm, restless):
        days(baseline, 0.7, 34.5, 0.0)
    assert calm.finding is not None
    assert restless.finding is None


def test_hot_skin_is_found_before_anything_is_usual() -> None:
    baseline = SkinBaseline()
    days(baseline, 0.7, 38.5, 0.0)
    assert baseline.finding is not None
    assert baseline.finding.usual_c is None
    assert baseline.finding.summary == "skin 38.5 °C at rest"


def test_a_wearer_who_moves_teaches_nothing_and_ends_nothing() -> None:
    baseline = SkinBaseline()
    days(baseline, 48, 33.0, rest=0.2)
    assert baseline.usual_c is None
    baseline = learned()
    days(baseline, 1, 36.0)
    assert baseline.finding is not None
    days(baseline, 3, 33.0, rest=0.2)
    assert baseline.finding is not None


def test_a_fever_of_a_day_does_not_become_usual() -> None:
    baseline = learned()
    days(baseline, 30, 35.8)
    assert baseline.finding is not None
    assert baseline.usual_c == pytest.approx(33.0, abs=0.3)


def test_what_lasts_becomes_usual_in_the_end() -> None:
    baseline = learned()
    days(baseline, 24 * 9, 35.0)
    assert baseline.finding is None
    assert baseline.usual_c == pytest.approx(35.0, abs=0.3)


def test_silence_is_no_rest() -> None:
    baseline = SkinBaseline()
    for part in range(300):
        baseline.feed(39.0, True, part * 600_000)
    assert baseline.finding is None


def update(skin_c: float | None, oxygen: float = 97.0, activity: Activity = Activity.STILL) -> VitalsUpdate:
    values: dict[ReadingId, float | None] = {
        ReadingId.HEART_RATE_BPM: 70.0,
        ReadingId.RESPIRATORY_RATE_BPM: 15.0,
        ReadingId.SPO2_PERCENT: oxygen,
        ReadingId.SKIN_TEMPERATURE_C: skin_c,
        ReadingId.ACTIVITY: float(activity),
    }
    readings = {
        one: Reading(
            one, value, Unit.NONE, Validity.UNKNOWN if value is None else Validity.VALID, 90,
            Contact.ON_WRIST, Cause.SENSOR_FAULT if value is None else Cause.NONE, STAMP,
        )
        for one, value in values.items()
    }  # fmt: skip
    return VitalsUpdate(STAMP, Contact.ON_WRIST, readings)


def fed(warning: EarlyWarning, item: VitalsUpdate, hours: float) -> list[tuple[AlertLevel, Cause]]:
    start_ms = warning._last_update_ms or 49 * HOUR_MS
    alerts = [
        warning.feed(item, start_ms + step * STEP_MS) for step in range(1, int(hours * HOUR_MS / STEP_MS))
    ]
    return [(alert.level, alert.cause) for alert in alerts if alert is not None]


def test_a_departure_is_watch_with_the_skin_as_its_reading_and_nothing_of_news2() -> None:
    warning = EarlyWarning(skin=learned())
    assert fed(warning, update(33.0), 1) == []
    assert fed(warning, update(36.0), 1) == [(AlertLevel.WATCH, Cause.THRESHOLD)]
    assert warning.current is not None
    assert warning.current.reading_id is ReadingId.SKIN_TEMPERATURE_C
    assert warning.current.score.total == 0
    assert "above usual" in warning.current.message
    assert fed(warning, update(33.0), 1) == [(AlertLevel.CLEAR, Cause.NONE)]


def test_it_hides_no_score_and_adds_no_points() -> None:
    warning = EarlyWarning(skin=learned())
    fed(warning, update(36.0), 1)
    assert fed(warning, update(36.0, oxygen=90.0), 1) == [(AlertLevel.WARNING, Cause.SCORE)]
    assert warning.current is not None
    assert warning.current.score.total == 3


def test_skin_that_raised_a_level_and_goes_missing_is_a_fault_and_never_clear() -> None:
    warning = EarlyWarning(skin=learned())
    fed(warning, update(36.0), 1)
    assert fed(warning, update(None), 1) == [(AlertLevel.FAULT, Cause.SENSOR_FAULT)]


def test_warm_skin_of_somebody_who_moves_is_no_finding() -> None:
    warning = EarlyWarning(skin=learned())
    assert fed(warning, update(36.5, activity=Activity.WALK), 2) == []
