"""Records one by one, and frames out of them: before anything came, and at every edge."""

import pytest

from bandwire.events import BAD_BEFORE_HELLO, BAD_REASSEMBLY, BAD_RECORD, BAD_REPLAY, BAD_SEAL, EventQueue
from bandwire.frames import HEADER_BYTES, ROLE_BAND
from bandwire.inbox import REASSEMBLY_TIMEOUT_MS, Inbox, Reassembly
from bandwire.record import (
    CLASS_BACKFILL,
    CLASS_LIVE,
    CONTENT_FIRST_FRAGMENT,
    CONTENT_FRAMES,
    CONTENT_ONE_FRAME,
    MAX_RECORD_BYTES,
    RecordReader,
    RecordWriter,
)

HELLO, SEALED = 0x20, 0x10


class Stamp:
    """A seal of one byte, for the parts that only carry it; `opened_bytes` is what it says it opened."""

    overhead = 1

    def __init__(self, opened_bytes: "int | None" = None):
        self.opened_bytes = opened_bytes
        self.asked: list[tuple[int, int]] = []

    def seal_into(self, record, length, counter, sender):
        self.asked.append((counter, sender))
        record[length] = 0xEE
        return length + 1

    def open_into(self, record, counter, sender, opened):
        self.asked.append((counter, sender))
        assert len(opened) == MAX_RECORD_BYTES
        end = len(record) - 1
        opened[:end] = record[:end]
        return end if self.opened_bytes is None else self.opened_bytes


def record(kind: int, counter: int, content: bytes = b"x") -> bytes:
    return bytes([kind]) + counter.to_bytes(2, "little") + content


def joined(seal: "Stamp | None" = None, counter: int = 0) -> RecordReader:
    """A reader that had a hello of this counter."""
    reader = RecordReader(ROLE_BAND, seal is not None)
    assert reader.open(record(HELLO, counter)) == -1
    reader.restart()
    reader.seal = seal
    return reader


def test_a_new_reader_has_opened_nothing():
    reader = RecordReader(ROLE_BAND, False)
    assert (reader.buffer, reader.start, reader.stop) == (b"", 3, 0)
    assert (reader.content, reader.priority, reader.is_hello) == (0, 0, False)
    assert (reader.counter, reader.lost, reader.lost_records) == (0, 0, 0)
    assert reader.open(record(0, 0)) == BAD_BEFORE_HELLO


def test_a_record_tells_its_kind_and_its_counter():
    reader = joined()
    data = record(CONTENT_ONE_FRAME | CLASS_BACKFILL << 2, 1, b"abc")
    assert reader.open(data) == -1
    assert (reader.content, reader.priority, reader.is_hello) == (CONTENT_ONE_FRAME, CLASS_BACKFILL, False)
    assert (reader.counter, reader.lost, reader.lost_records) == (1, 0, 0)
    assert reader.buffer[reader.start : reader.stop] == b"abc"
    assert reader.open(record(CONTENT_FIRST_FRAGMENT | CLASS_LIVE << 2, 4)) == -1
    assert (reader.content, reader.priority) == (CONTENT_FIRST_FRAGMENT, CLASS_LIVE)
    assert (reader.counter, reader.lost, reader.lost_records) == (4, 2, 2)
    assert reader.open(record(0, 6)) == -1
    assert (reader.counter, reader.lost, reader.lost_records) == (6, 1, 3)
    assert reader.open(record(HELLO, 6)) == -1
    assert (reader.is_hello, reader.lost, reader.lost_records) == (True, 0, 3)


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"", BAD_RECORD),
        (b"\0\1\0", BAD_RECORD),
        (record(0, 1), -1),
        (record(0, 1, bytes(MAX_RECORD_BYTES - 3)), -1),
        (record(0, 1, bytes(MAX_RECORD_BYTES - 2)), BAD_RECORD),
        (record(0x40, 1), BAD_RECORD),
        (record(0x80, 1), BAD_RECORD),
        (record(3 << 2, 1), BAD_RECORD),
        (record(2 << 2, 1), -1),
        (record(SEALED, 1), BAD_SEAL),
        (record(SEALED | HELLO, 1), BAD_SEAL),
        (record(0, 0), BAD_REPLAY),
        (record(0, 0x8000), -1),
        (record(0, 0x8001), BAD_REPLAY),
    ],
)
def test_a_record_is_good_or_bad_for_one_reason(data, verdict):
    assert joined().open(data) == verdict


