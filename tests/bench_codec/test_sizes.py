"""The size tables: what is counted is what the formats really take."""

import cbor2
import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.blocks import Shape, decode_block
from bench_codec import __main__ as command
from bench_codec import peers
from bench_codec.recordings import Group
from bench_codec.sender import ONE_PACKET, PACKET_BYTES, SEALED, TWO_PACKETS, blocks_of
from bench_codec.sizes import coded_and_whole_bits, worst_expansion

DIFFERENCES = st.integers(-(1 << 19), 1 << 19)


def _group(bits=16, is_signed=True, steps=900, seed=3):
    random = np.random.default_rng(seed)
    low = -(1 << bits - 1) if is_signed else 0
    walk = np.rint(np.cumsum(random.normal(0, 20, (steps, 2)), axis=0)) + low + (1 << bits - 1)
    return Group("walk", 25, bits, is_signed, (), (walk.astype(np.int32),))


@pytest.mark.parametrize("carriage", [ONE_PACKET, TWO_PACKETS, SEALED])
@pytest.mark.parametrize(("bits", "is_signed"), [(16, True), (16, False), (18, False)])
def test_blocks_hold_the_recording_and_records_fit_their_packets(carriage, bits, is_signed):
    group = _group(bits, is_signed)
    (samples,) = group.reported
    shape, at = Shape(2, bits, is_signed), 0
    blocks = blocks_of(samples, group, carriage)
    for block in blocks:
        got = decode_block(block.head, block.body, shape)
        assert got == [tuple(step) for step in samples[at : at + block.steps].tolist()]
        at += block.steps
        assert block.coded_bytes + carriage.around_bytes <= carriage.packets * PACKET_BYTES
    assert at == len(samples)
    coded, whole = coded_and_whole_bits(group, carriage)
    assert coded == 8 * sum(block.coded_bytes for block in blocks) / samples.size
    assert whole - coded == pytest.approx(8 * len(blocks) * carriage.around_bytes / samples.size)


def test_what_is_around_a_block_is_eighteen_bytes():
    assert (ONE_PACKET.around_bytes, ONE_PACKET.body_bytes) == (18, 224)
    assert (TWO_PACKETS.around_bytes, TWO_PACKETS.body_bytes) == (23, 463)


@given(st.lists(DIFFERENCES, min_size=1, max_size=50))
def test_items_are_counted_as_their_libraries_write_them(values):
    array = np.array(values)
    assert peers._cbor_bytes(array).tolist() == [len(cbor2.dumps(value)) for value in values]
    assert peers._msgpack_bytes(array).tolist() == [len(msgpack.packb(value)) for value in values]


@given(DIFFERENCES)
def test_a_varint_has_seven_bits_a_byte(value):
    folded = (value << 1) ^ (value >> 63)
    assert peers._varint_bytes(np.array([value])).tolist() == [max(-(-folded.bit_length() // 7), 1)]


def test_packets_of_the_others_are_filled_and_no_more():
    costs = np.full(1000, 16)
    room_bits = 8 * (PACKET_BYTES - 18)
    a_packet = 1 + (room_bits - 24) // 16
    packets = -(-1000 // a_packet)
    assert peers._filled(costs, 24) == 8 * (18 * packets + 2 * (1000 - packets) + 3 * packets)


def test_every_format_holds_a_walk_in_more_bits_than_ours():
    group = _group()
    ours = coded_and_whole_bits(group, ONE_PACKET)[1]
    for peer in peers.PEERS:
        if peer is not peers.FLAC and not peer.name.startswith("zstd"):
            assert peer.bits_of(group.reported[0], group) / group.reported[0].size > ours


def test_noise_grows_by_two_in_a_hundred_at_most():
    assert 1 < worst_expansion() <= 1.02


def test_it_says_when_there_are_no_recordings(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("VITALBAND_DATA", raising=False)
    assert command.main([]) == 1
    assert "wanted a folder of recordings (--data, VITALBAND_DATA), got None" in capsys.readouterr().err
    assert command.main(["--data", str(tmp_path / "none")]) == 1
