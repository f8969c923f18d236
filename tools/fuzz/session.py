"""A band and a host that a fuzzer drives: their moment, what lies between them, and what must hold."""

from itertools import pairwise
from typing import Any

from bandwire.accounting import MAX_BOOTS, MAX_RANGES
from bandwire.bandlink import BandLink
from bandwire.errors import LocalError
from bandwire.events import EVENT_BAD, EVENT_FRAME, EVENT_UP
from bandwire.frames import (
    FIRST_SESSION_KIND,
    HEADER_BYTES,
    KIND_REPLY,
    REPLY_BYTES,
    pack_header_into,
    pack_reply_into,
)
from bandwire.hostlink import HostLink
from bandwire.link import Link
from bandwire.numbering import Numbering
from bandwire.record import MAX_RECORD_BYTES
from bandwire.requests import MAX_OPEN
from bandwire.serial import SerialCarrier
from fuzz.kept_frames import FrameMemory, MemoryReader

BAND_ID = b"band-one"
_MEMORY_BYTES = 2048
_REMEMBERED_REQUESTS = 64
_MOST_EVENTS_A_BYTE = 1
"""A record of n bytes gives at most so many events a byte, beyond the few that time gives: a length and a
frame that is none take two bytes, and a frame of a session kind gives one event and may show one gap."""
_MOST_EVENTS_OF_TIME = MAX_OPEN + 16

Event = tuple[Any, ...]


