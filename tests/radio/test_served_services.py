"""The standard services are there when the wearer has turned them on at the band, and only then."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bleak import BleakScanner

from bandschema.enums import Group
from bandsim.lane import LaneSettings
from bandsim.radio import band_radio
from bandsim.radio.air_band import AirBand
from bandsim.radio.scanner import AirScanner
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from bandwire.frames import COMMAND_CODE_SHOW_PAGE, PAGE_STANDARD_SERVICES
from bandwire.gatt import SERVICE_UUID
from bandwire.hostlink import HostLink
from bandwire.serial import SerialCarrier
from collected import Manifest
from display.asked_view import ASK_S
from display.services_view import READ_S
from hal.storage import Storage
from radio.air_hosts import AirHost, band_on_air, heard
from radio.apps import SENT, App, come_to_services, press, turn_services
from radio.cables import say_on_cable
from standard_services import registry
from streams import motion_row, optical_row

AGREED_S = 8.0
"""After the wearer of the scenario has agreed."""
HELLO_LIMIT_S = 10.0
HOLD_MS = 1600
SERVICES = {service for service, _, _ in registry.SERVICES}


@pytest.fixture
def band() -> Iterator[AirBand]:
    with band_on_air() as made:
        made.run_for(AGREED_S)
        yield made


async def offered(band: AirBand) -> set[int]:
    """The standard services that an app finds now."""
    async with App(band).connected() as app:
        return app.services()


def test_a_band_whose_wearer_has_agreed_to_all_offers_its_own_service_only(band: AirBand) -> None:
    assert band.world.run(offered(band)) == set()


def test_turned_on_and_off_by_the_button_whoever_is_connected_is_let_go_at_once(band: AirBand) -> None:
    async def let_go_within_s(first: bool) -> float:
        await come_to_services(band, first)
        async with App(band).connected() as app:
            await app.subscribe(*(() if first else SENT))
            await asyncio.sleep(READ_S)
            assert not app.is_gone
            band.console.press_button()
            began_s = band.world.loop.time()
            while not app.is_gone:
                await asyncio.sleep(0.05)
            assert bool(app.came) != first
            return band.world.loop.time() - began_s

    async def life() -> None:
        assert await let_go_within_s(first=True) < 0.5
        assert await offered(band) == SERVICES
        assert await let_go_within_s(first=False) < 0.5
        assert await offered(band) == set()

    band.world.run(life())


def test_advertising_is_the_same_whether_they_are_on(band: AirBand) -> None:
    listener = App(band)

    async def told() -> list[list[str]]:
        await listener.plug_in()
        by: dict[str, Any] = {"backend": AirScanner, "radio": listener.adapter}
        seen = await BleakScanner.discover(timeout=2.0, return_adv=True, **by)
        return [advertised.service_uuids for _, advertised in seen.values()]

    async def life() -> None:
        before = await told()
        await turn_services(band)
        assert await offered(band) == SERVICES
        assert await told() == before == [[SERVICE_UUID]]

    band.world.run(life())


def test_no_host_can_turn_them_on_nor_bring_about_a_press_that_does(band: AirBand) -> None:
    host = AirHost(band.world)

    async def life() -> None:
        async with host.connected():
            await host.listen(3)
            host.link.send_command(COMMAND_CODE_SHOW_PAGE, 0, PAGE_STANDARD_SERVICES, 1000, host.now_ms)
            await host.listen(READ_S + 2)
            await press(band)
        assert await offered(band) == set()

    band.world.run(life())


@pytest.mark.parametrize("after_s", [0, READ_S - 2, READ_S + ASK_S + 1])
def test_a_press_at_a_moment_without_a_question_turns_nothing(band: AirBand, after_s: float) -> None:
    async def life() -> None:
        await come_to_services(band)
        await asyncio.sleep(after_s)
        await press(band)
        assert await offered(band) == set()

    band.world.run(life())


def test_a_withdrawal_ends_them_and_agreeing_anew_does_not_bring_them_back(band: AirBand) -> None:
    async def life() -> None:
        await turn_services(band)
        async with App(band).connected() as app:
            assert app.services() == SERVICES
            band.console.press_button(duration_ms=HOLD_MS)
            await asyncio.sleep(HOLD_MS / 1000 + 0.5)
            assert app.is_gone
        assert await offered(band) == set()
        await press(band)
        await asyncio.sleep(AGREED_S)
        assert await offered(band) == set()

    band.world.run(life())


def test_they_outlive_a_loss_of_power(band: AirBand) -> None:
    async def life() -> None:
        await turn_services(band)
        await asyncio.sleep(3)
        band.console.cut_power(off_ms=1000)
        await asyncio.sleep(5)
        assert await offered(band) == SERVICES

    band.world.run(life())


def test_a_central_that_says_no_hello_may_stay_until_a_host_on_the_cable_does(band: AirBand) -> None:
    carrier = SerialCarrier(HostLink(b"on cable"))

    async def life() -> None:
        await turn_services(band)
        async with App(band).connected() as app:
            await app.subscribe(*SENT)
            await asyncio.sleep(3 * HELLO_LIMIT_S)
            assert not app.is_gone
            for _ in range(3):
                say_on_cable(band, carrier)
                await asyncio.sleep(1.0)
            assert app.is_gone
        assert await heard(app.adapter, 3.0) == {}

    band.world.run(life())


def test_a_radio_that_refuses_so_many_services_still_offers_the_bands_own(
    band: AirBand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(band_radio, "MOST_SERVICES", len(SERVICES))
    host = AirHost(band.world)

    async def life() -> None:
        await turn_services(band)
        assert await offered(band) == set()
        async with host.connected():
            await host.listen(3)
            assert host.link.is_up

    band.world.run(life())


def band_that_agreed_to(groups: Group, folder: Path) -> AirBand:
    """A band that starts with an agreement of before, to some groups only."""
    storage = Storage(f"{folder}/")
    storage.keep_consent(int(groups), Manifest((optical_row("max30101"), motion_row())).digest)
    storage.write()
    settings = BandSettings(lane=LaneSettings(state_dir=folder))
    made = AirBand(load_scenario("rest"), settings)
    made.run_for(30.0)
    return made


@pytest.mark.parametrize("group", [Group.PULSE, Group.TEMPERATURE, Group.OXYGEN, Group.DEVICE])
def test_a_service_is_there_only_for_a_group_that_is_agreed_to(group: Group, tmp_path: Path) -> None:
    with band_that_agreed_to(group | Group.STANDARD_SERVICES, tmp_path) as band:
        wanted = {service for service, of, _ in registry.SERVICES if of == group}
        assert band.world.run(offered(band)) == wanted


def test_a_reading_that_is_not_agreed_to_is_withheld_in_the_service_of_another_group(tmp_path: Path) -> None:
    with band_that_agreed_to(Group.OXYGEN | Group.STANDARD_SERVICES, tmp_path) as band:

        async def life() -> None:
            async with App(band).connected() as app:
                await app.subscribe(registry.PLX_CONTINUOUS_MEASUREMENT)
                await asyncio.sleep(10)
                for value in app.values(registry.PLX_CONTINUOUS_MEASUREMENT):
                    assert value[1:5] == b"\x61\x00\xff\x07"

        band.world.run(life())


@pytest.mark.parametrize("groups", [Group.STANDARD_SERVICES, ~Group.STANDARD_SERVICES])
def test_either_agreement_without_the_other_offers_none(groups: Group, tmp_path: Path) -> None:
    with band_that_agreed_to(groups, tmp_path) as band:
        assert band.world.run(offered(band)) == set()
