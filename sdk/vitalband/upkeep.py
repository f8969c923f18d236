"""What a session does unasked: time exchanges, streams and intervals that somebody wants, missing frames."""

import asyncio

from bandschema.enums import CommandCode, ConsentAction, Group, Reading, Result
from bandschema.readings import BY_READING
from bandwire.hostlink import HostLink
from vitalband.clock import ticks_between
from vitalband.dispatch import Dispatcher
from vitalband.errors import BandError, DeviceError, LinkTimeoutError, TransportError
from vitalband.recorder import Recorder
from vitalband.repair import Repair
from vitalband.transport import Clock
from vitalband.values import ConsentChange

TIME_INTERVAL_MS = 10_000
TIME_INTERVAL_TICKS_MS = 20_000
"""At the latest by the band's own clock, which a simulator may let run faster than ours: a band lets go of
a host that has said nothing for `HOST_SILENCE_LIMIT_MS` (`bandwire.bandlink`).
"""
TIME_BURST_MS = 250
TIME_BURST = 4
"""Exchanges soon after a hello: several bound the time closer than the first. As soon comes one after an
exchange that does not fit, to tell whether the host's clock was set."""
QUICK_EXCHANGE_US = 20_000
"""An exchange that is more uncertain went over a link that stalled: others follow, soon and then less so,
until one is quick, as a band that starts anew meanwhile would leave no better one of its boot. Chosen."""
TIME_TIMEOUT_MS = 2000
SILENT_EXCHANGES = 3
"""Time exchanges without an answer, one after another, after which the band counts as gone."""
STREAM_TIMEOUT_MS = 3000
REPORT_INTERVAL_MS = BY_READING[Reading.HEART_RATE_BPM].interval_ms
"""Of a connection whose host has asked for no other: each update at once."""
REQUEST_ROOM = 8
"""Requests that may wait before upkeep, which can wait itself, asks for more (`bandwire.requests`: 32)."""