def test_a_counter_goes_on_beyond_its_16_bits():
    seal = Stamp()
    reader = joined(seal, 0xFFFE)
    for counter in (0xFFFF, 0x0000, 0x7FFF, 0xFFFE, 0x0001):
        assert reader.open(record(SEALED, counter, b"ab")) == -1
        assert bytes(reader.buffer[reader.start : reader.stop]) == b"a"
    assert [counter for counter, _ in seal.asked] == [0xFFFF, 0x10000, 0x17FFF, 0x1FFFE, 0x20001]
    assert {sender for _, sender in seal.asked} == {ROLE_BAND}
    assert (reader.counter, reader.lost) == (0x20001, 2)


@pytest.mark.parametrize(("opened_bytes", "verdict"), [(0, BAD_SEAL), (3, BAD_SEAL), (4, -1)])
def test_a_seal_must_open_to_more_than_a_header(opened_bytes, verdict):
    reader = joined(Stamp(opened_bytes))
    assert reader.open(record(SEALED, 1, b"ab")) == verdict
    assert reader.open(record(0, 2)) == BAD_SEAL
    assert reader.lost_records == 0


@pytest.mark.parametrize(
    ("again", "next_good", "lost"),
    [(0, 1, 0), (1, 2, 0), (5, 6, 0), (0x8000, 0x8001, 0), (0x8001, 1, 0), (0xFFFF, 1, 0)],
)
def test_a_hello_said_again_goes_on_from_its_counter_unless_that_is_older(again, next_good, lost):
    reader = joined()
    assert reader.open(record(HELLO, again)) == -1
    reader.rejoin()
    assert reader.open(record(0, next_good)) == -1
    assert (reader.counter, reader.lost) == (next_good, lost)


def test_a_hello_said_again_moves_no_counter_under_a_seal_as_anybody_may_say_it():
    reader = joined(Stamp())
    assert reader.open(record(HELLO, 0x7000)) == -1
    reader.rejoin()
    assert reader.open(record(SEALED, 1, b"ab")) == -1


def test_a_hello_said_again_without_a_connection_begins_none():
    reader = joined()
    reader.close()
    assert reader.open(record(HELLO, 0)) == -1
    reader.rejoin()
    assert reader.open(record(0, 1)) == BAD_BEFORE_HELLO


def test_a_writer_counts_its_records_and_seals_all_but_hellos():
    seal, data = Stamp(), bytearray(8)
    writer = RecordWriter(ROLE_BAND)
    assert writer.overhead == 0
    writer.seal = seal
    assert writer.overhead == 1
    assert writer.close_hello(data, 4, CONTENT_FIRST_FRAGMENT) == 4
    assert data[:4] == b"\x21\0\0\0"
    assert writer.close(data, 4, CONTENT_ONE_FRAME, CLASS_BACKFILL) == 5
    assert data[:5] == b"\x1b\1\0\0\xee"
    for _ in range(0x1FF):
        writer.close(data, 4, CONTENT_FRAMES, CLASS_LIVE)
    assert data[:5] == b"\x14\0\2\0\xee"
    assert seal.asked[-1] == (0x200, ROLE_BAND)
    assert writer.close(data, 4, CONTENT_FRAMES, CLASS_LIVE, is_clear=True) == 4
    assert data[:3] == b"\x04\1\2"
    writer.restart()
    assert writer.seal is None
    assert writer.close_hello(data, 4, CONTENT_FRAMES) == 4
    assert data[:3] == b"\x20\0\0"
    clear = RecordWriter(ROLE_BAND)
    assert [clear.close(data, 6, CONTENT_FRAMES, CLASS_LIVE) for _ in range(2)] == [6, 6]
    assert data[:3] == b"\x04\1\0"


