"""The deframer is bounded, in step again at the next zero, and never gives a record that was not sent."""

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire import moving, moving_plain
from bandwire.errors import LocalError
from bandwire.framing import Deframer, encode_packet_into, packet_bytes

MAX_RECORD_BYTES = 300
records_strategy = st.lists(st.one_of(st.binary(min_size=1, max_size=MAX_RECORD_BYTES), st.just(bytes(280))))


def packet_of(record: bytes) -> bytes:
    out = bytearray(packet_bytes(len(record)))
    return bytes(out[: encode_packet_into(bytearray(record) + bytes(4), len(record), out)])


def records_in(deframer: Deframer, data: bytes) -> list[bytes]:
    deframer.feed(data)
    return [bytes(record) for record in iter(deframer.next_record, None)]


def refused(deframer: Deframer) -> tuple[int, int, int, int]:
    return deframer.bad_crc, deframer.oversize, deframer.malformed, deframer.empty


@given(st.binary(max_size=1200))
def test_cobs_round_trip_holds_no_zero_and_fits_its_bound(data):
    out = bytearray(packet_bytes(len(data)))
    length = moving.cobs_encode_into(data, len(data), out)
    assert 0 not in out[:length]
    assert length <= len(data) + len(data) // 254 + 1
    assert moving.cobs_decode_in_place(out, length) == len(data)
    assert out[: len(data)] == data


@pytest.mark.parametrize(
    ("data", "encoded"),
    [
        ("", "01"),
        ("00", "0101"),
        ("11220033", "0311220233"),
        ("11000000", "0211010101"),
        ("01" * 254, "ff" + "01" * 254),
        ("01" * 254 + "00", "ff" + "01" * 254 + "0101"),
        ("01" * 255, "ff" + "01" * 254 + "0201"),
    ],
)
def test_cobs_agrees_with_worked_examples(data, encoded):
    out = bytearray(300)
    source = bytes.fromhex(data)
    assert out[: moving.cobs_encode_into(source, len(source), out)].hex() == encoded


def test_plain_moves_run_on_cpython():
    assert moving.copy_into is moving_plain.copy_into


@pytest.mark.unmeasured
@given(records_strategy, st.lists(st.integers(1, 700), min_size=1))
def test_any_chunking_gives_the_same_records(records, sizes):
    data = b"".join(packet_of(record) for record in records)
    deframer = Deframer(MAX_RECORD_BYTES)
    found = []
    at = turn = 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += records_in(deframer, data[at : at + size])
        at, turn = at + size, turn + 1
    assert found == records
    assert deframer.records == len(records)
    assert refused(deframer) == (0, 0, 0, 0)


@given(st.lists(st.binary(max_size=900)), st.binary(min_size=1, max_size=MAX_RECORD_BYTES))
def test_noise_gives_no_record_and_the_packet_after_a_zero_is_found(noise, record):
    deframer = Deframer(MAX_RECORD_BYTES)
    for chunk in noise:
        assert records_in(deframer, chunk) == []
    assert records_in(deframer, b"\0" + packet_of(record)) == [record]


@given(st.binary(min_size=1, max_size=MAX_RECORD_BYTES), st.data())
def test_damaged_packet_gives_no_record(record, data):
    packet = bytearray(packet_of(record))
    at = data.draw(st.integers(0, len(packet) - 2))
    packet[at] ^= data.draw(st.integers(1, 255))
    assert records_in(Deframer(MAX_RECORD_BYTES), bytes(packet)) == []


def test_each_refusal_is_counted_by_its_reason():
    deframer = Deframer(8)
    damaged = bytearray(packet_of(b"damaged"))
    damaged[3] ^= 0x55
    data = bytes(damaged) + packet_of(bytes(range(1, 40))) + b"\x09abc\0" + b"\0" + b"\x03ab\0"
    assert records_in(deframer, data + packet_of(b"good")) == [b"good"]
    assert refused(deframer) == (1, 1, 2, 1)


def test_packet_longer_than_allowed_is_dropped_across_chunks():
    deframer = Deframer(8)
    assert records_in(deframer, b"\x20" * 15) == []
    for _ in range(100):
        assert records_in(deframer, b"\x20" * 1000) == []
    assert records_in(deframer, b"\0" + packet_of(b"good")) == [b"good"]
    assert deframer.oversize == 1


def test_feeding_before_all_is_taken_is_refused():
    deframer = Deframer(8)
    deframer.feed(packet_of(b"one") + packet_of(b"two"))
    deframer.next_record()
    with pytest.raises(LocalError, match="9 bytes wait"):
        deframer.feed(b"")


def test_only_the_given_length_is_taken_in():
    deframer = Deframer(8)
    packet = packet_of(b"one")
    deframer.feed(bytearray(packet + packet), len(packet))
    assert [bytes(record) for record in iter(deframer.next_record, None)] == [b"one"]


@given(st.binary(max_size=100))
def test_crc_of_bytes_and_their_crc_is_constant(data):
    crc = binascii.crc32(data)
    assert binascii.crc32(data + crc.to_bytes(4, "little")) == 0x2144DF1C
