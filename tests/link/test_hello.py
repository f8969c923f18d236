"""A connection begins with a hello each way, and only so."""

import pytest

from bandwire.bandlink import HOST_SILENCE_LIMIT_MS
from bandwire.events import (
    BAD_BEFORE_HELLO,
    BAD_FRAME,
    DOWN_INCOMPATIBLE,
    DOWN_PEER_RESTARTED,
    DOWN_RESTARTED,
    DOWN_SILENT,
    EVENT_BAD,
    EVENT_DOWN,
    EVENT_FRAME,
    EVENT_GAP,
    EVENT_TIMEOUT,
    EVENT_UP,
)
from bandwire.frames import (
    HELLO_BYTES,
    KIND_HELLO,
    KIND_REPLY,
    KIND_TIME_REQUEST,
    ROLE_BAND,
    ROLE_HOST,
    TIME_REQUEST_BYTES,
    VERSION,
    pack_header_into,
    pack_hello_into,
    unpack_header,
    unpack_hello,
)
from bandwire.hostlink import HELLO_INTERVAL_MS, HostLink
from bandwire.link import common_version
from bandwire.record import CONTENT_FRAMES, CONTENT_ONE_FRAME_SINCE, RECORD_HEADER_BYTES
from link.pairs import BAND_ID, BOOT_ID, CARRIER_BYTES, SESSION_ID, Pair, next_record, take_events, up_pair


def hello_record(
    role,
    minimum=1,
    maximum=VERSION,
    session_id=SESSION_ID,
    *,
    kind=KIND_HELLO,
    version=1,
    more=b"",
    counter=0,
):
    """A record that holds a hello, as any version may send it."""
    frame = bytearray(HELLO_BYTES)
    pack_header_into(frame, 0, kind, BOOT_ID, 0, 0, 0, 0)
    frame[0] = version
    pack_hello_into(frame, 0, role, minimum, maximum, 500, 3, BAND_ID, session_id, bytes(8))
    frame += more
    return bytes([0x20, counter, 0]) + len(frame).to_bytes(2, "little") + frame


def test_band_is_silent_until_the_host_says_hello():
    pair = Pair()
    pair.append(b"abc")
    pair.post_reply()
    assert pair.from_band() == b""
    assert pair.band.poll(0) == -1


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
def test_both_sides_are_up_after_a_hello_each_way(max_bytes):
    pair = Pair(max_bytes)
    pair.run()
    assert pair.band_events == [(EVENT_UP, VERSION)]
    assert pair.host_events == [(EVENT_UP, VERSION)]
    assert pair.host.is_up
    assert pair.band.is_up
    assert (pair.host.peer_band_id, pair.host.peer_capabilities, pair.host.peer_boot_id) == (
        BAND_ID,
        5,
        BOOT_ID,
    )
    assert (pair.band.peer_capabilities, pair.band.peer_max_frame_bytes) == (64, 1024)
    assert pair.host.peer_max_frame_bytes == 256
    assert sum(pair.host.bad_counts) == sum(pair.band.bad_counts) == 0


def test_hello_answers_with_the_askers_session_id():
    pair = Pair()
    pair.to_band(pair.from_host())
    answer = pair.from_band()
    assert unpack_hello(answer, 5, HELLO_BYTES)[6] == SESSION_ID
    assert unpack_header(answer, 5)[1] == KIND_HELLO


def test_nothing_but_a_hello_is_taken_before_it():
    pair = up_pair()
    stranger = Pair()
    pair.append(b"abc")
    assert stranger.to_host(pair.from_band()) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    assert stranger.host.bad_counts[BAD_BEFORE_HELLO] == 1
    assert stranger.to_band(hello_record(ROLE_HOST, kind=KIND_REPLY)) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    assert not stranger.band.is_up


def test_unanswered_hello_is_said_again_every_second():
    pair = Pair()
    assert pair.from_host() != b""
    assert pair.from_host() == b""
    assert pair.host.poll(0) == HELLO_INTERVAL_MS
    pair.pass_time(HELLO_INTERVAL_MS)
    assert pair.host.poll(pair.now_ms) == pair.now_ms
    pair.run()
    assert pair.host.is_up
    assert pair.host.poll(pair.now_ms) == -1


def test_hello_that_waits_is_not_queued_twice():
    host = HostLink(SESSION_ID)
    assert next_record(host, 20, 0)
    assert len(next_record(host, 20, HELLO_INTERVAL_MS)) == 20
    assert len(next_record(host, 20, HELLO_INTERVAL_MS)) == 16
    assert next_record(host, 20, HELLO_INTERVAL_MS) == b""


