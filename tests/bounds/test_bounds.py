"""Work and memory for a byte of input are bounded, whatever the input: counted, not timed."""

import pytest

from bandschema import blocks
from bandschema.vitals_run import MOST_UPDATES, decode_updates
from bandwire import frames
from bandwire.accounting import MAX_RANGES, Ledger
from bandwire.errors import FrameError
from bandwire.framing import Deframer
from bandwire.record import MAX_RECORD_BYTES
from bounds.counting import lines_executed, most_bytes_held
from fuzz.session import Session
from fuzz.targets.deframer import packet_of
from fuzz.targets.link import connect

LINES_A_BYTE_DEFRAMED = 24
"""A packet of one byte, the worst, is opened and refused in so many lines, its zero included."""
LINES_A_PACKET = 60
BYTES_HELD_DEFRAMED = 4096
LINES_A_BYTE_LINKED = 16
LINES_A_RECORD = 120
LINES_A_SAMPLE = 40
LINES_A_BLOCK = 300
BYTES_A_SAMPLE = 48
LINES_A_READING = 30
"""Of each of the 17 readings of an update, or of each bit of a code."""
BYTES_AN_UPDATE = 2048
BYTES_HELD_LINKED = 4096


def _taken(deframer: Deframer, data: bytes, chunk: int) -> None:
    for at in range(0, len(data), chunk):
        deframer.feed(data[at : at + chunk])
        while deframer.next_record() is not None:
            pass


STREAMS = {
    "zeros": b"\0" * 6000,
    "no zero": b"\x01" * 6000,
    "packets of a byte": b"\x01\0" * 3000,
    "codes that break off": b"\xff\x01\0" * 2000,
    "blocks of one byte each": (b"\x01" * 500 + b"\0") * 12,
    "sound packets": packet_of(bytes(500)) * 12,
    "short sound packets": packet_of(b"x") * 800,
}


@pytest.mark.parametrize("chunk", [16, 700])
@pytest.mark.parametrize("name", STREAMS)
def test_a_deframer_executes_so_many_lines_a_byte_at_most(name: str, chunk: int) -> None:
    data = STREAMS[name]
    lines = lines_executed(lambda: _taken(Deframer(MAX_RECORD_BYTES), data, chunk))
    assert lines <= LINES_A_BYTE_DEFRAMED * len(data) + LINES_A_PACKET


@pytest.mark.parametrize("name", STREAMS)
def test_a_deframer_holds_no_more_for_a_longer_stream(name: str) -> None:
    deframer = Deframer(MAX_RECORD_BYTES)
    data = STREAMS[name]
    _taken(deframer, data, 700)

    def work() -> None:
        for _ in range(20):
            _taken(deframer, data, 700)

    assert most_bytes_held(work) <= BYTES_HELD_DEFRAMED


RECORDS = {
    "frames of no bytes": bytes([0]) + b"\0\0" * 255,
    "frames of an unknown kind": bytes([0]) + (b"\x0c\0" + b"\x03\xfe" + bytes(10)) * 36,
    "frames of a higher version": bytes([4]) + (b"\x0c\0" + b"\xff\x06" + bytes(10)) * 36,
    "a length beyond the record": bytes([0]) + b"\xff\xff" + bytes(500),
    "first fragments": bytes([1]) + b"\x00\x04" + bytes(500),
    "next fragments": bytes([2]) + bytes(500),
    "one frame": bytes([3, 3, 6]) + bytes(500),
}


@pytest.mark.parametrize("side", ["band", "host"])
@pytest.mark.parametrize("name", RECORDS)
def test_a_link_executes_so_many_lines_a_byte_and_holds_no_more_after_many_records(
    name: str, side: str
) -> None:
    session = Session(244, 0)
    connect(session)
    link = getattr(session, side)

    def take(count: int) -> None:
        for _ in range(count):
            counter = link._inbox.reader._expected & 0xFFFF
            body = RECORDS[name]
            link.receive_record(body[:1] + counter.to_bytes(2, "little") + body[1:], 0)
            while link.next_event() is not None:
                pass

    lines = lines_executed(lambda: take(1))
    assert lines <= LINES_A_BYTE_LINKED * (len(RECORDS[name]) + 2) + LINES_A_RECORD
    take(300)
    # Events of one record wait together, each a tuple of small numbers or a frame.
    assert most_bytes_held(lambda: take(300)) <= BYTES_HELD_LINKED


