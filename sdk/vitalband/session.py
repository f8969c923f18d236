"""One session with one band: a pump task that joins a transport, a link and a clock.

The pump is the only one that receives. Each turn it does what is due (hello, time exchange, streams
to start, missing frames to ask for), sends what the link has to say, receives, and hands out what
came. On a paced transport a turn is taken only while somebody waits for the band. Where the connection
stands, and what may follow, says `vitalband.connection`.
"""

import asyncio
from typing import Any

from bandschema.codec import encode
from bandschema.enums import Capability
from bandschema.records import Header, Record
from vitalband.bounded import BoundedTransport
from vitalband.capture import LinkCapture
from vitalband.carrier import Carrier
from vitalband.connection import TOLD_TO_ALL, Connection
from vitalband.dispatch import Dispatcher
from vitalband.errors import (
    BandError,
    EndOfDataError,
    HandshakeError,
    LinkTimeoutError,
    LocalError,
    LostForGoodError,
    StoreConflictError,
    StoreError,
    TransportError,
)
from vitalband.recorder import Recorder
from vitalband.securing import Securing, new_link
from vitalband.session_settings import SessionSettings
from vitalband.storing import Storing
from vitalband.transport import Recognizing, Recorded, Transport
from vitalband.upkeep import Upkeep
from vitalband.values import ConnectionEvent, ConnectionState, StoreEvent
from vitalband.waiters import Waiters

LIVE_TURN_MS = 100
"""Longest wait of a live turn: how late a time-out may be noticed."""
PACED_TURN_MS = 2000
"""Longest turn in a paced band's time: its vitals come as often."""
CANCEL_AGAIN_S = 0.5
SETTLE_YIELDS = 10
"""Passes of the event loop before a paced turn, when something was handed out: a chain of this many futures
and tasks may lie between it and the task that waits for it."""