@pytest.mark.parametrize(
    ("oldest", "minimum", "maximum", "version"),
    [
        (1, 1, 1, 1),
        (1, 1, 9, VERSION),
        (1, VERSION + 1, 9, 0),
        (1, 0, 0, 0),
        (1, 0, 1, 1),
        (VERSION, 1, VERSION - 1, 0),
        (VERSION, 1, VERSION, VERSION),
    ],
)
def test_highest_common_version_is_spoken(oldest, minimum, maximum, version):
    assert common_version(oldest, minimum, maximum) == version


def test_host_says_the_version_of_an_earlier_band_in_its_frames():
    pair = Pair()
    pair.from_host()
    assert pair.to_host(hello_record(ROLE_BAND, 1, 1)) == [(EVENT_UP, 1)]
    assert pair.host.version == 1
    pair.host.request_time(0, 1000, 0)
    assert unpack_header(pair.from_host(), 5)[:2] == (1, KIND_TIME_REQUEST)


def test_host_says_the_length_to_a_band_that_wants_it():
    pair = Pair()
    pair.from_host()
    pair.to_host(hello_record(ROLE_BAND, 1, CONTENT_ONE_FRAME_SINCE - 1))
    pair.host.request_time(0, 1000, 0)
    record = pair.from_host()
    assert record[0] & 3 == CONTENT_FRAMES
    assert len(record) == RECORD_HEADER_BYTES + 2 + TIME_REQUEST_BYTES


def test_band_refuses_a_host_that_cannot_read_what_it_has_numbered():
    pair = Pair()
    pair.append(b"abc")
    assert pair.to_band(hello_record(ROLE_HOST, 1, VERSION - 1)) == [(EVENT_DOWN, DOWN_INCOMPATIBLE)]
    assert unpack_hello(pair.from_band(), 5, HELLO_BYTES)[1:3] == (VERSION, VERSION)
    assert pair.from_band() == b""


def test_incompatible_host_is_told_and_refused():
    pair = Pair()
    assert pair.to_band(hello_record(ROLE_HOST, VERSION + 1, VERSION + 2)) == [
        (EVENT_DOWN, DOWN_INCOMPATIBLE)
    ]
    pair.append(b"abc")
    assert unpack_hello(pair.from_band(), 5, HELLO_BYTES)[1:3] == (VERSION, VERSION)
    assert pair.from_band() == b""
    assert pair.to_band(hello_record(ROLE_HOST, VERSION + 1, VERSION + 2)) == []
    assert pair.band.hellos_repeated == 1
    assert pair.to_band(bytes([0, 1, 0, 1, 0])) == [(EVENT_BAD, BAD_BEFORE_HELLO)]


def test_incompatible_band_is_reported_and_not_asked_again():
    pair = Pair()
    pair.from_host()
    assert pair.to_host(hello_record(ROLE_BAND, VERSION + 1, VERSION + 2)) == [
        (EVENT_DOWN, DOWN_INCOMPATIBLE)
    ]
    pair.pass_time(10 * HELLO_INTERVAL_MS)
    assert pair.from_host() == b""
    assert pair.host.poll(pair.now_ms) == -1


def test_hello_of_a_later_version_is_understood():
    pair = Pair()
    assert pair.to_band(hello_record(ROLE_HOST, 1, 9, version=9, more=b"later fields")) == [
        (EVENT_UP, VERSION)
    ]


def test_answer_to_another_session_is_not_for_us():
    pair = Pair()
    pair.from_host()
    assert pair.to_host(hello_record(ROLE_BAND, session_id=b"stranger")) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    assert not pair.host.is_up


def test_hello_of_ones_own_role_or_cut_short_is_refused():
    pair = Pair()
    assert pair.to_band(hello_record(ROLE_BAND)) == [(EVENT_BAD, BAD_FRAME)]
    short = bytes([0x20, 0, 0, 20, 0, 1, KIND_HELLO]) + bytes(18)
    assert pair.to_band(short) == [(EVENT_BAD, BAD_FRAME)]


def test_lost_answer_is_answered_again_and_nothing_goes_unaccounted():
    pair = Pair()
    first = pair.append(b"first")
    pair.to_band(pair.from_host())
    pair.from_band()
    pair.from_band()  # the answer and the first frame are lost
    pair.pass_time(HELLO_INTERVAL_MS)
    pair.run()
    assert (EVENT_UP, VERSION) in pair.host_events
    pair.append(b"second")
    pair.run()
    assert (EVENT_GAP, BOOT_ID, 0, 1) in pair.host_events
    assert pair.reader.begin(BOOT_ID, 0, 1) == 1
    pair.run()
    assert first in pair.frames_at_host()
    ledger = pair.host.ledger
    assert (ledger.received, ledger.repaired, ledger.missing, ledger.assigned) == (1, 1, 0, 2)
    assert pair.band.hellos_repeated == 1