class Session:
    """Both ends over records of `max_bytes`; every step ends in `settle`, which checks what must hold always.

    While `is_honest`, nothing that neither side sent has come in: then what the host gives on is what the
    band appended. The carriers join the same links to a byte stream.
    """

    def __init__(self, max_bytes: int, first_sequence: int) -> None:
        self.max_bytes = max_bytes
        self.now_ms = 0
        self.is_honest = True
        self.to_host: list[bytes] = []
        self.to_band: list[bytes] = []
        self.numbering = Numbering(7, self._raised_boot, first_sequence)
        self.memory = FrameMemory(_MEMORY_BYTES)
        self.reader = MemoryReader(self.memory)
        self.band = BandLink(self.numbering, band_id=BAND_ID, live=self.memory, backfill=self.reader)
        self.host = HostLink(b"session0")
        self.band_carrier = SerialCarrier(self.band)
        self.host_carrier = SerialCarrier(self.host)
        self.appended: dict[tuple[int, int], bytes] = {}
        self.given_on: list[bytes] = []
        self.bad_events = {id(self.band): 0, id(self.host): 0}
        self._sessions = 0
        self._room = _room_of(self.band, self.band_carrier) + _room_of(self.host, self.host_carrier)

    def _raised_boot(self) -> int:
        return self.numbering.boot_id + 1

    def append(self, kind: int, payload: bytes) -> None:
        """The band makes a numbered frame."""
        frame = bytearray(HEADER_BYTES) + payload
        sequence = self.numbering.take()
        boot_id, ticks = self.numbering.boot_id, (self.now_ms & 0xFFFF, self.now_ms >> 16 & 0xFFFF)
        kind %= FIRST_SESSION_KIND
        pack_header_into(frame, 0, kind, boot_id, sequence, ticks[0], ticks[1], self.memory.drops & 0xFF)
        self.memory.append(frame, len(frame))
        self.appended[boot_id, sequence] = bytes(frame)

    def post_reply(self, request_id: int) -> None:
        """The band answers something."""
        frame = bytearray(REPLY_BYTES)
        frame[1] = KIND_REPLY
        pack_reply_into(frame, 0, request_id, 0, 0)
        self.band.post(frame, len(frame))

    def send_from(self, link: Link) -> bytes:
        """The next record of a side, b"" for none; it is not under way yet."""
        record = bytearray(self.max_bytes)
        length = link.next_record_into(record, self.max_bytes, self.now_ms)
        assert 0 <= length <= min(self.max_bytes, MAX_RECORD_BYTES)
        return bytes(record[:length])

    def give(self, link: Link, record: bytes) -> None:
        """A record comes in at a side."""
        link.receive_record(bytearray(record), self.now_ms)
        self.settle(link, len(record))

    def give_stream(self, carrier: SerialCarrier, data: bytes) -> None:
        """Bytes come in at a side's serial port."""
        carrier.receive(data, len(data), self.now_ms)
        for _ in range(_MOST_EVENTS_A_BYTE * len(data) + _MOST_EVENTS_OF_TIME):
            event = carrier.next_event(self.now_ms)
            if event is None:
                break
            self._take(carrier.link, event)
        else:
            raise AssertionError(f"more events than {len(data)} bytes can give")
        assert carrier.deframer._at == carrier.deframer._stop
        self.settle(carrier.link, 0)

    def pass_time(self, duration_ms: int) -> None:
        """Time passes, and both sides are asked what it demands."""
        self.now_ms += duration_ms
        for link in (self.band, self.host):
            deadline_ms = link.poll(self.now_ms)
            assert deadline_ms == -1 or deadline_ms >= self.now_ms, (deadline_ms, self.now_ms)
            self.settle(link, 0)

    def restart_host(self) -> None:
        """The host begins another connection."""
        self._sessions += 1
        self.host.restart(b"session" + bytes([self._sessions & 0xFF]), self.now_ms)
        self.settle(self.host, 0)

    def restart_band(self) -> None:
        """The band loses its memory and starts again, under the next boot id."""
        boot_id = self.numbering.boot_id + 1
        self.memory.forget()
        self.memory.drops = 0
        self.numbering.boot_id, self.numbering.next_sequence = boot_id, 0
        self.band = BandLink(self.numbering, band_id=BAND_ID, live=self.memory, backfill=self.reader)
        self.band_carrier = SerialCarrier(self.band)
        self.bad_events[id(self.band)] = 0
        self.to_host.clear()
        self.to_band.clear()

    def ask(self, way: int, first: int, count: int) -> None:
        """The host asks for something; it may be told that too much waits."""
        try:
            if way == 0:
                self.host.request_time(first, 1000 + count, self.now_ms)
            elif way == 1:
                self.host.send_command(count & 0xFF, 1, first, 1000 + count, self.now_ms)
            else:
                self.host.request_backfill(self.numbering.boot_id, first, 1 + count, 2000, self.now_ms)
        except LocalError:
            waiting = len(self.host.requests.open_ids())
            assert waiting == MAX_OPEN or self.host._outbox.queue.peek()

    def settle(self, link: Link, record_bytes: int) -> None:
        """Take what a side has to tell, and check what must hold after every step."""
        bound = _MOST_EVENTS_A_BYTE * record_bytes + _MOST_EVENTS_OF_TIME
        assert len(link._events) <= bound, (len(link._events), bound)
        while (event := link.next_event()) is not None:
            self._take(link, event)
        assert sum(link.bad_counts) == self.bad_events[id(link)]
        room = _room_of(self.band, self.band_carrier) + _room_of(self.host, self.host_carrier)
        assert room == self._room
        self._check_account()

    def _take(self, link: Link, event: Event) -> None:
        if event[0] == EVENT_BAD:
            self.bad_events[id(link)] += 1
        elif event[0] == EVENT_UP:
            assert link.is_up
        elif event[0] == EVENT_FRAME:
            assert len(event[1]) >= HEADER_BYTES
            if link is self.host:
                self._take_at_host(event[1])

    def _take_at_host(self, frame: bytes) -> None:
        if self.is_honest and frame[1] < FIRST_SESSION_KIND:
            number = int.from_bytes(frame[2:4], "little"), int.from_bytes(frame[4:7], "little")
            assert self.appended.get(number) == frame, frame.hex()
            self.given_on.append(frame)

    def _check_account(self) -> None:
        ledger, requests = self.host.ledger, self.host.requests
        assert ledger.received + ledger.repaired + ledger.missing == ledger.assigned
        boots = ledger.boot_ids()
        assert len(boots) <= MAX_BOOTS
        assert boots == sorted(set(boots))
        still = 0
        for boot_id in boots:
            ranges = ledger.missing_ranges(boot_id)
            assert len(ranges) <= MAX_RANGES
            assert all(count > 0 for _, count in ranges)
            assert all(one[0] + one[1] < other[0] for one, other in pairwise(ranges))
            still += sum(count for _, count in ranges)
        assert still + ledger.forgotten == ledger.missing, (still, ledger.forgotten, ledger.missing)
        assert len(requests.open_ids()) <= MAX_OPEN
        assert max(len(requests._answered), len(requests._timed_out)) <= _REMEMBERED_REQUESTS


def _room_of(link: Link, carrier: SerialCarrier) -> int:
    """Bytes of all buffers of a side: none of them may grow."""
    inbox, outbox = link._inbox, link._outbox
    lanes = [lane for _, lane in outbox._lanes if lane is not None]
    return (
        sum(len(frame.buffer) for frame in inbox._unfinished)
        + sum(len(lane._copy) for lane in lanes)
        + len(outbox.queue.buffer)
        + len(outbox.hello_queue.buffer)
        + len(carrier.deframer._packet)
        + len(carrier.output)
        + len(carrier._record)
    )
