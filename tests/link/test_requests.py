"""Requests are answered or time out, once; answers that nobody waits for are counted."""

import pytest

from bandwire.errors import LocalError
from bandwire.events import BAD_FRAME, EVENT_BAD, EVENT_FRAME, EVENT_REPLY, EVENT_TIME, EVENT_TIMEOUT
from bandwire.frames import (
    BACKFILL_RANGE_BYTES,
    BACKFILL_STATE_DONE,
    BACKFILL_STATE_SENDING,
    COMMAND_CODE_START_STREAM,
    COMMAND_CODE_STOP_STREAM,
    HEADER_BYTES,
    KIND_BACKFILL_RANGE,
    KIND_CUFF_READING,
    KIND_REPLY,
    KIND_TIME_REPLY,
    KIND_TIME_REQUEST,
    STREAM_ID_MOTION,
    pack_backfill_range_into,
    unpack_backfill_request,
    unpack_command,
    unpack_store_confirm,
)
from bandwire.requests import MAX_OPEN, Requests
from link.pairs import BOOT_ID, CARRIER_BYTES, up_pair

TIMEOUT_MS = 500


def commands_of(pair):
    return [unpack_command(frame, 0, len(frame)) for frame in pair.frames_at_band()]


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
def test_streams_are_started_and_stopped_by_command(max_bytes):
    pair = up_pair(max_bytes)
    first = pair.host.start_stream(STREAM_ID_MOTION, TIMEOUT_MS, 0)
    second = pair.host.stop_stream(STREAM_ID_MOTION, TIMEOUT_MS, 0)
    pair.run()
    assert commands_of(pair) == [
        (first, COMMAND_CODE_START_STREAM, STREAM_ID_MOTION, 0),
        (second, COMMAND_CODE_STOP_STREAM, STREAM_ID_MOTION, 0),
    ]
    pair.post_reply(first)
    pair.post_reply(second)
    pair.run()
    assert pair.host_events == [(EVENT_REPLY, first, 0, 0), (EVENT_REPLY, second, 0, 0)]


def test_request_without_an_answer_times_out_once():
    pair = up_pair()
    request_id = pair.host.send_command(200, 0, 0, TIMEOUT_MS, pair.now_ms)
    assert pair.host.poll(pair.now_ms) == TIMEOUT_MS
    pair.pass_time(TIMEOUT_MS - 1)
    assert pair.host_events == []
    pair.pass_time(1)
    assert pair.host_events == [(EVENT_TIMEOUT, request_id)]
    pair.pass_time(10_000)
    assert len(pair.host_events) == 1


def test_late_duplicate_and_unexpected_replies_are_counted_and_not_given_on():
    pair = up_pair()
    late = pair.host.send_command(1, 0, 0, TIMEOUT_MS, pair.now_ms)
    pair.pass_time(TIMEOUT_MS)
    answered = pair.host.send_command(1, 0, 0, TIMEOUT_MS, pair.now_ms)
    for request_id in (late, answered, answered, 4711):
        pair.post_reply(request_id)
    pair.run()
    assert pair.host_events == [(EVENT_TIMEOUT, late), (EVENT_REPLY, answered, 0, 0)]
    requests = pair.host.requests
    assert (requests.late, requests.duplicate, requests.unexpected) == (1, 1, 1)


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
def test_time_exchange_gives_four_times(max_bytes):
    pair = up_pair(max_bytes)
    pair.now_ms = 100
    pair.host.request_time(1_700_000_000, TIMEOUT_MS, pair.now_ms)
    pair.now_ms = 130
    requests = list(iter(pair.from_host, b""))
    pair.now_ms = 150
    for record in requests:
        pair.to_band(record)
    pair.now_ms = 175
    answers = list(iter(pair.from_band, b""))
    pair.now_ms = 195
    for record in answers:
        pair.to_host(record)
    assert pair.host_events == [(EVENT_TIME, 130, 150, 175, 195)]
    assert [event[0] for event in pair.band_events] == [EVENT_FRAME]
    pair.pass_time(TIMEOUT_MS)
    assert len(pair.host_events) == 1


def test_late_time_reply_is_counted():
    pair = up_pair()
    pair.host.request_time(0, TIMEOUT_MS, pair.now_ms)
    request = pair.from_host()
    pair.pass_time(TIMEOUT_MS)
    pair.to_band(request)
    pair.run()
    assert [event[0] for event in pair.host_events] == [EVENT_TIMEOUT]
    assert pair.host.requests.late == 1