def test_second_answer_to_one_hello_changes_nothing():
    pair = up_pair()
    pair.to_band(hello_record(ROLE_HOST, counter=1))
    pair.append(b"abc")
    pair.run()
    assert pair.host.hellos_repeated == 1
    assert pair.host.lost_records == 0
    assert [event[0] for event in pair.host_events] == [EVENT_FRAME]


def test_old_hello_said_again_does_not_move_the_counter_back():
    pair = up_pair()
    for _ in range(3):
        pair.host.confirm_stored(BOOT_ID, 0, 1)
        pair.run()
    pair.to_band(hello_record(ROLE_HOST, counter=0))
    pair.host.confirm_stored(BOOT_ID, 0, 1)
    pair.run()
    assert len(pair.frames_at_band()) == 4
    assert sum(pair.band.bad_counts) == 0


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
def test_restarted_host_begins_a_new_connection(max_bytes):
    pair = up_pair(max_bytes)
    frames = [pair.append(bytes([index]) * 300) for index in range(2)]
    pair.to_host(pair.from_band())
    pair.host = HostLink(b"session2")
    pair.run()
    assert pair.band_events[0] == (EVENT_DOWN, DOWN_PEER_RESTARTED)
    assert pair.band_events[1] == (EVENT_UP, VERSION)
    # A frame that was only half sent starts over; one that was sent whole is gone with the old host.
    assert pair.frames_at_host()[-1:] == frames[-1:]
    # What the band sends of the old connection while the hello is on its way is counted, and nothing else.
    assert sum(pair.host.bad_counts) == pair.host.bad_counts[BAD_BEFORE_HELLO]


def test_restart_keeps_the_account_and_times_requests_out():
    pair = up_pair()
    pair.append(b"abc")
    pair.run()
    request_id = pair.host.request_time(0, 1000, pair.now_ms)
    pair.host.restart(b"session2", pair.now_ms)
    assert take_events(pair.host) == [(EVENT_DOWN, DOWN_RESTARTED), (EVENT_TIMEOUT, request_id)]
    pair.append(b"abd")
    pair.run()
    assert pair.host.is_up
    assert pair.host.ledger.received == 2
    pair.host.restart(b"session3", pair.now_ms)
    pair.host.restart(b"session4", pair.now_ms)
    assert take_events(pair.host) == [(EVENT_DOWN, DOWN_RESTARTED)]


def test_fragments_of_two_hellos_are_never_joined():
    pair = Pair(20)
    first = [pair.from_host() for _ in range(3)]
    pair.pass_time(HELLO_INTERVAL_MS)
    second = [pair.from_host() for _ in range(3)]
    for record in (first[0], second[1], second[2]):
        pair.to_band(record)
    assert not pair.band.is_up
    for record in second:
        pair.to_band(record)
    assert pair.band.is_up


@pytest.mark.parametrize("start_ms", [0, 0x1_0000_0000 - 10_000], ids=["early", "across the wrap"])
def test_band_lets_go_of_a_host_that_has_been_silent_too_long(start_ms):
    pair = up_pair(now_ms=start_ms)
    end_ms = start_ms + HOST_SILENCE_LIMIT_MS
    assert pair.band.poll(start_ms) == end_ms
    assert pair.band.poll(end_ms - 1 & 0xFFFFFFFF) == (end_ms - 1 & 0xFFFFFFFF) + 1
    assert pair.band.is_up
    assert pair.band.poll(end_ms & 0xFFFFFFFF) == -1
    assert take_events(pair.band) == [(EVENT_DOWN, DOWN_SILENT)]
    pair.post_reply()
    pair.append(b"abc")
    assert pair.from_band() == b"", "it says nothing more"
    assert pair.memory.unsent_count == 1, "what comes waits for a host"


def test_any_frame_of_the_host_keeps_the_connection():
    pair = up_pair()
    for _ in range(5):
        pair.now_ms += HOST_SILENCE_LIMIT_MS - 1
        pair.host.request_time(0, 1000, pair.now_ms)
        pair.run()
        pair.band.poll(pair.now_ms)
    assert pair.band.is_up


def test_a_host_that_was_let_go_comes_back_with_a_new_session_only():
    pair = up_pair()
    pair.band.poll(HOST_SILENCE_LIMIT_MS)
    assert take_events(pair.band) == [(EVENT_DOWN, DOWN_SILENT)]
    waited = pair.append(b"abc")
    assert pair.to_band(hello_record(ROLE_HOST)) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    assert pair.from_band() == b""
    assert pair.to_band(hello_record(ROLE_HOST, session_id=b"session2")) == [(EVENT_UP, VERSION)]
    assert unpack_hello(pair.from_band(), 5, HELLO_BYTES)[6] == b"session2"
    assert waited in pair.from_band()
