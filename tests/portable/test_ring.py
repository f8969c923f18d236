"""The ring keeps the newest frames whole and in order, and counts what it overwrote unsent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.errors import LocalError
from bandwire.frames import HEADER_BYTES, KIND_SAMPLE_BLOCK, pack_header_into
from bandwire.ring import FrameRing, RingReader, boot_id_at, sequence_at

actions = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 60)),
        st.tuples(st.just("send"), st.integers(1, 4)),
        st.tuples(st.just("raise boot"), st.none()),
    ),
    max_size=80,
)


def frame_of(boot_id: int, sequence: int, payload_bytes: int) -> bytes:
    frame = bytearray(HEADER_BYTES + payload_bytes)
    pack_header_into(frame, 0, KIND_SAMPLE_BLOCK, boot_id, sequence, 0, 0, 0)
    frame[HEADER_BYTES:] = bytes([sequence & 0xFF]) * payload_bytes
    return bytes(frame)


def taken(source: "FrameRing | RingReader", count: int = 1000) -> list[bytes]:
    frames = []
    while len(frames) < count and (length := source.peek()):
        frames.append(bytes(source.buffer[source.start : source.start + length]))
        source.advance()
    return frames


class Filled:
    """A ring, and all that was ever appended to it."""

    def __init__(self, capacity_bytes: int):
        self.ring = FrameRing(capacity_bytes)
        self.appended: list[bytes] = []
        self.sent: list[bytes] = []
        self.boot_id, self.sequence = 7, 0xFFFF00

    def do(self, action: str, amount: "int | None") -> None:
        if action == "raise boot":
            self.boot_id, self.sequence = self.boot_id + 1, 0
        elif action == "send":
            self.sent += taken(self.ring, amount)
        else:
            frame = frame_of(self.boot_id, self.sequence, amount)
            self.ring.append(frame, len(frame))
            self.appended.append(frame)
            self.sequence += 1

    def kept(self) -> list[bytes]:
        """By the ring's own word, the newest of all appended."""
        return self.appended[len(self.appended) - self.ring.frame_count :]


@given(st.integers(80, 400), actions)
def test_sent_and_dropped_frames_are_all_frames_in_their_order(capacity_bytes, taken_actions):
    filled = Filled(capacity_bytes)
    for action in taken_actions:
        filled.do(*action)
    filled.do("send", 1000)
    assert len(filled.sent) + filled.ring.drops == len(filled.appended)
    places = [filled.appended.index(frame) for frame in filled.sent]
    assert places == sorted(set(places))


@pytest.mark.unmeasured
@given(st.integers(80, 400), actions)
def test_kept_frames_are_the_newest_and_can_be_found(capacity_bytes, taken_actions):
    filled = Filled(capacity_bytes)
    for action in taken_actions:
        filled.do(*action)
    kept = filled.kept()
    # Half of the memory at least is in use once more than that was appended.
    if sum(len(frame) + 2 for frame in filled.appended) > capacity_bytes:
        assert sum(len(frame) + 2 for frame in kept) > capacity_bytes - 2 * (60 + HEADER_BYTES + 2)
    for frame in filled.appended:
        position = filled.ring.find(boot_id_at(frame, 0), sequence_at(frame, 0))
        if frame in kept:
            assert filled.ring.buffer[position + 2 : position + 2 + len(frame)] == frame
        else:
            assert position < 0 or sequence_at(filled.ring.buffer, position + 2) > sequence_at(frame, 0)


@pytest.mark.unmeasured
@given(st.integers(200, 600), actions, st.integers(0xFFFF00, 0xFFFF40), st.integers(1, 40), actions)
def test_reader_sends_again_what_is_kept_of_a_range(capacity_bytes, before, first, count, after):
    filled = Filled(capacity_bytes)
    for action in before:
        filled.do(*action)
    reader = RingReader(filled.ring)
    kept = filled.kept()
    wanted = [
        frame
        for frame in kept
        if boot_id_at(frame, 0) == 7 and first <= sequence_at(frame, 0) < first + count
    ]
    assert reader.begin(7, first, count) == len(wanted)
    if wanted:
        assert reader.first_sequence == sequence_at(wanted[0], 0)
    again = taken(reader, len(wanted) // 2)
    for action in after:
        filled.do(*action)
    again += taken(reader)
    assert len(again) + reader.overwritten == len(wanted)
    assert again == [frame for frame in wanted if frame in again]


@given(st.integers(80, 400), actions, actions)
def test_what_was_forgotten_is_neither_sent_nor_found_and_counts_as_dropped(capacity_bytes, before, after):
    filled = Filled(capacity_bytes)
    for action in before:
        filled.do(*action)
    first_kept = len(filled.appended)
    filled.ring.forget()
    assert filled.ring.peek() == 0
    assert len(filled.sent) + filled.ring.drops == first_kept
    assert all(filled.ring.find(boot_id_at(frame, 0), 0) == -1 for frame in filled.appended)
    for action in after:
        filled.do(*action)
    filled.do("send", 1000)
    assert len(filled.sent) + filled.ring.drops == len(filled.appended)
    assert filled.ring.frame_count <= len(filled.appended) - first_kept


def test_reader_of_what_is_not_kept_offers_nothing():
    filled = Filled(200)
    reader = RingReader(filled.ring)
    assert reader.begin(7, 0, 100) == 0
    assert reader.peek() == 0
    filled.do("append", 10)
    assert reader.begin(8, 0, 100) == 0
    assert reader.begin(7, 0, 100) == 0


@pytest.mark.parametrize("length", [0, HEADER_BYTES - 1, 199, 0xFF00])
def test_frame_that_can_never_fit_is_refused(length):
    with pytest.raises(LocalError, match=f"{length} bytes does not fit a ring of 200 bytes"):
        FrameRing(200).append(bytes(length), length)


def test_frame_as_long_as_the_ring_takes_it_all():
    ring = FrameRing(200)
    for sequence in range(3):
        frame = frame_of(1, sequence, 198 - HEADER_BYTES)
        ring.append(frame, len(frame))
    assert (ring.frame_count, ring.drops) == (1, 2)
    assert taken(ring) == [frame]
