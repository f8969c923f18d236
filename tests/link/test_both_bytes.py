"""Numbers of more than a byte travel whole, and counters go on counting: the second time, and the 256th."""

import pytest

from bandwire.bandlink import BandLink
from bandwire.events import (
    BAD_FRAME,
    BAD_RECORD,
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
from bandwire.hostlink import HostLink
from bandwire.link import STATE_REFUSED
from bandwire.numbering import Numbering
from bandwire.outbox import FrameQueue
from bandwire.record import CONTENT_ONE_FRAME
from bandwire.serial import SerialCarrier
from fuzz.kept_frames import FrameMemory, MemoryReader
from fuzz.targets.deframer import packet_of
from link.pairs import BAND_ID, BOOT_ID, SESSION_ID, Pair, take_events, up_pair
from link.toy_seal import ToySeal

WIDE_BOOT_ID, WIDE_SEQUENCE = 0x1234, 0x56789A


def named(boot_id: int, sequence: int, payload: bytes = b"") -> bytes:
    return bytes([3, 6]) + boot_id.to_bytes(2, "little") + sequence.to_bytes(3, "little") + bytes(5) + payload


def test_a_length_at_the_very_end_of_a_record_is_of_no_frame():
    assert up_pair().to_band(bytes([0, 1, 0, 5, 0])) == [(EVENT_BAD, BAD_RECORD)]


@pytest.mark.parametrize("kind", [0xC0, 0xC1, 0xC2, 0x0C, 0x0D])
def test_a_record_of_a_type_that_is_none_is_counted_as_such(kind):
    pair = up_pair()
    assert pair.to_band(bytes([kind, 1, 0, 20, 0]) + bytes(9)) == [(EVENT_BAD, BAD_RECORD)]


def test_a_carrier_takes_so_many_bytes_of_a_buffer_as_it_is_told():
    pair = up_pair()
    carrier = SerialCarrier(pair.host)
    packet = packet_of(b"\0" * 5)
    carrier.receive(packet + packet, len(packet), 0)
    while carrier.next_event(0) is not None:
        pass
    assert carrier.deframer.records == 1


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


def test_the_hello_of_a_band_without_live_frames_names_all_bytes_of_the_next_number_and_no_drops():
    band = BandLink(Numbering(WIDE_BOOT_ID, lambda: 2, WIDE_SEQUENCE), band_id=BAND_ID)
    frame = hello_of(band, 0x12345678)[5:]
    wanted = 3, KIND_HELLO, WIDE_BOOT_ID, WIDE_SEQUENCE, 0x12345678, 0
    assert unpack_header(frame, 0) == wanted


class DroppingQueue(FrameQueue):
    """Another source of live frames."""

    drops = 300


def test_a_band_sends_live_frames_of_any_source_and_speaks_of_its_drops():
    queue = DroppingQueue(100)
    queue.push(named(BOOT_ID, 7), HEADER_BYTES)
    band = BandLink(Numbering(BOOT_ID, lambda: 2, 8), band_id=BAND_ID, live=queue)
    assert unpack_header(hello_of(band, 0)[5:], 0)[3::2] == (7, 300 & 0xFF)


def test_a_band_without_live_frames_sends_others_again():
    memory = FrameMemory(100)
    memory.append(named(BOOT_ID, 0), HEADER_BYTES)
    reader = MemoryReader(memory)
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


def test_hellos_that_are_lost_are_no_lost_records_once_one_comes():
    pair = Pair()
    pair.to_band(pair.from_host())
    for _ in range(3):
        pair.pass_time(1000)
        hello = pair.from_host()
    pair.to_band(hello)
    pair.run()
    frame = bytes([3, KIND_CUFF_READING]) + bytes(20)
    pair.host.post(frame, len(frame))
    pair.run()
    assert len(pair.frames_at_band()) == 1
    assert pair.band.lost_records == 0


def test_frames_too_long_for_the_other_side_are_counted_each_time():
    pair = up_pair(244, host_max_frame_bytes=100)
    for times in (1, 2):
        pair.append(bytes(100))
        pair.run()
        assert pair.band.unsendable_frames == times


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
    assert pair.host.ledger.boot_ids() == []
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
