"""The parts of a link by themselves: numbers of more than a byte stay whole, and counters go on counting."""

from hypothesis import given
from hypothesis import strategies as st

from bandwire import moving_plain
from bandwire.accounting import MAX_BOOTS, MAX_RANGES, Ledger
from bandwire.frames import HEADER_BYTES
from bandwire.framing import Deframer, packet_bytes
from bandwire.numbering import LAST_BOOT_ID, Numbering
from bandwire.outbox import FrameQueue
from bandwire.requests import Requests
from fuzz.targets.deframer import packet_of, records_in


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


def test_what_waits_in_a_queue_stays_whole_when_it_is_moved_to_the_start():
    queue = FrameQueue(1000)
    frames = [bytes([number]) * 300 for number in range(5)]
    for frame in frames[:3]:
        assert queue.push(frame, 300)
    for _ in range(2):
        queue.peek()
        queue.advance()
    for frame in frames[3:]:
        assert queue.push(frame, 300)
    for frame in frames[2:]:
        assert queue.peek() == 300
        assert queue.buffer[queue.start : queue.start + 300] == frame
        queue.advance()


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


def test_a_zero_beyond_the_end_is_not_found():
    assert moving_plain.find_zero(b"abc\0", 0, 2) == 2


def test_a_block_of_254_bytes_stands_for_no_zero():
    packet = bytearray(b"\xff" + b"\x01" * 254 + b"\x02\x01")
    assert moving_plain.cobs_decode_in_place(packet, len(packet)) == 255
    assert packet[:255] == b"\x01" * 255


def test_cobs_that_breaks_off_has_the_length_minus_one():
    assert moving_plain.cobs_decode_in_place(bytearray(b"\x05ab"), 3) == -1


def test_a_ledger_tells_what_is_new_and_from_where_a_gap_goes():
    ledger = Ledger()
    assert ledger.note_live(5, 0) == (True, 0, 0)
    assert ledger.note_live(3, 9) == (True, 9, 0)
    assert ledger.note_next(3, 9) == (9, 0)
    assert ledger.note_backfilled(3, 9)
    assert ledger.note_live(5, 6) == (True, 1, 5)
    assert ledger.note_live(5, 4) == (True, 4, 0)
    assert ledger.note_live(5, 4) == (False, 4, 0)
    assert ledger.note_backfilled(5, 2)
    assert ledger.note_backfilled(5, 7)
    assert ledger.note_next(5, 7) == (7, 0)
    assert ledger.missing_ranges(5) == [(1, 1), (3, 1), (5, 1)]
    assert (ledger.repaired, ledger.unaccounted, ledger.duplicates) == (2, 3, 1)


def test_a_boot_that_is_accounted_for_already_is_left_as_it_is():
    ledger = Ledger()
    ledger.account_for_earlier(1, 0, 5, [], [])
    ledger.account_for_earlier(1, 0, 9, [(0, 9)], [])
    ledger.account_for_earlier(1, 3, 9, [(3, 2)], [])
    assert (ledger.boot_ids(), ledger.missing, ledger.received) == ([1], 0, 5)
    assert ledger.note_live(1, 5) == (True, 5, 0)


def test_numbers_before_the_account_are_stored_missing_or_lost_as_told():
    ledger = Ledger()
    ledger.note_next(4, 10)
    ledger.account_for_earlier(4, 2, 99, [(3, 2), (8, 5)], [(1, 2), (6, 1)])
    assert ledger.missing_ranges(4) == [(3, 2), (8, 2)]
    assert (ledger.assigned, ledger.received, ledger.dropped_on_band, ledger.missing) == (8, 2, 2, 4)
    assert ledger.note_backfilled(4, 9)
    assert not ledger.note_backfilled(4, 7)
    assert ledger.note_backfilled(4, 1)
    assert (ledger.repaired, ledger.duplicates, ledger.unaccounted) == (1, 1, 1)


def test_what_the_band_has_not_is_lost_there_and_missing_no_more():
    ledger = Ledger()
    ledger.note_next(1, 0)
    ledger.note_next(1, 10)
    ledger.note_backfilled(1, 4)
    assert ledger.note_not_kept(1, 3, 4) == [(3, 1), (5, 2)]
    assert ledger.note_not_kept(1, 3, 4) == []
    assert ledger.note_not_kept(2, 0, 9) == []
    assert ledger.missing_ranges(1) == [(0, 3), (7, 3)]
    assert (ledger.missing, ledger.dropped_on_band, ledger.repaired) == (6, 3, 1)


def test_lost_numbers_join_the_ranges_that_they_touch_in_whatever_order_they_are_told():
    ledger = Ledger()
    ledger.note_next(1, 0)
    ledger.note_next(1, 10)
    for number in (6, 2, 5, 3):
        assert ledger.note_not_kept(1, number, 1) == [(number, 1)]
    assert (ledger.missing_ranges(1), ledger.dropped_on_band) == ([(0, 2), (4, 1), (7, 3)], 4)
    for number in (5, 3, 6, 2):
        assert ledger.note_backfilled(1, number)
    assert (ledger.repaired, ledger.dropped_on_band, ledger.duplicates) == (4, 0, 0)


def test_a_frame_that_was_told_lost_and_comes_is_taken():
    ledger = Ledger()
    ledger.note_next(1, 0)
    ledger.note_next(1, 3)
    ledger.note_not_kept(1, 0, 3)
    assert ledger.note_live(1, 1) == (True, 1, 0)
    assert not ledger.note_backfilled(1, 1)
    assert (ledger.dropped_on_band, ledger.repaired, ledger.duplicates) == (2, 1, 1)


def test_the_oldest_range_is_the_one_that_is_forgotten():
    ledger = Ledger()
    for number in range(0, 2 * MAX_RANGES + 4, 2):
        ledger.note_live(1, number)
    assert ledger.missing_ranges(1)[:2] == [(3, 1), (5, 1)]
    assert ledger.forgotten == 1


def test_the_oldest_lost_range_is_forgotten_with_what_is_missing_before_it():
    ledger = Ledger()
    ledger.note_live(1, 0)
    ledger.note_next(1, 2 * MAX_RANGES + 20)
    ledger.note_backfilled(1, 2)
    for number in range(5, 2 * MAX_RANGES + 7, 2):
        ledger.note_backfilled(1, number - 1)
        ledger.note_not_kept(1, number, 1)
    assert ledger.forgotten == 2
    assert ledger.dropped_on_band == MAX_RANGES + 1
    assert ledger.note_backfilled(1, 3)
    assert ledger.unaccounted == 1


def test_boots_beyond_the_bound_are_forgotten_oldest_first():
    ledger = Ledger()
    for boot in range(10, MAX_BOOTS + 10):
        ledger.account_for_earlier(boot, 0, 2, [(1, 1)], [])
    ledger.account_for_earlier(9, 0, 2, [(0, 2)], [])
    assert (ledger.boot_ids()[0], ledger.missing, ledger.forgotten) == (10, MAX_BOOTS, 0)
    ledger.note_live(MAX_BOOTS + 10, 0)
    assert (ledger.boot_ids()[0], ledger.missing, ledger.forgotten) == (11, MAX_BOOTS, 1)


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


def test_answers_that_nobody_waits_for_are_counted_each_time():
    requests = Requests()
    answered, late = requests.open(100, 0), requests.open(100, 0)
    requests.close(answered, True)
    requests.close(late, False)
    for times in (1, 2):
        assert not any(requests.is_open(number) for number in (answered, late, 99))
        assert (requests.duplicate, requests.late, requests.unexpected) == (times, times, times)
