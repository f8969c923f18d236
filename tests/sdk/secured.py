"""A fake band that makes secure sessions, its wearer, and hosts that pair with it; in virtual time."""

import asyncio
from typing import Any

from bandschema.enums import HostRight
from bandwire.secure.band_session import BandSession
from bandwire.secure.pairing_window import PairingWindow
from sdk.fake_band import FakeBand, Script
from sdk.paced import PacedTransport
from vitalband.client import Band
from vitalband.connection import ReconnectPolicy
from vitalband.keys import KeyStore
from vitalband.keys.ciphers import LibraryPrimitives
from vitalband.session_settings import AskCode, PairingSettings, SessionSettings
from vitalband.values import ConnectionEvent

SLOTS = 4
WEARER_MS = 200
"""How often the wearer looks at the display."""


class Slots:
    """A `bandwire.seams.HostKeys` in memory."""

    slots = SLOTS

    def __init__(self) -> None:
        self.kept: dict[int, tuple[bytes, str]] = {}
        self.is_failing = False
        self.finder_key = b""
        self.reader_slots: set[int] = set()

    def key_of(self, slot: int) -> bytes:
        return self.kept[slot][0] if slot in self.kept else b""

    def right_of(self, slot: int) -> int:
        return HostRight.READER if slot in self.reader_slots else HostRight.OWNER

    def take_finder_key(self, key: bytes) -> None:
        self.finder_key = key

    def has_room(self) -> bool:
        return len(self.kept) < SLOTS

    def add(self, key: bytes, name: str) -> int:
        if self.is_failing:
            return -1
        slot = next(slot for slot in range(SLOTS) if slot not in self.kept)
        self.kept[slot] = (key, name)
        return slot


class Display:
    """A `bandwire.seams.Wearer`: what the display shows."""

    def __init__(self) -> None:
        self.code = ""
        self.name = ""
        self.is_asking = False

    def show_code(self, code: str, name: str) -> None:
        self.code, self.name = code, name

    def ask_button(self, name: str) -> None:
        self.is_asking = True

    def end_pairing(self) -> None:
        self.code, self.is_asking = "", False


class SecuredBand(FakeBand):
    """Its wearer opens the window at `opens_at_ms`, and presses the button when asked if `confirms`."""

    def __init__(self, script: Script | None = None, *, is_clear_allowed: bool = False) -> None:
        self.keys = Slots()
        self.window = PairingWindow()
        self.display = Display()
        self.is_clear_allowed = is_clear_allowed
        self.opens_at_ms: int | None = 0
        self.confirms = True
        super().__init__(script)

    def link_options(self) -> dict[str, Any]:
        session = BandSession(LibraryPrimitives(), self.keys, self.window, self.display)
        return {"session": session, "is_clear_allowed": self.is_clear_allowed}

    def next_due_ms(self) -> int:
        return min(super().next_due_ms(), self._now_ms + WEARER_MS)

    _now_ms = 0

    def step(self, now_ms: int) -> None:
        self._now_ms = now_ms
        if self.opens_at_ms is not None and now_ms >= self.opens_at_ms:
            self.opens_at_ms = None
            self.window.open(now_ms)
        if self.display.is_asking:
            if self.confirms:
                self.link.accept_pairing(now_ms)
            else:
                self.link.decline_pairing()
        self.link.poll(now_ms)
        self.take_events(now_ms, self.link.next_event)
        super().step(now_ms)


class SecuredTransport(PacedTransport):
    """As a real one would be, were it not for its time: somebody could pose as its band."""

    url = "fake:"

    def __init__(self, band: FakeBand) -> None:
        super().__init__(band)
        self.sent: list[bytes] = []
        self.received: list[bytes] = []

    async def send(self, data: bytes) -> None:
        self.sent.append(data)
        await super().send(data)

    async def receive(self, timeout_ms: int) -> bytes:
        data = await super().receive(timeout_ms)
        self.received.append(data)
        return data


def opened(transport: Any, keys: KeyStore, *, secure: bool | None = None, reconnect: Any = None) -> Band:
    """A band, not yet entered."""
    return Band(transport, SessionSettings(keys=keys, secure=secure, reconnect=reconnect))


def pairing(
    transport: Any,
    keys: KeyStore,
    code: AskCode,
    *,
    heard: list[ConnectionEvent] | None = None,
    host_name: str = "a laptop",
    reconnect: ReconnectPolicy | None = None,
) -> Band:
    """A band that entering pairs with."""
    settings = SessionSettings(
        keys=keys,
        pairing=PairingSettings(code=code, host_name=host_name),
        told=None if heard is None else heard.append,
        reconnect=reconnect,
    )
    return Band(transport, settings)


def shown(band: SecuredBand) -> AskCode:
    """Types what the display shows."""

    async def code() -> str:
        while not band.display.code:
            await asyncio.sleep(0)
        return band.display.code

    return code
