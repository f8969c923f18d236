"""Where frames lie in a ring, to the byte: its ends, its wrap, and what it says before it has anything."""

import pytest

from bandwire.errors import LocalError
from bandwire.frames import HEADER_BYTES
from bandwire.ring import FrameRing, RingReader, sequence_at

ENTRY = HEADER_BYTES + 2


def frame(sequence: int, payload_bytes: int = 0, ticks_high: int = 0) -> bytes:
    """A frame of boot 1."""
    head = bytes([3, 6, 1, 0]) + sequence.to_bytes(3, "little") + bytes(2) + ticks_high.to_bytes(2, "little")
    return head + bytes(1 + payload_bytes)


def ring_of(capacity_bytes: int, *payloads: int) -> FrameRing:
    ring = FrameRing(capacity_bytes)
    for sequence, payload_bytes in enumerate(payloads):
        ring.append(frame(sequence, payload_bytes), HEADER_BYTES + payload_bytes)
    return ring


def positions(ring: FrameRing, count: int) -> list[int]:
    """Position of each frame by number; -1 where it is not kept, though `find` gives a later one."""
    found = [ring.find(1, sequence) for sequence in range(count)]
    return [
        place if place >= 0 and sequence_at(ring.buffer, place + 2) == number else -1
        for number, place in enumerate(found)
    ]


def test_a_new_ring_and_its_reader_have_nothing():
    ring = FrameRing(100)
    reader = RingReader(ring)
    assert (ring.start, ring.oldest_position, ring.found_ordinal, ring.oldest_ordinal) == (2, 0, 0, 0)
    assert (ring.frame_count, ring.unsent_count, ring.drops, ring.peek(), ring.find(0, 0)) == (0, 0, 0, 0, -1)
    assert (reader.start, reader.first_sequence, reader.overwritten, reader.peek()) == (0, 0, 0, 0)
    assert ring.buffer == bytes(100)


@pytest.mark.parametrize(
    ("capacity_bytes", "payloads", "kept"),
    [
        (2 * ENTRY, (0, 0), [0, ENTRY]),
        (2 * ENTRY, (0, 0, 0), [-1, ENTRY, 0]),
        (2 * ENTRY - 1, (0, 0), [-1, 0]),
        (2 * ENTRY + 1, (0, 0, 0), [-1, ENTRY, 0]),
        (2 * ENTRY + 2, (0, 0, 0), [-1, ENTRY, 0]),
        (3 * ENTRY - 1, (0, 0, 0, 0), [-1, -1, 0, ENTRY]),
        (3 * ENTRY, (0, 0, 0, 1), [-1, -1, 2 * ENTRY, 0]),
        (3 * ENTRY, (0, 0, 0, ENTRY), [-1, -1, 2 * ENTRY, 0]),
        (3 * ENTRY, (0, 0, 0, ENTRY + 1), [-1, -1, -1, 0]),
        (3 * ENTRY, (0, ENTRY, 0), [-1, ENTRY, 0]),
        (3 * ENTRY, (1, 0, 0, 0), [-1, -1, 0, ENTRY]),
    ],
)
def test_frames_lie_one_behind_the_other_and_go_on_at_the_start(capacity_bytes, payloads, kept):
    assert positions(ring_of(capacity_bytes, *payloads), len(payloads)) == kept


def test_an_entry_is_its_length_and_its_frame():
    ring = ring_of(400, 300)
    assert ring.buffer[:2] == (HEADER_BYTES + 300).to_bytes(2, "little")
    assert ring.buffer[2:314] == frame(0, 300)
    assert (ring.length_at(0), ring.peek(), ring.start) == (312, 312, 2)


def test_the_place_of_a_frame_is_told_and_how_many_came_before_it():
    ring = ring_of(3 * ENTRY, 0, 0, 0, 0, 0)
    assert (ring.frame_count, ring.oldest_ordinal, ring.oldest_position) == (3, 2, 2 * ENTRY)
    assert [(ring.find(1, number), ring.found_ordinal) for number in (0, 2, 3, 4)] == [
        (2 * ENTRY, 2),
        (2 * ENTRY, 2),
        (0, 3),
        (ENTRY, 4),
    ]
    assert ring.find(1, 5) == ring.find(2, 0) == -1
    assert (ring.position_after(2 * ENTRY), ring.position_after(0)) == (0, ENTRY)


def test_frames_of_less_than_a_wrap_mark_fit_and_no_others():
    ring = FrameRing(0x10000)
    ring.append(frame(0, 0xFEFF - HEADER_BYTES), 0xFEFF)
    assert ring.peek() == 0xFEFF
    for length in (0xFF00, 0xFFFE):
        with pytest.raises(LocalError) as caught:
            ring.append(bytes(length), length)
        assert str(caught.value) == f"a frame of {length} bytes does not fit a ring of 65536 bytes"
    ring.append(frame(1), HEADER_BYTES)
    assert (ring.frame_count, ring.drops) == (2, 0)


@pytest.mark.parametrize(
    ("length", "fits"), [(HEADER_BYTES - 1, False), (HEADER_BYTES, True), (38, True), (39, False)]
)
def test_a_frame_fits_from_a_header_to_the_whole_ring(length, fits):
    ring = FrameRing(40)
    if fits:
        ring.append(bytes(length), length)
        assert ring.peek() == length
    else:
        with pytest.raises(LocalError, match=f"^a frame of {length} bytes does not fit a ring of 40 bytes$"):
            ring.append(bytes(length), length)


def test_a_reader_goes_through_the_wrap_and_passes_over_what_was_overwritten():
    ring = ring_of(3 * ENTRY, 0, 0, 0, 0)
    reader = RingReader(ring)
    assert (reader.begin(1, 0, 3), reader.first_sequence) == (2, 1)
    assert (reader.peek(), reader.start) == (HEADER_BYTES, ENTRY + 2)
    assert (reader.peek(), reader.start, reader.overwritten) == (HEADER_BYTES, ENTRY + 2, 0)
    reader.advance()
    assert (reader.peek(), reader.start) == (HEADER_BYTES, 2 * ENTRY + 2)
    reader.advance()
    assert reader.peek() == 0
    assert (reader.begin(1, 1, 9), reader.first_sequence) == (3, 1)
    ring.append(frame(4), HEADER_BYTES)
    ring.append(frame(5), HEADER_BYTES)
    assert (reader.peek(), reader.start, reader.overwritten) == (HEADER_BYTES, 2, 2)
    reader.advance()
    assert reader.peek() == 0
    assert reader.begin(2, 0, 9) == 0
    assert (reader.peek(), reader.overwritten) == (0, 2)


def test_a_reader_stops_at_the_next_boot_and_at_the_number_after_the_last():
    ring = ring_of(10 * ENTRY, 0, 0, 0)
    ring.append(frame(0)[:2] + b"\2" + frame(0)[3:], HEADER_BYTES)
    reader = RingReader(ring)
    assert [reader.begin(1, 0, count) for count in (0, 1, 2, 3, 4)] == [0, 1, 2, 3, 3]
    assert reader.begin(2, 0, 1) == 1
