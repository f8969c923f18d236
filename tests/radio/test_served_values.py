"""What others read of a live band's standard services is what its own host is told, when it is new.

tshark reads what passed between the app's adapter and its host. That pages show the same: tests/device.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from bandschema.enums import Reading
from bandschema.records import CuffReading, Identity
from bandsim.radio.air_band import AirBand
from bandsim.radio.band_radio import MOST_WAITING_PACKETS
from bandwire.events import EVENT_FRAME, EVENT_GAP
from bandwire.frames import (
    COMMAND_CODE_END_SELF_TEST,
    COMMAND_CODE_RUN_SELF_TEST,
    COMMAND_CODE_SEND_IDENTITY,
    STREAM_ID_OPTICAL,
)
from radio.apps import SENT, App, frame_of
from radio.live_hosts import HostWithApp, band_with_services
from radio.served_values import CLOCK, CUFF, OXYGEN, PRESSURE, RATE, SKIN, captured, float_of, shown
from standard_services import registry

STEP_S = 2.0
"""Of the vital signs."""
LEAST_GAP_S = 1.0
NOW = datetime(2026, 11, 30, 5, 45, 10, tzinfo=UTC)
LIFE_S = 100.0
"""The temperature of the scenario is valid after some 40 s."""
ASKS_S = 20.0
"""For the time: a host that is silent is let go after 30 s."""
UNCONNECTED = f"{OXYGEN}.device_and_sensor_status.unconnected_to_user"
UNAVAILABLE = f"{OXYGEN}.measurement_status.measurement_unavailable"
STRINGS = [
    "manufacturer_string", "model_number_string", "hardware_revision_string", "firmware_revision_string"
]  # fmt: skip
FIELDS = [
    f"{RATE}.value.8", f"{RATE}.flags.sensor_contact_status.contact", f"{RATE}.rr_interval",
    f"{OXYGEN}.spo2", f"{OXYGEN}.pulse_rate", UNAVAILABLE, UNCONNECTED, f"{SKIN}.flags.temperature_unit",
    *(f"{PRESSURE}.{name}.mmhg" for name in ("systolic", "diastolic", "arterial_pressure")),
    f"{CUFF}.flags.timestamp", "battery_level", *CLOCK, "day_of_week", "fractions256",
    "adjust_reason.external_reference_time_update", "body_sensor_location",
    "plxs.features.supported_features", "blood_pressure.feature", "timezone", *STRINGS,
]  # fmt: skip
Shown = dict[str, list[str]]
"""What tshark shows of one value, by field."""


@pytest.fixture
def band() -> Iterator[AirBand]:
    with band_with_services() as made:
        yield made


def told(capture: Path) -> list[Shown]:
    """What tshark shows of each value that has any of `FIELDS`."""
    rows = ({field: cells for field, cells in row.items() if cells} for row in shown(capture, FIELDS))
    return [row for row in rows if row]


def of(rows: list[Shown], field: str) -> list[Shown]:
    """Those that have a field."""
    return [row for row in rows if field in row]


def tenths(raw: int | None) -> list[str]:
    """Whole numbers, halves up, as tshark writes them."""
    return ["NaN" if raw is None else str((raw + 5) // 10)]


def moment(row: Shown) -> datetime:
    year, month, day, hour, minute, second = (int(row[name][0]) for name in CLOCK)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


class Life(NamedTuple):
    """A rest of `LIFE_S` with a host that takes all."""

    host: HostWithApp
    rows: list[Shown]

    def updates_of(self, uuid: int) -> list[dict[Reading, int | None]]:
        """The update of each value that was sent, as far as the host has them: runs come late."""
        times = [at_s for at_s, _ in self.host.app.came[uuid]]
        updates = self.host.updates()
        return [
            next(readings for at_s, readings in reversed(updates) if at_s <= sent_s)
            for sent_s in times
            if sent_s < updates[-1][0] + LEAST_GAP_S
        ]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    capture = tmp_path_factory.mktemp("life") / "air.btsnoop"
    with band_with_services() as band:
        host = HostWithApp(band)

        async def lived() -> None:
            async with host.connected():
                await host.use_both()
                host.link.send_command(COMMAND_CODE_SEND_IDENTITY, 0, 0, 1000, host.now_ms)
                for _ in range(round(LIFE_S / ASKS_S)):
                    host.link.request_time(int(NOW.timestamp()) + host.now_ms // 1000, 1000, host.now_ms)
                    await host.listen(ASKS_S)
                for _, _, rows in registry.SERVICES:
                    for uuid, properties, *_ in rows:
                        if properties & registry.READ:
                            await host.app.read(uuid)

        with captured(host.adapter, capture):
            band.world.run(lived())
    return Life(host, told(capture))


def test_each_heart_rate_and_oxygen_is_that_of_the_update_that_the_host_gets(life: Life) -> None:
    updates = life.updates_of(registry.HEART_RATE_MEASUREMENT)
    assert len(updates) > (LIFE_S - 40) / STEP_S
    for row, update in zip(of(life.rows, f"{RATE}.value.8"), updates, strict=False):
        assert row[f"{RATE}.value.8"] == tenths(update[Reading.HEART_RATE_BPM])
        assert row[f"{RATE}.flags.sensor_contact_status.contact"] == ["1"]
    updates = life.updates_of(registry.PLX_CONTINUOUS_MEASUREMENT)
    assert len(updates) > (LIFE_S - 40) / STEP_S
    for row, update in zip(of(life.rows, f"{OXYGEN}.spo2"), updates, strict=False):
        assert row[f"{OXYGEN}.spo2"] == tenths(update[Reading.SPO2_PERCENT])
        assert row[f"{OXYGEN}.pulse_rate"] == tenths(update[Reading.HEART_RATE_BPM])
    assert life.host.of_kind(EVENT_GAP) == []
    assert life.host.link.lost_records == 0


def test_each_temperature_is_that_of_its_update_and_nan_before_it_is_valid(life: Life) -> None:
    values = [float_of(value[1:5]) for value in life.host.app.values(registry.TEMPERATURE_MEASUREMENT)]
    assert len(of(life.rows, f"{SKIN}.flags.temperature_unit")) == len(values)
    updates = life.updates_of(registry.TEMPERATURE_MEASUREMENT)
    assert len(updates) > 1
    for value, update in zip(values, updates, strict=False):
        raw = update[Reading.SKIN_TEMPERATURE_C]
        assert value == (None if raw is None else Fraction(raw, 100))
    # Whether one or two are sent before the first is valid hangs on when the host came.
    known = [value is not None for value in values]
    assert known == sorted(known)
    assert 1 <= known.count(False) <= 2


def test_the_intervals_between_beats_are_told_once_each_and_add_up_to_the_time(life: Life) -> None:
    rows = of(life.rows, f"{RATE}.value.8")
    total_s = sum(int(cell) for row in rows for cell in row[f"{RATE}.rr_interval"]) / 1024
    # At rest nearly every beat is trusted; one told twice, or a step left out, would be 2 s.
    assert total_s == pytest.approx(STEP_S * len(rows), abs=STEP_S)


def test_what_hardly_changes_reads_as_the_host_is_told_it(life: Life) -> None:
    (identity,) = (record for _, record in life.host.frames() if isinstance(record, Identity))
    version = f"v{identity.firmware_major}.{identity.firmware_minor}.{identity.firmware_patch}"
    wanted = [identity.maker, identity.model, identity.hardware, version]
    assert [row[field] for field in STRINGS for row in of(life.rows, field)] == [[text] for text in wanted]
    battery = [str(life.host.updates()[-1][1][Reading.BATTERY_PERCENT])]
    # Sent once, read once.
    assert [row["battery_level"] for row in of(life.rows, "battery_level")] == [battery, battery]
    for field, value in (
        ("body_sensor_location", "0x02"),
        ("plxs.features.supported_features", "0x0003"),
        ("blood_pressure.feature", "0x0000"),
        ("timezone", "0"),
    ):
        assert [row[field] for row in of(life.rows, field)] == [[value]]


def test_nothing_is_sent_faster_than_once_a_second_nor_to_whom_has_not_subscribed(band: AirBand) -> None:
    app = App(band)

    async def lived() -> None:
        async with app.connected():
            await app.subscribe(*(uuid for uuid in SENT if uuid != registry.PLX_CONTINUOUS_MEASUREMENT))
            await asyncio.sleep(40)

    band.world.run(lived())
    assert band.radio.refused_notifications == 0
    assert registry.PLX_CONTINUOUS_MEASUREMENT not in app.came
    for sent in app.came.values():
        assert all(later - earlier >= LEAST_GAP_S for (earlier, _), (later, _) in pairwise(sent))
    assert len(app.came[registry.HEART_RATE_MEASUREMENT]) > 15
    # Once: a battery does not change in so short a time.
    assert len(app.came[registry.BATTERY_LEVEL]) == 1


def test_an_indication_comes_to_whom_subscribes_late_and_is_not_repeated(
    band: AirBand, tmp_path: Path
) -> None:
    app = App(band)

    async def lived() -> None:
        async with app.connected():
            await asyncio.sleep(20)
            began_s = band.world.loop.time()
            await app.subscribe(registry.BLOOD_PRESSURE_MEASUREMENT)
            await asyncio.sleep(20)
            ((at_s, _),) = app.came[registry.BLOOD_PRESSURE_MEASUREMENT]
            assert at_s - began_s <= STEP_S

    band.world.run(app.plug_in())
    with captured(app.adapter, tmp_path / "air.btsnoop"):
        band.world.run(lived())
    (row,) = told(tmp_path / "air.btsnoop")
    pressures = {name: cells for name, cells in row.items() if name.startswith(PRESSURE)}
    assert list(pressures.values()) == [["NaN"]] * 3
    assert row[f"{CUFF}.flags.timestamp"] == ["0"]


def test_the_time_is_empty_until_a_host_tells_it_and_sent_then(band: AirBand, tmp_path: Path) -> None:
    host = HostWithApp(band)

    async def lived() -> timedelta:
        async with host.connected():
            await host.use_both()
            assert await host.app.read(registry.CURRENT_TIME) == b""
            await host.listen(5)
            assert host.app.came[registry.CURRENT_TIME] == []
            asked_s = band.world.loop.time()
            host.link.request_time(int(NOW.timestamp()), 1000, host.now_ms)
            await host.listen(7)
            assert len(host.app.came[registry.CURRENT_TIME]) == 1
            await host.app.read(registry.CURRENT_TIME)
            return timedelta(seconds=band.world.loop.time() - asked_s)

    with captured(host.adapter, tmp_path / "air.btsnoop"):
        passed = band.world.run(lived())
    sent, read = of(told(tmp_path / "air.btsnoop"), "fractions256")
    # It is as old as the last step, in whole seconds; the host's own have none.
    assert timedelta() <= NOW + passed - moment(read) <= timedelta(seconds=STEP_S + 1)
    assert moment(sent) <= moment(read)
    for row in (sent, read):
        assert row["day_of_week"] == [str(NOW.isoweekday())]
        assert row["adjust_reason.external_reference_time_update"] == ["1"]


def test_a_cuff_reading_comes_with_the_time_at_which_it_was_taken(band: AirBand, tmp_path: Path) -> None:
    host = HostWithApp(band)
    cuff = CuffReading(request_id=0, systolic_mmhg=121, diastolic_mmhg=79, age_s=3600)

    async def lived() -> None:
        async with host.connected():
            await host.listen(2)
            host.link.request_time(int(NOW.timestamp()), 1000, host.now_ms)
            await host.listen(2)
            frame = frame_of(cuff)
            host.link.request(frame, len(frame), 1000, host.now_ms)
            await host.listen(2)
            await host.use_both()
            await host.listen(10)

    with captured(host.adapter, tmp_path / "air.btsnoop"):
        band.world.run(lived())
    (row,) = of(told(tmp_path / "air.btsnoop"), f"{CUFF}.flags.timestamp")
    names = ("systolic", "diastolic", "arterial_pressure")
    assert [row[f"{PRESSURE}.{name}.mmhg"] for name in names] == [["121"], ["79"], ["NaN"]]
    assert abs(moment(row) - NOW + timedelta(hours=1)) < timedelta(seconds=4)


def test_off_the_wrist_no_heart_rate_is_sent_and_oxygen_is_nan_and_says_why(
    band: AirBand, tmp_path: Path
) -> None:
    app = App(band)

    async def lived() -> None:
        async with app.connected():
            await app.subscribe(*SENT)
            await asyncio.sleep(10)
            band.console.set_contact(False)
            await asyncio.sleep(20)
            for sent in app.came.values():
                sent.clear()
            await asyncio.sleep(20)

    band.world.run(app.plug_in())
    with captured(app.adapter, tmp_path / "air.btsnoop"):
        band.world.run(lived())
    assert app.values(registry.HEART_RATE_MEASUREMENT) == []
    count = len(app.values(registry.PLX_CONTINUOUS_MEASUREMENT))
    assert count > 5
    for row in of(told(tmp_path / "air.btsnoop"), f"{OXYGEN}.spo2")[-count:]:
        assert row[f"{OXYGEN}.spo2"] == row[f"{OXYGEN}.pulse_rate"] == ["NaN"]
        assert row[UNAVAILABLE] == row[UNCONNECTED] == ["1"]


def test_over_a_radio_that_is_full_frames_are_not_lost_and_values_are_the_latest(band: AirBand) -> None:
    host = HostWithApp(band)
    rates = host.app.came.setdefault(registry.HEART_RATE_MEASUREMENT, [])

    async def lived() -> None:
        async with host.connected():
            await host.use_both()
            await host.listen(10)
            host.link.start_stream(STREAM_ID_OPTICAL, 1000, host.now_ms)
            await host.listen(5)
            band.world.air.stall()
            await asyncio.sleep(25)
            assert band.radio.refused_notifications > 100
            band.world.air.resume()
            rates.clear()
            resumed_s = band.world.loop.time()
            await host.listen(20)
            # Of the 25 s only what waited in the stack, an oxygen behind each; then each step's as before.
            late = [at_s for at_s, _ in rates if at_s > resumed_s + STEP_S]
            assert len(late) in (9, 10)
            assert len(rates) - len(late) <= 1 + MOST_WAITING_PACKETS // 2

    band.world.run(lived())
    assert host.link.lost_records == 0
    sequences = [
        int.from_bytes(event[1][4:7], "little") for event in host.of_kind(EVENT_FRAME) if event[1][1] < 0x40
    ]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_while_the_chips_are_a_self_tests_nothing_is_told_and_nothing_can_be_read(band: AirBand) -> None:
    host = HostWithApp(band)

    async def lived() -> None:
        async with host.connected():
            await host.use_both()
            await host.listen(5)
            host.link.send_command(COMMAND_CODE_RUN_SELF_TEST, 0, 1, 1000, host.now_ms)
            await host.listen(2)
            band.console.press_button()
            await host.listen(2)
            for sent in host.app.came.values():
                sent.clear()
            await host.listen(4)
            assert not host.is_gone
            assert not any(host.app.came.values())
            assert await host.app.read(registry.BATTERY_LEVEL) == b""
            host.link.send_command(COMMAND_CODE_END_SELF_TEST, 0, 0, 1000, host.now_ms)
            await host.listen(10)
            assert len(await host.app.read(registry.BATTERY_LEVEL)) == 1
            assert host.app.values(registry.PLX_CONTINUOUS_MEASUREMENT)

    band.world.run(lived())