def test_a_number_is_looked_for_in_so_many_missing_ranges_at_most() -> None:
    ledger = Ledger()
    for number in range(0, 8 * MAX_RANGES, 2):
        ledger.note_live(1, number)
        if number % 4:
            ledger.note_not_kept(1, number - 1, 1)
    assert len(ledger.missing_ranges(1)) <= MAX_RANGES
    for number in (0, 8 * MAX_RANGES - 2, 8 * MAX_RANGES - 3):
        # Two lines a range, of those that are missing and those that the band has lost.
        assert lines_executed(lambda number=number: ledger.note_backfilled(1, number)) <= 4 * MAX_RANGES + 40


def _decoded(head: int, body: bytes, shape: blocks.Shape) -> int:
    try:
        return len(blocks.decode_block(head, body, shape))
    except FrameError:
        return 0


BODY_BYTES = 226
BODIES = {
    "a constant": (b"\0" * 12).ljust(BODY_BYTES, b"\xff"),
    "zeros": bytes(BODY_BYTES),
    "ones": b"\xff" * BODY_BYTES,
    "a short body": b"\0" * 12,
    "none": b"",
    "longest quotients": (b"\0" * 12 + b"\x00\x00\x01" * 80)[:BODY_BYTES],
}


@pytest.mark.parametrize("channels", [1, 3, 8])
@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("is_raw", [False, True])
def test_a_block_gives_eight_samples_a_byte_at_most_for_so_much_work(
    name: str, channels: int, is_raw: bool
) -> None:
    shape, body = blocks.Shape(channels, 1, False), BODIES[name]
    for steps in (1, 60, 8 * BODY_BYTES // channels, blocks.MAX_STEPS):
        head = min(steps, blocks.MAX_STEPS) | (blocks.RAW if is_raw else 0)
        most_samples = 8 * len(body)
        assert _decoded(head, body, shape) * channels <= most_samples
        lines = lines_executed(lambda head=head: _decoded(head, body, shape))
        assert lines <= LINES_A_SAMPLE * most_samples + LINES_A_BLOCK
        held = most_bytes_held(lambda head=head: _decoded(head, body, shape))
        assert held <= BYTES_A_SAMPLE * most_samples + 8192


def _updates(body: bytes) -> int:
    try:
        return len(decode_updates(body, 0))
    except FrameError:
        return 0


KEY = bytes.fromhex("46206db6db6db6db40")
RUNS = {
    "a still run": bytes.fromhex("46a0adb6db6db6db6aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    "more updates than may be": bytes.fromhex("46a0adb6db6db6db6aaaaaaa") + b"\xaa" * 400,
    "all changes": KEY + b"\xff" * 400,
    "zeros": KEY + bytes(400),
    "no key": b"\xff" * 400,
    "no readings": bytes.fromhex("041fffffffffffffffc0"),
    "nothing": b"",
    "codes of many zeros": KEY + b"\x40\0\0\x20\0\0\x10" * 60,
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_gives_eight_updates_a_byte_and_64_at_most_for_so_much_work(name: str) -> None:
    body = RUNS[name]
    most_updates = min(MOST_UPDATES, 8 * len(body)) + 1
    assert _updates(body) <= most_updates
    assert lines_executed(lambda: _updates(body)) <= LINES_A_READING * 17 * most_updates + 200
    assert most_bytes_held(lambda: _updates(body)) <= BYTES_AN_UPDATE * most_updates + 8192


@pytest.mark.parametrize("item_size", [8, 1, 255])
def test_items_of_a_frame_cost_so_many_lines_each(item_size: int) -> None:
    frame = bytes([1, frames.KIND_VITALS]) + bytes(10) + bytes([15, item_size, 0]) + bytes(1000)

    def work() -> None:
        try:
            count = frames.vitals_item_count(frame, 0, len(frame))
        except FrameError:
            return
        assert count <= len(frame) // frames.VITALS_ITEM_BYTES
        for index in range(count):
            frames.unpack_vitals_item(frame, 0, index)

    assert lines_executed(work) <= len(frame)
