"""What one side sends the other gets: same bytes, right order, over any carrier that refuses at will."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.bandlink import BandLink
from bandwire.errors import LocalError
from bandwire.events import EVENT_FRAME, EVENT_GAP
from bandwire.frames import (
    CUFF_READING_BYTES,
    HEADER_BYTES,
    KIND_CUFF_READING,
    KIND_ISSUANCE,
    KIND_REPLY,
    KIND_SAMPLE_BLOCK,
    KIND_VITALS,
    MAX_FRAME_BYTES,
    VERSION,
    unpack_header,
)
from bandwire.numbering import Numbering
from bandwire.record import MIN_RECORD_BYTES, RECORD_HEADER_BYTES
from link.pairs import BOOT_ID, CARRIER_BYTES, Pair, refusal, up_pair

payloads = st.lists(
    st.one_of(st.binary(max_size=40), st.binary(min_size=200, max_size=MAX_FRAME_BYTES - HEADER_BYTES)),
    max_size=8,
)


@pytest.mark.unmeasured
@given(payloads, st.sampled_from(CARRIER_BYTES), st.integers(0, 2**32))
def test_host_gets_the_frames_of_the_band_in_their_order(bodies, max_bytes, seed):
    pair = Pair(max_bytes, memory_bytes=16_384)
    refuse = refusal(seed)
    for body in bodies:
        pair.append(body)
        pair.run(refuse)
    pair.run()
    assert pair.frames_at_host() == pair.appended
    assert pair.host.ledger.missing == 0
    assert sum(pair.host.bad_counts) == sum(pair.band.bad_counts) == 0


@given(
    st.lists(st.binary(min_size=8, max_size=200), max_size=8),
    st.sampled_from(CARRIER_BYTES),
    st.integers(0, 2**32),
)
def test_band_gets_the_frames_of_the_host_in_their_order(bodies, max_bytes, seed):
    pair = Pair(max_bytes)
    for body in bodies:
        frame = bytes([0, KIND_CUFF_READING]) + bytes(10) + body
        assert pair.host.post(frame, len(frame))
    pair.run(refusal(seed))
    pair.run()
    assert [frame[HEADER_BYTES:] for frame in pair.frames_at_band()] == bodies
    assert sum(pair.host.bad_counts) == sum(pair.band.bad_counts) == 0


@given(st.data(), st.sampled_from(CARRIER_BYTES), st.integers(0, 2**32))
def test_every_class_gets_through_whole_whatever_the_interleaving(data, max_bytes, seed):
    pair = up_pair(max_bytes, memory_bytes=16_384)
    kept = [pair.append(body) for body in data.draw(payloads)]
    pair.run()
    refuse = refusal(seed)
    pair.reader.begin(BOOT_ID, 0, len(kept))
    pair.host_events.clear()
    fresh = []
    for body in data.draw(payloads):
        fresh.append(pair.append(body))
        pair.post_reply()
        pair.run(refuse)
    pair.run()
    assert pair.frames_at_host() == fresh
    assert pair.host.ledger.duplicates == len(kept)
    assert pair.host.requests.unexpected == len(fresh)
    assert sum(pair.host.bad_counts) == 0


def kind_and_class(record: bytes) -> int:
    return record[0] >> 2 & 3


def test_urgent_goes_before_live_before_backfill_between_fragments():
    pair = up_pair(64)
    pair.append(bytes(300))
    pair.run()
    assert pair.reader.begin(BOOT_ID, 0, 1) == 1
    classes = [kind_and_class(pair.from_band())]
    pair.append(bytes(200))
    classes += [kind_and_class(pair.from_band()) for _ in range(2)]
    pair.post_reply()
    classes += [kind_and_class(pair.from_band()) for _ in range(3)]
    classes += [kind_and_class(record) for record in iter(pair.from_band, b"")]
    assert classes == [2, 1, 1, 0, 1, 1, 2, 2, 2, 2, 2]


def test_small_frames_share_a_record():
    pair = up_pair(64)
    for _ in range(4):
        pair.append(b"12")
    sizes = [len(record) for record in iter(pair.from_band, b"")]
    assert sizes == [3 + 3 * 16, 3 + 14]


def test_frame_that_just_fits_is_not_cut():
    pair = up_pair(64)
    for length, contents in ((59, [3]), (60, [3]), (61, [3]), (62, [1, 2])):
        pair.append(bytes(length - HEADER_BYTES))
        assert [record[0] & 3 for record in iter(pair.from_band, b"")] == contents


@pytest.mark.parametrize("length", [13, 59, 60, 61])
def test_frame_alone_in_its_record_costs_no_length_and_arrives_as_it_was(length):
    pair = up_pair(64)
    frame = pair.append(bytes(length - HEADER_BYTES))
    record = pair.from_band()
    assert len(record) == RECORD_HEADER_BYTES + length
    pair.to_host(record)
    assert pair.frames_at_host() == [frame]


def test_session_frame_names_the_number_that_is_sent_next():
    pair = up_pair(64)
    pair.now_ms = 0x123456
    pair.post_reply()
    assert unpack_header(pair.from_band(), RECORD_HEADER_BYTES)[2:5] == (BOOT_ID, 0, 0x123456)
    for _ in range(3):
        pair.append(bytes(100))
    pair.post_reply()
    assert unpack_header(pair.from_band(), RECORD_HEADER_BYTES)[3] == 0
    pair.from_band()
    pair.post_reply()
    assert unpack_header(pair.from_band(), RECORD_HEADER_BYTES)[3] == 0  # the first is half sent
    pair.from_band()
    pair.post_reply()
    assert unpack_header(pair.from_band(), RECORD_HEADER_BYTES)[3] == 1


def test_overtaking_urgent_frame_is_no_gap():
    pair = up_pair(64)
    for _ in range(3):
        pair.append(bytes(100))
    pair.post_reply()
    pair.run()
    assert EVENT_GAP not in [event[0] for event in pair.host_events]
    assert len(pair.frames_at_host()) == 3


def test_frames_overwritten_before_they_were_sent_are_missing_until_the_band_says_it_has_none():
    pair = up_pair(244, memory_bytes=400)
    for _ in range(10):
        pair.append(bytes(100))
    pair.post_reply()
    pair.run()
    ledger = pair.host.ledger
    assert pair.memory.drops == ledger.missing == 7
    assert ledger.note_not_kept(BOOT_ID, 0, 10) == [(0, 7)]
    assert (ledger.missing, ledger.dropped_on_band) == (0, 7)
    assert len(pair.frames_at_host()) == 3
    assert (EVENT_GAP, BOOT_ID, 0, 7) in pair.host_events


def test_frame_longer_than_the_other_side_takes_is_counted_not_sent():
    pair = up_pair(244, host_max_frame_bytes=100)
    pair.append(bytes(100))
    short = pair.append(b"short")
    pair.run()
    assert pair.frames_at_host() == [short]
    assert pair.band.unsendable_frames == 1


def test_post_to_a_full_queue_is_refused_and_counted():
    pair = up_pair()
    frame = bytearray(100)
    frame[1] = KIND_REPLY
    assert [pair.band.post(frame, 100) for _ in range(3)] == [True, True, False]
    assert pair.band.unsendable_frames == 1
    pair.run()
    assert pair.band.post(frame, 100)


def test_queue_with_a_gap_at_its_start_is_used_to_its_end():
    pair = up_pair(20)
    frame = bytearray(100)
    frame[1] = KIND_CUFF_READING
    sent = 0
    for index in range(12):
        frame[HEADER_BYTES] = index
        sent += pair.host.post(frame, 100)
        pair.to_band(pair.from_host())
    pair.run()
    assert [frame[HEADER_BYTES] for frame in pair.frames_at_band()] == list(range(sent))


def test_numbered_frame_cannot_be_posted_by_the_band():
    pair = up_pair()
    with pytest.raises(LocalError, match="0x04 is numbered"):
        pair.band.post(bytes([1, KIND_VITALS]) + bytes(12), 14)


def test_host_may_send_numbered_kinds_without_a_number():
    pair = up_pair()
    frame = bytearray(183)
    frame[1] = KIND_ISSUANCE
    pair.host.post(frame, len(frame))
    pair.now_ms = 77
    pair.run()
    assert unpack_header(pair.frames_at_band()[0], 0) == (VERSION, KIND_ISSUANCE, 0, 0, 77, 0)


def test_frame_shorter_than_a_header_cannot_be_posted():
    with pytest.raises(LocalError, match="at least 12 bytes, got 11"):
        up_pair().host.post(bytes([1, KIND_CUFF_READING]) + bytes(9), 11)


def test_carrier_that_offers_too_little_is_refused():
    with pytest.raises(LocalError, match="at least 19 bytes, got 18"):
        up_pair().host.next_record_into(bytearray(19), MIN_RECORD_BYTES - 1, 0)


def test_band_must_take_its_events_before_the_next_record():
    pair = up_pair()
    frame = bytearray(CUFF_READING_BYTES)
    frame[1] = KIND_CUFF_READING
    pair.host.post(frame, len(frame))
    record = pair.from_host()
    pair.band.receive_record(record, 0)
    with pytest.raises(LocalError, match="1 wait"):
        pair.band.receive_record(record, 0)


def test_band_without_a_ring_names_the_next_number():
    pair = Pair()
    pair.band = BandLink(Numbering(9, lambda: 10, 0x123456), band_id=bytes(8))
    pair.run()
    pair.post_reply()
    assert unpack_header(pair.from_band(), RECORD_HEADER_BYTES)[1:4] == (KIND_REPLY, 9, 0x123456)
    assert pair.host.peer_boot_id == 9


def test_frame_events_say_whether_a_frame_was_sent_again():
    pair = up_pair()
    pair.append(b"abc")
    lost = pair.from_band()
    assert lost
    pair.append(b"abd")
    pair.run()
    pair.reader.begin(BOOT_ID, 0, 1)
    pair.run()
    flags = [event[2] for event in pair.host_events if event[0] == EVENT_FRAME]
    assert flags == [False, True]
    assert pair.host.lost_records == 1
    assert unpack_header(pair.frames_at_host()[1], 0)[1] == KIND_SAMPLE_BLOCK
