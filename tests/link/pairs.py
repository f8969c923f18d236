"""A band and a host, joined record by record; the carrier between them may do what carriers do."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME
from bandwire.frames import (
    HEADER_BYTES,
    KIND_REPLY,
    KIND_SAMPLE_BLOCK,
    REPLY_BYTES,
    pack_header_into,
    pack_reply_into,
)
from bandwire.hostlink import HostLink
from bandwire.link import Link
from bandwire.numbering import Numbering
from fuzz.kept_frames import FrameMemory, MemoryReader
from link.given_seal import GivenSeal

CARRIER_BYTES = (19, 20, 64, 244, 514)
BAND_ID = b"band-one"
SESSION_ID = b"session1"
BOOT_ID = 7

Event = tuple[Any, ...]


def never_raise() -> int:
    raise AssertionError("the boot id must not be raised here")


class Pair:
    """A band that keeps frames, a host, and the moment they share."""

    def __init__(
        self,
        max_bytes: int = 244,
        *,
        memory_bytes: int = 4096,
        session_id: bytes = SESSION_ID,
        first_sequence: int = 0,
        band_seal: Any = None,
        host_seal: Any = None,
        band_session: Any = None,
        host_session: Any = None,
        is_clear_allowed: bool = True,
        host_max_frame_bytes: int = 1024,
        now_ms: int = 0,
    ) -> None:
        self.max_bytes = max_bytes
        self.now_ms = now_ms
        if band_seal is not None:
            band_session = GivenSeal(band_seal)
        if host_seal is not None:
            number = BOOT_ID.to_bytes(2, "little") + first_sequence.to_bytes(3, "little")
            host_session = GivenSeal(host_seal, BAND_ID + number)
        self.numbering = Numbering(BOOT_ID, never_raise, first_sequence)
        self.memory = FrameMemory(memory_bytes)
        self.reader = MemoryReader(self.memory)
        self.band = BandLink(
            self.numbering,
            band_id=BAND_ID,
            live=self.memory,
            backfill=self.reader,
            session=band_session,
            is_clear_allowed=is_clear_allowed,
            capabilities=5,
        )
        self.host = HostLink(
            session_id, session=host_session, capabilities=64, max_frame_bytes=host_max_frame_bytes
        )
        self.band_events: list[Event] = []
        self.host_events: list[Event] = []
        self.appended: list[bytes] = []

    def append(self, payload: bytes = b"", kind: int = KIND_SAMPLE_BLOCK) -> bytes:
        """A numbered frame is kept."""
        frame = bytearray(HEADER_BYTES) + payload
        sequence = self.numbering.take()
        low, high = self.now_ms & 0xFFFF, self.now_ms >> 16
        pack_header_into(frame, 0, kind, self.numbering.boot_id, sequence, low, high, self.memory.drops & 255)
        self.memory.append(frame, len(frame))
        self.appended.append(bytes(frame))
        return bytes(frame)

    def post_reply(self, request_id: int = 1) -> None:
        """The band posts an answer."""
        frame = bytearray(REPLY_BYTES)
        frame[1] = KIND_REPLY
        pack_reply_into(frame, 0, request_id, 0, 0)
        assert self.band.post(frame, len(frame))

    def from_band(self) -> bytes:
        """The band's next record, b"" for none."""
        return next_record(self.band, self.max_bytes, self.now_ms)

    def from_host(self) -> bytes:
        """The host's next record, b"" for none."""
        return next_record(self.host, self.max_bytes, self.now_ms)

    def to_band(self, record: bytes) -> list[Event]:
        """The band takes a record; its events."""
        self.band.receive_record(bytearray(record), self.now_ms)
        events = take_events(self.band)
        self.band_events += events
        return events

    def to_host(self, record: bytes) -> list[Event]:
        """The host takes a record; its events."""
        self.host.receive_record(record, self.now_ms)
        events = take_events(self.host)
        self.host_events += events
        return events

    def run(self, refuse: Callable[[], bool] = lambda: False) -> None:
        """Carry records both ways until neither side has one; `refuse` holds the carrier up at times."""
        is_busy = True
        while is_busy:
            is_busy = refuse()
            if not refuse() and (record := self.from_host()):
                self.to_band(record)
                is_busy = True
            if not refuse() and (record := self.from_band()):
                self.to_host(record)
                is_busy = True

    def pass_time(self, duration_ms: int) -> None:
        """Both sides notice that time has passed."""
        self.now_ms += duration_ms
        self.band.poll(self.now_ms)
        self.host.poll(self.now_ms)
        self.band_events += take_events(self.band)
        self.host_events += take_events(self.host)

    def frames_at_host(self) -> list[bytes]:
        """Frames that the host gave on."""
        return [event[1] for event in self.host_events if event[0] == EVENT_FRAME]

    def frames_at_band(self) -> list[bytes]:
        """Frames that the band gave on."""
        return [event[1] for event in self.band_events if event[0] == EVENT_FRAME]


def next_record(link: Link, max_bytes: int, now_ms: int) -> bytes:
    record = bytearray(max_bytes)
    return bytes(record[: link.next_record_into(record, max_bytes, now_ms)])


def records_of(link: Link, max_bytes: int, now_ms: int) -> Iterator[bytes]:
    """Records until the link has none."""
    while record := next_record(link, max_bytes, now_ms):
        yield record


def take_events(link: Link) -> list[Event]:
    """All events that wait; the band's frames are copied, as their memory is lent."""
    events: list[Event] = []
    while (event := link.next_event()) is not None:
        events.append((event[0], bytes(event[1]), event[2]) if event[0] == EVENT_FRAME else event)
    return events


def refusal(seed: int) -> Callable[[], bool]:
    """A carrier that refuses in two of three cases, in an order given by `seed`."""
    random = Random(seed)
    return lambda: random.random() < 2 / 3


def up_pair(*args: Any, **options: Any) -> Pair:
    """A pair whose connection stands, its events taken."""
    pair = Pair(*args, **options)
    pair.run()
    pair.band_events.clear()
    pair.host_events.clear()
    return pair