class Upkeep:
    """Driven by the pump with `step` while the band is connected; begins anew with each connection."""

    def __init__(
        self, link: HostLink, dispatch: Dispatcher, clock: Clock, recorder: Recorder | None = None
    ) -> None:
        self.wanted_streams: set[int] = set()
        self.report_interval_ms = REPORT_INTERVAL_MS
        """What the band took, and takes again after a lost link."""
        self.repair = Repair(link, dispatch, recorder)
        self.next_due_ms: int | None = None
        self._link = link
        self._dispatch = dispatch
        self._clock = clock
        dispatch.on_consent = self.take_consent
        self._started: set[int] = set()
        self._described: set[int] = set()
        self._awaiting_consent: set[int] = set()
        self._patient: set[int] = set()
        self._frames_before = 0
        self._start_waiting: dict[int, list[asyncio.Future[None]]] = {}
        self._exchanges = 0
        self._slow_wait_ms = TIME_BURST_MS
        self._silent_exchanges = 0
        self._next_exchange_ms = 0
        self._exchange_ticks_ms: int | None = None
        self._is_exchanging = False
        self._is_interval_asked = True

    def begin_connection(self) -> None:
        """Forget what the last connection had asked for: streams, time and missing frames are asked anew."""
        self._started.clear()
        self._awaiting_consent.clear()
        self.repair.begin_connection()
        self._described.clear()
        self._exchanges = self._silent_exchanges = self._next_exchange_ms = 0
        self._slow_wait_ms = TIME_BURST_MS
        self._is_exchanging = False
        self._is_interval_asked = self.report_interval_ms == REPORT_INTERVAL_MS

    def step(self, now_ms: int) -> None:
        """Ask the band for what is due; raises `TransportError` when it has been silent for too long."""
        if not self._is_exchanging and (now_ms >= self._next_exchange_ms or self._has_band_moved_on()):
            self._exchange_time(now_ms)
        if len(self._link.requests.open_ids()) < REQUEST_ROOM:
            self._renew_interval(now_ms)
            self._follow_streams(now_ms)
            self._describe_streams(now_ms)
            self.repair.step(now_ms)
        self.next_due_ms = self._next_exchange_ms if not self._is_exchanging else None

    def want_stream(self, stream_id: int, *, when_agreed: bool) -> "asyncio.Future[None]":
        """Want a stream that nobody iterates; done when the band has started it.

        With `when_agreed` a wearer who has not agreed is no error: it starts when the wearer does.
        """
        self.wanted_streams.add(stream_id)
        if when_agreed:
            self._patient.add(stream_id)
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if stream_id in self._started and stream_id not in self._start_waiting:
            started.set_result(None)
        else:
            self._start_waiting.setdefault(stream_id, []).append(started)
        return started

    def take_consent(self, change: ConsentChange) -> None:
        """The wearer agreed, or withdrew: the band would start streams now, or has ended them all.

        After a withdrawal they are asked for anew: the refusal tells those who iterate one why.
        """
        if change.stamp.is_backfilled or not change.groups & ~Group.STANDARD_SERVICES:
            return
        if change.action in (ConsentAction.AGREED, ConsentAction.RESUMED):
            self._awaiting_consent.clear()
        elif change.action != ConsentAction.IN_FORCE:
            self._started.clear()

    def stop_streams(self, now_ms: int) -> None:
        """Ask the band to stop every stream that was started, on the way out."""
        for stream_id in self._started:
            self._command(CommandCode.STOP_STREAM, stream_id, 0, now_ms)
        self._started.clear()

    def _has_band_moved_on(self) -> bool:
        before_ms, now_ms = self._exchange_ticks_ms, self._dispatch.newest_ticks_ms
        if before_ms is None or now_ms is None:
            return False
        return ticks_between(before_ms, now_ms) >= TIME_INTERVAL_TICKS_MS

    def _exchange_time(self, now_ms: int) -> None:
        if self._silent_exchanges >= SILENT_EXCHANGES:
            raise TransportError(f"the band gave no answer to {SILENT_EXCHANGES} time requests in turn")
        unix_time_s = self._clock.utc_us() // 1_000_000
        request_id = self._link.request_time(unix_time_s, TIME_TIMEOUT_MS, now_ms)
        answer = self._dispatch.expect_time(request_id)
        answer.add_done_callback(self._exchanged)
        self._frames_before = self._dispatch.frames_taken
        self._exchange_ticks_ms = self._dispatch.newest_ticks_ms
        self._is_exchanging = True

    def _exchanged(self, answer: "asyncio.Future[int]") -> None:
        self._is_exchanging = False
        self._exchanges += 1
        failed = answer.cancelled() or answer.exception() is not None
        is_silent = failed and self._dispatch.frames_taken == self._frames_before
        self._silent_exchanges = self._silent_exchanges + 1 if is_silent else 0
        is_soon = self._exchanges < TIME_BURST or failed or self._dispatch.is_time_in_doubt()
        is_slow = failed or answer.result() > QUICK_EXCHANGE_US
        wait_ms = TIME_BURST_MS if is_soon else self._slow_wait_ms if is_slow else TIME_INTERVAL_MS
        if not is_slow:
            self._slow_wait_ms = TIME_BURST_MS
        elif not is_soon:
            self._slow_wait_ms = min(2 * self._slow_wait_ms, TIME_INTERVAL_MS)
        self._next_exchange_ms = self._clock.monotonic_ms() + wait_ms

    def _follow_streams(self, now_ms: int) -> None:
        wanted = (self.wanted_streams | self._dispatch.subscribed_streams()) - self._awaiting_consent
        for stream_id in wanted - self._started:
            answer = self._command(CommandCode.START_STREAM, stream_id, 0, now_ms)
            answer.add_done_callback(lambda done, stream_id=stream_id: self._start_answered(stream_id, done))
            self._started.add(stream_id)
        for stream_id in self._started - wanted:
            self._command(CommandCode.STOP_STREAM, stream_id, 0, now_ms)
            self._started.discard(stream_id)

    def _start_answered(self, stream_id: int, answer: "asyncio.Future[int]") -> None:
        error = None if answer.cancelled() else answer.exception()
        is_refused = isinstance(error, DeviceError) and error.result == Result.NO_CONSENT
        if is_refused and stream_id in self._patient:
            self._started.discard(stream_id)
            self._awaiting_consent.add(stream_id)
            error = None
        elif isinstance(error, BandError) and not isinstance(error, LinkTimeoutError):
            self.wanted_streams.discard(stream_id)
            self._started.discard(stream_id)
            self._dispatch.end_topic(stream_id, error)
        elif error is not None:  # asked again next turn; a band that stays silent is noticed elsewhere
            self._started.discard(stream_id)
        for waiting in self._start_waiting.pop(stream_id, []):
            if not waiting.done():
                waiting.set_exception(error) if error is not None else waiting.set_result(None)

    def _describe_streams(self, now_ms: int) -> None:
        if not self._dispatch.wants_descriptors:
            return
        self._dispatch.wants_descriptors = False
        for stream_id in self._started - self._described:
            self._command(CommandCode.DESCRIBE_STREAM, stream_id, 0, now_ms)
            self._described.add(stream_id)

    def _renew_interval(self, now_ms: int) -> None:
        if self._is_interval_asked:
            return
        answer = self._command(CommandCode.SET_REPORT_INTERVAL, 0, self.report_interval_ms, now_ms)
        answer.add_done_callback(self._interval_answered)
        self._is_interval_asked = True

    def _interval_answered(self, answer: "asyncio.Future[int]") -> None:
        if answer.cancelled():
            return
        error = answer.exception()
        if error is None:
            self.report_interval_ms = answer.result()
        elif isinstance(error, DeviceError):
            # Other firmware since: it sends each update at once, which loses nothing.
            self.report_interval_ms = REPORT_INTERVAL_MS
            self._dispatch.note_loss(str(error))
        else:
            self._is_interval_asked = False

    def _command(
        self, code: CommandCode, stream_id: int, argument: int, now_ms: int
    ) -> "asyncio.Future[int]":
        request_id = self._link.send_command(int(code), stream_id, argument, STREAM_TIMEOUT_MS, now_ms)
        answer = self._dispatch.expect_reply(request_id, f"{code.name} {stream_id}")
        answer.add_done_callback(_seen)
        return answer


def _seen(answer: "asyncio.Future[int]") -> None:
    # An answer that nobody awaits is no error of the program: the callbacks above act on it.
    if not answer.cancelled():
        answer.exception()