def test_a_frame_of_fragments_is_complete_at_its_last_byte_and_not_beyond():
    frame = Reassembly(20)
    assert (frame.is_open, frame.length, frame.touched_ms, frame.drop()) == (False, 0, 0, False)
    assert not frame.add(b"abc", 0, 3)
    assert [frame.begin(length) for length in (HEADER_BYTES - 1, HEADER_BYTES, 20, 21)] == [
        False,
        True,
        True,
        False,
    ]
    assert frame.begin(HEADER_BYTES)
    assert frame.add(b"..abcdef", 2, 8)
    assert frame.is_open
    assert frame.add(b"ghijkl", 0, 6)
    assert (frame.is_open, frame.length, bytes(frame.buffer[:12])) == (False, 12, b"abcdefghijkl")
    assert frame.begin(HEADER_BYTES)
    assert not frame.add(bytes(13), 0, 13)
    assert not frame.drop()
    assert frame.begin(HEADER_BYTES)
    assert frame.drop()
    assert (frame.is_open, frame.length) == (False, 0)


class Desk:
    """An inbox with a hello behind it, and what it says."""

    def __init__(self, class_count: int = 3, max_frame_bytes: int = 40):
        self.events = EventQueue()
        self.inbox = Inbox(ROLE_BAND, class_count, max_frame_bytes, False, self.events)
        self.inbox.take(record(HELLO, 0), 0)
        self.inbox.restart()
        while self.inbox.next_frame() or self.events.take():
            pass

    def take(self, data: bytes, now_ms: int = 0) -> list[bytes]:
        """The frames of a record."""
        self.inbox.take(data, now_ms)
        frames = list[bytes]()
        while self.inbox.next_frame():
            frames.append(bytes(self.inbox.buffer[self.inbox.start : self.inbox.stop]))
        return frames

    def bad(self) -> list[object]:
        """Reasons since the last time."""
        reasons = list[object]()
        while event := self.events.take():
            reasons.append(event[1])
        return reasons


def test_a_new_inbox_has_no_frame():
    inbox = Inbox(ROLE_BAND, 3, 40, False, EventQueue())
    assert (inbox.buffer, inbox.start, inbox.stop) == (b"", 0, 0)
    assert (inbox.is_hello, inbox.is_backfilled) == (False, False)
    assert not inbox.next_frame()
    assert inbox.expire(0) == -1


def test_a_record_of_frames_gives_each_of_them_and_a_length_too_long_is_bad_once():
    desk = Desk()
    assert desk.take(record(0, 1, b"\3\0abc\0\0\2\0de")) == [b"abc", b"", b"de"]
    assert desk.bad() == []
    assert desk.take(record(0, 2, b"\3\0abc\3\0ab")) == [b"abc"]
    assert not desk.inbox.next_frame()
    assert desk.bad() == [BAD_RECORD]
    assert desk.take(record(0, 3, b"\3\0abc\3")) == [b"abc"]
    assert desk.bad() == [BAD_RECORD]
    assert desk.take(record(0, 4, b"\0\1" + bytes(256))) == [bytes(256)]
    assert desk.take(record(CONTENT_ONE_FRAME, 5, b"abc")) == [b"abc"]
    assert desk.bad() == []


def test_a_record_that_is_none_leaves_a_frame_in_fragments_as_it_was():
    desk = Desk()
    assert desk.take(record(1, 1, b"\x0c\0abcdef")) == []
    assert desk.take(b"\1") == []
    assert desk.bad() == [BAD_RECORD]
    assert desk.take(record(2, 2, b"ghijkl")) == [b"abcdefghijkl"]
    assert desk.bad() == []


