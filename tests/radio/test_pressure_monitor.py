"""A standard blood-pressure monitor is read over the air, all of it, and nothing of it is guessed."""

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from bumble.snoop import BtSnooper
from hypothesis import given
from hypothesis import strategies as st

from bandschema.records import CuffReading
from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.client import AirClient
from bandsim.radio.pressure_monitor import PressureMonitor, StoredMeasurement
from bandsim.radio.scanner import AirScanner
from languages.programs import run as run_program
from radio.living import lives
from radio.peripherals import HOST, NAME, peripheral_on
from sdk.helpers import paced_band
from vitalband import Store
from vitalband.bluetooth import (
    FoundMonitor,
    MonitorSource,
    PressureStatus,
    Radio,
    ReceivedPressure,
    find_pressure_monitors,
    parse_pressure,
    pressure_monitor,
    read_pressure_monitor,
)
from vitalband.bluetooth.keeping import keep_readings
from vitalband.bluetooth.passing_on import MOST_AHEAD_S, age_s, newest_whole, pass_on
from vitalband.bluetooth.pressure_measurement import MMHG_PER_KPA
from vitalband.errors import LocalError, RemoteError, TransportError
from vitalband.store import CuffRow

MONITOR = "C0:00:00:00:00:03"
AT = datetime(2026, 11, 29, 23, 5, 9)
HOUR = timedelta(hours=1)
ZONE = timezone(timedelta(hours=8))
TAKEN = StoredMeasurement(
    systolic=120,
    diastolic=80,
    mean_arterial=93,
    taken_at=AT,
    pulse_rate_bpm=72,
    user_id=1,
    status=PressureStatus.IRREGULAR_PULSE | PressureStatus.WRONG_POSITION,
)
IN_KPA = StoredMeasurement(systolic=16.5, diastolic=10.25, is_kpa=True, taken_at=AT + timedelta(hours=1))
FAILED = StoredMeasurement(systolic=None, diastolic=None, taken_at=AT + timedelta(hours=2))


def radio_of(host: Adapter) -> Radio:
    return Radio({"backend": AirScanner, "radio": host}, {"backend": AirClient, "radio": host})


async def beside_a_monitor(stored, **options):
    air = Air(seed=1)
    host = await Adapter.plugged_in(air, HOST)
    monitor = await PressureMonitor.plugged_in(air, MONITOR, stored=stored, **options)
    return air, radio_of(host), monitor


@lives
async def test_all_that_it_keeps_is_read_in_turn_and_is_what_it_measured():
    _, radio, monitor = await beside_a_monitor([TAKEN, IN_KPA, FAILED])
    [found] = await find_pressure_monitors(radio, scan_s=1)
    assert (found.source, found.address) == ("a cuff", MONITOR)
    received = await read_pressure_monitor(found, radio)
    assert [each.value for each in received] == [each.encoded() for each in (TAKEN, IN_KPA, FAILED)]
    assert received[0].utc_us < received[1].utc_us < received[2].utc_us
    first, second, third = (each.measurement for each in received)
    assert (first.systolic_mmhg, first.diastolic_mmhg, first.mean_arterial_mmhg) == (120, 80, 93)
    assert (first.taken_at, first.pulse_rate_bpm, first.user_id) == (AT, 72, 1)
    assert first.status == PressureStatus.IRREGULAR_PULSE | PressureStatus.WRONG_POSITION
    assert second.systolic_mmhg == pytest.approx(16.5 * MMHG_PER_KPA)
    assert second.diastolic_mmhg == pytest.approx(10.25 * MMHG_PER_KPA)
    assert (second.mean_arterial_mmhg, second.pulse_rate_bpm, second.user_id) == (None, None, None)
    assert (third.is_whole, third.systolic_mmhg, third.taken_at) == (False, None, FAILED.taken_at)
    assert monitor.stored == []


@lives
async def test_a_value_that_cannot_be_read_takes_no_other_with_it(monkeypatch):
    whole = StoredMeasurement.encoded
    monkeypatch.setattr(
        StoredMeasurement, "encoded", lambda stored: whole(stored)[:9] if stored is TAKEN else whole(stored)
    )
    _, radio, _ = await beside_a_monitor([IN_KPA, TAKEN, FAILED])
    [found] = await find_pressure_monitors(radio, scan_s=1)
    first, second, third = await read_pressure_monitor(found, radio)
    assert (second.value, second.measurement) == (whole(TAKEN)[:9], None)
    assert newest_whole([row_of(each) for each in (first, second, third)]) == row_of(first)


