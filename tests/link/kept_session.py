"""A session over serial that holds every kind of frame, of a band with a journal and a host with a store.

Journal and store are dictionaries, which outlive connections; all between them is the link itself. A session
can be cut after any byte of either direction, and another one begun.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bandschema import codec
from bandschema.enums import BackfillState, CommandCode, Result
from bandschema.layout import BY_NAME
from bandschema.records import (
    BackfillRange,
    BackfillRequest,
    Command,
    Header,
    JournalExtent,
    Record,
    Reply,
    StoreConfirm,
)
from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME, EVENT_GAP, EVENT_REPLY, EVENT_UP
from bandwire.frames import FIRST_SESSION_KIND, HEADER_BYTES, pack_header_into
from bandwire.hostlink import HostLink
from bandwire.numbering import Numbering
from bandwire.outbox import FrameQueue
from bandwire.serial import SerialCarrier
from link.pairs import BAND_ID, BOOT_ID, never_raise

VECTORS = Path(__file__).parents[2] / "protocol/bandschema/vectors"
EARLIER_BOOT = BOOT_ID - 1
LONG_BYTES = 700
TIMEOUT_MS = 1000
STEP_MS = 10
ASKED_AT_ONCE = 16
LIVE_ROUNDS = 3

Key = tuple[int, int]

decode = cache(codec.decode)
encode = cache(codec.encode)
"""A session is played thousands of times, with the same frames, and the codec of the schema is slow."""


@cache
def vectors(*, is_session: bool) -> tuple[tuple[str, bytes], ...]:
    """Name and payload of a golden vector of each kind: the longest one of those that are not very long."""
    found: list[tuple[str, bytes]] = []
    for name, layout in BY_NAME.items():
        if (layout.kind >= FIRST_SESSION_KIND) == is_session:
            lines = (VECTORS / f"{name}.jsonl").read_text("utf-8").splitlines()
            frames = [bytes.fromhex(json.loads(line)["frame"]) for line in lines]
            found.append((name, max((f for f in frames if len(f) < LONG_BYTES), key=len)[HEADER_BYTES:]))
    return tuple(found)


class LiveFrames(FrameQueue):
    """Frames that wait to be sent live: none is dropped."""

    drops = 0


class KeptFrames:
    """A source of the link over frames of the journal."""

    def __init__(self) -> None:
        self.buffer = b""
        self.start = 0
        self.frames: list[bytes] = []

    def peek(self) -> int:
        self.buffer = self.frames[0] if self.frames else b""
        return len(self.buffer)

    def advance(self) -> None:
        del self.frames[0]


class JournalBand:
    """A band that keeps every frame before it may be sent."""

    def __init__(self) -> None:
        self.journal: dict[Key, bytes] = {}
        self.confirmed: set[Key] = set()
        self.numbering = Numbering(BOOT_ID, never_raise)
        self._live = LiveFrames(1 << 16)
        self._backfill = KeptFrames()
        self.link = BandLink(
            self.numbering,
            band_id=BAND_ID,
            live=self._live,
            backfill=self._backfill,
            capabilities=1,
            max_frame_bytes=1024,
            post_bytes=4096,
        )
        self.carrier = SerialCarrier(self.link)
        self._asked: BackfillRequest | None = None
        self._sent = 0

    def keep(self, name: str, payload: bytes, now_ms: int, earlier: int | None = None) -> None:
        """A numbered frame goes into the journal; one of an earlier boot is not sent live."""
        frame = bytearray(HEADER_BYTES) + payload
        boot_id = BOOT_ID if earlier is None else EARLIER_BOOT
        sequence = self.numbering.take() if earlier is None else earlier
        pack_header_into(frame, 0, BY_NAME[name].kind, boot_id, sequence, now_ms & 0xFFFF, now_ms >> 16, 0)
        self.journal[boot_id, sequence] = bytes(frame)
        if earlier is None:
            assert self._live.push(frame, len(frame))

    def part(self) -> None:
        """The cable is out: what its driver holds is gone. The link learns of it by the next hello."""
        self.carrier = SerialCarrier(self.link)

    def take(self, data: bytes, now_ms: int) -> None:
        self.carrier.receive(data, len(data), now_ms)
        while (event := self.carrier.next_event(now_ms)) is not None:
            if event[0] == EVENT_FRAME:
                self._answer(decode(bytes(event[1]))[1])
            elif event[0] == EVENT_UP:
                self._backfill.frames.clear()
                self._asked = None

    def step(self) -> None:
        """Say that all is sent that was asked for, once it is."""
        if self._asked is not None and self.link.is_backfill_sent:
            self._tell(BackfillState.DONE, self._sent)
            self._asked = None

    def _answer(self, record: Record) -> None:
        match record:
            case Command(command=CommandCode.SEND_JOURNAL):
                self._send_extents(record.request_id)
            case Command():
                self._post(Reply(request_id=record.request_id, result=Result.OK, detail=0))
            case BackfillRequest():
                self._begin(record)
            case StoreConfirm(confirmed_boot_id=boot_id, first_sequence=first, frame_count=count):
                self.confirmed.update((boot_id, number) for number in range(first, first + count))
            case _:
                pass

    def _begin(self, asked: BackfillRequest) -> None:
        stop = asked.first_sequence + asked.frame_count
        wanted = [(asked.wanted_boot_id, number) for number in range(asked.first_sequence, stop)]
        self._backfill.frames[:] = [self.journal[key] for key in wanted if key in self.journal]
        self._asked, self._sent = asked, len(self._backfill.frames)
        if self._sent:
            self._tell(BackfillState.SENDING, self._sent)
        else:
            self._tell(BackfillState.NOT_KEPT, 0)
            self._asked = None

    def _tell(self, state: BackfillState, count: int) -> None:
        asked = self._asked
        assert asked is not None
        self._post(
            BackfillRange(
                request_id=asked.request_id,
                state=state,
                wanted_boot_id=asked.wanted_boot_id,
                first_sequence=asked.first_sequence,
                frame_count=count,
            )
        )

    def _send_extents(self, request_id: int) -> None:
        boots = sorted({boot_id for boot_id, _ in self.journal})
        self._post(Reply(request_id=request_id, result=Result.OK, detail=len(boots)))
        for index, boot_id in enumerate(boots):
            numbers = [number for boot, number in self.journal if boot == boot_id]
            self._post(
                JournalExtent(
                    extent=index,
                    extent_count=len(boots),
                    described_boot_id=boot_id,
                    first_sequence=min(numbers),
                    next_sequence=max(numbers) + 1,
                    frame_count=len(numbers),
                )
            )

    def _post(self, record: Record) -> None:
        frame = encode(Header(kind=record.KIND, boot_id=0, sequence=0, ticks_ms=0), record)
        assert self.link.post(frame, len(frame))


class StoringHost:
    """A host whose `store` outlives it: asks for what that lacks of the journal, and confirms."""

    def __init__(self, store: dict[Key, bytes], session: int) -> None:
        self.store = store
        self.link = HostLink(session.to_bytes(8, "little"), post_bytes=8192)
        self.carrier = SerialCarrier(self.link)
        self.duplicates = 0
        self._now_ms = 0
        self._extents: dict[int, JournalExtent] = {}
        self._wanted: list[tuple[int, int, int]] = []
        self._request_id = -1

    @property
    def is_done(self) -> bool:
        """Whether it has the journal's extents and all that it asked for."""
        known = bool(self._extents) and len(self._extents) == next(iter(self._extents.values())).extent_count
        return known and not self._wanted and self._request_id < 0

    def take(self, data: bytes, now_ms: int) -> None:
        self._now_ms = now_ms
        self.carrier.receive(data, len(data), now_ms)
        while (event := self.carrier.next_event(now_ms)) is not None:
            if event[0] == EVENT_UP:
                self.link.send_command(CommandCode.SEND_JOURNAL, 0, 0, TIMEOUT_MS, now_ms)
            elif event[0] == EVENT_FRAME:
                self._take_frame(bytes(event[1]))
            elif event[0] == EVENT_GAP and self._extents:
                self._wanted.append(event[1:4])
            elif event[0] == EVENT_REPLY and event[1] == self._request_id:
                self._request_id = -1
        self._ask()

    def _take_frame(self, frame: bytes) -> None:
        header, record = decode(frame)
        if header.kind < FIRST_SESSION_KIND:
            key = header.boot_id, header.sequence
            self.duplicates += key in self.store
            assert self.store.get(key, frame) == frame
            self.store[key] = frame
            self.link.confirm_stored(*key, 1)
        elif isinstance(record, JournalExtent):
            self._extents[record.extent] = record
            self._take_extent(record)
        elif isinstance(record, BackfillRange) and record.state != BackfillState.SENDING:
            self._request_id = -1

    def _take_extent(self, extent: JournalExtent) -> None:
        first = None
        boot_id = extent.described_boot_id
        for number in range(extent.first_sequence, extent.next_sequence + 1):
            is_there = number == extent.next_sequence or (boot_id, number) in self.store
            if not is_there and first is None:
                first = number
            elif is_there and first is not None:
                self._wanted.append((boot_id, first, number - first))
                first = None

    def _ask(self) -> None:
        if self._request_id < 0 and self._wanted:
            boot_id, first, count = self._wanted.pop(0)
            asked = min(count, ASKED_AT_ONCE)
            if asked < count:
                self._wanted.insert(0, (boot_id, first + asked, count - asked))
            self._request_id = self.link.request_backfill(boot_id, first, asked, TIMEOUT_MS, self._now_ms)


