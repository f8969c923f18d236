"""Bad bytes are events and counters, never a crash, never a frame, never more memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.codec import encode
from bandschema.records import Event, Header
from bandwire.bandlink import HOST_SILENCE_LIMIT_MS
from bandwire.events import (
    BAD_BEFORE_HELLO,
    BAD_FRAME,
    BAD_REASSEMBLY,
    BAD_RECORD,
    BAD_VERSION,
    EVENT_BAD,
    EVENT_FRAME,
    EVENT_UNKNOWN_KIND,
)
from bandwire.frames import KIND_CUFF_READING, KIND_HELLO, VERSION
from bandwire.inbox import REASSEMBLY_TIMEOUT_MS, TICKS_MASK
from link.pairs import CARRIER_BYTES, Pair, take_events, up_pair

record_like = st.builds(
    lambda kind, counter, rest: bytes([kind]) + counter.to_bytes(2, "little") + rest,
    st.integers(0, 63),
    st.integers(0, 20),
    st.binary(max_size=80),
)

EVENT = Event(event=0, part=0, detail=0)


@pytest.mark.unmeasured
@given(st.lists(st.one_of(st.binary(max_size=80), record_like), max_size=20))
def test_any_records_are_safe_on_both_sides(records):
    pair = up_pair(64)
    for record in records:
        pair.to_host(record)
        pair.to_band(record)
        pair.pass_time(700)
    assert (
        pair.host.ledger.received + pair.host.ledger.repaired + pair.host.ledger.missing
        == pair.host.ledger.assigned
    )


@given(st.lists(st.one_of(st.binary(max_size=80), record_like), max_size=20))
def test_random_records_before_the_hello_give_no_frame(records):
    pair = up_pair(64)
    pair.host.restart(b"session2", 0)
    for record in records:
        pair.to_host(record)
    assert pair.frames_at_host() == []


def frame_record(frame, counter=1):
    return bytes([0, counter, 0]) + len(frame).to_bytes(2, "little") + frame


def cuff_frame(version=1, kind=KIND_CUFF_READING):
    return bytes([version, kind]) + bytes(20)


def test_frame_of_a_higher_version_is_counted_and_skipped():
    pair = up_pair()
    assert pair.to_band(frame_record(cuff_frame(VERSION + 1))) == [(EVENT_BAD, BAD_VERSION)]
    assert pair.to_band(frame_record(cuff_frame(0), 2)) == [(EVENT_BAD, BAD_VERSION)]
    assert pair.to_band(frame_record(cuff_frame(), 3)) == [(EVENT_FRAME, cuff_frame(), False)]


def test_frame_of_a_higher_version_from_the_band_is_counted_once_and_not_missed():
    pair = up_pair()
    frames = [
        encode(Header(kind=Event.KIND, boot_id=pair.host.peer_boot_id, sequence=number, ticks_ms=0), EVENT)
        for number in range(3)
    ]
    frames[1] = bytes([VERSION + 1]) + frames[1][1:]
    records = b"".join(len(frame).to_bytes(2, "little") + frame for frame in frames)
    assert pair.to_host(bytes([0, 1, 0]) + records) == [
        (EVENT_FRAME, frames[0], False),
        (EVENT_BAD, BAD_VERSION),
        (EVENT_FRAME, frames[2], False),
    ]
    assert (pair.host.ledger.received, pair.host.ledger.missing) == (3, 0)


def test_unknown_session_kind_is_counted_and_skipped():
    pair = up_pair()
    assert pair.to_band(frame_record(cuff_frame(kind=0xFE))) == [(EVENT_UNKNOWN_KIND, 0xFE)]
    assert pair.band.unknown_kinds == 1


def test_frame_shorter_than_a_header_is_counted_and_the_next_is_taken():
    pair = up_pair()
    record = frame_record(bytes(11)) + frame_record(cuff_frame())[3:]
    assert pair.to_band(record) == [(EVENT_BAD, BAD_FRAME), (EVENT_FRAME, cuff_frame(), False)]


def test_length_beyond_the_record_is_counted():
    pair = up_pair()
    assert pair.to_band(bytes([0, 1, 0, 200, 0]) + bytes(20)) == [(EVENT_BAD, BAD_RECORD)]
    assert pair.to_band(bytes([0, 2, 0, 200])) == [(EVENT_BAD, BAD_RECORD)]


def test_hello_frame_in_an_ordinary_record_is_counted_and_begins_nothing():
    pair = up_pair()
    assert pair.to_band(frame_record(cuff_frame(kind=KIND_HELLO))) == [(EVENT_BAD, BAD_FRAME)]
    assert pair.band.is_up


def test_frame_in_a_hello_record_is_not_taken():
    pair = up_pair()
    record = frame_record(cuff_frame())
    assert pair.to_band(bytes([0x20]) + record[1:]) == [(EVENT_BAD, BAD_BEFORE_HELLO)]


def first_fragment(length, body, counter, class_bits=0):
    return bytes([1 | class_bits, counter, 0]) + length.to_bytes(2, "little") + body


def next_fragment(body, counter):
    return bytes([2, counter, 0]) + body


def test_fragments_out_of_place_are_counted():
    pair = up_pair()
    assert pair.to_band(next_fragment(b"abc", 1)) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(first_fragment(2000, b"abc", 2)) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(first_fragment(3, b"abc", 3)) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(bytes([1, 4, 0, 20, 0])) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(bytes([1, 5, 0, 20])) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(first_fragment(20, b"abc", 6)) == []
    assert pair.to_band(next_fragment(bytes(18), 7)) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(first_fragment(20, b"abc", 8)) == []
    assert pair.to_band(first_fragment(22, cuff_frame()[:3], 9)) == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.to_band(next_fragment(cuff_frame()[3:], 10)) == [(EVENT_FRAME, cuff_frame(), False)]


def test_fragments_of_a_class_that_a_host_has_not_are_refused():
    pair = up_pair()
    assert pair.to_band(first_fragment(20, b"abc", 1, class_bits=4)) == [(EVENT_BAD, BAD_RECORD)]


def test_frame_with_a_lost_fragment_is_never_given_on():
    pair = up_pair(20)
    pair.append(bytes(100))
    records = list(iter(pair.from_band, b""))
    good = pair.append(b"good")
    for record in records[:2] + records[3:]:
        pair.to_host(record)
    pair.run()
    assert pair.frames_at_host() == [good]
    assert pair.host.lost_records == 1


def test_frame_that_stays_unfinished_is_given_up_in_time():
    pair = up_pair(20)
    pair.append(bytes(100))
    pair.to_host(pair.from_band())
    pair.pass_time(100)
    pair.to_host(pair.from_band())
    assert pair.host.poll(pair.now_ms) == pair.now_ms + REASSEMBLY_TIMEOUT_MS
    pair.pass_time(REASSEMBLY_TIMEOUT_MS - 1)
    assert pair.host_events == []
    pair.pass_time(1)
    assert pair.host_events == [(EVENT_BAD, BAD_REASSEMBLY)]
    assert pair.host.poll(pair.now_ms) == -1


@given(st.integers(-9000, 9000), st.integers(0, 2 * REASSEMBLY_TIMEOUT_MS), st.sampled_from([0, 0x20]))
def test_half_a_frame_or_hello_is_given_up_by_its_age_even_as_the_clock_wraps(begun_ms, age_ms, hello):
    pair = up_pair(now_ms=begun_ms & TICKS_MASK)
    counter = 1 if hello == 0 else 9
    record = first_fragment(40, b"abc", counter)
    assert pair.to_band(bytes([record[0] | hello]) + record[1:]) == []
    now_ms = begun_ms + age_ms & TICKS_MASK
    deadline_ms = pair.band.poll(now_ms)
    if age_ms < REASSEMBLY_TIMEOUT_MS:
        assert take_events(pair.band) == []
        assert deadline_ms == now_ms + REASSEMBLY_TIMEOUT_MS - age_ms
    else:
        assert take_events(pair.band) == [(EVENT_BAD, BAD_REASSEMBLY)]
        assert deadline_ms == now_ms + HOST_SILENCE_LIMIT_MS - age_ms


def test_half_a_hello_is_given_up_before_a_connection_stands():
    pair = Pair(20)
    begun = pair.from_host()
    assert pair.to_band(begun) == []
    assert pair.band.poll(0) == REASSEMBLY_TIMEOUT_MS
    assert pair.band.poll(REASSEMBLY_TIMEOUT_MS) == -1
    assert take_events(pair.band) == [(EVENT_BAD, BAD_REASSEMBLY)]


@pytest.mark.parametrize("classes", [(4, 8), (8, 4)])
def test_next_poll_is_for_the_frame_that_goes_stale_first(classes):
    pair = up_pair(64)
    for counter, class_bits in enumerate(classes):
        pair.to_host(first_fragment(20, b"abc", 1 + counter, class_bits))
        pair.pass_time(100)
    assert pair.host.poll(pair.now_ms) == pair.now_ms + REASSEMBLY_TIMEOUT_MS - 200


@pytest.mark.unmeasured
@given(st.sampled_from(CARRIER_BYTES), st.data())
def test_lost_records_never_make_a_false_frame(max_bytes, data):
    pair = up_pair(max_bytes, memory_bytes=8192)
    for index in range(8):
        pair.append(bytes([index]) * data.draw(st.integers(0, 200)))
        for record in iter(pair.from_band, b""):
            if data.draw(st.integers(0, 3)):
                pair.to_host(record)
    assert set(pair.frames_at_host()) <= set(pair.appended)