@lives
async def test_a_dissector_that_nobody_here_wrote_shows_the_same_numbers(tmp_path):
    capture = tmp_path / "capture.btsnoop"
    _, radio, _ = await beside_a_monitor([TAKEN, IN_KPA, FAILED])
    with capture.open("wb") as file:
        radio.scanner["radio"].device.host.snooper = BtSnooper(file)
        [found] = await find_pressure_monitors(radio, scan_s=1)
        measured = [each.measurement for each in await read_pressure_monitor(found, radio)]
        radio.scanner["radio"].device.host.snooper = None
    names = ["systolic_mmhg", "diastolic_mmhg", "systolic_kpa", "diastolic_kpa"]
    fields = [f"-ebtatt.blood_pressure_measurement.compound_value.{name.replace('_', '.')}" for name in names]
    shown = run_program(
        "tshark", "-r", capture, "-Y", "btatt.opcode == 0x1d", "-T", "fields", *fields, package="tshark"
    )
    rows = [
        [math.nan if cell == "NaN" else float(cell or "nan") for cell in line.split("\t")]
        for line in shown.rstrip("\n").split("\n")
    ]
    mmhg = [[each.systolic_mmhg, each.diastolic_mmhg] for each in measured]
    assert rows[0][:2] == mmhg[0]
    # It shows two decimals of 10.25 kPa as one of 10.2.
    assert [cell * MMHG_PER_KPA for cell in rows[1][2:]] == pytest.approx(mmhg[1], abs=0.1 * MMHG_PER_KPA)
    assert all(math.isnan(cell) for cell in rows[2])
    assert mmhg[2] == [None, None]


@lives
async def test_a_monitor_that_stays_is_left_when_it_has_been_quiet_for_a_while():
    _, radio, _ = await beside_a_monitor([TAKEN], leaves=False)
    [found] = await find_pressure_monitors(radio, scan_s=1)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    assert len(await read_pressure_monitor(found, radio, quiet_s=3)) == 1
    assert 3 <= loop.time() - began_s < 4


@lives
async def test_what_came_before_the_link_was_lost_is_given_and_the_rest_at_the_next_reading():
    stored = [
        StoredMeasurement(systolic=100 + number, diastolic=70, taken_at=AT + timedelta(minutes=number))
        for number in range(40)
    ]
    air, radio, monitor = await beside_a_monitor(stored)
    [found] = await find_pressure_monitors(radio, scan_s=1)
    air.faults.latency_s = 0.05
    reading = asyncio.ensure_future(read_pressure_monitor(found, radio))
    while len(monitor.stored) > 25:
        await asyncio.sleep(0.01)
    air.cut()
    first = await reading
    await asyncio.sleep(60)
    [found] = await find_pressure_monitors(radio, scan_s=1)
    second = await read_pressure_monitor(found, radio)
    taken = [each.measurement.taken_at for each in first + second]
    assert 10 <= len(first) <= 20
    assert set(taken) == {each.taken_at for each in stored}
    # What was under way may come twice, as the monitor had no confirmation of it.
    assert len(taken) - len(stored) in (0, 1)


@lives
async def test_a_monitor_out_of_reach_and_one_that_is_none_are_told_apart():
    air, radio, monitor = await beside_a_monitor([TAKEN])
    [found] = await find_pressure_monitors(radio, scan_s=1)
    await monitor.adapter.unplug()
    with pytest.raises(TransportError, match="cannot read a cuff"):
        await read_pressure_monitor(found, radio, connect_s=2)
    assert await find_pressure_monitors(radio, scan_s=1) == []
    other = await peripheral_on(air)
    address = other.device.random_address
    none = FoundMonitor(name=NAME, address=str(address), rssi_dbm=0, device=str(address).split("/")[0])
    with pytest.raises(RemoteError, match="it has none"):
        await read_pressure_monitor(none, radio)


def test_without_bleak_it_is_said_what_is_wanted(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "bleak", None)
    with pytest.raises(LocalError, match="wanted bleak"):
        asyncio.run(find_pressure_monitors())


pressures = st.one_of(st.none(), st.integers(0, 300), st.integers(0, 400).map(lambda tenths: tenths / 10))
moments = st.integers(0, 6 * 10**9).map(lambda second: datetime(1900, 1, 1) + timedelta(seconds=second))
measurements = st.builds(
    StoredMeasurement,
    systolic=pressures,
    diastolic=pressures,
    mean_arterial=pressures,
    is_kpa=st.booleans(),
    taken_at=st.one_of(
        st.none(),
        st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(microsecond=0)),
    ),
    pulse_rate_bpm=st.one_of(st.none(), st.integers(0, 250)),
    user_id=st.one_of(st.none(), st.integers(0, 254)),
    status=st.one_of(st.none(), st.integers(0, 0x3F)),
)


@given(measurements)
def test_what_is_encoded_is_parsed_to_the_same(stored):
    found = parse_pressure(stored.encoded())
    factor = MMHG_PER_KPA if stored.is_kpa else 1
    for told, value in (
        (found.systolic_mmhg, stored.systolic),
        (found.diastolic_mmhg, stored.diastolic),
        (found.mean_arterial_mmhg, stored.mean_arterial),
    ):
        assert (told is None) == (value is None)
        assert value is None or told == pytest.approx(value * factor)
    assert (found.taken_at, found.pulse_rate_bpm, found.user_id) == (
        stored.taken_at,
        stored.pulse_rate_bpm,
        stored.user_id,
    )
    assert int(found.status) == (stored.status or 0)


