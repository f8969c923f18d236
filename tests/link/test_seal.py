"""The record layer has room for a seal: nonce and replay rule use the record counter alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.events import BAD_RECORD, BAD_REPLAY, BAD_SEAL, EVENT_BAD, EVENT_FRAME
from bandwire.frames import ROLE_BAND, ROLE_HOST
from bandwire.record import CLASS_LIVE, CONTENT_FRAMES, RecordReader, RecordWriter
from link.pairs import BOOT_ID, CARRIER_BYTES, Pair, refusal, up_pair
from link.real_seal import real_seal
from link.toy_seal import ToySeal


def sealed_pair(max_bytes=244):
    return up_pair(max_bytes, band_seal=real_seal(), host_seal=real_seal(), memory_bytes=16_384)


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
def test_backfilled_and_live_frame_cross_one_sealed_link(max_bytes):
    pair = sealed_pair(max_bytes)
    old = pair.append(b"old secret" * 9)
    lost = list(iter(pair.from_band, b""))
    new = pair.append(b"new secret" * 9)
    pair.host.request_backfill(BOOT_ID, 0, 1, 500, 0)
    pair.run()
    pair.reader.begin(BOOT_ID, 0, 1)
    carried = list(iter(pair.from_band, b""))
    for record in carried:
        pair.to_host(record)
    assert pair.frames_at_host() == [new, old]
    assert [event[2] for event in pair.host_events if event[0] == EVENT_FRAME] == [False, True]
    assert pair.host.ledger.repaired == 1
    assert len(pair.frames_at_band()) == 1
    assert not any(b"secret" in record for record in lost + carried)


@given(st.lists(st.binary(max_size=300), max_size=6), st.sampled_from(CARRIER_BYTES), st.integers(0, 2**32))
def test_sealed_link_carries_the_same_frames(bodies, max_bytes, seed):
    pair = sealed_pair(max_bytes)
    for body in bodies:
        pair.append(body)
        pair.run(refusal(seed))
    pair.run()
    assert pair.frames_at_host() == pair.appended
    assert sum(pair.host.bad_counts) == 0


@given(st.data())
def test_tampered_record_is_counted_and_dropped(data):
    pair = sealed_pair()
    pair.append(b"genuine")
    record = bytearray(pair.from_band())
    # Bits that make it another kind of record (hello, clear, older) have tests of their own.
    bit = data.draw(st.integers(8 * 3, 8 * len(record) - 1))
    record[bit // 8] ^= 1 << bit % 8
    assert pair.to_host(bytes(record)) == [(EVENT_BAD, BAD_SEAL)]
    record[bit // 8] ^= 1 << bit % 8
    assert [event[0] for event in pair.to_host(bytes(record))] == [EVENT_FRAME]
    assert pair.host.lost_records == 0


def test_replayed_record_is_counted_and_dropped():
    pair = sealed_pair()
    pair.append(b"once")
    record = pair.from_band()
    assert [event[0] for event in pair.to_host(record)] == [EVENT_FRAME]
    assert pair.to_host(record) == [(EVENT_BAD, BAD_REPLAY)]


def test_record_reflected_to_its_sender_is_refused():
    pair = sealed_pair()
    pair.append(b"mirror")
    assert pair.to_band(pair.from_band()) == [(EVENT_BAD, BAD_SEAL)]


def test_clear_record_is_refused_on_a_sealed_link_and_the_reverse():
    sealed, clear = sealed_pair(), up_pair()
    sealed.append(b"abc")
    clear.append(b"abc")
    from_sealed, from_clear = sealed.from_band(), clear.from_band()
    assert sealed.to_host(from_clear) == [(EVENT_BAD, BAD_SEAL)]
    assert clear.to_host(from_sealed) == [(EVENT_BAD, BAD_SEAL)]
    hello = Pair().from_host()
    assert clear.to_band(bytes([hello[0] | 0x10]) + hello[1:]) == [(EVENT_BAD, BAD_SEAL)]


def test_no_nonce_is_used_twice_in_a_session_even_when_a_hello_is_said_again():
    seal = ToySeal(b"key")
    pair = up_pair(20, band_seal=seal, host_seal=ToySeal(b"key"))
    hello = list(iter(Pair(20).from_host, b""))
    for round_ in range(4):
        pair.append(bytes(30 * round_))
        pair.run()
        for record in hello:
            pair.to_band(record)
    pair.run()
    assert len(seal.nonces) == len(set(seal.nonces)) > 8
    assert len(pair.frames_at_host()) == 4


def carry(writer, reader):
    record = bytearray(64)
    length = writer.close(record, 10, CONTENT_FRAMES, CLASS_LIVE)
    return reader.open(bytes(record[:length]))


def open_reader(writer, seal):
    reader = RecordReader(ROLE_BAND, True)
    record = bytearray(64)
    reader.open(bytes(record[: writer.close_hello(record, 10, CONTENT_FRAMES)]))
    reader.restart()
    reader.seal = seal
    return reader


@pytest.mark.parametrize("seal", [None, ToySeal(b"key")])
def test_counter_is_extended_beyond_its_16_bits_on_the_wire(seal):
    writer = RecordWriter(ROLE_BAND)
    writer.seal = seal
    reader = open_reader(writer, seal)
    for number in range(1, 70_000):
        if number % 30_000:
            assert carry(writer, reader) == -1
            assert reader.counter == number
        else:
            writer.close(bytearray(64), 10, CONTENT_FRAMES, CLASS_LIVE)
    assert reader.lost_records == 2


def test_gap_of_half_the_counter_is_taken_for_a_replay():
    writer = RecordWriter(ROLE_BAND)
    reader = open_reader(writer, None)
    for _ in range(0x7FFF):
        writer.close(bytearray(64), 10, CONTENT_FRAMES, CLASS_LIVE)
    assert carry(writer, reader) == -1
    assert reader.lost == 0x7FFF
    for _ in range(0x8000):
        writer.close(bytearray(64), 10, CONTENT_FRAMES, CLASS_LIVE)
    assert carry(writer, reader) == BAD_REPLAY


def test_writer_restarts_with_a_session():
    writer = RecordWriter(ROLE_HOST)
    record = bytearray(64)
    writer.close(record, 10, CONTENT_FRAMES, CLASS_LIVE)
    writer.restart()
    writer.close(record, 10, CONTENT_FRAMES, CLASS_LIVE)
    assert record[1:3] == b"\0\0"


@pytest.mark.parametrize(
    "record",
    [b"", b"\0\0\0", bytes([0x0C, 0, 0, 9]), bytes([0x40, 0, 0, 9]), bytes(515)],
)
def test_what_is_not_a_record_is_refused(record):
    assert RecordReader(ROLE_BAND, False).open(record) == BAD_RECORD
