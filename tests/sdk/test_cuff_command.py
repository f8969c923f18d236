"""`vitalband cuff` keeps and tells what a monitor has measured, and gives the newest of it to a band."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from bandschema.enums import Result
from bandschema.records import CuffReading
from bandsim.radio.pressure_monitor import StoredMeasurement
from sdk.fake_band import FakeBand, Script
from sdk.recordings import limit_pages
from sdk.wire import SocketBand
from vitalband import Store
from vitalband.bluetooth import (
    FoundMonitor,
    MonitorSource,
    PressureStatus,
    ReceivedPressure,
    keeping,
    pseudonym,
)
from vitalband.cli import app, cuff
from vitalband.errors import StoreError, TransportError

NOW = datetime.now().replace(microsecond=0)
OLDER = StoredMeasurement(
    systolic=131.6, diastolic=84.4, mean_arterial=100, taken_at=NOW - timedelta(hours=30)
)
NEWER = StoredMeasurement(
    systolic=117.5,
    diastolic=76.0,
    taken_at=NOW - timedelta(hours=2),
    pulse_rate_bpm=64,
    status=PressureStatus.BODY_MOVED,
)
FAILED = StoredMeasurement(systolic=None, diastolic=None, taken_at=NOW - timedelta(hours=1))
CAME_UTC_US = 1_800_000_000_000_000


@dataclass
class Monitors:
    """The only one that is heard, if any, and what it gives each time that it is read."""

    store: str
    gives: Sequence[StoredMeasurement] | None = None
    name: str = "a cuff"
    before: object = None

    async def find(self, _radio, *, scan_s):
        assert scan_s == 10.0
        found = FoundMonitor(name=self.name, address="C0:FF:EE:00:00:01", rssi_dbm=0, device=None)
        return [] if self.gives is None else [found]

    async def read(self, _monitor, _radio, *, on_pressure):
        for number, each in enumerate(self.gives or ()):
            if self.before is not None:
                self.before(number)
            said = MonitorSource(maker="A maker", model="\x1b[2JM1")
            on_pressure(ReceivedPressure(each.encoded(), CAME_UTC_US + number, said))

    def run(self, *arguments: str):
        whole = ["cuff", *arguments, "--store", self.store]
        return CliRunner().invoke(app, whole)

    def given_to_a_band(self, *arguments: str, script: Script | None = None):
        fake = FakeBand(script or Script())
        with SocketBand(fake) as band:
            result = self.run(band.url, *arguments)
        return result, [record for record in fake.received if isinstance(record, CuffReading)]


@pytest.fixture
def monitors(monkeypatch, tmp_path):
    made = Monitors(str(tmp_path / "a.vband"))
    # A terminal that is called dumb, as another test may have, has 80 columns whatever COLUMNS says.
    monkeypatch.setattr(cuff.console, "_width", 100)
    monkeypatch.setattr(cuff, "find_pressure_monitors", made.find)
    monkeypatch.setattr(keeping, "read_pressure_monitor", made.read)
    monkeypatch.setattr(pseudonym, "default_key_path", lambda: tmp_path / "key")
    return made


def age_now_s(measurement: StoredMeasurement) -> int:
    assert measurement.taken_at is not None
    return int((datetime.now() - measurement.taken_at).total_seconds())


def test_what_was_measured_is_told_with_its_remarks_and_what_is_not_there_as_such(monitors):
    monitors.gives, monitors.name = [NEWER, FAILED], "a \x1b[31mcuff"
    result = monitors.run()
    assert result.exit_code == 0, result.output
    assert "\x1b[31m" not in result.output
    assert "2 of them new" in " ".join(result.stdout.split())
    lines = [line.split() for line in result.stdout.splitlines()]
    first, second = lines[-2:]
    assert first[2:] == ["118", "76", "64", "-", "body", "moved"]
    assert second[2:] == ["-", "-", "-", "-"]
    output = monitors.run("--json").stdout
    document = json.loads(output)
    assert [each["systolic_mmhg"] for each in document["measurements"]] == [117.5, None]
    assert document["measurements"][0]["status"] == ["BODY_MOVED"]
    assert (document["new"], document["measurements"][0]["model"]) == (0, "\x1b[2JM1")
    assert "\x1b" not in output


def test_what_is_told_was_kept_before_and_is_told_again_without_a_monitor(monitors):
    monitors.gives = [NEWER, OLDER]
    assert monitors.run().exit_code == 0
    monitors.gives = None
    result = monitors.run("--stored", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["measurements"]
    assert [bytes.fromhex(each["value"]) for each in told] == [NEWER.encoded(), OLDER.encoded()]
    assert "C0:FF" not in result.stdout.upper()


def test_the_newest_whole_one_goes_to_the_band_with_its_age(monitors):
    monitors.gives = [NEWER, OLDER, FAILED]
    least_s = age_now_s(NEWER)
    result, [given] = monitors.given_to_a_band()
    assert result.exit_code == 0, result.output
    assert (given.systolic_mmhg, given.diastolic_mmhg) == (118, 76)
    assert least_s <= given.age_s <= age_now_s(NEWER)
    assert "the band shows the newest" in result.stdout


def test_a_reading_that_no_band_has_got_is_given_later_from_the_store(monitors):
    monitors.gives = [NEWER, OLDER]
    monitors.run()
    monitors.gives = [OLDER]
    for arguments in ([], ["--stored"]):
        _, [given] = monitors.given_to_a_band(*arguments)
        assert given.systolic_mmhg == 118


def test_of_several_users_one_has_to_be_named_and_nothing_is_lost_before(monitors):
    monitors.gives = [replace(NEWER, user_id=1), replace(OLDER, user_id=2)]
    result, given = monitors.given_to_a_band()
    assert (result.exit_code, given) == (2, [])
    assert "--user" in result.stderr
    monitors.gives = []  # it has given all that it had
    for user, systolic_mmhg in (("1", 118), ("2", 132)):
        result, [given] = monitors.given_to_a_band("--user", user)
        assert (result.exit_code, given.systolic_mmhg) == (0, systolic_mmhg)
    result, given = monitors.given_to_a_band("--user", "3")
    assert (result.exit_code, given) == (0, [])
    assert "none for the band" in result.stdout


def test_nothing_goes_to_the_band_without_a_whole_measurement_of_known_time(monitors):
    monitors.gives = [FAILED, StoredMeasurement(systolic=120, diastolic=80)]
    result, given = monitors.given_to_a_band()
    assert (result.exit_code, given) == (0, [])
    assert "none for the band" in result.stdout


def test_a_band_that_refuses_and_a_monitor_that_is_not_heard_have_their_exit_codes(monitors):
    result = monitors.run()
    assert (result.exit_code, "no blood-pressure monitor was heard" in result.output) == (3, True)
    monitors.gives = [NEWER]
    result, _ = monitors.given_to_a_band(script=Script(cuff_result=Result.NO_CONSENT))
    assert result.exit_code == 4, result.output
    assert "118" in result.output  # the monitor may not tell it again


def test_a_store_that_fails_takes_no_reading_with_it_and_no_band_gets_one(monitors, monkeypatch):
    create = Store.create

    def create_on_a_full_disk(path):
        store = create(path)
        limit_pages(store, 0)
        return store

    monkeypatch.setattr(cuff.Store, "create", create_on_a_full_disk)
    monitors.gives = [replace(NEWER, systolic=100 + number) for number in range(90)]
    result, given = monitors.given_to_a_band("--json")
    assert (result.exit_code, given) == (5, [])
    assert "no space left" in result.stderr
    assert len(json.loads(result.stdout)["measurements"]) == 90


def test_a_store_that_failed_for_a_while_has_all_in_the_end(monitors, monkeypatch):
    write = Store.write_cuff_readings

    def write_or_fail(store, rows):
        if is_failing[0]:
            raise StoreError("locked by another writer")
        return write(store, rows)

    is_failing = [True]
    monkeypatch.setattr(Store, "write_cuff_readings", write_or_fail)
    monitors.gives = [NEWER, OLDER, FAILED]
    monitors.before = lambda number: is_failing.__setitem__(0, number == 1)
    result = monitors.run("--json")
    assert (result.exit_code, json.loads(result.stdout)["new"]) == (0, 3)


def test_a_computer_without_bluetooth_is_told_so(monitors, monkeypatch):
    async def find(*_, **__):
        raise TransportError("cannot look for blood-pressure monitors")

    monkeypatch.setattr(cuff, "find_pressure_monitors", find)
    assert monitors.run().exit_code == 3
