"""Pairing with the radio of a band, as MicroPython's `bluetooth` has it: by bumble's SMP on both sides."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from struct import pack, unpack_from
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import att
from bumble.pairing import PairingDelegate

from bandsim.protocol import RadioCall, RadioEvent, RadioSetting
from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.band_radio import CANNOT_PAIR, BandRadio
from bandsim.radio.band_security import OUR_IRK
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner
from bandsim.radio.virtual_loop import run_virtually

READ, READ_ENCRYPTED, READ_AUTHENTICATED = 0x02, 0x0200, 0x0400
OPEN, ENCRYPTED, AUTHENTICATED = 0x2A29, 0x2A38, 0x2A19
DISPLAY_ONLY, NO_IO = 0, 3
DISPLAY = 3
PASSKEY = 271828
POLL_S = 0.01
SETTLED_S = 0.5

Secrets = dict[tuple[int, bytes], bytes]


class Keyboard(PairingDelegate):
    """A host on which `passkey` is typed, None for a refusal."""

    def __init__(self, passkey: int | None) -> None:
        super().__init__(PairingDelegate.IoCapability.KEYBOARD_INPUT_ONLY)
        self._passkey = passkey

    async def get_number(self) -> int | None:
        return self._passkey


class Firmware:
    """What answers for a band: it keeps `secrets`, shows `passkey`, remembers the `states` it was told."""

    def __init__(self, radio: BandRadio, secrets: Secrets, passkey: int | None = PASSKEY) -> None:
        self.radio = radio
        self.secrets = secrets
        self.passkey = passkey
        self.keeps = True
        self.states: list[tuple[int, ...]] = []
        self.shown = 0

    def start(self, io: int, *, bonds: bool = True) -> None:
        self.radio.call(RadioCall.ACTIVE, 0, 1, b"")
        self.answer()
        for setting, value in (
            (RadioSetting.ADDRESS_MODE, 2),
            (RadioSetting.BOND, int(bonds)),
            (RadioSetting.MITM, int(io != NO_IO)),
            (RadioSetting.IO, io),
            (RadioSetting.LE_SECURE, 1),
        ):
            self.radio.call(RadioCall.CONFIG, setting, value, b"")
        values = (
            (OPEN, READ),
            (ENCRYPTED, READ | READ_ENCRYPTED),
            (AUTHENTICATED, READ | READ_AUTHENTICATED),
        )
        service = pack("<BHBB", 2, 0x180A, len(values), 0)
        self.radio.call(
            RadioCall.REGISTER, 1, 0, service + b"".join(pack("<BHH", 2, *value) for value in values)
        )

    def advertise(self) -> None:
        self.radio.call(RadioCall.ADVERTISE, 1, 100_000, b"\x07\x02\x01\x06\x03\x03\x0a\x18")

    def answer(self) -> None:
        """Take what there is to be taken, as a handler of events does."""
        while self.radio.has_events:
            event, payload = self.radio.take_event()
            if event == RadioEvent.GET_SECRET:
                kind, index, length = payload[:3]
                of_kind = [value for (each, _), value in self.secrets.items() if each == kind]
                by_index = of_kind[index] if index < len(of_kind) else None
                found = by_index if length == 0xFF else self.secrets.get((kind, payload[3:]))
                self.radio.call(RadioCall.ANSWER, int(found is not None), 0, found or b"")
            elif event == RadioEvent.SET_SECRET:
                _, value = self.radio.call(RadioCall.SECRET, 0, 0, b"")
                if self.keeps:
                    self.secrets[payload[0], payload[3:]] = value
                self.radio.call(RadioCall.ANSWER, int(self.keeps), 0, b"")
            elif event == RadioEvent.PASSKEY_ACTION:
                handle, action = unpack_from("<HB", payload)
                assert action == DISPLAY
                self.shown += 1
                if self.passkey is not None:
                    self.radio.call(RadioCall.PASSKEY, handle, self.passkey, bytes((action,)))
            elif event == RadioEvent.ENCRYPTION_UPDATE:
                self.states.append(unpack_from("<BBBB", payload, 2))
            elif event == RadioEvent.CENTRAL_DISCONNECT:
                self.advertise()


class Here:
    """A band and a host on one air."""

    def __init__(self, air: Air, firmware: Firmware, host: Adapter) -> None:
        self.air, self.firmware, self.host = air, firmware, host

    async def client(self) -> BleakClient:
        by: dict[str, Any] = {"radio": self.host}
        (found,) = await BleakScanner.discover(timeout=1, backend=AirScanner, **by)
        return BleakClient(found, backend=AirClient, **by)

    async def read(self, number: int) -> None:
        """Read a value over a connection of its own."""
        async with await self.client() as client:
            await client.read_gatt_char(f"{number:08x}-0000-1000-8000-00805f9b34fb")
            await asyncio.sleep(SETTLED_S)


@contextmanager
def _entered() -> Iterator[None]:
    yield


def live(
    work: Callable[[Here], Awaitable[None]],
    *,
    typed: int | None = PASSKEY,
    shown: int | None = PASSKEY,
    io: int = DISPLAY_ONLY,
    bonds: bool = True,
    refuses: frozenset[str] = frozenset(),
) -> Here:
    """Live `work` with a band that has this input and output, and a host on which `typed` is typed."""

    async def life() -> Here:
        air = Air(1)
        radio = BandRadio(air, "C0:00:00:00:00:77", _entered, refuses=refuses)
        firmware = Firmware(radio, {}, shown)
        if refuses:
            radio.call(RadioCall.ACTIVE, 0, 1, b"")
            with pytest.raises(OSError, match="no such setting"):
                radio.call(RadioCall.CONFIG, RadioSetting.BOND, 1, b"")
            return Here(air, firmware, await Adapter.plugged_in(air, "C0:00:00:00:00:01"))
        firmware.start(io, bonds=bonds)
        firmware.advertise()
        host = await Adapter.plugged_in(air, "C0:00:00:00:00:01", delegate=lambda: Keyboard(typed))
        here = Here(air, firmware, host)

        async def answer() -> None:
            while True:
                firmware.answer()
                await asyncio.sleep(POLL_S)

        answering = asyncio.ensure_future(answer())
        try:
            await work(here)
        finally:
            answering.cancel()
            radio.power_off()
            await host.unplug()
            await asyncio.sleep(0.01)
        assert radio.failed is None
        return here

    return run_virtually(life())


def peers(secrets: Secrets) -> set[bytes]:
    return {key for kind, key in secrets if kind != OUR_IRK}


async def read_both(here: Here) -> None:
    await here.read(OPEN)
    assert here.firmware.shown == 0
    await here.read(AUTHENTICATED)
    await here.read(ENCRYPTED)


def test_a_passkey_that_is_typed_gives_an_authenticated_bond_which_serves_the_next_connection() -> None:
    here = live(read_both)
    assert here.firmware.shown == 1
    assert here.firmware.states == [(1, 1, 1, 16), (1, 1, 1, 16)]
    assert len(peers(here.firmware.secrets)) == 1


def test_a_bond_outlives_the_power_though_the_address_changes() -> None:
    addresses = set[str]()

    async def work(here: Here) -> None:
        await here.read(AUTHENTICATED)
        for _ in range(2):
            here.firmware.radio.power_off()
            here.firmware.start(DISPLAY_ONLY)
            here.firmware.advertise()
            client = await here.client()
            addresses.add(client.address)
            await here.read(AUTHENTICATED)

    here = live(work)
    assert here.firmware.shown == 1
    assert len(addresses) == 2


def test_without_input_and_output_the_connection_is_encrypted_and_not_authenticated() -> None:
    async def work(here: Here) -> None:
        await here.read(ENCRYPTED)
        with pytest.raises(BleakGATTProtocolError) as refused:
            await here.read(AUTHENTICATED)
        assert refused.value.code in (
            att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR,
            att.ATT_INSUFFICIENT_ENCRYPTION_ERROR,
        )

    here = live(work, io=NO_IO)
    assert here.firmware.states[0] == (1, 0, 1, 16)


@pytest.mark.parametrize("typed", [PASSKEY + 1, None])
def test_a_wrong_or_refused_passkey_pairs_nobody_and_the_host_is_told(typed: int | None) -> None:
    async def work(here: Here) -> None:
        with pytest.raises(BleakError, match="cannot pair"):
            await here.read(AUTHENTICATED)
        await asyncio.sleep(SETTLED_S)

    here = live(work, typed=typed)
    # A host that refuses may be gone before the band hears of it.
    assert set(here.firmware.states) <= {(0, 0, 0, 0)}
    assert not peers(here.firmware.secrets)


def test_a_passkey_that_is_never_shown_ends_the_pairing_in_time() -> None:
    async def work(here: Here) -> None:
        with pytest.raises(BleakError, match="cannot pair"):
            await asyncio.wait_for(here.read(AUTHENTICATED), 40)

    here = live(work, shown=None)
    assert not peers(here.firmware.secrets)


def test_a_bond_that_the_band_lost_is_told_as_an_error() -> None:
    async def work(here: Here) -> None:
        await here.read(AUTHENTICATED)
        for kind, key in list(here.firmware.secrets):
            if kind != OUR_IRK:
                del here.firmware.secrets[kind, key]
        with pytest.raises(BleakError, match="PIN_OR_KEY_MISSING"):
            await here.read(AUTHENTICATED)

    live(work)


def test_a_bond_that_the_host_lost_is_made_anew() -> None:
    async def work(here: Here) -> None:
        await here.read(AUTHENTICATED)
        await here.host.keys.delete_all()
        await here.read(AUTHENTICATED)

    here = live(work)
    assert here.firmware.shown == 2
    assert len(peers(here.firmware.secrets)) == 1


def test_where_the_band_makes_no_bonds_neither_side_keeps_one() -> None:
    async def work(here: Here) -> None:
        for _ in range(2):
            await here.read(AUTHENTICATED)
        assert await here.host.keys.get_all() == []

    here = live(work, bonds=False)
    assert here.firmware.shown == 2
    assert not peers(here.firmware.secrets)


def test_a_link_that_is_lost_in_the_middle_of_pairing_pairs_nobody_and_the_next_one_does() -> None:
    async def work(here: Here) -> None:
        here.firmware.passkey = None
        reading = asyncio.ensure_future(here.read(AUTHENTICATED))
        while not here.firmware.shown:
            await asyncio.sleep(POLL_S)
        here.air.cut()
        with pytest.raises(BleakError):
            await reading
        assert not peers(here.firmware.secrets)
        here.firmware.passkey = PASSKEY
        await here.read(AUTHENTICATED)

    assert live(work).firmware.shown == 2


def test_a_port_that_cannot_pair_knows_no_setting_of_it() -> None:
    async def work(_: Here) -> None:
        """Nothing."""

    live(work, refuses=CANNOT_PAIR)