def test_each_class_has_a_frame_of_its_own_and_a_class_too_many_is_bad():
    desk = Desk(class_count=2)
    assert desk.take(record(1 | 0 << 2, 1, b"\x0c\0abcdef")) == []
    assert desk.take(record(1 | 1 << 2, 2, b"\x0d\0ABCDEFG")) == []
    assert desk.take(record(1 | 2 << 2, 3, b"\x0c\0abcdef")) == []
    assert desk.bad() == [BAD_RECORD]
    assert desk.take(record(2 | 1 << 2, 4, b"HIJKLM")) == [b"ABCDEFGHIJKLM"]
    assert desk.take(record(2 | 0 << 2, 5, b"ghijkl")) == [b"abcdefghijkl"]
    assert desk.take(record(2 | 0 << 2, 6, b"ghijkl")) == []
    assert desk.bad() == [BAD_REASSEMBLY]


def test_a_lost_record_gives_up_what_is_unfinished():
    desk = Desk()
    desk.take(record(1, 1, b"\x0c\0abcdef"))
    assert desk.take(record(CONTENT_ONE_FRAME, 3, b"one")) == [b"one"]
    assert desk.bad() == [BAD_REASSEMBLY]


def test_what_is_unfinished_expires_by_its_last_fragment_and_the_first_deadline_is_told():
    desk = Desk()
    desk.take(record(1, 1, b"\x0c\0abcdef"), 100)
    desk.take(record(1 | 1 << 2, 2, b"\x0c\0abcdef"), 50)
    desk.take(record(1 | 2 << 2, 3, b"\x0c\0abcdef"), 70)
    assert desk.inbox.expire(100) == 50 + REASSEMBLY_TIMEOUT_MS
    assert desk.inbox.expire(49 + REASSEMBLY_TIMEOUT_MS) == 50 + REASSEMBLY_TIMEOUT_MS
    assert desk.bad() == []
    assert desk.inbox.expire(50 + REASSEMBLY_TIMEOUT_MS) == 70 + REASSEMBLY_TIMEOUT_MS
    assert desk.bad() == [BAD_REASSEMBLY]
    desk.take(record(2, 4, b"g"), 1000)
    assert desk.inbox.expire(70 + REASSEMBLY_TIMEOUT_MS) == 1000 + REASSEMBLY_TIMEOUT_MS
    assert desk.inbox.expire(1000 + REASSEMBLY_TIMEOUT_MS) == -1
    assert desk.bad() == [BAD_REASSEMBLY, BAD_REASSEMBLY]


def test_a_hello_in_fragments_must_come_in_a_row():
    desk = Desk()
    first, last = b"\x0c\0abcdef", b"ghijkl"
    assert desk.take(record(HELLO | 1, 0xFFFF, first)) == []
    assert desk.take(record(HELLO | 2, 0, last)) == [b"abcdefghijkl"]
    assert desk.inbox.is_hello
    assert desk.bad() == []
    assert desk.take(record(HELLO | 1, 7, first)) == []
    assert desk.take(record(HELLO | 2, 9, last)) == []
    assert desk.bad() == [BAD_REASSEMBLY]
    assert desk.take(record(HELLO | 1, 7, b"\x80\0" + bytes(120))) == []
    assert desk.take(record(HELLO | 2, 8, bytes(8))) == [bytes(128)]
    assert desk.take(record(HELLO | 1, 7, b"\x81\0" + bytes(120))) == []
    assert desk.bad() == [BAD_REASSEMBLY]
    desk.take(record(HELLO | 1, 1, first))
    desk.inbox.close()
    assert desk.bad() == []
    assert desk.take(record(HELLO | 2, 2, last)) == [b"abcdefghijkl"]
