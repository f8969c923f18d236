"""`Band`: one band, by the address of its carrier."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bandschema.enums import Capability, HostRight, StreamId
from bandschema.records import Identity, Issuance, ManifestEntry
from vitalband.alerts import Alert, EarlyWarning, EarlyWarningSettings, SkinBaseline
from vitalband.asking import Asking
from vitalband.connection import ReconnectPolicy
from vitalband.dispatch import ALERTS, EVENTS, VITALS
from vitalband.errors import LocalError, UnsupportedError
from vitalband.keys import KeyStore, PairedBand
from vitalband.opening import learn
from vitalband.recorder import Recorder
from vitalband.repair import SyncProgress
from vitalband.session import Session
from vitalband.session_settings import (
    HANDSHAKE_TIMEOUT_MS,
    REQUEST_TIMEOUT_MS,
    AskCode,
    PairingSettings,
    SessionSettings,
    own_name,
)
from vitalband.statistics import LinkStatistics, statistics_of
from vitalband.store.database import Store
from vitalband.subscription import Subscription
from vitalband.transport import Transport, open_transport
from vitalband.values import (
    AlertItem,
    ConnectionEvent,
    ConnectionState,
    EventItem,
    TimeStatus,
    VitalsItem,
    WaveformItem,
)
from vitalband.watching import EARLY_WARNING_TURN_MS, judge, show_if_reached
from vitalband.wiping import WipeReceipt, receipt_of


class Band(Asking):
    """One band. `async with Band.open(url) as band:` connects, and closes on the way out.

    A lost band is sought again (`docs/connection.md`); with `reconnect=False` a lost link is an error. What
    it is asked meanwhile fails with `TransportError`, at once. Iterators (`vitals`, `waveform`, `events`,
    `alerts`) may be taken as often as wanted. Each tells of a lost link by `ConnectionEvent`s and goes on,
    ends when the band is closed or its recording is over, and raises when it is lost for good. A live
    band never waits: an iterator that is read too slowly drops its oldest items and counts them in
    `dropped`. A simulated or replayed band does wait: its time passes only while somebody awaits it.
    """

    def __init__(
        self, transport: Transport, settings: SessionSettings, record_to: Path | None = None
    ) -> None:
        self.transport = transport
        self._settings = settings
        self._record_to = record_to
        self._session: Session | None = None
        self._store: Store | None = None
        self._last_statistics: LinkStatistics | None = None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        reconnect: bool | ReconnectPolicy = True,
        record_to: Path | str | None = None,
        capture_to: Path | str | None = None,
        secure: bool | None = None,
        keys: KeyStore | None = None,
        handshake_timeout_ms: int = HANDSHAKE_TIMEOUT_MS,
        request_timeout_ms: int = REQUEST_TIMEOUT_MS,
        **options: Any,
    ) -> Self:
        """The band at `url`, to be used with `async with`.

        `serial:///dev/ttyACM0`, `ble:`, `socket://host:port`, `sim:desaturation`, `replay:night.vband`;
        further `options` go to the transport. `record_to` names a store file: every frame from the first on
        is written there durably, and confirmed to the band only then. `capture_to` names a pcap file for
        every byte of the link (`vitalband.capture`). `keys` are those of bands that this computer is paired
        with, None for the user's own (`vitalband.keys.user_keys`). `secure` True takes a secure session only,
        False a clear one; by itself a clear one is taken where no band that is paired can be meant.
        Entering raises `TransportError` (no such port), `HandshakeError` (no band there), `NotPairedError`
        (it wants a secure session, and knows no key of ours: see `pair`), `InsecureError` (it offers a clear
        one and may pose as a band that is paired), `KeyStoreError`, `StoreError`, or `OSError` when the pcap
        file cannot be made.
        """
        settings = SessionSettings(
            handshake_timeout_ms=handshake_timeout_ms,
            request_timeout_ms=request_timeout_ms,
            reconnect=ReconnectPolicy() if reconnect is True else reconnect or None,
            capture_to=None if capture_to is None else Path(capture_to),
            secure=secure,
            keys=keys,
        )
        return cls(open_transport(url, **options), settings, None if record_to is None else Path(record_to))

    @classmethod
    def pair(
        cls,
        url: str,
        *,
        code: AskCode,
        host_name: str | None = None,
        told: Callable[[ConnectionEvent], None] | None = None,
        **options: Any,
    ) -> Self:
        """The band at `url`, which entering `async with` pairs with, and stays connected to.

        The wearer lets a host in at the band, on its page of hosts, within two minutes. It then shows six
        digits and the `host_name` (1 to 16 printable characters of ASCII, None for the computer's). `code` is
        asked for them, as a coroutine function or, in a thread of its own, a plain one; None gives up. Last,
        the wearer presses the band's button. The key is in `keys` (see `open`, which further `options` are
        those of) before entering ends. `told` hears of each step by `ConnectionEvent`s. Entering raises
        `PairingError`, with `refusal` and what to do, beside what it does after `open`.
        """
        band = cls.open(url, **options)
        band._settings.pairing = PairingSettings(code=code, host_name=host_name or own_name())
        band._settings.told = told
        return band

    async def __aenter__(self) -> Self:
        recorder = None
        if self._record_to is not None:
            self._store = Store.create(self._record_to)
            self._store.rights.remove_overdue(self.transport.clock.utc_us())
            recorder = Recorder(self._store, is_paced=self.transport.is_paced)
        self._session = Session(self.transport, self._settings, recorder)
        try:
            await self._session.open()
            await learn(self._session, self.command)
            self._session.dispatch.end_opening()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the band; may be called twice. `StoreError` when frames could not be written."""
        session, self._session = self._session, None
        store, self._store = self._store, None
        try:
            if session is not None:
                try:
                    await session.close()
                finally:
                    self._last_statistics = statistics_of(session)
        finally:
            if store is not None:
                with store:
                    store.rights.remove_overdue(self.transport.clock.utc_us())

    def _live(self) -> Session:
        if self._session is None:
            raise LocalError(f"{self.transport.url} is not open: use `async with Band.open(...)`")
        return self._session

    # -- what the band is -----------------------------------------------------------------------

    @property
    def identity(self) -> Identity:
        """Maker, model, hardware, serial number, firmware version and digest, capabilities."""
        identity = self._live().dispatch.known.identity
        if identity is None:
            raise UnsupportedError(f"{self.transport.url} gives no identity")
        return identity

    @property
    def handover(self) -> WipeReceipt | None:
        """How often the band changed its wearer, and its last wipe; None while it has told nothing of it."""
        told = self._live().dispatch.known.handover
        return None if told is None else receipt_of(told)

    @property
    def manifest(self) -> tuple[ManifestEntry, ...]:
        """All that the band collects, in its order; empty when it gives no manifest."""
        entries = self._live().dispatch.known.manifest
        return tuple(entries[index] for index in sorted(entries))

    @property
    def issuance(self) -> Issuance | None:
        """Who asks for the wearing, when the band has said so in this session."""
        return self._live().dispatch.known.issuance

    @property
    def band_id(self) -> bytes:
        """Identity of the band, 8 bytes: the key of its store."""
        return bytes(self._live().link.peer_band_id)

    @property
    def capabilities(self) -> Capability:
        """What the band can do."""
        return Capability(self._live().link.peer_capabilities)

    @property
    def is_secure(self) -> bool:
        """Whether the session is secure: sealed end to end, between this host and the band."""
        return self._live().securing.right is not None

    @property
    def right(self) -> HostRight | None:
        """What this host may do, None in a clear session, which bounds nobody."""
        return self._live().securing.right

    @property
    def paired(self) -> PairedBand | None:
        """The pairing that entering after `pair` brought about, as it is kept."""
        return self._live().securing.paired

    @property
    def is_connected(self) -> bool:
        """Whether the link stands now."""
        return self._session is not None and self._session.is_up

    @property
    def connection_state(self) -> ConnectionState:
        """Where the connection stands; CLOSED before the band is opened and after."""
        return ConnectionState.CLOSED if self._session is None else self._session.connection.state

    @property
    def time_status(self) -> TimeStatus:
        """How well the band's time is known."""
        return self._live().dispatch.time_status()

    @property
    def statistics(self) -> LinkStatistics:
        """Counts of what came, what is missing and what was bad; the last ones after closing."""
        if self._session is None and self._last_statistics is not None:
            return self._last_statistics
        return statistics_of(self._live())

    # -- what it sends --------------------------------------------------------------------------

    def vitals(self) -> Subscription[VitalsItem]:
        """A `VitalsUpdate` for each update of the band, all readings in one, typically every 2 s.

        They come as they are made, or several at once after `set_report_interval`.
        """
        return self._live().dispatch.subscribe(VITALS)

    def waveform(self, stream_id: StreamId) -> Subscription[WaveformItem]:
        """Raw samples as `SampleChunk`, with a `SampleGap` wherever samples are missing.

        The stream is started when it is first wanted, again after a reconnect, and stopped when nobody
        iterates it any more. `DeviceError` when the wearer has not agreed to it or withdraws; an iterator
        of a stream that `start_stream` asked for with `when_agreed` waits for the wearer instead.
        """
        return self._live().dispatch.subscribe(int(stream_id))

    def events(self) -> Subscription[EventItem]:
        """Events of the band, consent, log lines, missing frames, failures of the store, and every change of
        the connection.

        The first iterator begins with what the band had to say while it was being opened.
        """
        return self._live().dispatch.subscribe(EVENTS)

    def alerts(self) -> Subscription[AlertItem]:
        """Alerts that the band raises, and acknowledgements of those sent to it."""
        return self._live().dispatch.subscribe(ALERTS)

    async def watch(
        self,
        settings: EarlyWarningSettings | None = None,
        *,
        show_on_band: bool = True,
        seconds: float | None = None,
        skin: SkinBaseline | None = None,
    ) -> AsyncGenerator[VitalsItem | Alert, None]:
        """The items of `vitals`, and alerts as they arise; for `seconds` on the band's clock, when given.

        Early warning is NEWS2 on what is measured, and FAULT when nobody is watching; see
        `vitalband.alerts`. With `show_on_band` each alert is sent to the band, so that the wearer sees it.
        `skin` is the wearer's baseline from an earlier watch, which goes on learning.
        """
        warning = EarlyWarning(settings or EarlyWarningSettings(), skin=skin or SkinBaseline())
        session, clock = self._live(), self.transport.clock
        end_ms = None if seconds is None else clock.monotonic_ms() + seconds * 1000
        async with self.vitals() as items:
            async for item in session.waiters.items_within(items, EARLY_WARNING_TURN_MS):
                if item is not None:
                    yield item
                alert = judge(session, warning, item)
                if alert is not None:
                    if show_on_band:
                        await show_if_reached(session, self.show_alert, alert)
                    yield alert
                if end_ms is not None and clock.monotonic_ms() >= end_ms:
                    return

    async def early_warning(
        self, settings: EarlyWarningSettings | None = None, *, show_on_band: bool = True
    ) -> AsyncGenerator[Alert, None]:
        """The alerts of `watch` alone."""
        async for item in self.watch(settings, show_on_band=show_on_band):
            if isinstance(item, Alert):
                yield item

    # -- time -----------------------------------------------------------------------------------

    async def run_for(self, seconds: float) -> None:
        """Let the band run for so long on its own clock; raises when the link is lost for good, and
        `EndOfDataError` when the recording or the scenario is over before.
        """
        await self._live().waiters.pause(round(seconds * 1000))

    async def sync(self) -> AsyncGenerator[SyncProgress, None]:
        """Fetch all that the band's journal keeps and the store lacks; how far it is, until it is done.

        Needs `record_to`: `StoreError` without. What the carrier lost three times in a row is left for the
        next connection: `statistics.missing_frames` tells how much that is. All is durable at the end.
        """
        session = self._live()
        session.require_storing()
        async for progress in session.upkeep.repair.until_done(session.waiters.pause):
            yield progress
        await session.save()

    async def save(self) -> None:
        """Write what waits to the store now; `StoreError` when that fails, or nothing is recorded."""
        await self._live().save()

    async def wait_closed(self) -> None:
        """Return when the recording or the scenario is over; raises when the link is lost for good."""
        async with self._live().dispatch.subscribe(EVENTS) as items:
            async for _ in items:
                pass
