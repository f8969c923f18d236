"""Fever: by the skin, against the wearer's own baseline; the estimate of the core stays in doubt."""

import pytest

from device.bands import mean_size, play, scenario_life
from vitalband import Alert, AlertLevel, Band, Cause, SkinBaseline, SkinSettings, Validity


@pytest.fixture(scope="module")
def life():
    return scenario_life("fever")


def test_skin_temperature_follows_the_fever(life):
    # 0.1 C of the thermometer; the skin warms by 0.003 C a second, read every 2 s.
    assert max(abs(error) for error in life.errors("skin_temperature_c", 90.0, 1800.0, 1)) < 0.12
    # It is a reading while it is steady for a minute; a fever's slow rise counts as steady.
    assert life.coverage("skin_temperature_c", 90.0, 1800.0) > 0.95


def test_the_core_estimate_follows_the_pulse_and_stays_in_doubt(life):
    late = [moment.update["core_temperature_estimate_c"] for moment in life.between(2200.0, 2400.0)]
    early = [moment.update["core_temperature_estimate_c"] for moment in life.between(200.0, 300.0)]
    assert min(r.value for r in late) - max(r.value for r in early) > 0.2
    assert {r.cause for r in early} == {Cause.STARTING}
    assert {r.cause for r in late} == {Cause.LOW_CONFIDENCE}
    for reading in (*early, *late):
        assert reading.validity == Validity.LOW_QUALITY
        assert reading.quality <= 20


def test_the_core_estimate_reads_a_fever_low_which_is_why_it_stays_in_doubt(life):
    # A fever's 15 beats a degree are a third of what the filter takes from work in the heat.
    assert life.moments[-1].update["core_temperature_estimate_c"].value < 38.0
    assert life.moments[-1].truth.core_temperature_c > 39.0


def test_pulse_and_breathing_rise_with_the_fever(life):
    assert mean_size(life.errors("heart_rate_bpm", 90.0, 1800.0, 8)) < 1.8
    assert mean_size(life.errors("respiratory_rate_bpm", 90.0, 1800.0, 32)) < 1.2


async def alerts_of(url: str, seconds: float) -> list[Alert]:
    # A day in minutes: the scenario has five minutes in which to learn what is usual.
    quick = SkinSettings(
        part_ms=60_000, least_rest_ms=20_000, least_parts=3, least_span_ms=120_000, lag_ms=600_000
    )
    async with Band.open(url) as band:
        watch = band.watch(seconds=seconds, skin=SkinBaseline(quick))
        return [item async for item in watch if isinstance(item, Alert)]


def test_a_fever_is_told_by_the_skins_departure_from_the_wearers_own_baseline():
    alerts = play(alerts_of("sim:fever", 1500.0))
    found = [alert for alert in alerts if alert.score.skin is not None]
    assert found
    assert found[-1].level >= AlertLevel.WATCH
    assert found[0].score.skin.usual_c == pytest.approx(33.2, abs=0.2)
    assert found[0].score.skin.skin_c > 34.2


def test_an_ordinary_rest_departs_from_nothing():
    assert all(alert.score.skin is None for alert in play(alerts_of("sim:rest", 900.0)))
