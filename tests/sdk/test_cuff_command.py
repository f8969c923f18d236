"""`vitalband cuff` tells what a monitor has measured, and gives the newest of it to a band."""

import json
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from bandschema.enums import Result
from bandschema.records import CuffReading
from sdk.fake_band import FakeBand, Script
from sdk.wire import SocketBand
from vitalband.bluetooth import FoundMonitor, PressureMeasurement, PressureStatus
from vitalband.cli import app, cuff
from vitalband.errors import TransportError

NOW = datetime.now()
OLDER = PressureMeasurement(
    systolic_mmhg=131.6, diastolic_mmhg=84.4, mean_arterial_mmhg=100, taken_at=NOW - timedelta(hours=30)
)
NEWER = PressureMeasurement(
    systolic_mmhg=117.5,
    diastolic_mmhg=76.0,
    mean_arterial_mmhg=None,
    taken_at=NOW - timedelta(hours=2),
    pulse_rate_bpm=64,
    status=PressureStatus.BODY_MOVED,
)
FAILED = PressureMeasurement(
    systolic_mmhg=None, diastolic_mmhg=None, mean_arterial_mmhg=None, taken_at=NOW - timedelta(hours=1)
)


def age_now_s(measurement: PressureMeasurement) -> int:
    assert measurement.taken_at is not None
    return int((datetime.now() - measurement.taken_at).total_seconds())


@pytest.fixture
def monitors(monkeypatch):
    """Monitors that are heard, and what each of them gives."""
    heard: dict[str, list[PressureMeasurement]] = {}

    async def find(_radio, *, scan_s):
        assert scan_s == 10.0
        return [FoundMonitor(name=name, address="", rssi_dbm=0, device=None) for name in heard]

    async def read(monitor, _radio):
        return heard[monitor.name]

    monkeypatch.setattr(cuff, "find_pressure_monitors", find)
    monkeypatch.setattr(cuff, "read_pressure_monitor", read)
    return heard


def run(*arguments: str):
    return CliRunner().invoke(app, ["cuff", *arguments], env={"COLUMNS": "100"})


def test_what_was_measured_is_told_with_its_remarks_and_what_is_not_there_as_such(monitors):
    monitors["a \x1b[31mcuff"] = [NEWER, FAILED]
    result = run()
    assert result.exit_code == 0, result.output
    assert "\x1b[31m" not in result.output
    first, second = (line.split() for line in result.stdout.splitlines()[2:4])
    assert first[2:] == ["118", "76", "64", "body", "moved"]
    assert second[2:] == ["-", "-", "-"]
    document = json.loads(run("--json").stdout)
    assert [each["systolic_mmhg"] for each in document["measurements"]] == [117.5, None]
    assert document["measurements"][0]["status"] == ["BODY_MOVED"]


def test_the_newest_whole_one_goes_to_the_band_with_its_age(monitors):
    monitors["a cuff"] = [NEWER, OLDER, FAILED]
    fake, ages_s = FakeBand(), []
    ages_s.append(age_now_s(NEWER))
    with SocketBand(fake) as band:
        result = run(band.url)
    ages_s.append(age_now_s(NEWER))
    assert result.exit_code == 0, result.output
    [given] = [record for record in fake.received if isinstance(record, CuffReading)]
    assert (given.systolic_mmhg, given.diastolic_mmhg) == (118, 76)
    assert ages_s[0] <= given.age_s <= ages_s[1]
    assert "the band shows the newest" in result.stdout


def test_nothing_goes_to_the_band_without_a_whole_measurement_of_known_time(monitors):
    monitors["a cuff"] = [FAILED]
    fake = FakeBand()
    with SocketBand(fake) as band:
        result = run(band.url)
    assert (result.exit_code, [r for r in fake.received if isinstance(r, CuffReading)]) == (0, [])
    assert "none for the band" in result.stdout


def test_a_band_that_refuses_and_a_monitor_that_is_not_heard_have_their_exit_codes(monitors):
    result = run()
    assert (result.exit_code, "no blood-pressure monitor was heard" in result.output) == (3, True)
    monitors["a cuff"] = [NEWER]
    fake = FakeBand(Script(cuff_result=Result.NO_CONSENT))
    with SocketBand(fake) as band:
        result = run(band.url)
    assert result.exit_code == 4, result.output
    assert "118" in result.output  # the monitor may not tell it again


def test_a_computer_without_bluetooth_is_told_so(monkeypatch):
    async def find(*_, **__):
        raise TransportError("cannot look for blood-pressure monitors")

    monkeypatch.setattr(cuff, "find_pressure_monitors", find)
    assert run().exit_code == 3