@dataclass
class Line:
    """Bytes that have passed in each direction; `from_band`, `from_host` are where it is cut, if at all."""

    from_band: int | None = None
    from_host: int | None = None
    band_bytes: int = 0
    host_bytes: int = 0

    @property
    def is_cut(self) -> bool:
        return self.from_band == self.band_bytes or self.from_host == self.host_bytes

    def carry(self, band: JournalBand, host: StoringHost, now_ms: int) -> None:
        """Carry what both sides have to say until neither has more, or the line parts."""
        is_busy = True
        while is_busy and not self.is_cut:
            is_busy = False
            while (data := _next(host.carrier, now_ms)) and not self.is_cut:
                data = data if self.from_host is None else data[: self.from_host - self.host_bytes]
                self.host_bytes += len(data)
                band.take(data, now_ms)
                is_busy = True
            band.step()
            if (data := _next(band.carrier, now_ms)) and not self.is_cut:
                data = data if self.from_band is None else data[: self.from_band - self.band_bytes]
                self.band_bytes += len(data)
                host.take(data, now_ms)
                is_busy = True
            band.step()


def _next(carrier: SerialCarrier, now_ms: int) -> bytes:
    count = carrier.fill(now_ms)
    data = bytes(carrier.output[carrier.output_start : carrier.output_start + count])
    carrier.sent(count)
    return data


