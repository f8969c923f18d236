"""The SDK without asyncio, for notebooks and scripts: one band, one background event loop.

    with Band.open("serial:///dev/ttyACM0") as band:
        for item in band.vitals():
            ...

Everything here waits for its answer; nothing runs on a paced band between two calls.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from concurrent import futures
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bandschema.enums import AlertLevel, Capability, Cause, CommandCode, HostRight, Page, StreamId
from bandschema.enums import Reading as ReadingId
from bandschema.records import Identity, Issuance, ManifestEntry, PairedHost
from vitalband import client
from vitalband.alerts import Alert, EarlyWarningSettings
from vitalband.connection import ReconnectPolicy
from vitalband.errors import LocalError
from vitalband.keys import PairedBand
from vitalband.repair import SyncProgress
from vitalband.self_test import SILENCE_LIMIT_S, SelfTestItem
from vitalband.statistics import LinkStatistics
from vitalband.subscription import Subscription
from vitalband.transport import Transport
from vitalband.values import AlertItem, ConnectionState, EventItem, TimeStatus, VitalsItem, WaveformItem
from vitalband.wiping import WipeReceipt

__all__ = ["Band"]

ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")

CLOSE_TIMEOUT_S = 30.0


class Band:
    """As `vitalband.Band`, method for method, but blocking; opened with `with`."""

    def __init__(self, band: client.Band) -> None:
        self._band = band
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        reconnect: bool | ReconnectPolicy = True,
        record_to: Path | str | None = None,
        **options: Any,
    ) -> Self:
        """The band at `url`; see `vitalband.Band.open`."""
        return cls(client.Band.open(url, reconnect=reconnect, record_to=record_to, **options))

    @classmethod
    def pair(
        cls, url: str, *, code: Callable[[], str | None], host_name: str | None = None, **options: Any
    ) -> Self:
        """The band at `url`, paired with as `with` is entered; `code`, such as `input`, gets a thread of its
        own. See `vitalband.Band.pair`.
        """
        return cls(client.Band.pair(url, code=code, host_name=host_name, **options))

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="vitalband", daemon=True)
        self._thread.start()
        try:
            self._run(self._band.__aenter__())
        except BaseException:
            self._stop_loop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the band; may be called twice. `StoreError` when frames could not be written."""
        if self._loop is None:
            return
        try:
            self._run(self._band.close())
        finally:
            self._stop_loop()

    def _stop_loop(self) -> None:
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        released = asyncio.run_coroutine_threadsafe(_release(loop), loop)
        # A thread that is stuck in the operating system is left behind: there is nothing to tell of it, and
        # the error that brought us here is the one to be heard.
        futures.wait([released], CLOSE_TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CLOSE_TIMEOUT_S)
        if not thread.is_alive():
            loop.close()

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        if self._loop is None:
            work.close()
            raise LocalError("the band is not open: use `with Band.open(...)`")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            # Ctrl-C in a notebook must not leave the wait behind.
            future.cancel()
            raise

    def _subscribe(self, make: Callable[[], Subscription[ItemT]]) -> Iterator[ItemT]:
        # At once, so that nothing is missed until the first item is asked for.
        return self._iterate(self._run(_on_loop(make)))

    def _iterate(self, items: Subscription[ItemT] | AsyncGenerator[ItemT, None]) -> Iterator[ItemT]:
        try:
            while True:
                try:
                    item = self._run(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if self._loop is not None:
                self._run(items.aclose())

    @property
    def transport(self) -> Transport:
        """The transport underneath; a simulated one has a `console`."""
        return self._band.transport

    @property
    def identity(self) -> Identity:
        """See `vitalband.Band.identity`."""
        return self._band.identity

    @property
    def handover(self) -> WipeReceipt | None:
        """See `vitalband.Band.handover`."""
        return self._band.handover

    @property
    def manifest(self) -> tuple[ManifestEntry, ...]:
        """See `vitalband.Band.manifest`."""
        return self._band.manifest

    @property
    def issuance(self) -> Issuance | None:
        """See `vitalband.Band.issuance`."""
        return self._band.issuance

    @property
    def band_id(self) -> bytes:
        """See `vitalband.Band.band_id`."""
        return self._band.band_id

    @property
    def is_secure(self) -> bool:
        """See `vitalband.Band.is_secure`."""
        return self._band.is_secure

    @property
    def right(self) -> HostRight | None:
        """See `vitalband.Band.right`."""
        return self._band.right

    @property
    def paired(self) -> PairedBand | None:
        """See `vitalband.Band.paired`."""
        return self._band.paired

    @property
    def is_connected(self) -> bool:
        """See `vitalband.Band.is_connected`."""
        return self._band.is_connected

    @property
    def connection_state(self) -> ConnectionState:
        """See `vitalband.Band.connection_state`."""
        return self._band.connection_state

    @property
    def capabilities(self) -> Capability:
        """See `vitalband.Band.capabilities`."""
        return self._band.capabilities

    @property
    def time_status(self) -> TimeStatus:
        """See `vitalband.Band.time_status`."""
        return self._band.time_status

    @property
    def statistics(self) -> LinkStatistics:
        """See `vitalband.Band.statistics`."""
        return self._band.statistics

    def vitals(self) -> Iterator[VitalsItem]:
        """See `vitalband.Band.vitals`."""
        return self._subscribe(self._band.vitals)

    def waveform(self, stream_id: StreamId) -> Iterator[WaveformItem]:
        """See `vitalband.Band.waveform`."""
        return self._subscribe(lambda: self._band.waveform(stream_id))

    def events(self) -> Iterator[EventItem]:
        """See `vitalband.Band.events`."""
        return self._subscribe(self._band.events)

    def alerts(self) -> Iterator[AlertItem]:
        """See `vitalband.Band.alerts`."""
        return self._subscribe(self._band.alerts)

    def watch(
        self,
        settings: EarlyWarningSettings | None = None,
        *,
        show_on_band: bool = True,
        seconds: float | None = None,
    ) -> Iterator[VitalsItem | Alert]:
        """See `vitalband.Band.watch`."""
        return self._iterate(self._band.watch(settings, show_on_band=show_on_band, seconds=seconds))

    def early_warning(
        self, settings: EarlyWarningSettings | None = None, *, show_on_band: bool = True
    ) -> Iterator[Alert]:
        """See `vitalband.Band.early_warning`."""
        return self._iterate(self._band.early_warning(settings, show_on_band=show_on_band))

    def command(self, code: CommandCode, *, stream_id: int = 0, argument: int = 0) -> int:
        """See `vitalband.Band.command`."""
        return self._run(self._band.command(code, stream_id=stream_id, argument=argument))

    def start_stream(self, stream_id: StreamId, *, when_agreed: bool = False) -> None:
        """See `vitalband.Band.start_stream`."""
        self._run(self._band.start_stream(stream_id, when_agreed=when_agreed))

    def stop_stream(self, stream_id: StreamId) -> None:
        """See `vitalband.Band.stop_stream`."""
        self._run(_on_loop(lambda: self._band.stop_stream(stream_id)))

    def set_report_interval(self, interval_ms: int) -> int:
        """See `vitalband.Band.set_report_interval`."""
        return self._run(self._band.set_report_interval(interval_ms))

    def vibrate(self, duration_ms: int) -> None:
        """See `vitalband.Band.vibrate`."""
        self._run(self._band.vibrate(duration_ms))

    def run_self_test(self, *, silence_limit_s: float = SILENCE_LIMIT_S) -> Iterator[SelfTestItem]:
        """See `vitalband.Band.run_self_test`."""
        return self._iterate(self._band.run_self_test(silence_limit_s=silence_limit_s))

    def show_page(self, page: Page) -> None:
        """See `vitalband.Band.show_page`."""
        self._run(self._band.show_page(page))

    def send_cuff_reading(self, systolic_mmhg: int, diastolic_mmhg: int, *, age_s: int = 0) -> None:
        """See `vitalband.Band.send_cuff_reading`."""
        self._run(self._band.send_cuff_reading(systolic_mmhg, diastolic_mmhg, age_s=age_s))

    def set_issuance(self, issuance: Issuance) -> None:
        """See `vitalband.Band.set_issuance`."""
        self._run(self._band.set_issuance(issuance))

    def send_alert(
        self,
        level: AlertLevel,
        cause: Cause,
        *,
        reading_id: ReadingId | None = None,
        value: float | None = None,
        score: int = 0,
    ) -> int:
        """See `vitalband.Band.send_alert`."""
        work = self._band.send_alert(level, cause, reading_id=reading_id, value=value, score=score)
        return self._run(work)

    def show_alert(self, alert: Alert) -> int:
        """See `vitalband.Band.show_alert`."""
        return self._run(self._band.show_alert(alert))

    def paired_hosts(self) -> list[PairedHost]:
        """See `vitalband.Band.paired_hosts`."""
        return self._run(self._band.paired_hosts())

    def forget_host(self, host_id: int) -> None:
        """See `vitalband.Band.forget_host`."""
        self._run(self._band.forget_host(host_id))

    def wipe(self, *, on_asked: Callable[[float], None] | None = None) -> None:
        """See `vitalband.Band.wipe`."""
        self._run(self._band.wipe(on_asked=on_asked))

    def allow_pairing(self, right: HostRight) -> None:
        """See `vitalband.Band.allow_pairing`."""
        self._run(self._band.allow_pairing(right))

    def sync(self) -> Iterator[SyncProgress]:
        """See `vitalband.Band.sync`."""
        return self._iterate(self._band.sync())

    def save(self) -> None:
        """See `vitalband.Band.save`."""
        self._run(self._band.save())

    def run_for(self, seconds: float) -> None:
        """See `vitalband.Band.run_for`."""
        self._run(self._band.run_for(seconds))

    def wait_closed(self) -> None:
        """See `vitalband.Band.wait_closed`."""
        self._run(self._band.wait_closed())


async def _on_loop(call: Callable[[], ResultT]) -> ResultT:
    # What a session keeps belongs to its event loop, so it is changed there alone.
    return call()


async def _next(items: AsyncIterator[ItemT]) -> ItemT:
    return await anext(items)


async def _release(loop: asyncio.AbstractEventLoop) -> None:
    """Let go of what a loop holds beside its tasks: generators, and the threads that wrote and read."""
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