def test_request_that_timed_out_before_it_was_sent_is_sent_all_the_same():
    pair = up_pair()
    pair.host.request_time(0, TIMEOUT_MS, pair.now_ms)
    pair.pass_time(TIMEOUT_MS)
    pair.run()
    assert [event[0] for event in pair.band_events] == [EVENT_FRAME]


def backfill_range(request_id, state):
    frame = bytearray(BACKFILL_RANGE_BYTES)
    frame[1] = KIND_BACKFILL_RANGE
    pack_backfill_range_into(frame, 0, request_id, state, BOOT_ID, 3, 4)
    return frame


def test_backfill_request_waits_until_the_band_is_done():
    pair = up_pair()
    request_id = pair.host.request_backfill(BOOT_ID, 3, 4, TIMEOUT_MS, pair.now_ms)
    pair.run()
    assert unpack_backfill_request(pair.frames_at_band()[0], 0, 64) == (request_id, BOOT_ID, 3, 4)
    for _ in range(3):
        pair.pass_time(TIMEOUT_MS - 1)
        pair.band.post(backfill_range(request_id, BACKFILL_STATE_SENDING), BACKFILL_RANGE_BYTES)
        pair.run()
    pair.band.post(backfill_range(request_id, BACKFILL_STATE_DONE), BACKFILL_RANGE_BYTES)
    pair.run()
    pair.pass_time(TIMEOUT_MS)
    assert [event[0] for event in pair.host_events] == [EVENT_FRAME] * 4
    pair.band.post(backfill_range(request_id, BACKFILL_STATE_DONE), BACKFILL_RANGE_BYTES)
    pair.run()
    assert pair.host.requests.duplicate == 1


def test_confirmation_of_the_store_reaches_the_band():
    pair = up_pair()
    assert pair.host.confirm_stored(BOOT_ID, 3, 4)
    pair.run()
    assert unpack_store_confirm(pair.frames_at_band()[0], 0, 64) == (BOOT_ID, 3, 4)


@pytest.mark.parametrize("kind", [KIND_REPLY, KIND_TIME_REPLY, KIND_BACKFILL_RANGE])
def test_answer_too_short_for_its_kind_is_counted(kind):
    pair = up_pair()
    pair.band.post(bytes([1, kind]) + bytes(HEADER_BYTES - 1), HEADER_BYTES + 1)
    pair.run()
    assert pair.host_events == [(EVENT_BAD, BAD_FRAME)]


def test_time_request_too_short_is_counted():
    pair = up_pair()
    frame = bytes([1, KIND_TIME_REQUEST]) + bytes(HEADER_BYTES)
    pair.host.post(frame, len(frame))
    pair.run()
    assert pair.band_events == [(EVENT_BAD, BAD_FRAME)]


def test_requests_beyond_the_queue_are_refused_clearly():
    pair = up_pair()
    frame = bytearray(900)
    frame[1] = KIND_CUFF_READING
    pair.host.request(frame, 900, TIMEOUT_MS, 0)
    pair.host.request(frame, 900, TIMEOUT_MS, 0)
    with pytest.raises(LocalError, match="900 bytes does not fit"):
        pair.host.request(frame, 900, TIMEOUT_MS, 0)
    assert len(pair.host.requests.open_ids()) == 2


def test_open_requests_are_bounded():
    requests = Requests()
    for _ in range(MAX_OPEN):
        requests.open(TIMEOUT_MS, 0)
    with pytest.raises(LocalError, match="at most 32"):
        requests.open(TIMEOUT_MS, 0)


def test_request_ids_start_over_without_meeting_an_open_one():
    requests = Requests()
    kept = requests.open(TIMEOUT_MS, 0)
    seen = set()
    for _ in range(0xFFFF):
        request_id = requests.open(TIMEOUT_MS, 0)
        assert request_id not in {kept, 0}
        requests.close(request_id, request_id % 2 == 0)
        seen.add(request_id)
    assert len(seen) == 0xFFFE
    assert not requests.is_open(0xFFFF)
    assert (requests.duplicate, requests.late, requests.unexpected) == (0, 1, 0)
    assert not requests.is_open(5)
    assert requests.unexpected == 1


def test_answer_to_an_id_given_out_twice_is_taken():
    requests = Requests()
    first = requests.open(TIMEOUT_MS, 0)
    requests.close(first, False)
    for _ in range(0xFFFE):
        requests.close(requests.open(TIMEOUT_MS, 0), True)
    assert requests.open(TIMEOUT_MS, 0) == first
    assert requests.is_open(first)