def play(line: Line) -> tuple[JournalBand, StoringHost]:
    """The reference session, as far as the line lets it come: two boots to fetch, frames live, requests."""
    band = JournalBand()
    names = vectors(is_session=False)
    for at, (name, payload) in enumerate(names):
        band.keep(name, payload, 1 + at, earlier=100 + at)
    band.keep(*names[0], 5)
    host = StoringHost({}, 1)
    now_ms = 20
    line.carry(band, host, now_ms)
    for at, (name, payload) in enumerate(names * LIVE_ROUNDS):
        if line.is_cut:
            break
        band.keep(name, payload, now_ms)
        if at % 5 == 0:
            host.link.request_time(at, TIMEOUT_MS, now_ms)
        now_ms += STEP_MS
        line.carry(band, host, now_ms)
    for name, payload in vectors(is_session=True):
        if not line.is_cut and name in HOST_KINDS:
            frame = bytearray(HEADER_BYTES) + payload
            frame[1] = BY_NAME[name].kind
            host.link.post(frame, len(frame))
            line.carry(band, host, now_ms)
    return band, host


HOST_KINDS = ("alert", "cuff_reading", "issuance")


def come_back(band: JournalBand, store: dict[Key, bytes]) -> StoringHost:
    """Another host connects to the band with the same store, and fetches what that lacks."""
    band.part()
    host = StoringHost(store, 2)
    Line().carry(band, host, 10_000)
    return host