@given(measurements, st.data())
def test_a_value_that_is_cut_short_is_refused_and_says_where(stored, data):
    value = stored.encoded()
    with pytest.raises(RemoteError, match="more bytes at"):
        parse_pressure(value[: data.draw(st.integers(0, len(value) - 1))])


@given(st.binary(min_size=19, max_size=24))
def test_any_bytes_of_full_length_are_a_measurement(value):
    # The longest has 19 bytes: reserved flags and bits are let pass, and what is no date is no time.
    parse_pressure(value)


@lives
async def test_what_the_monitor_says_of_itself_is_the_source_and_any_bytes_are_a_text():
    information = {0x2A29: b"A maker\0", 0x2A24: b"M\xff1 ", 0x2A26: b"", 0x2A25: b"a serial number"}
    _, radio, _ = await beside_a_monitor([TAKEN], information=information)
    [found] = await find_pressure_monitors(radio, scan_s=1)
    [received] = await read_pressure_monitor(found, radio)
    assert received.source == MonitorSource(maker="A maker", model="M\ufffd1", firmware=None)


@lives
async def test_a_monitor_that_is_slow_to_say_what_it_is_is_read_all_the_same_and_why_is_told(monkeypatch):
    monkeypatch.setattr(pressure_monitor, "SOURCE_S", 0.0)
    _, radio, _ = await beside_a_monitor([TAKEN], information={0x2A29: b"A maker"})
    [found] = await find_pressure_monitors(radio, scan_s=1)
    [received] = await read_pressure_monitor(found, radio)
    assert received.source == MonitorSource(failure="TimeoutError")


@lives
async def test_readings_are_in_the_store_as_they_come_and_the_band_gets_the_newest(tmp_path):
    information = {0x2A29: b"A maker", 0x2A24: b"M1", 0x2A26: b"1.0"}
    stored = [TAKEN, replace(IN_KPA, user_id=TAKEN.user_id), FAILED]
    _, radio, monitor = await beside_a_monitor(stored, information=information)
    [found] = await find_pressure_monitors(radio, scan_s=1)
    with Store.create(tmp_path / "a.vband") as store, Store.open(tmp_path / "a.vband") as other:
        reading = asyncio.ensure_future(
            keep_readings(store, found, radio, zone=ZONE, key_path=tmp_path / "key")
        )
        while len(monitor.stored) > 1:
            # What the monitor has forgotten is safe.
            assert len(list(other.cuff_readings())) >= 3 - len(monitor.stored)
            await asyncio.sleep(0.001)
        kept = await reading
        rows = list(other.cuff_readings())
    assert (kept.rows, kept.new_count, kept.failure) == (rows, 3, None)
    assert {(row.maker, row.model, row.firmware) for row in rows} == {("A maker", "M1", "1.0")}
    file = (tmp_path / "a.vband").read_bytes()
    address = bytes.fromhex(MONITOR.replace(":", ""))
    assert not any(
        each in file for each in (MONITOR.encode(), MONITOR.lower().encode(), address, address[::-1])
    )
    newest = newest_whole(rows)
    assert newest == rows[1]
    band, transport = paced_band()
    async with band:
        await pass_on(band, newest, newest.taken_utc_us + 90 * 1_000_000)
        [given_] = [record for record in transport.band.received if isinstance(record, CuffReading)]
    assert (given_.systolic_mmhg, given_.diastolic_mmhg, given_.age_s) == (124, 77, 90)


def row_of(received: ReceivedPressure) -> CuffRow:
    return CuffRow.of(received, b"cuff-one", ZONE)


def row_as_taken(stored: StoredMeasurement) -> CuffRow:
    return row_of(ReceivedPressure(stored.encoded(), 5, MonitorSource()))


def test_the_age_is_by_the_time_zone_of_the_clock_and_never_a_guess():
    now_utc_us = int(datetime(2026, 11, 29, 15, 6, 9, tzinfo=UTC).timestamp()) * 1_000_000
    taken = row_as_taken(TAKEN)
    assert age_s(taken, now_utc_us) == 60
    assert age_s(taken, now_utc_us - (60 + MOST_AHEAD_S) * 1_000_000) == 0
    with pytest.raises(RemoteError, match="which is to be set"):
        age_s(taken, now_utc_us - (61 + MOST_AHEAD_S) * 1_000_000)
    without = row_as_taken(StoredMeasurement(systolic=120, diastolic=80))
    with pytest.raises(RemoteError, match="wanted its time"):
        age_s(without, now_utc_us)
    assert newest_whole([without]) is None


def test_of_several_users_readings_none_is_the_newest_unless_one_is_named():
    first, second = row_as_taken(TAKEN), row_as_taken(replace(TAKEN, user_id=2, taken_at=AT + HOUR))
    nobodys = row_as_taken(replace(TAKEN, user_id=None, taken_at=AT - HOUR))
    failed = row_as_taken(replace(FAILED, user_id=3))
    assert newest_whole([first, failed]) == first
    for rows in ([first, second], [first, nobodys]):
        with pytest.raises(LocalError, match="those of one user"):
            newest_whole(rows)
        assert newest_whole(rows, 1) == first
    assert newest_whole([first, second], 4) is None
