"""Programs that others wrote read a live band by its standard services: bleakheart, bumble's gatt-dump."""

import asyncio
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import bleakheart
import pytest
from bumble.apps.gatt_dump import dump_gatt_db
from bumble.device import Peer

from bandschema.enums import Reading
from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from bandwire.gatt import FROM_BAND_UUID, SERVICE_UUID, TO_BAND_UUID
from radio.air_hosts import heard
from radio.apps import App, turn_services
from radio.live_hosts import HostWithApp, band_with_services
from standard_services import registry

AGREED_S = 9.0
_CODES = re.compile(r"\x1b\[\d+m")
_LISTED = re.compile(
    r"^ *(Service|Characteristic)\(.*uuid=(?:UUID-16:)?([0-9A-F-]+)(?:.*, ([A-Z_|]+))?.*\)$", re.MULTILINE
)
_ATTRIBUTE = re.compile(r"Attribute\(handle=0x\w+, type=(?:UUID-16:)?([0-9A-F-]+)")
_PROPERTIES = {registry.READ: "READ", registry.NOTIFY: "NOTIFY", registry.INDICATE: "INDICATE"}
OF_EVERY_DEVICE = {"1800", "1801"}


@pytest.fixture
def band() -> Iterator[AirBand]:
    with band_with_services() as made:
        yield made


def test_bleakheart_reads_the_heart_rate_intervals_contact_and_battery_of_the_band(band: AirBand) -> None:
    host = HostWithApp(band)
    came: list[tuple[float, Any]] = []

    async def life() -> int:
        async with host.connected():
            reader = bleakheart.HeartRate(
                host.client, callback=lambda told: came.append((band.world.loop.time(), told)), unpack=False
            )
            await reader.start_notify()
            await host.listen(28)
            assert reader.contact_detection
            assert reader.good_contact.is_set()
            return await bleakheart.BatteryLevel(host.client).read()

    battery_percent = band.world.run(life())
    updates = host.updates()
    assert battery_percent == updates[-1][1][Reading.BATTERY_PERCENT]
    assert len(came) >= 8
    for at_s, (kind, _, (rate, intervals_ms), energy) in came:
        update = next((readings for time_s, readings in reversed(updates) if time_s <= at_s), None)
        assert (kind, energy) == ("HR", None)
        assert rate == (update[Reading.HEART_RATE_BPM] + 5) // 10
        # Both are rounded to a millisecond, the intervals to 1/1024 s before.
        mean_ms = sum(intervals_ms) / len(intervals_ms)
        assert mean_ms == pytest.approx(update[Reading.PULSE_INTERVAL_MS], abs=1.5)


def test_bleakheart_unpacks_beats_one_by_one(band: AirBand) -> None:
    app = App(band)
    beats: list[tuple[int, int]] = []

    async def life() -> None:
        async with app.connected():
            reader = bleakheart.HeartRate(app.client, callback=lambda told: beats.append(told[2]))
            await reader.start_notify(filter_nocontact=True)
            await asyncio.sleep(30)

    band.world.run(life())
    told_s = sum(interval_ms for _, interval_ms in beats) / 1000
    assert told_s == pytest.approx(28, abs=4)
    for rate, interval_ms in beats:
        assert rate == pytest.approx(60_000 / interval_ms, rel=0.15)


async def dumped(band: AirBand) -> None:
    """Have gatt-dump print what there is, over a connection of its own."""
    app = App(band)
    await app.plug_in()
    (device,) = (await heard(app.adapter, 2.0)).values()
    connection = await app.adapter.device.connect(device.address)
    await asyncio.sleep(5)
    await dump_gatt_db(Peer(connection), None)
    await connection.disconnect()


def listed(text: str) -> dict[str, dict[str, set[str]]]:
    """Services, of each its characteristics with their properties."""
    found: dict[str, dict[str, set[str]]] = {}
    for kind, uuid, properties in _LISTED.findall(text.split("=== All Attributes", maxsplit=1)[0]):
        if kind == "Service":
            last = found[uuid] = {}
        else:
            last[uuid] = set(properties.split("|"))
    return found


def values_in(text: str) -> dict[str, str]:
    """What was printed of each value, by UUID: its bytes, or why they could not be read."""
    found: dict[str, str] = {}
    for line, value in pairwise(text.split("=== All Attributes", maxsplit=1)[1].splitlines()):
        if match := _ATTRIBUTE.match(line):
            found[match[1]] = value
    return found


def test_gatt_dump_lists_the_registry_beside_the_bands_own_service_and_reads_its_values(
    band: AirBand, capsys: pytest.CaptureFixture[str]
) -> None:
    band.world.run(dumped(band))
    text = _CODES.sub("", capsys.readouterr().out)
    wanted = {
        f"{service:04X}": {
            f"{uuid:04X}": {name for bit, name in _PROPERTIES.items() if properties & bit}
            for uuid, properties, *_ in rows
        }
        for service, _, rows in registry.SERVICES
    }
    wanted[SERVICE_UUID.upper()] = {
        FROM_BAND_UUID.upper(): {"NOTIFY"},
        TO_BAND_UUID.upper(): {"WRITE", "WRITE_WITHOUT_RESPONSE"},
    }
    assert {uuid: rows for uuid, rows in listed(text).items() if uuid not in OF_EVERY_DEVICE} == wanted
    values = values_in(text)
    strings = [bytes.fromhex(values[uuid]).decode() for uuid in ("2A29", "2A24", "2A27", "2A26")]
    assert strings == ["Vitalband", "Virtual band", "virtual r1", "v0.1.0"]
    assert [values[uuid] for uuid in ("2A38", "2A60", "2A49", "2A0F", "2A2B")] == [
        "02", "030000604c4b00", "0000", "0000", ""
    ]  # fmt: skip
    assert 0 < int(values["2A19"], 16) <= 100


def test_without_pairing_gatt_dump_reads_of_a_band_that_can_pair_only_who_made_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with AirBand(load_scenario("rest", seed=1), refuses=frozenset()) as made:
        made.run_for(AGREED_S)
        made.world.run(turn_services(made))
        made.world.run(dumped(made))
    values = values_in(_CODES.sub("", capsys.readouterr().out))
    for _, _, rows in registry.SERVICES:
        for uuid, properties, is_encrypted, _ in rows:
            if properties & registry.READ:
                is_read = re.fullmatch("([0-9a-f]{2})*", values[f"{uuid:04X}"]) is not None
                assert is_read != is_encrypted, values[f"{uuid:04X}"]
