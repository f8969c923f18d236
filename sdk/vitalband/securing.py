"""Which kind of session a band is asked for, with which keys, and what its refusals mean.

A band that this computer may be paired with is asked for a secure session, and nothing less will do then: who
poses as it could offer a clear one. Which URLs these are tells their scheme, as a band's identity comes
sealed. Others are asked for a clear session first, simulated ones too, which nobody can pose as; one that
demands a secure session is given every key that there is, four a connection.
"""

import secrets
import warnings
from typing import Any

from bandschema.enums import HostRight
from bandschema.session_enums import Refusal
from bandwire.events import DOWN_REFUSED, EVENT_DOWN, EVENT_PAIRING, PAIRING_CODE_WANTED
from bandwire.hostlink import HostLink
from bandwire.link import STATE_CLOSED, STATE_HANDSHAKE
from bandwire.secure.host_session import HostSession
from vitalband.asking_code import CodeQuestion
from vitalband.carrier import LinkEvent
from vitalband.clock import utc_datetime
from vitalband.connection import Connection
from vitalband.errors import (
    HandshakeError,
    InsecureError,
    KeyStoreError,
    LostForGoodError,
    NotPairedError,
    PairingError,
    TransportError,
)
from vitalband.keys import BandKeys, PairedBand
from vitalband.keys.ciphers import LibraryPrimitives
from vitalband.known_keys import KnownKeys
from vitalband.refusals import told_pairing, told_session
from vitalband.session_settings import SessionSettings
from vitalband.transport import Transport
from vitalband.values import ConnectionState

WINDOW_LIMIT_MS = 120_000
"""How long a pairing waits for the wearer to open the window: own choice, time to find the page."""
WINDOW_TURN_MS = 1000
"""How often it asks whether the window is open, which costs a band a frame each time."""
_SESSION_ID_BYTES = 8


def new_link(capabilities: int) -> HostLink:
    """A link that can be asked for either kind of session."""
    session = HostSession(LibraryPrimitives())
    return HostLink(secrets.token_bytes(_SESSION_ID_BYTES), capabilities=capabilities, session=session)


