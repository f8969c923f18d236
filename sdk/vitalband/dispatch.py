"""Where the events of a link go: to subscribers, to those who wait for an answer, to the recorder."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakSet

from bandschema.enums import BackfillState, Result
from bandschema.records import (
    BackfillRange,
    Handover,
    Identity,
    Issuance,
    JournalExtent,
    ManifestEntry,
    PairedHost,
)
from bandwire import events
from bandwire.errors import FrameError
from bandwire.frames import FIRST_SESSION_KIND, VERSION, unpack_header
from bandwire.hostlink import HostLink
from vitalband.carrier import LinkEvent
from vitalband.clock import TimeModel, measure_exchange, ticks_between
from vitalband.consent_gate import ConsentGate, GatedFrame
from vitalband.decode import Decoder
from vitalband.errors import BandError, DeviceError, HandshakeError, LinkTimeoutError
from vitalband.recorder import Recorder
from vitalband.self_test import SelfTestItem
from vitalband.store.database import FrameRow
from vitalband.streams import GapFinder
from vitalband.subscription import Demand, Subscription
from vitalband.transport import Clock
from vitalband.values import (
    Acknowledgement,
    BandEvent,
    ConnectionEvent,
    ConsentChange,
    FrameGap,
    FramesLost,
    JournalLoss,
    LogLine,
    ReceivedAlert,
    SampleChunk,
    Stamp,
    StoreEvent,
    TimeStatus,
    VitalsUpdate,
)

VITALS, EVENTS, ALERTS, SELF_TESTS, HOSTS = "vitals", "events", "alerts", "self_tests", "hosts"
Topic = str | int
"""A topic by name, or a stream by its number."""
EARLY_LIMIT = 256
"""Events that are kept for the first subscriber while a band is being opened; a start gives a dozen."""


@dataclass(slots=True)
class Knowledge:
    """What the band has said about itself in this session."""

    identity: Identity | None = None
    handover: Handover | None = None
    manifest: dict[int, ManifestEntry] = field(default_factory=dict[int, ManifestEntry])
    issuance: Issuance | None = None
    boot_id: int | None = None

    @property
    def has_manifest(self) -> bool:
        """Whether every entry of one and the same manifest has come."""
        entries = list(self.manifest.values())
        return bool(entries) and len(entries) == entries[-1].entry_count

    def add_entry(self, entry: ManifestEntry) -> None:
        """Take in one entry; those of an older manifest are forgotten."""
        if any(known.manifest_digest != entry.manifest_digest for known in self.manifest.values()):
            self.manifest.clear()
        self.manifest[entry.entry] = entry


class Dispatcher:
    """Takes the link's events in; keeps the subscriptions, by topic and weakly: a dropped one ends."""

    def __init__(self, link: HostLink, clock: Clock, recorder: Recorder | None) -> None:
        self.demand = Demand()
        self.decoder = Decoder()
        self.known = Knowledge()
        self.on_gap: Callable[[FrameGap], None] | None = None
        self.on_extent: Callable[[JournalExtent], None] | None = None
        self.undecodable_frames = 0
        self.frames_taken = 0
        self.newest_ticks_ms: int | None = None
        self._newest_boot_id = 0
        self.on_consent: Callable[[ConsentChange], None] | None = None
        self.last_loss = ""
        self.last_exchange_ms: int | None = None
        self.wants_descriptors = False
        self._has_recorded_times = False
        self._link = link
        self._clock = clock
        self._recorder = recorder
        kept = None if recorder is None else recorder.consent_records
        self.gate = ConsentGate(lambda refused: self._tell(EVENTS, refused), kept)
        self._topics: dict[Topic, WeakSet[Subscription[Any]]] = {}
        self._early: dict[Topic, deque[object]] = {
            topic: deque(maxlen=EARLY_LIMIT) for topic in (EVENTS, ALERTS)
        }
        self._is_opening = True
        self._gaps: dict[int, GapFinder] = {}
        self._replies: dict[int, tuple[asyncio.Future[int], str]] = {}
        self._awaited: list[tuple[str, asyncio.Future[None]]] = []
        self._time_answer: asyncio.Future[int] | None = None
        self._offset_at_sending_us = 0
        self._end_error: BandError | None = None
        self._is_ended = False

    def use_recorded_times(self, times: TimeModel) -> None:
        """Place ticks by a recording's own exchanges; those with its replay would claim to be exact."""
        self.decoder.times = times
        self._has_recorded_times = True

    def end_opening(self) -> None:
        """From now on somebody can subscribe: what comes is kept for nobody any more."""
        self._is_opening = False

    # -- subscriptions --------------------------------------------------------------------------

    def subscribe(self, topic: Topic) -> Subscription[Any]:
        """A new subscription to a topic; it ends when it is closed or dropped.

        The first one to events, or to alerts, begins with those that came while the band was being opened.
        """
        subscription: Subscription[Any] = Subscription(self.demand)
        for item in self._early.pop(topic, ()):
            subscription.offer(item)
        if self._is_ended:
            subscription.end(self._end_error)
        self._topics.setdefault(topic, WeakSet()).add(subscription)
        return subscription

    def subscribed_streams(self) -> set[int]:
        """Streams that somebody iterates."""
        return {topic for topic in self._topics if isinstance(topic, int) and self._live(topic)}

    def dropped_items(self) -> int:
        """Items that subscribers still there did not take in time."""
        return sum(subscription.dropped for topic in self._topics for subscription in self._topics[topic])

    async def wait_for_room(self) -> None:
        """Wait until every subscriber that can come has room."""
        for topic in list(self._topics):
            for subscription in self._live(topic):
                await subscription.wait_for_room()

    def end_topic(self, topic: Topic, error: BandError) -> None:
        """End the subscriptions of one topic with an error."""
        for subscription in self._live(topic):
            subscription.end(error)

    def end(self, error: BandError | None) -> None:
        """End all subscriptions; they raise `error` when there is one."""
        self.gate.give_up()
        self._is_ended, self._end_error = True, error
        for topic in list(self._topics):
            for subscription in self._live(topic):
                subscription.end(error)

    def announce(self, event: ConnectionEvent, *, to_all: bool) -> None:
        """Tell those who follow events that the connection changed, or every subscriber."""
        for topic in list(self._topics) if to_all else [EVENTS]:
            self._offer(topic, event)

    def announce_store(self, event: StoreEvent) -> None:
        """Tell those who follow events that the store failed or works again."""
        self._offer(EVENTS, event)

    def note_loss(self, text: str) -> None:
        """Keep the reason of a failure that nobody waits for."""
        self.last_loss = text

    def _live(self, topic: Topic) -> list[Subscription[Any]]:
        return [subscription for subscription in self._topics.get(topic, ()) if not subscription.is_ended]

    def _offer(self, topic: Topic, item: object) -> None:
        for subscription in self._live(topic):
            subscription.offer(item)

    def time_status(self) -> TimeStatus:
        """How well the band's time is known."""
        return TimeStatus.of(self.decoder.times, self.known.boot_id)

    def is_time_in_doubt(self) -> bool:
        """Whether the band's last time exchange does not fit those before."""
        boot_id = self.known.boot_id
        return boot_id is not None and self.decoder.times.is_in_doubt(boot_id)

    def age_ms(self, stamp: Stamp) -> int:
        """How long before the band's newest frame something was measured; 0 for what is of another boot."""
        if self.newest_ticks_ms is None or stamp.boot_id != self._newest_boot_id:
            return 0
        return max(0, ticks_between(stamp.ticks_ms, self.newest_ticks_ms))

    # -- answers --------------------------------------------------------------------------------

    def expect_reply(self, request_id: int, what: str) -> "asyncio.Future[int]":
        """The answer to a request: the reply's detail, or `DeviceError`, or `LinkTimeoutError`."""
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._replies[request_id] = (answer, what)
        answer.add_done_callback(lambda _: self._replies.pop(request_id, None))
        return answer

    def expect_time(self, request_id: int) -> "asyncio.Future[int]":
        """The end of a time exchange: how uncertain it is, in microseconds, or a time-out."""
        self._offset_at_sending_us = self._utc_offset_us()
        self._time_answer = self.expect_reply(request_id, "time exchange")
        return self._time_answer

    def expect(self, what: str) -> "asyncio.Future[None]":
        """Done when `what` is known: "identity", "manifest" or "time"."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited.append((what, future))
        self._settle(what if self._is_known(what) else "")
        return future

    def _is_known(self, what: str) -> bool:
        known = {
            "identity": self.known.identity is not None,
            "manifest": self.known.has_manifest,
            "time": self.last_exchange_ms is not None,
        }
        return known[what]

    def _settle(self, what: str) -> None:
        for wanted, future in self._awaited:
            if wanted == what and not future.done():
                future.set_result(None)
        self._awaited = [item for item in self._awaited if not item[1].done()]

    def _reply(self, request_id: int, result: int, detail: int) -> None:
        answer, what = self._replies.get(request_id, (None, ""))
        if answer is None or answer.done():
            return
        if result == Result.OK:
            answer.set_result(detail)
        else:
            name = Result(result).name if result in Result.__members__.values() else f"result {result}"
            answer.set_exception(DeviceError(f"{what}: the band refused, {name} ({detail})", result, detail))

    def _timed_out(self, request_id: int) -> None:
        answer, what = self._replies.get(request_id, (None, ""))
        if answer is not None and not answer.done():
            answer.set_exception(LinkTimeoutError(f"{what}: the band did not answer in time"))

    # -- events of the link ---------------------------------------------------------------------

    def take(self, event: LinkEvent, now_ms: int) -> None:
        """Take in one event of the link; raises `HandshakeError` when the versions do not meet."""
        match event:
            case (events.EVENT_FRAME, frame, is_backfilled):
                self._frame(bytes(frame), bool(is_backfilled), now_ms)
            case (events.EVENT_REPLY, request_id, result, detail):
                self._reply(request_id, result, detail)
            case (events.EVENT_TIMEOUT, request_id):
                self._timed_out(request_id)
            case (events.EVENT_GAP, boot_id, first_sequence, count):
                self._gap(FrameGap(boot_id, first_sequence, count))
            case (events.EVENT_TIME, sent_ms, received_ticks, sent_ticks, received_ms):
                self._time(sent_ms, received_ticks, sent_ticks, received_ms)
            case (events.EVENT_DOWN, events.DOWN_INCOMPATIBLE):
                raise HandshakeError(f"the band speaks no protocol version that this SDK speaks ({VERSION})")
            case _:
                # Bad bytes, unknown kinds and the rest are counted by the link.
                pass

    def _gap(self, gap: FrameGap) -> None:
        self._offer(EVENTS, gap)
        if self.on_gap is not None:
            self.on_gap(gap)

    def note_lost(self, lost: FrameGap) -> None:
        """Tell those who follow events which frames the band has lost for good."""
        self._offer(EVENTS, FramesLost(lost.boot_id, lost.first_sequence, lost.frame_count))

    def _utc_offset_us(self) -> int:
        return self._clock.utc_us() - self._clock.monotonic_ms() * 1000

    def _time(self, sent_ms: int, received_ticks: int, sent_ticks: int, received_ms: int) -> None:
        offsets_us = self._offset_at_sending_us, self._utc_offset_us()
        exchange = measure_exchange(sent_ms, received_ticks, sent_ticks, received_ms, *offsets_us)
        # The reply's own header was accounted for just before: its boot is the ledger's newest.
        boot_id = self._link.ledger.boot_ids()[-1]
        self.known.boot_id = boot_id
        if not self._has_recorded_times:
            self.decoder.times.add(boot_id, exchange)
        if self._recorder is not None:
            self._recorder.add_exchange(bytes(self._link.peer_band_id), boot_id, exchange, received_ms)
        self.last_exchange_ms = received_ms
        self._settle("time")
        if self._time_answer is not None and not self._time_answer.done():
            self._time_answer.set_result(exchange.uncertainty_us)

    def _frame(self, frame: bytes, is_backfilled: bool, now_ms: int) -> None:
        self.frames_taken += 1
        _, kind, boot_id, sequence, ticks_ms, _ = unpack_header(frame, 0)
        if not is_backfilled:
            self._newest_boot_id, self.newest_ticks_ms = boot_id, ticks_ms
        if kind >= FIRST_SESSION_KIND:
            self._hand_out(self._decoded(frame, is_backfilled))
            return
        band_id, received_us = bytes(self._link.peer_band_id), self._clock.utc_us()
        row = FrameRow(band_id, boot_id, sequence, kind, ticks_ms, received_us, frame)
        for admitted in self.gate.take(GatedFrame(row, is_backfilled), now_ms):
            self._admit(admitted, now_ms)

    def _admit(self, frame: GatedFrame, now_ms: int) -> None:
        value = self._decoded(frame.row.frame, frame.is_backfilled)
        if self.gate.admits(frame.row, value):
            if self._recorder is not None:
                self._recorder.add(frame.row, now_ms)
            self._hand_out(value)

    def _decoded(self, frame: bytes, is_backfilled: bool) -> object:
        """The value of a frame; the error of one that has none, which is handed out to nobody."""
        try:
            return self.decoder.decode(frame, is_backfilled=is_backfilled)
        except FrameError as error:
            self.undecodable_frames += 1
            self.last_loss = str(error)
            return error

    def _hand_out(self, value: object) -> None:
        match value:
            case None:
                self.wants_descriptors = True
            case VitalsUpdate():
                self._offer(VITALS, value)
            case tuple():
                for update in cast(tuple[object, ...], value):
                    self._offer(VITALS, update)
            case SampleChunk():
                self._hand_out_chunk(value)
            case SelfTestItem():
                self._offer(SELF_TESTS, value)
            case PairedHost():
                self._offer(HOSTS, value)
            case ReceivedAlert() | Acknowledgement():
                self._tell(ALERTS, value)
            case ConsentChange():
                self._tell(EVENTS, value)
                if self.on_consent is not None:
                    self.on_consent(value)
            case BandEvent() | LogLine() | JournalLoss():
                self._tell(EVENTS, value)
            case _:
                self._learn(value)

    def _tell(self, topic: Topic, value: object) -> None:
        if self._is_opening:
            self._early[topic].append(value)
        self._offer(topic, value)

    def _learn(self, value: object) -> None:
        match value:
            case Identity():
                self.known.identity = value
                self._settle("identity")
            case Handover():
                self.known.handover = value
            case ManifestEntry():
                self.known.add_entry(value)
                self._settle("manifest" if self.known.has_manifest else "")
            case Issuance():
                self.known.issuance = value
            case BackfillRange():
                if value.state != BackfillState.SENDING:
                    self._reply(value.request_id, Result.OK, value.frame_count)
            case JournalExtent():
                if self.on_extent is not None:
                    self.on_extent(value)
            case _:
                pass

    def _hand_out_chunk(self, chunk: SampleChunk) -> None:
        stream_id = chunk.descriptor.stream_id
        finder = self._gaps.setdefault(stream_id, GapFinder(stream_id))
        gap = finder.gap_before(chunk.stamp.boot_id, chunk.first_sample, len(chunk.counts))
        if gap is not None:
            self._offer(stream_id, gap)
        self._offer(stream_id, chunk)
