"""A bond that one side has lost: an error says whose fault it is, and what to do about it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from bandsim.radio.air_band import AirBand
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner
from bandsim.scenario import load_scenario
from radio.apps import turn_services
from radio.bonded import Phone, withdraw_and_open_again
from standard_services import registry
from vitalband.bluetooth import Radio
from vitalband.bluetooth.band_transport import BandTransport
from vitalband.bluetooth.radio import reason_of
from vitalband.errors import TransportError

REMEDY = "remove the pairing in your system's settings"


def live_with_a_bond(work: Callable[[AirBand, Phone], Awaitable[None]]) -> None:
    """A band and a computer that have paired; the computer encrypts each connection at once from then on."""

    async def life(band: AirBand) -> None:
        await turn_services(band)
        await asyncio.sleep(3.0)
        computer = Phone(band)
        await computer.read_once(registry.BATTERY_LEVEL)
        computer.adapter.encrypts_at_once = True
        await work(band, computer)

    with AirBand(load_scenario("rest"), refuses=frozenset()) as band:
        band.run_for(8.0)
        band.world.run(life(band))


async def open_link(computer: Phone) -> None:
    """Connect as the SDK does, and disconnect."""
    by = {"radio": computer.adapter}
    radio = Radio(scanner={"backend": AirScanner, **by}, client={"backend": AirClient, **by})
    transport = BandTransport("ble:", radio=radio)
    await transport.open()
    await transport.close()


def test_with_a_bond_the_link_opens() -> None:
    async def work(_: AirBand, computer: Phone) -> None:
        await open_link(computer)

    live_with_a_bond(work)


def test_where_the_band_has_lost_it_the_error_blames_the_band_and_the_remedy_helps() -> None:
    async def work(band: AirBand, computer: Phone) -> None:
        await withdraw_and_open_again(band)
        with pytest.raises(TransportError, match=f"device has lost the keys .*{REMEDY}"):
            await open_link(computer)
        await computer.adapter.keys.delete_all()
        await open_link(computer)

    live_with_a_bond(work)


def test_where_the_computer_has_lost_it_the_link_opens_all_the_same_and_an_app_pairs_anew() -> None:
    async def work(_: AirBand, computer: Phone) -> None:
        await computer.adapter.keys.delete_all()
        await open_link(computer)
        await computer.read_once(registry.BATTERY_LEVEL)
        assert len(computer.passkeys) == 2

    live_with_a_bond(work)


@pytest.mark.parametrize(
    ("error", "blame"),
    [
        (BleakError("failed to connect: ... Code=14 (Peer removed pairing information)"), "device has lost"),
        (BleakGATTProtocolError(0x0F), "this computer has lost"),
        (BleakDBusError("org.bluez.Error.AuthenticationFailed", ["Failed"]), "does not tell which"),
        (BleakError("Could not pair with device: AUTHENTICATION_FAILURE"), "does not tell which"),
    ],
)
def test_what_systems_tell_of_a_lost_bond_names_a_side_and_the_remedy(error: BleakError, blame: str) -> None:
    assert blame in reason_of(error)
    assert REMEDY in reason_of(error)


@pytest.mark.parametrize(
    "error", [BleakError("not found"), BleakGATTProtocolError(0x85), OSError(15, "x"), TimeoutError()]
)
def test_other_errors_speak_of_no_pairing(error: Exception) -> None:
    assert "pairing" not in reason_of(error)