class Session:
    """See the module. `open`, then subscribe and ask, then `close`; all on one event loop."""

    def __init__(
        self, transport: Transport, settings: SessionSettings, recorder: Recorder | None = None
    ) -> None:
        self.transport = transport
        self._bounded = BoundedTransport(transport)
        self.connection = Connection(self._announce)
        self.settings = settings
        self.recorder = recorder
        capabilities = int(Capability.BACKFILL)
        self.link = new_link(capabilities)
        self.securing = Securing(transport, settings, self.connection, self.link)
        self.dispatch = Dispatcher(self.link, transport.clock, recorder)
        self.demand = self.dispatch.demand
        self.waiters = Waiters(transport.clock, self.demand)
        if isinstance(transport, Recorded):
            self.dispatch.use_recorded_times(transport.recorded_times)
            self.dispatch.gate.takes_unproven = transport.takes_unproven
        self.upkeep = Upkeep(self.link, self.dispatch, transport.clock, recorder)
        confirm = self.upkeep.repair.confirm
        self._storing = (
            None
            if recorder is None
            else Storing(recorder, transport.clock, confirm, self._tell_store, self._give_up_store)
        )
        path = settings.capture_to
        self.capture = (
            None if path is None else LinkCapture(path, transport.clock, is_stream=transport.is_stream)
        )
        self.carrier = Carrier(self.link, self._bounded, self.capture)
        self._send_lock = asyncio.Lock()
        self._up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pump: asyncio.Task[None] | None = None
        self._has_news = True
        self._demand_before = 0
        self._has_carrier = False
        self._was_up = False
        self._band_id: bytes | None = None
        self.connections = 0

    @property
    def is_up(self) -> bool:
        """Whether the band has answered the hello of this connection."""
        return self._has_carrier and self.link.is_up

    async def open(self) -> None:
        """Connect and shake hands; raises `TransportError` or `HandshakeError`."""
        self._pump = asyncio.create_task(self._run(), name=f"vitalband {self.transport.url}")
        self._pump.add_done_callback(self._pump_ended)
        try:
            with self.demand.hold():
                await asyncio.shield(self._up)
        except BaseException:
            await self._stop_pump()
            raise

    async def close(self) -> None:
        """Stop streams, write what waits, let the transport go; `StoreError` when frames are unsaved."""
        await asyncio.shield(asyncio.ensure_future(self._close()))

    async def _close(self) -> None:
        if self.is_up and self._pump is not None and not self._pump.done():
            self.upkeep.stop_streams(self._now_ms())
            await self._flush_quietly()
        await self._stop_pump()
        if self.capture is not None:
            self.capture.close()
        self._end(None)
        if self._storing is not None:
            await self._storing.finish()

    async def request(self, record: Record, what: str, timeout_ms: int | None = None) -> int:
        """Send a frame that begins with a request id and await the reply; gives the reply's detail.

        `DeviceError` when the band refuses, `LinkTimeoutError` when it is silent.
        """
        self._require_link(what)
        timeout_ms = self.settings.request_timeout_ms if timeout_ms is None else timeout_ms
        frame = _frame_of(record)
        request_id = self.link.request(frame, len(frame), timeout_ms, self._now_ms())
        answer = self.dispatch.expect_reply(request_id, what)
        # The link ends a request by itself; the wait's own limit only covers a link that cannot.
        return await self._answer(answer, timeout_ms * 2, what)

    async def _answer(self, answer: "asyncio.Future[int]", timeout_ms: int, what: str) -> int:
        await self._flush_when_live()
        return await self.waiters.result(answer, timeout_ms, what)

    async def post(self, record: Record) -> None:
        """Send a frame that has no reply."""
        self._require_link(type(record).__name__)
        frame = _frame_of(record)
        if not self.link.post(frame, len(frame)):
            raise TransportError(f"{self.transport.url}: too many frames wait to be sent")
        await self._flush_when_live()

    async def start_stream(self, stream_id: int, *, when_agreed: bool) -> None:
        """Have a stream sent until it is not wanted any more; raises what the band answers."""
        self._require_link(f"start of stream {stream_id}")
        answer = self.upkeep.want_stream(stream_id, when_agreed=when_agreed)
        limit_ms = self.settings.request_timeout_ms * 2
        await self.waiters.result(answer, limit_ms, f"start of stream {stream_id}")

    def _require_link(self, what: str) -> None:
        if self.is_up:
            return
        told = f"{what}: {self.transport.url} is {self.connection.state.value}, not connected"
        raise self.waiters.error or TransportError(told)

    async def save(self) -> None:
        """Write what waits to the store; `StoreError` when it fails."""
        await self.require_storing().save()

    def require_storing(self) -> Storing:
        """What writes the store; `StoreError` without one."""
        if self._storing is None:
            raise StoreError("nothing is recorded: open the band with `record_to`")
        return self._storing

    async def until(self, known: "asyncio.Future[Any]", what: str, timeout_ms: int | None = None) -> None:
        """Wait for something that the band sends, bounded as a request is."""
        limit_ms = self.settings.request_timeout_ms if timeout_ms is None else timeout_ms
        await self.waiters.result(known, limit_ms, what)

    async def _flush_when_live(self) -> None:
        # A paced transport is sent to by the pump only: its peer lives inside `receive`.
        if not self.transport.is_paced and self.connections:
            await self._flush()

    async def _flush(self) -> None:
        async with self._send_lock:
            await self.carrier.send_waiting()

    async def _flush_quietly(self) -> None:
        try:
            await self._flush()
        except TransportError as error:
            self.dispatch.note_loss(f"while closing: {error}")

    async def _run(self) -> None:
        attempt = 0
        try:
            while True:
                try:
                    await self._connect_and_serve(attempt)
                except EndOfDataError:
                    raise
                except (TransportError, HandshakeError, LinkTimeoutError) as error:
                    attempt = 1 if self._was_up else attempt + 1
                    if self._was_up:
                        self.waiters.fail(TransportError(f"the link was lost: {error}"))
                        self.connection.change(ConnectionState.LOST, str(error))
                    if not self._may_return(error, attempt):
                        raise
                    await self._back_off(error, attempt)
        except EndOfDataError as end:
            self._end(None, end)
        except BandError as error:
            self._end(error)

    def _may_return(self, error: BandError, attempt: int) -> bool:
        policy = self.settings.reconnect
        if policy is None or not self._up.done() or isinstance(error, LostForGoodError):
            return False
        return policy.attempts is None or attempt <= policy.attempts

    async def _back_off(self, error: BandError, attempt: int) -> None:
        assert self.settings.reconnect is not None
        delay_ms = self.settings.reconnect.delay_ms(attempt, self.settings.random_source)
        self.connection.change(ConnectionState.BACKING_OFF, str(error), attempt)
        async with self.waiters.expiring(is_real_time=not self.transport.is_paced):
            await asyncio.sleep(delay_ms / 1000)

    async def _connect_and_serve(self, attempt: int) -> None:
        self._was_up = False
        url = self.transport.url
        try:
            async with self.waiters.expiring(is_real_time=not self.transport.is_paced):
                self.connection.change(ConnectionState.SEARCHING, f"{url} is sought", attempt)
                await self._bounded.search()
                self.connection.change(ConnectionState.CONNECTING, f"{url} is opened", attempt)
                await self._bounded.open()
            self.connection.change(ConnectionState.HELLO, f"{url} is asked whether it is a band", attempt)
            await self.securing.begin_connection(self._now_ms())
            self.connections += 1
            self._has_carrier = True
            self.upkeep.begin_connection()
            while True:
                await self._turn(attempt)
        finally:
            self._has_carrier = False
            if self.securing.end_connection():
                await self._flush_quietly()
            await self._let_go()

    async def _let_go(self) -> None:
        try:
            await self._bounded.close()
        except TransportError as error:
            # Whoever closes it wants it no more; what ended the connection is the error to be heard.
            self.dispatch.note_loss(f"while closing: {error}")

    async def _turn(self, attempt: int) -> None:
        is_paced = self.transport.is_paced
        if is_paced:
            await self._let_others_act()
            await self.demand.wait()
        now_ms = self._now_ms()
        if self.is_up:
            self.upkeep.step(now_ms)
        elif self.securing.is_unanswered(now_ms):
            raise HandshakeError(
                f"{self.transport.url}: no band answered within {self.settings.handshake_timeout_ms} ms "
                f"({self.carrier.describe()}); {self._likely_cause()}"
            )
        self.link.poll(now_ms)
        await self._drain(attempt)
        await self._flush()
        data = await self._bounded.receive(self._turn_ms(now_ms))
        if data:
            self.carrier.take(data, self._now_ms())
            await self._drain(attempt)
        self._follow_repair()
        self._has_news |= self.waiters.expire(self._now_ms())
        if self._storing is not None:
            await self._storing.keep(is_waited_for=is_paced)
        if is_paced:
            await self.dispatch.wait_for_room()

    def _likely_cause(self) -> str:
        if self.carrier.good_packets:
            return "what answers speaks the protocol but is no band: is it a loop-back, or another host?"
        return "is it the right port, and is the band awake?"

    async def _let_others_act(self) -> None:
        # Whoever was just given something runs first, and says by waiting again that time may pass.
        is_settled = not self._has_news and self.demand.count == self._demand_before
        for _ in range(1 if is_settled else SETTLE_YIELDS):
            await asyncio.sleep(0)
        self._has_news = False
        self._demand_before = self.demand.count

    def _turn_ms(self, now_ms: int) -> int:
        limit_ms = PACED_TURN_MS if self.transport.is_paced else LIVE_TURN_MS
        link_ms = self.link.poll(now_ms)
        due = [
            self.waiters.next_deadline_ms(),
            self.upkeep.next_due_ms,
            self.securing.next_due_ms,
            link_ms if link_ms >= 0 else None,
        ]
        soonest_ms = min((time_ms - now_ms for time_ms in due if time_ms is not None), default=limit_ms)
        return max(1, min(limit_ms, soonest_ms))

    async def _drain(self, attempt: int) -> None:
        now_ms = self._now_ms()
        while (event := self.carrier.next_event(now_ms)) is not None:
            self._has_news = True
            if not self.securing.take(event):
                self.dispatch.take(event, now_ms)
        if not self.is_up:
            await self.securing.step(now_ms, was_up=self._was_up)
        elif not self._was_up:
            await self._come_up(attempt)

    async def _come_up(self, attempt: int) -> None:
        await self.securing.come_up()
        self._meet(bytes(self.link.peer_band_id))
        self._was_up = True
        if not self._up.done():
            self._up.set_result(None)
        self.connection.change(ConnectionState.RESUMING, f"the band answers, after {attempt} tries", attempt)

    def _meet(self, band_id: bytes) -> None:
        if isinstance(self.transport, Recognizing):
            self.transport.met(band_id, self.securing.finder_key)
        before, self._band_id = self._band_id, band_id
        if before not in (None, band_id):
            # Its boots are numbered from 1 again: frames would be taken for those that came before.
            raise LostForGoodError(
                f"{self.transport.url}: wanted the band {before.hex()} again, {band_id.hex()} answered: "
                "it was wiped for another wearer, or is another one; open it anew"
            )

    def _follow_repair(self) -> None:
        repair = self.upkeep.repair
        if not self.is_up or not repair.is_journal_known:
            return
        if repair.is_done and self.connection.state is not ConnectionState.LIVE:
            self.connection.change(ConnectionState.LIVE, "nothing is left to be asked for")
        elif not repair.is_done and self.connection.state is not ConnectionState.BACKFILLING:
            count = repair.progress.waiting_numbers
            self.connection.change(
                ConnectionState.BACKFILLING, f"{count} sequence numbers are to be asked for"
            )

    def _tell_store(self, event: StoreEvent) -> None:
        self._has_news = True
        self.dispatch.announce_store(event)

    def _give_up_store(self, error: StoreConflictError) -> None:
        if self._pump is not None:
            self._pump.cancel()
        self._end(error)

    def _end(self, error: BandError | None, end: EndOfDataError | None = None) -> None:
        """End iterators with `error`, quietly without one, and the waits for what cannot come any more."""
        ended = error or end or TransportError(f"{self.transport.url} is closed")
        if not self._up.done():
            self._up.set_exception(ended)
        self.waiters.close(ended)
        if self.connection.state is not ConnectionState.CLOSED:
            self.connection.change(ConnectionState.CLOSED, str(ended))
        self.dispatch.end(error)

    def _announce(self, event: ConnectionEvent) -> None:
        if self.settings.told is not None:
            self.settings.told(event)
        # Who does not want the band sought hears of a lost link by the error that ends the iterator.
        to_all = self.settings.reconnect is not None and event.state in TOLD_TO_ALL
        self.dispatch.announce(event, to_all=to_all)

    def _pump_ended(self, pump: "asyncio.Task[None]") -> None:
        # A fault of the program, not of the band: whoever waits must hear of it all the same.
        if not pump.cancelled() and (fault := pump.exception()) is not None:
            error = LocalError(f"the session with {self.transport.url} failed: {fault!r}")
            error.__cause__ = fault
            self._end(error)

    async def _stop_pump(self) -> None:
        if self._pump is None:
            return
        # Until it is done: Python 3.11's `wait_for`, which a transport may use, can swallow a cancellation.
        while not self._pump.done():
            self._pump.cancel()
            await asyncio.wait({self._pump}, timeout=CANCEL_AGAIN_S)
        if not self._up.done():
            self._up.cancel()

    def _now_ms(self) -> int:
        return self.transport.clock.monotonic_ms()


def _frame_of(record: Record) -> bytearray:
    # The link gives the header its boot, number and ticks when the frame goes out.
    return bytearray(encode(Header(kind=record.KIND, boot_id=0, sequence=0, ticks_ms=0), record))
