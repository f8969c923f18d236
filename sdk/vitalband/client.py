"""`Band`: one band, by the address of its carrier."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bandschema.enums import AlertLevel, Capability, Cause, CommandCode, Page, StreamId
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING, NO_VALUE
from bandschema.records import Alert as AlertRecord
from bandschema.records import Command, CuffReading, Identity, Issuance, ManifestEntry
from vitalband.alerts import Alert, EarlyWarning, EarlyWarningSettings, SkinBaseline
from vitalband.connection import ReconnectPolicy
from vitalband.dispatch import ALERTS, EVENTS, VITALS
from vitalband.errors import LocalError, UnsupportedError
from vitalband.opening import learn
from vitalband.recorder import Recorder
from vitalband.repair import SyncProgress
from vitalband.self_test import SILENCE_LIMIT_S, SelfTestItem
from vitalband.self_test_run import self_test_items
from vitalband.session import HANDSHAKE_TIMEOUT_MS, REQUEST_TIMEOUT_MS, Session, SessionSettings
from vitalband.statistics import LinkStatistics, statistics_of
from vitalband.store.database import Store
from vitalband.subscription import Subscription
from vitalband.transport import Transport, open_transport
from vitalband.values import AlertItem, ConnectionState, EventItem, TimeStatus, VitalsItem, WaveformItem
from vitalband.watching import EARLY_WARNING_TURN_MS, judge, show_if_reached


class Band:
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
        self._next_alert_id = 1
        self._last_statistics: LinkStatistics | None = None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        reconnect: bool | ReconnectPolicy = True,
        record_to: Path | str | None = None,
        capture_to: Path | str | None = None,
        handshake_timeout_ms: int = HANDSHAKE_TIMEOUT_MS,
        request_timeout_ms: int = REQUEST_TIMEOUT_MS,
        **options: Any,
    ) -> Self:
        """The band at `url`, to be used with `async with`.

        `serial:///dev/ttyACM0`, `ble:`, `socket://host:port`, `sim:desaturation`, `replay:night.vband`;
        further `options` go to the transport. `record_to` names a store file: every frame from the first on
        is written there durably, and confirmed to the band only then. `capture_to` names a pcap file for
        every byte of the link (`vitalband.capture`). Entering raises `TransportError` (no such port),
        `HandshakeError` (no band there), `StoreError`, or `OSError` when the pcap file cannot be made.
        """
        settings = SessionSettings(
            handshake_timeout_ms=handshake_timeout_ms,
            request_timeout_ms=request_timeout_ms,
            reconnect=ReconnectPolicy() if reconnect is True else reconnect or None,
            capture_to=None if capture_to is None else Path(capture_to),
        )
        return cls(open_transport(url, **options), settings, None if record_to is None else Path(record_to))

    async def __aenter__(self) -> Self:
        recorder = None
        if self._record_to is not None:
            self._store = Store.create(self._record_to)
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
                store.close()

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

    # -- what it is asked -----------------------------------------------------------------------

    async def command(self, code: CommandCode, *, stream_id: int = 0, argument: int = 0) -> int:
        """Ask the band to do something; gives the reply's detail.

        `DeviceError` when it refuses, `LinkTimeoutError` when it is silent.
        """
        record = Command(request_id=0, command=code, stream_id=stream_id, argument=argument)
        return await self._live().request(record, code.name)

    async def start_stream(self, stream_id: StreamId, *, when_agreed: bool = False) -> None:
        """Have a raw stream sent without iterating it, as for a recording; `stop_stream` ends it.

        `DeviceError` when the band refuses; with `when_agreed`, a wearer who has not agreed yet is waited
        for: the stream starts whenever the wearer does.
        """
        await self._live().start_stream(int(stream_id), when_agreed=when_agreed)

    def stop_stream(self, stream_id: StreamId) -> None:
        """The stream is not wanted any more, unless somebody iterates it."""
        self._live().upkeep.wanted_streams.discard(int(stream_id))

    async def set_report_interval(self, interval_ms: int) -> int:
        """Have the band send its updates together, every `interval_ms` instead of each at once.

        Radio time is battery: alone an update of seven readings takes 40 bytes on the air, 10 with a frame
        every 30 s (`docs/benchmarks.md`). From 0 to 128,000 ms; gives what the band took, whole updates of
        2 s. A frame that is full, or tells of a band put on or taken off, comes before its time. No update is
        lost by it. It holds until the band is closed, over reconnects too. `DeviceError` when it is refused:
        UNKNOWN_COMMAND if it has no choice.
        """
        upkeep = self._live().upkeep
        upkeep.report_interval_ms = await self.command(CommandCode.SET_REPORT_INTERVAL, argument=interval_ms)
        return upkeep.report_interval_ms

    async def vibrate(self, duration_ms: int) -> None:
        """Run the vibration motor."""
        await self.command(CommandCode.VIBRATE, argument=duration_ms)

    async def run_self_test(
        self, *, silence_limit_s: float = SILENCE_LIMIT_S
    ) -> AsyncGenerator[SelfTestItem, None]:
        """Have the band test itself: an item whenever a test stands differently, the last with `is_last`.

        Nothing is tested before the wearer presses the button on the page that the band shows; no reading
        and no sample is told, and what is collected pauses meanwhile. Closing the iterator before its end
        (`contextlib.aclosing`) ends the run. `DeviceError` when one runs already or the firmware knows none,
        `TransportError` when the link is lost, `LinkTimeoutError` when nothing comes for `silence_limit_s`.
        """
        items = self_test_items(self._live(), self.command, silence_limit_s)
        async with aclosing(items):
            async for item in items:
                yield item

    async def show_page(self, page: Page) -> None:
        """Show a page of the display."""
        await self.command(CommandCode.SHOW_PAGE, argument=int(page))

    async def send_cuff_reading(self, systolic_mmhg: int, diastolic_mmhg: int, *, age_s: int = 0) -> None:
        """Give the band the wearer's own cuff reading, taken `age_s` seconds ago, to show with its age.

        `DeviceError` when it refuses: NO_CONSENT, or BAD_ARGUMENT for what cannot be a blood pressure, or
        for one taken before the reading that the band has.
        """
        record = CuffReading(
            request_id=0, systolic_mmhg=systolic_mmhg, diastolic_mmhg=diastolic_mmhg, age_s=age_s
        )
        await self._live().request(record, "cuff reading")

    async def set_issuance(self, issuance: Issuance) -> None:
        """Say who asks for the wearing and on what terms; the band shows it."""
        await self._live().request(issuance, "issuance")

    async def send_alert(
        self,
        level: AlertLevel,
        cause: Cause,
        *,
        reading_id: ReadingId | None = None,
        value: float | None = None,
        score: int = 0,
    ) -> int:
        """Show an alert on the band; gives the id that its acknowledgement will carry."""
        alert_id, self._next_alert_id = self._next_alert_id, self._next_alert_id % 0xFFFF + 1
        record = AlertRecord(
            alert_id=alert_id,
            level=level,
            cause=cause,
            reading_id=0 if reading_id is None else int(reading_id),
            score=score,
            raw_value=_raw_value(reading_id, value),
        )
        await self._live().post(record)
        return alert_id

    async def show_alert(self, alert: Alert) -> int:
        """Show an alert of `early_warning` on the band; gives its id."""
        value = alert.reading.value if alert.reading is not None and alert.reading.is_valid else None
        return await self.send_alert(
            alert.level, alert.cause, reading_id=alert.reading_id, value=value, score=alert.score.total
        )

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


def _raw_value(reading_id: ReadingId | None, value: float | None) -> int:
    if reading_id is None or value is None:
        return NO_VALUE
    return round(value / BY_READING[reading_id].scale)
