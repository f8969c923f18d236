"""What is heard of a band by those who pass by: nothing that is the same tomorrow, and nothing of a place."""

import re
from pathlib import Path
from typing import Any

import pytest
from bleak import AdvertisementData, BleakScanner

from bandschema import lint
from bandsim.lane import LaneSettings
from bandsim.paired_state import paired_beforehand
from bandsim.radio.air_band import AirBand, plug_in
from bandsim.radio.scanner import AirScanner
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from bandwire import gatt
from bandwire.finder import NONCE_BYTES, TOKEN_BYTES, token_of
from radio.air_hosts import AirHost
from standard_services import registry, values
from vitalband.bluetooth import FoundBand, find_bands, known_by_token
from vitalband.keys import memory_keys

ROOT = Path(__file__).parents[2]

CHARACTERISTICS = {
    "HEART_RATE_MEASUREMENT": 0x2A37,
    "BODY_SENSOR_LOCATION": 0x2A38,
    "TEMPERATURE_MEASUREMENT": 0x2A1C,
    "PLX_CONTINUOUS_MEASUREMENT": 0x2A5F,
    "PLX_FEATURES": 0x2A60,
    "BLOOD_PRESSURE_MEASUREMENT": 0x2A35,
    "BLOOD_PRESSURE_FEATURE": 0x2A49,
    "BATTERY_LEVEL": 0x2A19,
    "MANUFACTURER_NAME": 0x2A29,
    "MODEL_NUMBER": 0x2A24,
    "HARDWARE_REVISION": 0x2A27,
    "FIRMWARE_REVISION": 0x2A26,
    "CURRENT_TIME": 0x2A2B,
    "LOCAL_TIME_INFORMATION": 0x2A0F,
}
"""Every characteristic that the firmware may have: reviewed, none of them tells of a place or of one band."""
SERVICES = {0x180D, 0x1809, 0x1822, 0x1810, 0x180F, 0x180A, 0x1805}
OWN_UUIDS = {"SERVICE_UUID", "FROM_BAND_UUID", "TO_BAND_UUID"}
ON_THE_BODY = "BODY_SENSOR_LOCATION"
"""Where on the body the band is worn: it always says wrist."""

LISTENING = re.compile(r"\.gap_scan\b|\.gap_connect\b|\.gattc_|\bimport (network|espnow)\b|\bWLAN\b")


def strangers(services: Any, names: dict[str, int]) -> list[str]:
    """Services and characteristics that nobody reviewed, and names that speak of a place."""
    found = [f"service {service:#06x}" for service, _, _ in services if service not in SERVICES]
    for _, _, characteristics in services:
        for number, *_ in characteristics:
            if number not in names.values():
                found.append(f"characteristic {number:#06x}")
    for name in names:
        words = [word for word in name.lower().split("_") if lint.is_location(word)]
        found += [f"{name}: {word}" for word in words if name != ON_THE_BODY]
    return found


def test_no_service_and_no_characteristic_is_there_that_nobody_reviewed() -> None:
    assert strangers(registry.SERVICES, CHARACTERISTICS) == []
    stated = {name: getattr(registry, name) for name in CHARACTERISTICS}
    assert stated == CHARACTERISTICS
    assert {name for name in vars(gatt) if name.endswith("_UUID")} == OWN_UUIDS


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((0x1819, 0, ((0x2A67, 0x10, False, ()),)), ["service 0x1819", "characteristic 0x2a67"]),
        ((0x180A, 0, ((0x2A25, 0x02, False, ()),)), ["characteristic 0x2a25"]),
        ((0x180A, 0, ((0x2A23, 0x02, False, ()),)), ["characteristic 0x2a23"]),
        ((0x1804, 0, ()), ["service 0x1804"]),
    ],
)  # navigation, serial number, system id, transmit power
def test_one_that_is_added_is_caught(added: Any, found: list[str]) -> None:
    assert strangers((*registry.SERVICES, added), CHARACTERISTICS) == found


def test_a_characteristic_named_for_a_place_is_caught_though_it_be_reviewed() -> None:
    named = {**CHARACTERISTICS, "LOCATION_AND_SPEED": 0x2A67}
    assert strangers(registry.SERVICES, named) == ["LOCATION_AND_SPEED: location"]


