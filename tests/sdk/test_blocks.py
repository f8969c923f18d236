"""Many compressed blocks at once decode as the plain reference decodes each of them."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.blocks import (
    MAX_CHANNELS,
    MAX_SAMPLE_BITS,
    MAX_SHIFT,
    Choice,
    Shape,
    decode_block,
    encode_block,
    encode_raw_block,
)
from bandwire.errors import FrameError
from vitalband.blocks import BlockFault, BlockHeads, decode, decode_blocks
from vitalband.blocks import bits as bits_of_blocks

SHAPES = st.builds(Shape, st.integers(1, MAX_CHANNELS), st.integers(1, MAX_SAMPLE_BITS), st.booleans())
CHOICES = st.builds(Choice, st.integers(0, 31), st.integers(0, MAX_SHIFT), st.integers(-32, 31))


@st.composite
def samples_of(draw, shape, most_steps=40):
    """Constant, slow and wild signals, with the extremes of the range."""
    steps = draw(st.integers(1, most_steps))
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    reach = 1 << draw(st.integers(0, shape.sample_bits))
    walk = np.cumsum(noise.integers(-reach, reach + 1, (steps, shape.channel_count)), axis=0)
    walk = shape.lowest + (walk + draw(st.integers(0, shape.highest - shape.lowest))) % (
        1 << shape.sample_bits
    )
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, steps - 1)), draw(st.integers(0, shape.channel_count - 1))
        walk[at] = draw(st.sampled_from([shape.lowest, shape.highest]))
    return walk.tolist()


@st.composite
def good_blocks(draw):
    """(shape, [(head, body)]) as any sender may make them."""
    shape = draw(SHAPES)
    blocks = []
    for _ in range(draw(st.integers(1, 6))):
        samples = draw(samples_of(shape))
        if draw(st.integers(0, 3)):
            count = shape.channel_count
            choices = draw(st.lists(CHOICES, min_size=count, max_size=count))
            blocks.append(encode_block(samples, shape, choices, stream_id=1))
        else:
            blocks.append(encode_raw_block(samples, shape, stream_id=1))
    return shape, blocks


def laid_out(blocks, between=b"\xff\xff"):
    """Blocks in one buffer, apart from each other, and their heads."""
    bodies = [body for _, body in blocks]
    data = between + between.join(bodies) + between
    sizes = np.array([len(body) for body in bodies], np.int64)
    starts = np.cumsum(sizes + len(between)) - sizes
    return data, BlockHeads.of_frames(
        np.array([head for head, _ in blocks], np.int64), starts, starts + sizes
    )


def verdict(head, body, shape):
    try:
        return decode_block(head, body, shape)
    except FrameError:
        return None


def assert_decoded_as_by_the_reference(shape, blocks):
    data, heads = laid_out(blocks)
    decoded = decode_blocks(data, heads, shape)
    plain = [verdict(head, body, shape) for head, body in blocks]
    assert [fault == BlockFault.NONE for fault in decoded.faults] == [
        samples is not None for samples in plain
    ]
    assert decoded.sizes.tolist() == [len(samples or ()) for samples in plain]
    together = [step for samples in plain for step in samples or ()]
    assert decoded.counts.shape == (len(together), shape.channel_count)
    assert decoded.counts.dtype == np.int32
    assert decoded.counts.tolist() == [list(step) for step in together]


@given(good_blocks())
def test_good_blocks_decode_as_by_the_reference(made):
    shape, blocks = made
    assert all(verdict(head, body, shape) is not None for head, body in blocks)
    assert_decoded_as_by_the_reference(shape, blocks)


@given(made=good_blocks(), data=st.data())
def test_damaged_blocks_get_the_verdict_of_the_reference_and_their_neighbours_stay(made, data):
    shape, blocks = made
    damaged = []
    for head, body in blocks:
        changed = bytearray(body)
        for _ in range(data.draw(st.integers(0, 2))):
            bit = data.draw(st.integers(0, max(0, 8 * len(changed) - 1)))
            changed[bit >> 3 : (bit >> 3) + 1] = bytes(
                byte ^ 0x80 >> (bit & 7) for byte in changed[bit >> 3 : (bit >> 3) + 1]
            )
        cut = data.draw(st.sampled_from([0, 0, 0, 1, 2, len(changed)]))
        more = data.draw(st.sampled_from([b"", b"", b"\0", b"\1", b"\x80\0"]))
        flip = data.draw(st.sampled_from([0, 0, 0, 1, 3, 0x3FF, 0x400, 0x4000, 0xC000]))
        damaged.append((head ^ flip, bytes(changed[: len(changed) - cut]) + more))
    assert_decoded_as_by_the_reference(shape, damaged)


@given(
    shape=SHAPES,
    blocks=st.lists(
        st.tuples(
            st.one_of(st.integers(0, 0xFFFF), st.integers(1, 9), st.integers(0x401, 0x409)),
            st.binary(max_size=80),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_any_bytes_get_the_verdict_of_the_reference(shape, blocks):
    assert_decoded_as_by_the_reference(shape, blocks)


@given(shape=SHAPES, steps=st.integers(1, 60), gap=st.integers(0, 20))
def test_a_gap_of_zeros_may_be_of_any_length(shape, steps, gap):
    samples = [[shape.lowest] * shape.channel_count] * steps
    choices = [Choice()] * shape.channel_count
    head, body = encode_block(samples, shape, choices, stream_id=0)
    ones = (steps - 1) * shape.channel_count
    # Of a constant signal nothing is left but the ones of the quotients, at the end.
    bits = int.from_bytes(body, "big") >> ones << ones + 8 * gap | (1 << ones) - 1
    assert_decoded_as_by_the_reference(shape, [(head, bits.to_bytes(len(body) + gap, "big"))])


def long_blocks(count, steps, channels=2):
    shape = Shape(channels, 16, True)
    noise = np.random.default_rng(5)
    blocks = []
    for index in range(count):
        samples = np.cumsum(noise.integers(-40, 41, (steps + index % 3, channels)), axis=0).tolist()
        blocks.append(encode_block(samples, shape, [Choice(3, 4, 2)] * channels, stream_id=1))
    return shape, blocks


@pytest.mark.parametrize("numbers", [1, 7, 4000])
def test_blocks_of_many_lots_come_in_their_order(monkeypatch, numbers):
    monkeypatch.setattr(decode, "NUMBERS_A_STEP", numbers)
    assert_decoded_as_by_the_reference(*long_blocks(13, 50))


def test_many_blocks_need_several_passes_for_their_gaps():
    assert_decoded_as_by_the_reference(*long_blocks(60, 300))


@pytest.mark.parametrize("octets", [1, 40, 1000])
def test_gaps_are_the_same_however_few_bytes_are_looked_at_together(monkeypatch, octets):
    monkeypatch.setattr(bits_of_blocks, "_BYTES_AT_ONCE", octets)
    shape, blocks = long_blocks(20, 90, channels=3)
    assert_decoded_as_by_the_reference(shape, blocks[::-1])


def test_blocks_side_by_side_are_no_more_than_their_rows_may_take(monkeypatch):
    monkeypatch.setattr(decode, "_ROW_BYTES", 300)
    assert_decoded_as_by_the_reference(*long_blocks(9, 60))


@given(data=st.data(), channels=st.integers(1, 4))
def test_blocks_of_many_escapes_lie_among_others(data, channels):
    shape = Shape(channels, 20, True)
    blocks = []
    for _ in range(data.draw(st.integers(1, 4))):
        steps = data.draw(st.integers(1, 70))
        noise = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        samples = noise.integers(-3, 4, (steps, channels))
        jumps = noise.random((steps, channels)) < data.draw(st.sampled_from([0, 0.02, 0.3]))
        samples = np.where(jumps, noise.integers(-(1 << 19), 1 << 19, (steps, channels)), samples)
        choices = [
            Choice(1, shift, 3) for shift in data.draw(st.lists(st.integers(0, 14), min_size=channels))
        ]
        blocks.append(encode_block(samples.tolist(), shape, choices[:channels], stream_id=1))
    assert_decoded_as_by_the_reference(shape, blocks)


def test_a_block_that_says_it_is_long_takes_no_more_memory_than_a_short_one():
    count = 2000
    heads = BlockHeads.of_frames(np.full(count, 1023), np.arange(count) * 40, np.arange(count) * 40 + 40)
    shape = Shape(8, 24, False)

    def peak_bytes(data):
        tracemalloc.start()
        decoded = decode_blocks(data, heads, shape)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert not decoded.sizes.any()
        return peak

    assert peak_bytes(bytes(40 * count)) < 100 * 40 * count


def test_memory_follows_the_samples_and_not_the_longest_block():
    shape = Shape(1, 8, False)
    short = encode_block([[5]] * 2, shape, [Choice()], stream_id=0)
    long = encode_block([[5]] * 1023, shape, [Choice()], stream_id=0)
    data, heads = laid_out([short] * 3000 + [long])
    tracemalloc.start()
    decoded = decode_blocks(data, heads, shape)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(decoded.counts) == 7023
    assert peak < 12_000_000


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (2, 1), (0, 5)])
def test_a_block_outside_of_the_buffer_is_refused(start, stop):
    heads = BlockHeads.of_frames(np.array([1]), np.array([start]), np.array([stop]))
    with pytest.raises(IndexError, match="within 4 bytes"):
        decode_blocks(bytes(4), heads, Shape(1, 8, False))


def test_no_blocks_give_no_samples():
    heads = BlockHeads.of_frames(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
    decoded = decode_blocks(b"", heads, Shape(3, 18, False))
    assert decoded.counts.shape == (0, 3)


ONE = Shape(1, 8, False)
GOOD = encode_block([[5], [6], [9]], ONE, [Choice(0, 2)], stream_id=0)


def bits(text):
    text = text.replace(" ", "")
    return int(text, 2).to_bytes(len(text) // 8, "big")


@pytest.mark.parametrize(
    ("head", "body", "fault"),
    [
        (0, GOOD[1], BlockFault.NO_STEPS),
        (GOOD[0] | 0x8000, GOOD[1], BlockFault.UNKNOWN_TABLE),
        (GOOD[0], GOOD[1][:2], BlockFault.TOO_SHORT),
        (0x400 | 3, b"\1\2", BlockFault.TOO_SHORT),
        (1, bits("00000 11001 00000001 000000"), BlockFault.WIDE_SHIFT),
        (2, bits("00000 00000 00000001 000000"), BlockFault.BAD_BITS),
        (2, bits("00000 00000 00000001 00000") + b"\0\0\0\x20\0\0\0\0", BlockFault.BAD_BITS),
        (2, bits("00000 00001 00000001 000011"), BlockFault.BAD_BITS),
        (2, bits("00000 11000 00000001 000001"), BlockFault.BAD_BITS),
        (2, bits("00000 00000 00000000 000010"), BlockFault.SAMPLE_OUT_OF_RANGE),
        (0x400 | 3, b"\1\2\3\0", BlockFault.BAD_RAW_LENGTH),
    ],
)
def test_the_fault_of_a_block_is_told(head, body, fault):
    data, heads = laid_out([GOOD, (head, body), GOOD])
    decoded = decode_blocks(data, heads, ONE)
    assert decoded.faults.tolist() == [BlockFault.NONE, fault, BlockFault.NONE]
    assert decoded.counts.tolist() == [[5], [6], [9]] * 2
    assert fault.reason


def test_raw_padding_that_is_not_zero_is_told():
    shape = Shape(1, 3, True)
    data, heads = laid_out([(0x402, b"\xe8"), (0x402, b"\xea")])
    decoded = decode_blocks(data, heads, shape)
    assert decoded.faults.tolist() == [BlockFault.NONE, BlockFault.BAD_RAW_LENGTH]
    assert decoded.counts.tolist() == [[-1], [2]]
