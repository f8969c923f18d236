"""Numbers of more than a byte travel whole, and counters go on counting: the second time, and the 256th."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire import moving_plain
from bandwire.accounting import MAX_RANGES, Ledger
from bandwire.bandlink import BandLink
from bandwire.events import (
    BAD_FRAME,
    EVENT_BAD,
    EVENT_FRAME,
    EVENT_TIME,
)
from bandwire.frames import (
    FIRST_SESSION_KIND,
    HEADER_BYTES,
    KIND_CUFF_READING,
    KIND_HELLO,
    KIND_REPLY,
    unpack_header,
)
from bandwire.framing import Deframer, packet_bytes
from bandwire.hostlink import HostLink
from bandwire.link import STATE_REFUSED
from bandwire.numbering import LAST_BOOT_ID, Numbering
from bandwire.outbox import FrameQueue
from bandwire.record import CONTENT_ONE_FRAME
from bandwire.requests import Requests
from bandwire.ring import FrameRing, RingReader, boot_id_at, sequence_at
from bandwire.serial import SerialCarrier
from fuzz.targets.deframer import packet_of, records_in
from link.pairs import BAND_ID, BOOT_ID, SESSION_ID, Pair, take_events, up_pair
from link.toy_seal import ToySeal

WIDE_BOOT_ID, WIDE_SEQUENCE = 0x1234, 0x56789A


def named(boot_id: int, sequence: int, payload: bytes = b"") -> bytes:
    return bytes([3, 6]) + boot_id.to_bytes(2, "little") + sequence.to_bytes(3, "little") + bytes(5) + payload


def test_a_frame_in_a_ring_is_found_by_all_bytes_of_its_number():
    frame = named(WIDE_BOOT_ID, WIDE_SEQUENCE)
    assert (boot_id_at(b"x" + frame, 1), sequence_at(b"x" + frame, 1)) == (WIDE_BOOT_ID, WIDE_SEQUENCE)


def test_what_a_ring_forgets_adds_up():
    ring = FrameRing(400)
    reader = RingReader(ring)
    for times, count in ((1, 3), (2, 2)):
        for number in range(count):
            ring.append(named(times, number), HEADER_BYTES)
        assert reader.begin(times, 0, 9) == count
        ring.forget()
        assert reader.peek() == 0
    assert (ring.drops, reader.overwritten, ring.oldest_ordinal) == (5, 5, 5)


def test_frames_overwritten_while_they_are_sent_again_are_counted_and_passed_over():
    ring = FrameRing(10 * (HEADER_BYTES + 2))
    reader = RingReader(ring)
    for number in range(10):
        ring.append(named(1, number), HEADER_BYTES)
    assert (reader.begin(1, 2, 8), reader.first_sequence) == (8, 2)
    for overwritten, next_number in ((1, 3), (4, 6)):
        while ring.oldest_ordinal < next_number:
            ring.append(named(2, 0), HEADER_BYTES)
        assert reader.peek() == HEADER_BYTES
        assert sequence_at(reader.buffer, reader.start) == next_number
        assert reader.overwritten == overwritten
    for number in range(6, 10):
        assert reader.peek() == HEADER_BYTES
        assert sequence_at(reader.buffer, reader.start) == number
        reader.advance()
    assert reader.peek() == 0


@given(st.lists(st.none() | st.integers(HEADER_BYTES, 700)), st.integers(800, 1500))
def test_a_queue_gives_whole_frames_in_their_order_and_refuses_what_does_not_fit(steps, capacity):
    queue, waiting = FrameQueue(capacity), list[bytes]()
    for number, length in enumerate(steps):
        if length is None:
            assert queue.peek() == (len(waiting[0]) if waiting else 0)
            if waiting:
                found = bytes(queue.buffer[queue.start : queue.start + len(waiting[0])])
                assert found == waiting.pop(0)
                queue.advance()
        else:
            frame = bytes([number & 0xFF]) * length
            fits = sum(len(each) + 2 for each in waiting) + length + 2 <= capacity
            assert queue.push(frame, length) == fits
            waiting += [frame] * fits


def test_a_packet_may_be_as_long_as_a_record_makes_it_and_no_longer():
    assert [packet_bytes(size) for size in (1, 8, 249, 250, 504)] == [7, 14, 255, 257, 512]
    deframer = Deframer(8)
    assert records_in(deframer, packet_of(b"12345678")) == [b"12345678"]
    assert records_in(deframer, packet_of(b"123456789")) == []
    assert (deframer.oversize, deframer.bad_crc) == (1, 0)


def test_refused_packets_are_counted_each_time():
    deframer = Deframer(8)
    bad_crc, oversize, malformed = b"\x02a\x06bcdef\0", b"\x20" * 20 + b"\0", packet_of(b"")
    for times in (1, 2):
        assert records_in(deframer, bad_crc + oversize + malformed + b"\0") == []
        counts = deframer.bad_crc, deframer.oversize, deframer.malformed, deframer.empty
        assert counts == (times, times, times, times)


def test_no_bytes_are_taken_of_a_buffer_whose_length_is_given_as_none():
    deframer = Deframer(8)
    deframer.feed(packet_of(b"one"), 0)
    assert deframer.next_record() is None
    assert deframer.records == 0


def test_cobs_that_breaks_off_has_the_length_minus_one():
    assert moving_plain.cobs_decode_in_place(bytearray(b"\x05ab"), 3) == -1


def test_a_carrier_takes_so_many_bytes_of_a_buffer_as_it_is_told():
    pair = up_pair()
    carrier = SerialCarrier(pair.host)
    packet = packet_of(b"\0" * 5)
    carrier.receive(packet + packet, len(packet), 0)
    while carrier.next_event(0) is not None:
        pass
    assert carrier.deframer.records == 1


def test_a_ledger_tells_what_is_new_and_from_where_a_gap_goes():
    ledger = Ledger()
    assert ledger.note_live(5, 0) == (True, 0, 0)
    assert ledger.note_live(3, 9) == (True, 9, 0)
    assert ledger.note_next(3, 9, 0) == (9, 0)
    assert ledger.note_backfilled(3, 9)
    assert ledger.note_live(5, 6) == (True, 1, 5)
    assert ledger.note_live(5, 4) == (True, 4, 0)
    assert ledger.note_live(5, 4) == (False, 4, 0)
    assert ledger.note_backfilled(5, 2)
    assert ledger.note_backfilled(5, 7)
    assert ledger.note_next(5, 7, 0) == (7, 0)
    assert ledger.missing_ranges(5) == [(1, 1), (3, 1), (5, 1)]
    assert (ledger.repaired, ledger.unaccounted, ledger.duplicates) == (2, 3, 1)


def test_the_oldest_range_is_the_one_that_is_forgotten():
    ledger = Ledger()
    for number in range(0, 2 * MAX_RANGES + 4, 2):
        ledger.note_live(1, number)
    assert ledger.missing_ranges(1)[:2] == [(3, 1), (5, 1)]
    assert ledger.forgotten == 1


def test_drops_on_the_band_add_up_across_the_end_of_their_counter():
    ledger = Ledger()
    ledger.note_live(1, 0)
    for drops in (200, 250, 10):
        ledger.note_next(1, 1, drops)
    assert ledger.dropped_on_band == 266


def test_the_last_boot_id_may_be_taken_and_numbers_begin_at_zero():
    numbering = Numbering(1, lambda: LAST_BOOT_ID)
    assert numbering.take() == 0
    numbering.next_sequence = 0xFFFFFF
    assert (numbering.take(), numbering.boot_id) == (0, LAST_BOOT_ID)


def test_so_many_closed_requests_are_known_again():
    requests = Requests()
    for _ in range(65):
        requests.close(requests.open(100, 0), True)
    assert not requests.is_open(2)
    assert (requests.duplicate, requests.unexpected) == (1, 0)
    assert not requests.is_open(1)
    assert (requests.duplicate, requests.unexpected) == (1, 1)


def test_a_fresh_link_knows_nothing_of_the_other_side():
    for link in (HostLink(SESSION_ID), BandLink(Numbering(1, lambda: 2), band_id=BAND_ID)):
        known = link.peer_band_id, link.peer_capabilities, link.peer_max_frame_bytes
        assert known == (bytes(8), 0, 0)
    assert HostLink(SESSION_ID).peer_boot_id == 0


def hello_of(band: BandLink, now_ms: int) -> bytes:
    pair = Pair()
    pair.band, pair.now_ms = band, now_ms
    pair.to_band(pair.from_host())
    return pair.from_band()


def test_the_hello_of_a_band_without_a_ring_names_all_bytes_of_the_next_number_and_no_drops():
    band = BandLink(Numbering(WIDE_BOOT_ID, lambda: 2, WIDE_SEQUENCE), band_id=BAND_ID)
    frame = hello_of(band, 0x12345678)[5:]
    wanted = 3, KIND_HELLO, WIDE_BOOT_ID, WIDE_SEQUENCE, 0x12345678, 0
    assert unpack_header(frame, 0) == wanted


def test_a_band_sends_live_frames_of_any_source_and_then_speaks_of_no_drops():
    queue = FrameQueue(100)
    queue.push(named(BOOT_ID, 7), HEADER_BYTES)
    band = BandLink(Numbering(BOOT_ID, lambda: 2, 8), band_id=BAND_ID, live=queue)
    assert unpack_header(hello_of(band, 0)[5:], 0)[3::2] == (7, 0)


def test_a_band_without_live_frames_sends_others_again():
    ring = FrameRing(100)
    ring.append(named(BOOT_ID, 0), HEADER_BYTES)
    reader = RingReader(ring)
    pair = Pair()
    pair.band = BandLink(Numbering(BOOT_ID, lambda: 2), band_id=BAND_ID, backfill=reader)
    pair.run()
    assert reader.begin(BOOT_ID, 0, 1) == 1
    pair.run()
    assert pair.frames_at_host() == [named(BOOT_ID, 0)]


def test_a_number_that_is_sent_next_takes_five_bytes_and_no_more():
    pair = up_pair(20)
    lane = pair.band._outbox.live
    pair.append(bytes(60))
    for _ in range(2):
        buffer = bytearray(b"\xee" * 8)
        assert lane.next_number_into(buffer, 1)
        assert (buffer[0], buffer[6:]) == (0xEE, b"\xee\xee")
        pair.from_band()


def test_counts_of_a_link_go_on():
    pair = up_pair()
    unknown = bytes([3, 0xFE]) + bytes(10)
    for times in (1, 2):
        pair.to_band(bytes([3, times, 0]) + unknown)
        pair.to_band(b"\xff")
        assert not pair.band.post(bytes([3, KIND_REPLY]) + bytes(300), 300)
        assert (pair.band.unknown_kinds, pair.band.unsendable_frames) == (times, times)
        assert sum(pair.band.bad_counts) == times
    for side in (pair.band, pair.host):
        assert side.hellos_repeated == 0


def test_hellos_said_again_are_counted_each_time_by_both_sides():
    pair = Pair()
    hello = pair.from_host()
    for _ in range(3):
        pair.to_band(hello)
        pair.to_host(pair.from_band())
    assert (pair.band.hellos_repeated, pair.host.hellos_repeated) == (2, 2)


def test_half_a_frame_outlives_a_hello_that_is_said_again():
    pair = Pair(64)
    hello = pair.from_host()
    pair.to_band(hello)
    pair.run()
    frame = bytes([3, KIND_CUFF_READING]) + bytes(100)
    pair.host.post(frame, len(frame))
    pair.to_band(pair.from_host())
    pair.to_band(hello)
    pair.from_band()
    pair.to_band(pair.from_host())
    assert [len(found) for found in pair.frames_at_band()] == [102]


def test_a_frame_of_a_header_alone_may_be_posted():
    pair = up_pair()
    assert pair.host.post(bytes([3, KIND_CUFF_READING]) + bytes(10), HEADER_BYTES)
    pair.run()
    assert [len(frame) for frame in pair.frames_at_band()] == [HEADER_BYTES]


def test_a_hello_too_short_is_no_hello_wherever_it_lies():
    pair = Pair()
    hello = pair.from_host()
    frame = hello[5:]
    short = bytes([hello[0] & ~3, 0, 0]) + (30).to_bytes(2, "little") + frame[:30] + bytes(50)
    assert pair.to_band(short)[0] == (EVENT_BAD, BAD_FRAME)


def test_a_band_of_no_common_version_is_refused_for_good():
    pair = Pair()
    pair.to_band(pair.from_host())
    hello = bytearray(pair.from_band())
    hello[5 + 13 : 5 + 15] = b"\xfe\xff"
    pair.to_host(bytes(hello))
    assert pair.host.state == STATE_REFUSED
    pair.pass_time(5000)
    assert pair.from_host() == b""


@pytest.mark.parametrize("overhead", [0, 2])
def test_a_posted_frame_that_fills_its_record_is_stamped(overhead):
    pair = up_pair(64)
    pair.now_ms = 0x12345678
    frame = bytes([0, KIND_CUFF_READING]) + bytes(59 - overhead)
    pair.host.post(frame, len(frame))
    record = pair.from_host()
    assert record[0] & 3 == CONTENT_ONE_FRAME
    assert unpack_header(record, 3)[4] == 0x12345678


@pytest.mark.parametrize("max_bytes", [20, 64, 244])
def test_sealed_records_keep_within_the_carrier(max_bytes):
    pair = up_pair(max_bytes, band_seal=ToySeal(b"key"), host_seal=ToySeal(b"key"))
    for size in (1, 20, 45, 200, 400):
        pair.append(bytes(size))
    while record := pair.from_band():
        assert len(record) <= max_bytes
        pair.to_host(record)
    assert pair.frames_at_host() == pair.appended


def test_requests_beyond_the_255th_are_asked_and_answered_by_both_bytes_of_their_id():
    pair = up_pair()
    for _ in range(300):
        pair.host.requests.close(pair.host.requests.open(1, 0), True)
    pair.now_ms = 5000
    request_id = pair.host.request_time(0, 1000, 4000)
    assert request_id == 301
    pair.run()
    times = [event for event in pair.host_events if event[0] == EVENT_TIME]
    assert times == [(EVENT_TIME, 5000, 5000, 5000, 5000)]
    [frame] = [event[1] for event in pair.band_events if event[0] == EVENT_FRAME]
    assert int.from_bytes(frame[12:14], "little") == 301
    assert (pair.host.requests.is_open(301), pair.host.requests.duplicate) == (False, 1)


def test_a_request_that_found_no_room_is_late_when_it_is_answered():
    pair = up_pair()
    full = bytes([3, KIND_CUFF_READING]) + bytes(1000)
    while pair.host.post(full, len(full)):
        pass
    with pytest.raises(Exception, match="does not fit the queue"):
        pair.host.request(bytearray(1000), 1000, 1000, 0)
    assert not pair.host.requests.is_open(1)
    assert pair.host.requests.late == 1


def test_the_lowest_session_kind_says_nothing_of_numbers_of_its_own():
    pair = up_pair()
    frame = bytearray(named(BOOT_ID, 0))
    frame[1] = FIRST_SESSION_KIND
    pair.to_host(bytes([3, 1, 0]) + bytes(frame))
    assert take_events(pair.host) == []
    assert pair.host.ledger.received == 0