def test_the_services_say_wrist_and_utc_wherever_the_band_is() -> None:
    wrist, utc = b"\x02", b"\x00\x00"
    assert (wrist, utc) == (values.BODY_SENSOR_LOCATION, values.LOCAL_TIME_INFORMATION)


def test_the_firmware_listens_to_no_radio_of_others() -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / "firmware").rglob("*.py")}
    assert len(sources) > 100
    assert [path for path, text in sources.items() if LISTENING.search(text)] == []
    assert LISTENING.search("self._ble.gap_scan(0)")
    assert LISTENING.search("import network")


async def told(host: AirHost) -> tuple[str, AdvertisementData]:
    by: dict[str, Any] = {"backend": AirScanner, "radio": host.adapter}
    seen = await BleakScanner.discover(timeout=2.0, return_adv=True, service_uuids=[gatt.SERVICE_UUID], **by)
    [(device, advertised)] = seen.values()
    return device.address, advertised


def test_all_that_is_heard_of_a_band_is_its_service_and_a_token_that_changes_with_its_address() -> None:
    heard: list[tuple[str, AdvertisementData]] = []
    with AirBand(load_scenario("rest")) as band:
        band.start()
        for number in range(3):
            host = AirHost(band.world, session_id=number.to_bytes(8, "big"))

            async def life(host: AirHost = host) -> None:
                heard.append(await told(host))
                async with host.connected():
                    await host.listen(1)

            band.world.run(life())
    tokens = [advertised.service_data[gatt.SERVICE_UUID] for _, advertised in heard]
    assert len({address for address, _ in heard}) == len(set(tokens)) == 3
    assert {len(token) for token in tokens} == {TOKEN_BYTES}
    for _, advertised in heard:
        assert advertised.service_uuids == list(advertised.service_data) == [gatt.SERVICE_UUID]
        assert (advertised.local_name, advertised.manufacturer_data, advertised.tx_power) == ("Vit", {}, None)


def test_the_sdk_finds_the_band_and_knows_it_by_its_key_only() -> None:
    with AirBand(load_scenario("rest")) as band:
        band.run_for(1.0)
        _, radio = plug_in(band.world)
        [found] = band.world.run(find_bands(radio, scan_s=2.0))
    assert found.token is not None
    assert known_by_token(found, {b"band one": bytes(16)}) is None
    keys = {b"band one": bytes(16), b"band two": bytes(range(16))}
    token = token_of(keys[b"band two"], b"abc")
    mine = FoundBand(name=None, address="", rssi_dbm=None, device=None, token=token)
    assert known_by_token(mine, keys) == b"band two"
    silent = FoundBand(name=None, address="", rssi_dbm=None, device=None)
    assert known_by_token(silent, keys) is None


def test_a_paired_host_knows_the_band_by_each_token_and_nobody_else_joins_two(
    tmp_path: Path,
) -> None:
    keys = memory_keys()
    paired = paired_beforehand(tmp_path, keys, "ble:")
    heard: list[FoundBand] = []
    with AirBand(load_scenario("rest"), BandSettings(lane=LaneSettings(state_dir=tmp_path))) as band:
        band.run_for(1.0)
        for number in range(3):
            host = AirHost(band.world, session_id=number.to_bytes(8, "big"))

            _, radio = plug_in(band.world)
            heard += band.world.run(find_bands(radio, scan_s=2.0))

            async def life(host: AirHost = host) -> None:
                async with host.connected():
                    await host.listen(1)

            band.world.run(life())
    known = keys.finder_keys()
    assert [known_by_token(found, known) for found in heard] == [paired.band_id] * 3
    strangers = {key: key[:1] + known[paired.band_id][1:] for key in map(bytes, ([0], [1], [255]))}
    assert [known_by_token(found, strangers) for found in heard] == [None] * 3
    tokens = [found.token or b"" for found in heard]
    assert len({found.address for found in heard}) == 3
    for part in (slice(0, NONCE_BYTES), slice(NONCE_BYTES, None)):
        assert len({token[part] for token in tokens}) == 3