class Securing:
    """Of one session with one band, over all its connections; driven by its pump."""

    def __init__(
        self, transport: Transport, settings: SessionSettings, connection: Connection, link: HostLink
    ) -> None:
        self.paired: PairedBand | None = None
        """The pairing that came about in this session."""
        self._transport = transport
        self._settings = settings
        self._connection = connection
        self._link = link
        self._keys = KnownKeys(settings.keys, transport.url)
        self._primitives = LibraryPrimitives()
        self._question = None if settings.pairing is None else CodeQuestion(settings.pairing.code)
        self._key = b""
        self._session: HostSession | None = None
        self._is_refused = False
        self._hello_ends_ms = 0
        self._window_ends_ms: int | None = None
        self._again_ms: int | None = None

    @property
    def right(self) -> HostRight | None:
        """What this host may do, None in a clear session, which bounds nobody."""
        return None if self._session is None else HostRight(self._session.right)

    @property
    def finder_key(self) -> bytes:
        """What the band is found by (16 bytes), b"" where it has not told any."""
        return b"" if self._session is None else bytes(self._session.finder_key)

    @property
    def _is_pairing(self) -> bool:
        return self._question is not None and self.paired is None

    async def begin_connection(self, now_ms: int) -> None:
        """Say hello on a new carrier; `NotPairedError`, `KeyStoreError`."""
        self._window_ends_ms = self._again_ms = None
        self._ask_for(await self._first_session(), now_ms)

    def end_connection(self) -> bool:
        """The carrier is let go; whether the band is to be told that its pairing is given up."""
        if self._question is None or self.paired is not None:
            return False
        self._question.end()
        self._link.cancel_pairing()
        return True

    def take(self, event: LinkEvent) -> bool:
        """Take an event of the link; whether it was about this."""
        match event:
            case (code, notice) if code == EVENT_PAIRING:
                self._take_notice(notice)
            case (code, reason) if code == EVENT_DOWN and reason == DOWN_REFUSED:
                self._is_refused = True
            case _:
                return False
        return True

    def _take_notice(self, notice: int) -> None:
        assert self._question is not None
        if notice == PAIRING_CODE_WANTED:
            self._connection.change(ConnectionState.PAIRING, "the band shows a code of six digits")
            self._question.begin()
        else:
            self._connection.change(ConnectionState.PAIRING, _BUTTON)

    async def step(self, now_ms: int, *, was_up: bool) -> None:
        """Do what is due while the link is not up; raises what ends the connection."""
        link = self._link
        if self._is_refused:
            self._is_refused = False
            if was_up:
                raise _lost(self._transport.url, link.refusal)
            await self._answer_refusal(link.refusal, now_ms)
        elif link.state == STATE_HANDSHAKE:
            if self._connection.state is ConnectionState.HELLO:
                self._connection.change(ConnectionState.SECURING, "the band has answered; keys are agreed on")
            if self._question is not None and self._question.is_answered:
                self._give_code(self._question.take(), now_ms)
        elif self._again_ms is not None and now_ms >= self._again_ms:
            self._again_ms = None
            self._ask_for(self._session, now_ms)

    def is_unanswered(self, now_ms: int) -> bool:
        """Whether no band has answered the hello for as long as it may take."""
        return self._link.state == STATE_CLOSED and now_ms >= self._hello_ends_ms

    @property
    def next_due_ms(self) -> int | None:
        """When `step` has something to do by itself, None when only input can change anything."""
        return self._again_ms

    async def come_up(self) -> None:
        """The link is up: keep a pairing, or note that the band was met; `InsecureError`, `KeyStoreError`."""
        link, session, now_us = self._link, self._session, self._transport.clock.utc_us()
        band_id = bytes(link.peer_band_id)
        if session is None:
            if self._settings.secure is None and self._keys.has_band(band_id):
                raise InsecureError(f"{self._transport.url}: {_posing(band_id)}")
            return
        self._key = bytes(session.key)
        if not self._is_pairing:
            await self._note_met(band_id, now_us)
            return
        met = utc_datetime(now_us)
        band = PairedBand(
            band_id=band_id,
            right=HostRight(session.right),
            paired_at=met,
            last_met=met,
            url=self._transport.url,
        )
        self.paired = await self._keys.add(band, BandKeys(self._key, self.finder_key))

    async def _note_met(self, band_id: bytes, utc_us: int) -> None:
        try:
            await self._keys.note_met(band_id, self._transport.url, utc_us, self.finder_key)
        except KeyStoreError as error:
            # The session stands; what is lost is an order in which keys are tried.
            warnings.warn(f"when the band was met is not noted: {error}", RuntimeWarning, stacklevel=2)

    async def _first_session(self) -> HostSession | None:
        secure = self._settings.secure
        if self._is_pairing:
            assert self._settings.pairing is not None
            return HostSession(self._primitives, name=self._settings.pairing.host_name, is_pairing=True)
        if self._key:
            return HostSession(self._primitives, keys=(self._key,))
        if secure is False:
            return None
        await self._keys.load(only_likely=secure is None, is_simulated=self._transport.is_paced)
        session = self._next_session()
        if session is None and secure:
            raise self._not_paired()
        return session

    def _next_session(self) -> HostSession | None:
        keys = self._keys.take()
        return HostSession(self._primitives, keys=keys) if keys else None

    async def _answer_refusal(self, refusal: int, now_ms: int) -> None:
        """Ask for something else on the same connection, or raise."""
        if self._is_pairing:
            self._wait_for_window(refusal, now_ms)
            return
        if refusal == Refusal.SECURE_ONLY and self._session is None and self._settings.secure is None:
            await self._keys.load(only_likely=False, is_simulated=self._transport.is_paced)
        elif refusal == Refusal.CLEAR_ONLY:
            raise InsecureError(f"{self._transport.url}: {_CLEAR_ONLY}")
        elif refusal != Refusal.UNKNOWN_KEY:
            raise HandshakeError(f"{self._transport.url}: {told_session(refusal)}")
        session = self._next_session()
        if session is None:
            raise self._not_paired()
        if self._connection.state is ConnectionState.SECURING:
            self._connection.change(ConnectionState.HELLO, "the band is asked with other keys")
        self._ask_for(session, now_ms)

    def _wait_for_window(self, refusal: int, now_ms: int) -> None:
        if self._window_ends_ms is None:
            self._window_ends_ms = now_ms + WINDOW_LIMIT_MS
        if refusal != Refusal.NO_WINDOW or now_ms >= self._window_ends_ms:
            raise PairingError(f"{self._transport.url}: {told_pairing(refusal)}", refusal)
        if self._connection.state is not ConnectionState.PAIRING:
            self._connection.change(ConnectionState.PAIRING, _WINDOW)
        self._again_ms = now_ms + WINDOW_TURN_MS

    def _give_code(self, code: str | None, now_ms: int) -> None:
        if code is None:
            raise PairingError(f"{self._transport.url}: the pairing was given up on this side")
        # A wrong one is told as a refusal, by the link.
        self._link.type_code("".join(code.split()), now_ms)

    def _ask_for(self, session: HostSession | None, now_ms: int) -> None:
        self._session = session
        self._link.ask_for(session)
        self._link.restart(secrets.token_bytes(_SESSION_ID_BYTES), now_ms)
        self._hello_ends_ms = now_ms + self._settings.handshake_timeout_ms

    def _not_paired(self) -> NotPairedError:
        url = self._transport.url
        told = f"{url} takes part in secure sessions only, and {self._keys.why_none_opens()}"
        return NotPairedError(f"{told}: `vitalband pair {url}`")


_BUTTON = (
    "the code is right: press the band's button, within a minute, if the band still shows this computer's "
    "name, and open no second window for it"
)
_WINDOW = "the band lets nobody in yet: its wearer opens a window for that, on its page of hosts"
_CLEAR_ONLY = (
    "what answers offers a clear session only, and a band that this computer is paired with may be meant: it "
    "is another band, or somebody who poses as it. A clear session has to be asked for: secure=False"
)


def _posing(band_id: bytes) -> str:
    return (
        f"what answers calls itself band {band_id.hex()}, which this computer is paired with, and offers a "
        "clear session: somebody poses as it, or its firmware was changed. secure=False takes it so"
    )


def _lost(url: str, refusal: int) -> Any:
    """What a session that was live ends with: a sealed word only says that this host was forgotten."""
    kind = LostForGoodError if refusal == Refusal.FORGOTTEN else TransportError
    return kind(f"{url}: {told_session(refusal)}")
