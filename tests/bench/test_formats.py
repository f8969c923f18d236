"""The formats that the benchmarks compare carry the same, and their sizes are what is said of them."""

import pytest

from bench import blocks, codecs, ours
from bench.blocks import FORMATS, plain_blocks
from bench.peers import PEERS
from bench.plain import least_bytes, vitals_of_any_value

FRAMES = 50


@pytest.fixture(scope="module")
def values():
    return vitals_of_any_value(FRAMES)


def _mean_bytes(encode, items):
    return sum(len(encode(item)) for item in items) / len(items)


@pytest.mark.parametrize("peer", [ours.OURS, *PEERS], ids=lambda peer: peer.name)
def test_a_format_gives_back_the_vitals_that_it_was_given(peer, values):
    assert [peer.plain(peer.decode(peer.encode(item))) for item in values] == values


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_format_gives_back_the_block_that_it_was_given(form):
    given = plain_blocks(FRAMES)
    assert [form.decode(form.encode(item)) for item in given] == given


def test_what_does_not_give_back_the_vitals_is_not_measured(values):
    peer = codecs.Peer("forgetful", ours.OURS.encode, ours.OURS.decode, lambda _: values[0])
    with pytest.raises(ValueError, match="forgetful does not give back"):
        codecs.measure_formats([ours.OURS, peer], values)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_our_vitals_frame_is_smaller_than_every_peer_but_messagepack(peer, values):
    ratio = _mean_bytes(ours.OURS.encode, values) / _mean_bytes(peer.encode, values)
    if peer.name.startswith("MessagePack"):
        # Small numbers take one byte there, values too; ours have fixed places, which costs up to a tenth.
        assert 1 < ratio < 1.1
    else:
        assert ratio < 1


@pytest.mark.parametrize("form", FORMATS[1:], ids=lambda form: form.name)
def test_our_block_is_at_most_a_few_bytes_longer_than_any_peer(form):
    given = plain_blocks(FRAMES)
    # Of the header's 21 bytes, as many are zero here that a varint leaves out.
    assert _mean_bytes(FORMATS[0].encode, given) <= _mean_bytes(form.encode, given) + 5


def test_every_format_is_above_the_floor(values):
    given = plain_blocks(FRAMES)
    assert least_bytes() < min(_mean_bytes(peer.encode, values) for peer in (ours.OURS, *PEERS))
    floor_bytes = blocks.SAMPLES * blocks.least_bytes()
    assert floor_bytes < min(_mean_bytes(form.encode, given) for form in FORMATS)


def test_micropython_reads_and_writes_the_frames_alike(values):
    assert ours.measure_on_band([ours.encode(item) for item in values]).alike == FRAMES


def test_numpy_reads_every_frame(values):
    assert ours.decode_by_dtype([ours.encode(item) for item in values]) == FRAMES


def test_a_serial_line_adds_a_few_bytes_to_a_frame(values):
    frame = ours.encode(values[0])
    # Record header 3, length 2, CRC-32 4, COBS 1 in 254, delimiter 1.
    assert codecs.serial_bytes(frame) == len(frame) + 11
