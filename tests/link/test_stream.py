"""A link over a byte stream: any chunking, noise between, a port that takes what it likes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.events import EVENT_FRAME, EVENT_TIMEOUT, EVENT_UP
from bandwire.frames import VERSION
from bandwire.serial import SerialCarrier
from link.pairs import Pair

RECORD_BYTES = (20, 64, 244, 514)


class Stream:
    """A pair with a byte stream each way."""

    def __init__(self, max_record_bytes: int):
        self.pair = Pair(memory_bytes=16_384)
        self.band = SerialCarrier(self.pair.band, max_record_bytes)
        self.host = SerialCarrier(self.pair.host, max_record_bytes)
        self.events = {self.band: [], self.host: []}

    def bytes_from(self, carrier):
        taken = b""
        while carrier.fill(self.pair.now_ms):
            # A port that takes few bytes at a time.
            count = min(7, carrier.fill(self.pair.now_ms))
            taken += bytes(carrier.output[carrier.output_start : carrier.output_start + count])
            carrier.sent(count)
        return taken

    def feed(self, carrier, data):
        # A reader's buffer: longer than what came, with what was there before behind it.
        carrier.receive(data + b"\x01\x02\x00", len(data), self.pair.now_ms)
        while (event := carrier.next_event(self.pair.now_ms)) is not None:
            is_frame = event[0] == EVENT_FRAME
            self.events[carrier].append((event[0], bytes(event[1]), event[2]) if is_frame else event)

    def connect(self):
        self.feed(self.band, self.bytes_from(self.host))
        self.feed(self.host, self.bytes_from(self.band))

    def frames_at_host(self):
        return [event[1] for event in self.events[self.host] if event[0] == EVENT_FRAME]


def chunks(data, cuts):
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:stop] for start, stop in itertools.pairwise(edges)]


@pytest.mark.unmeasured
@given(
    st.lists(st.binary(max_size=700), max_size=5),
    st.sampled_from(RECORD_BYTES),
    st.lists(st.integers(0, 2**16), max_size=20),
)
def test_any_chunking_gives_the_same_frames(bodies, max_record_bytes, cuts):
    stream = Stream(max_record_bytes)
    stream.connect()
    for body in bodies:
        stream.pair.append(body)
    for chunk in chunks(stream.bytes_from(stream.band), cuts):
        stream.feed(stream.host, chunk)
    assert stream.frames_at_host() == stream.pair.appended
    deframer = stream.host.deframer
    assert deframer.bad_crc == deframer.malformed == deframer.oversize == 0


@pytest.mark.unmeasured
@given(
    st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=60)), min_size=1, max_size=5),
    st.sampled_from(RECORD_BYTES),
    st.lists(st.integers(0, 2**16), max_size=20),
)
def test_noise_that_a_zero_ends_costs_nothing_and_makes_nothing(parts, max_record_bytes, cuts):
    stream = Stream(max_record_bytes)
    stream.connect()
    data = b""
    for body, noise in parts:
        stream.pair.append(body)
        data += noise + b"\0" + stream.bytes_from(stream.band)
    for chunk in chunks(data, cuts):
        stream.feed(stream.host, chunk)
    assert stream.frames_at_host() == stream.pair.appended


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=600), st.integers(0, 2**16))
def test_damaged_stream_never_makes_a_false_frame(body, noise, at):
    stream = Stream(64)
    stream.connect()
    for _ in range(3):
        stream.pair.append(body)
    data = stream.bytes_from(stream.band)
    cut = at % len(data)
    stream.feed(stream.host, data[:cut] + noise + data[cut + len(noise) // 2 :])
    good = stream.pair.append(b"after the damage")
    stream.feed(stream.host, b"\0" + stream.bytes_from(stream.band))
    assert set(stream.frames_at_host()) <= set(stream.pair.appended)
    assert good in stream.frames_at_host()


@pytest.mark.parametrize("max_record_bytes", RECORD_BYTES)
def test_both_sides_come_up_over_a_stream(max_record_bytes):
    stream = Stream(max_record_bytes)
    stream.connect()
    assert stream.events == {stream.band: [(EVENT_UP, VERSION)], stream.host: [(EVENT_UP, VERSION)]}


def test_one_packet_at_a_time_waits_in_the_output():
    stream = Stream(64)
    stream.connect()
    for _ in range(3):
        stream.pair.append(bytes(40))
    waiting = stream.band.fill(0)
    assert stream.band.fill(0) == waiting == stream.band.output_stop
    assert stream.pair.memory.unsent_count == 2


def test_time_outs_come_before_what_arrives_at_the_same_time():
    stream = Stream(64)
    stream.connect()
    request_id = stream.pair.host.request_time(0, 500, 0)
    stream.feed(stream.band, stream.bytes_from(stream.host))
    answer = stream.bytes_from(stream.band)
    stream.pair.now_ms = 500
    stream.feed(stream.host, answer)
    assert stream.events[stream.host][-1] == (EVENT_TIMEOUT, request_id)
    assert stream.pair.host.requests.late == 1
