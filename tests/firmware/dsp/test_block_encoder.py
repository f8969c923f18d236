"""The band's encoder of blocks: its bodies are the format's, as short as its choices allow, and lossless."""

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.blocks import RAW, Choice, Shape, decode_block, encode_block, encode_raw_block
from bandwire.predictors import ENERGIES_0, TABLE_0
from dsp.block_encoder import BlockEncoder

BODY_BYTES = 224
MOST_EXPANSION = 1.02


def _kind(shape):
    return "h" if shape.is_signed and shape.sample_bits <= 16 else "i"


def _encoder(shape, capacity):
    folded = array("i", bytes(4 * capacity * shape.channel_count))
    return BlockEncoder(
        shape.channel_count,
        shape.sample_bits,
        shape.is_signed,
        capacity,
        folded,
        TABLE_0,
        array("h", ENERGIES_0),
    )


def _blocks(shape, samples, capacity, reads=20):
    """Every (head, body, steps) of (steps, channels) samples that come `reads` at a time."""
    encoder, blocks = _encoder(shape, capacity), []
    source, at = array(_kind(shape), samples.ravel().tolist()), 0
    while at < len(samples) or encoder.steps:
        count = min(reads, len(samples) - at, capacity - encoder.steps)
        encoder.add(source, at * shape.channel_count, count)
        at += count
        if at < len(samples) and encoder.steps + reads <= capacity:
            continue
        out, end = bytearray(b"\xa5" * (BODY_BYTES + 9)), 0
        encoder.begin()
        while not end:
            end = encoder.advance(out, 5, 5 + BODY_BYTES)
        assert out[:5] + out[5 + BODY_BYTES :] == b"\xa5" * 9
        blocks.append((encoder.head, bytes(out[5:end]), encoder.taken))
    return blocks


def _choices(body, shape):
    """What the encoder chose, read back from the body of a block that is not raw."""
    bits, at = int.from_bytes(body, "big"), 8 * len(body)
    choices = []
    for channel in range(shape.channel_count):
        fields = []
        for width in (5, 5, 6 if channel else 0):
            at -= width
            fields.append(bits >> at & (1 << width) - 1)
        choices.append(Choice(fields[0], fields[1], (fields[2] ^ 32) - 32 if channel else 0))
    return choices


SHAPES = st.builds(Shape, st.integers(1, 8), st.integers(1, 18), st.booleans())


@st.composite
def _signals(draw):
    """Noise of some size around slow waves common to the channels, with jumps between the ends."""
    shape = draw(SHAPES)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.integers(1, 300))
    wave = np.cumsum(random.normal(size=(steps, 1)), axis=0) * draw(st.sampled_from([0, 3, 300]))
    noise = random.normal(size=(steps, shape.channel_count)) * draw(st.sampled_from([0, 0.5, 20, 1e6]))
    samples = np.rint(wave + noise).clip(shape.lowest, shape.highest).astype(np.int64)
    jumps = random.random(samples.shape) < draw(st.sampled_from([0, 0, 0.01, 0.5]))
    samples[jumps] = random.choice([shape.lowest, shape.highest], jumps.sum())
    return shape, samples


@given(_signals(), st.sampled_from([32, 64, 128]))
def test_blocks_hold_every_sample_and_no_byte_more_than_their_choices_ask_for(signal, capacity):
    shape, samples = signal
    at = 0
    for head, body, steps in _blocks(shape, samples, capacity):
        part = samples[at : at + steps].tolist()
        assert decode_block(head, body, shape) == [tuple(step) for step in part]
        if head & RAW:
            assert (head, body) == encode_raw_block(part, shape, stream_id=0)
        else:
            assert (head, body) == encode_block(part, shape, _choices(body, shape), stream_id=0)
        at += steps
    assert at == len(samples)


@pytest.mark.parametrize("bits", [8, 12, 16, 18])
@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_noise_grows_by_two_in_a_hundred_at_most(bits, channels):
    shape = Shape(channels, bits, False)
    samples = np.random.default_rng(bits).integers(0, 1 << bits, (2000, channels))
    blocks = _blocks(shape, samples, 256 if channels < 8 else 64)
    coded_bits = sum(16 + 8 * len(body) for _, body, _ in blocks)
    assert coded_bits <= MOST_EXPANSION * samples.size * bits


def test_a_block_in_haste_goes_by_the_choices_before_and_is_as_good():
    shape = Shape(3, 16, True)
    samples = np.cumsum(np.random.default_rng(5).integers(-9, 10, (120, 3)), axis=0)
    encoder, out = _encoder(shape, 128), bytearray(BODY_BYTES)
    source = array("h", samples.ravel().tolist())
    encoder.add(source, 0, 60)
    encoder.begin()
    while not encoder.advance(out, 0, BODY_BYTES):
        assert encoder.is_open
    assert not encoder.is_open
    assert encoder.taken == 60
    encoder.add(source, 3 * 60, 60)
    encoder.begin_in_haste()
    end = encoder.advance(out, 0, BODY_BYTES)
    assert decode_block(encoder.head, bytes(out[:end]), shape) == [
        tuple(step) for step in samples[60:].tolist()
    ]


def test_samples_of_more_than_18_bits_are_not_taken():
    with pytest.raises(ValueError, match=r"wanted 1\.\.18, got 19"):
        _encoder(Shape(1, 19, False), 16)


def test_the_words_it_works_in_must_hold_every_step():
    with pytest.raises(ValueError, match="wanted 48 words, got 47"):
        BlockEncoder(3, 16, True, 16, array("i", bytes(4 * 47)), TABLE_0, ENERGIES_0)
