"""A desaturation is seen as it happens, and raises an alert; nothing else of the wearer is hidden by it."""

import numpy as np
import pytest

from bandsim.physiology.optics import ratio_of_spo2
from device.bands import live, mean_size, play, scenario_life
from vitalband import Alert, AlertLevel, Band


@pytest.fixture(scope="module")
def life():
    return scenario_life("desaturation")


def test_oxygen_follows_the_fall_and_the_recovery(life):
    # Half of the line's Arms of 3.2 %, as at rest; the window of 8 s is in the truth.
    assert mean_size(life.errors("spo2_percent", 30.0, 600.0, 8)) < 1.6
    assert life.coverage("spo2_percent", 30.0, 600.0) > 0.95


def test_the_lowest_oxygen_is_seen(life):
    low = [moment.update["spo2_percent"].value for moment in life.between(300.0, 380.0)]
    assert all(82.0 <= value <= 86.0 for value in low)


def test_a_known_ratio_of_ratios_is_read_within_a_hundredth(life):
    # The model makes light of a ratio and the band reads it back by the same line: the line itself is not
    # what this shows.
    for start_s, end_s in ((30.0, 120.0), (310.0, 370.0)):
        moments = life.between(start_s, end_s)
        true = np.array([moment.truth.spo2_percent for moment in moments])
        read = np.array([moment.update["spo2_percent"].value for moment in moments])
        assert ratio_of_spo2(read).mean() == pytest.approx(float(ratio_of_spo2(true).mean()), rel=0.01)


def test_heart_rate_and_breathing_rise_with_it(life):
    assert mean_size(life.errors("heart_rate_bpm", 90.0, 600.0, 8)) < 1.8
    # Breathing that moves by more than 1 /min in 30 s was told with an error of 1.2 /min.
    assert mean_size(life.errors("respiratory_rate_bpm", 90.0, 600.0, 32)) < 1.2


async def alerts_of(url: str, seconds: float) -> list[Alert]:
    async with Band.open(url) as band:
        return [item async for item in band.watch(seconds=seconds) if isinstance(item, Alert)]


def test_a_desaturation_raises_an_alert_and_its_end_lowers_it():
    alerts = play(alerts_of("sim:desaturation", 590.0))
    levels = [alert.level for alert in alerts]
    # 84 % is 3 points of NEWS2 by itself: WARNING at least.
    assert max(level for level in levels if level != AlertLevel.FAULT) >= AlertLevel.WARNING
    assert alerts[-1].level < AlertLevel.WARNING


def test_a_healthy_rest_raises_no_warning():
    alerts = play(alerts_of("sim:rest", 300.0))
    assert all(alert.level < AlertLevel.WARNING or alert.level == AlertLevel.FAULT for alert in alerts)
    assert not alerts or alerts[-1].level < AlertLevel.WARNING


def test_another_wearer_gives_other_values():
    other = live("sim:desaturation?seed=99", 60.0)
    same_time = scenario_life("desaturation").between(0.0, 60.0)
    rates = [m.update["heart_rate_bpm"].value for m in other.moments]
    assert rates != [m.update["heart_rate_bpm"].value for m in same_time]
