"""Apps pair by the passkey on the band's display, while the wearer has opened it to apps, and only then."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bleak.exc import BleakError
from bumble.pairing import PairingDelegate

from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from hal.bonds import MOST_PEERS
from radio.apps import SENT, turn_services
from radio.bonded import DRAWN_S, HOLD_MS, SECRET, SETTLED_S, Phone, withdraw_and_open_again
from radio.glass import passkey_on
from standard_services import registry
from standard_services.host_pairing import ASK_AFTER_MS, SHOWN_MS

AGREED_S = 8.0
STEP_S = 2.0


@contextmanager
def band_that_pairs(**options: Any) -> Iterator[AirBand]:
    with AirBand(load_scenario("rest"), refuses=frozenset(), **options) as band:
        band.run_for(AGREED_S)
        yield band


def live(work: Callable[[AirBand], Awaitable[None]]) -> None:
    """A life of a band whose wearer has opened it to apps."""

    async def life(band: AirBand) -> None:
        await turn_services(band)
        await asyncio.sleep(SETTLED_S)
        await work(band)

    with band_that_pairs() as band:
        band.world.run(life(band))
        assert band.radio.failed is None


def test_the_passkey_on_the_display_makes_a_bond_that_serves_from_then_on() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        for _ in range(3):
            assert len(await phone.read_once()) == 1
        assert len(phone.passkeys) == 1
        assert 0 < phone.passkeys[0] < 1_000_000

    live(work)


def test_the_passkey_is_gone_from_the_display_when_it_was_typed() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        async with phone.connected():
            await phone.read(SECRET)
            await asyncio.sleep(DRAWN_S)
            with pytest.raises(AssertionError, match="no passkey"):
                passkey_on(band)

    live(work)


def test_a_bond_outlives_a_loss_of_power() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        await phone.read_once()
        band.console.cut_power(off_ms=1000)
        await asyncio.sleep(2 * SETTLED_S)
        await phone.read_once()
        assert len(phone.passkeys) == 1

    live(work)


def test_an_app_that_only_subscribes_is_asked_to_pair_and_told_nothing_before() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        async with phone.connected():
            await phone.subscribe(*SENT)
            began_s = band.world.loop.time()
            await asyncio.sleep(ASK_AFTER_MS / 1000 + DRAWN_S + 3 * STEP_S)
            assert len(phone.passkeys) == 1
            times = [at for sent in phone.came.values() for at, _ in sent]
            assert min(times) >= began_s + ASK_AFTER_MS / 1000 - 1.0
            assert phone.values(registry.HEART_RATE_MEASUREMENT)

    live(work)


def test_a_host_without_keyboard_is_told_nothing_and_leaves_no_bond() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        phone.wearer = PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT)
        async with phone.connected():
            await phone.subscribe(*SENT)
            await asyncio.sleep(ASK_AFTER_MS / 1000 + 3 * STEP_S)
            assert not any(phone.came.values())
            with pytest.raises(BleakError):
                await phone.read(SECRET)
            assert await phone.read(registry.MODEL_NUMBER)
        other = Phone(band)
        await other.read_once()
        assert len(other.passkeys) == 1

    live(work)


@pytest.mark.parametrize("types", [lambda passkey: passkey % 999_999 + 1, lambda _: None])
def test_a_wrong_or_refused_passkey_pairs_nobody_and_the_next_one_is_another(
    types: Callable[[int], int | None],
) -> None:
    async def work(band: AirBand) -> None:
        guesser = Phone(band, types)
        await guesser.is_refused()
        await asyncio.sleep(SETTLED_S)
        phone = Phone(band)
        await phone.read_once()
        assert len({*guesser.passkeys, *phone.passkeys}) == 2

    live(work)


def test_a_press_while_the_passkey_is_shown_lets_the_host_go_at_once() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)

        async def refuse() -> None:
            band.console.press_button()
            await asyncio.sleep(0.5)
            assert phone.is_gone

        await phone.reads_while_the_passkey_is_shown(refuse)

    live(work)


def test_nobody_pairs_while_the_band_is_not_open_to_apps() -> None:
    async def life(band: AirBand) -> None:
        phone = Phone(band)
        with pytest.raises(BleakError):
            async with phone.connected():
                await phone.client.pair()
        assert phone.passkeys == []

    with band_that_pairs() as band:
        band.world.run(life(band))


def test_a_host_that_has_paired_is_known_again_after_the_services_were_off() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        await phone.read_once()
        await turn_services(band, first=False)
        await asyncio.sleep(SETTLED_S)
        async with phone.connected():
            await phone.client.pair()
        await turn_services(band, first=False)
        await asyncio.sleep(SETTLED_S)
        await phone.read_once()
        assert len(phone.passkeys) == 1

    live(work)


def test_a_withdrawal_forgets_every_host_whose_system_then_has_to_forget_the_band() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        await phone.read_once()
        await withdraw_and_open_again(band)
        assert "PIN_OR_KEY_MISSING" in await phone.is_refused()
        await phone.adapter.keys.delete_all()
        await phone.read_once()
        assert len(phone.passkeys) == 2

    live(work)


def test_after_a_withdrawal_and_a_loss_of_power_the_band_is_another_to_whom_it_had_paired_with() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        await phone.read_once()
        await withdraw_and_open_again(band, off_ms=1000)
        await phone.read_once()
        assert len(phone.passkeys) == 2

    live(work)


def test_a_bond_that_the_host_has_lost_is_made_anew() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)
        await phone.read_once()
        await phone.adapter.keys.delete_all()
        await phone.read_once()
        await phone.read_once()
        assert len(phone.passkeys) == 2

    live(work)


def test_the_host_that_paired_first_makes_room_for_one_too_many() -> None:
    async def work(band: AirBand) -> None:
        phones = [Phone(band) for _ in range(MOST_PEERS + 1)]
        for phone in phones:
            await phone.read_once()
        for phone in phones[1:]:
            await phone.read_once()
            assert len(phone.passkeys) == 1
        assert "PIN_OR_KEY_MISSING" in await phones[0].is_refused()

    live(work)


def test_a_connection_that_is_lost_while_the_passkey_is_shown_takes_it_off_the_display() -> None:
    async def work(band: AirBand) -> None:
        async def cut() -> None:
            band.world.air.cut()
            await asyncio.sleep(2 * DRAWN_S)
            with pytest.raises(AssertionError, match="no passkey"):
                passkey_on(band)

        phone = Phone(band)
        await phone.reads_while_the_passkey_is_shown(cut)
        other = Phone(band)
        await other.read_once()

    live(work)


def test_closing_the_band_while_the_passkey_is_shown_lets_the_host_go() -> None:
    async def work(band: AirBand) -> None:
        phone = Phone(band)

        async def withdraw() -> None:
            band.console.press_button(duration_ms=HOLD_MS)
            await asyncio.sleep(HOLD_MS / 1000 + 2 * DRAWN_S)
            assert phone.is_gone
            with pytest.raises(AssertionError, match="no passkey"):
                passkey_on(band)

        await phone.reads_while_the_passkey_is_shown(withdraw)

    live(work)


def test_a_passkey_that_nobody_types_leaves_the_display_in_time() -> None:
    async def work(band: AirBand) -> None:
        async def wait() -> None:
            await asyncio.sleep(SHOWN_MS / 1000)
            with pytest.raises(AssertionError, match="no passkey"):
                passkey_on(band)

        await Phone(band).reads_while_the_passkey_is_shown(wait)

    live(work)
