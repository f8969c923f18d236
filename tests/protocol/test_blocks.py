"""Compressed blocks: what goes in comes out, and no bytes can hurt the decoder."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bandschema.blocks import (
    MAX_SHIFT,
    MAX_STEPS,
    RAW,
    Choice,
    Shape,
    decode_block,
    encode_block,
    encode_raw_block,
)
from bandschema.predictors import ORDER, PREDICTOR_COUNT, TABLES
from bandwire import predictors as generated
from bandwire.errors import FrameError, LocalError

SHAPES = st.builds(Shape, st.integers(1, 8), st.integers(1, 24), st.booleans())
CHOICES = st.builds(
    Choice, st.integers(0, PREDICTOR_COUNT - 1), st.integers(0, MAX_SHIFT), st.integers(-32, 31)
)


@st.composite
def _signal(draw: st.DrawFn, shape: Shape) -> list[list[int]]:
    """Noise, jumps between the ends, constants and slow walks; by step, then by channel.

    All out of one draw of bytes, one of each step and three of each sample: a draw for each sample would
    take most of the time.
    """
    step_bytes = 1 + 3 * shape.channel_count
    count = draw(st.integers(1, 40))
    drawn = draw(st.binary(min_size=count * step_bytes, max_size=count * step_bytes))
    return [_step(shape, drawn[at : at + step_bytes]) for at in range(0, len(drawn), step_bytes)]


def _step(shape: Shape, drawn: bytes) -> list[int]:
    numbers = [int.from_bytes(drawn[at : at + 3], "big") for at in range(1, len(drawn), 3)]
    what, span = drawn[0] % 4, shape.highest - shape.lowest + 1
    if what == 0:
        return [shape.lowest + number % span for number in numbers]
    if what == 1:
        return [(shape.lowest, shape.highest)[number % 2] for number in numbers]
    if what == 2:
        return [min(max(number % 4, shape.lowest), shape.highest) for number in numbers]
    return [shape.highest] * len(numbers)


@st.composite
def _blocks(draw: st.DrawFn) -> tuple[Shape, list[list[int]], list[Choice], int]:
    shape = draw(SHAPES)
    choices = draw(st.lists(CHOICES, min_size=shape.channel_count, max_size=shape.channel_count))
    return shape, draw(_signal(shape)), choices, draw(st.integers(0, 7))


@given(_blocks(), st.sampled_from(sorted(TABLES)))
def test_a_block_gives_back_its_samples_whatever_the_sender_chose(block, table):
    shape, samples, choices, stream_id = block
    head, body = encode_block(samples, shape, choices, stream_id=stream_id, table=table)
    assert decode_block(head, body, shape) == [tuple(step) for step in samples]
    assert (head & MAX_STEPS, head >> 11 & 7, head >> 14) == (len(samples), stream_id, table)


@given(_blocks())
def test_a_raw_block_gives_back_its_samples_in_their_bits_and_a_head(block):
    shape, samples, _, stream_id = block
    head, body = encode_raw_block(samples, shape, stream_id=stream_id)
    assert decode_block(head, body, shape) == [tuple(step) for step in samples]
    assert len(body) == -(-len(samples) * shape.channel_count * shape.sample_bits // 8)


@pytest.mark.parametrize("bits", range(1, 25))
@pytest.mark.parametrize("is_signed", [False, True])
def test_every_width_carries_its_extremes_through_every_predictor(bits, is_signed):
    shape = Shape(2, bits, is_signed)
    ends = [(shape.lowest, shape.highest), (shape.highest, shape.lowest)] * 5
    for predictor in range(PREDICTOR_COUNT):
        choices = [Choice(predictor, 0, 0), Choice(predictor, MAX_SHIFT, -32)]
        head, body = encode_block(ends, shape, choices, stream_id=1)
        assert decode_block(head, body, shape) == ends


def test_the_longest_block_has_1023_steps_of_eight_channels():
    shape = Shape(8, 24, True)
    samples = [tuple((step * 7919 + channel) % 5000 for channel in range(8)) for step in range(MAX_STEPS)]
    head, body = encode_block(samples, shape, [Choice(1, 11, 0)] * 8, stream_id=7)
    assert decode_block(head, body, shape) == samples


def test_one_step_is_its_parameters_and_its_samples():
    head, body = encode_block([(5, -5)], Shape(2, 16, True), [Choice(3, 4), Choice(31, 24, -1)], stream_id=2)
    assert head == 1 | 2 << 11
    # 00011 00100, 11111 11000 111111, 0000000000000101, 1111111111111011, 000000
    assert body.hex() == "193f8fc0017ffec0"


def test_a_constant_signal_costs_a_bit_a_sample():
    head, body = encode_block([(9,)] * 1000, Shape(1, 18, False), [Choice()], stream_id=1)
    assert len(body) == -(-(5 + 5 + 18 + 999) // 8)
    assert decode_block(head, body, Shape(1, 18, False)) == [(9,)] * 1000


def test_zeros_between_the_two_ends_are_allowed_and_nothing_else():
    shape = Shape(1, 16, True)
    head, body = encode_block([(3,), (40,), (4,)], shape, [Choice(1, 6)], stream_id=1)
    front = -(-(5 + 5 + 16 + 2 * 6) // 8)
    padded = body[:front] + bytes(3) + body[front:]
    assert decode_block(head, padded, shape) == [(3,), (40,), (4,)]
    with pytest.raises(FrameError, match="left over"):
        decode_block(head, body[:front] + b"\0\1\0" + body[front:], shape)


@given(SHAPES, st.integers(0, 0xFFFF), st.binary(max_size=300))
@example(Shape(8, 24, True), MAX_STEPS, b"\xff" * 1007)
@example(Shape(8, 1, True), RAW | MAX_STEPS, b"")
def test_any_bytes_are_a_good_block_or_refused_as_a_bad_frame(shape, head, body):
    try:
        samples = decode_block(head, body, shape)
    except FrameError:
        return
    assert len(samples) == head & MAX_STEPS
    for step in samples:
        assert len(step) == shape.channel_count
        assert shape.lowest <= min(step) <= max(step) <= shape.highest


@given(_blocks(), st.data())
def test_a_body_that_lost_its_end_gives_no_wrong_length(block, data):
    shape, samples, choices, stream_id = block
    head, body = encode_block(samples, shape, choices, stream_id=stream_id)
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    with suppress(FrameError):
        assert len(decode_block(head, cut, shape)) == len(samples)


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        (0, b"\0" * 9, "at least one step"),
        (1 | 3 << 14, b"\0" * 9, "table 3 is not known"),
        (1, b"\0", "too short"),
        (2, b"\0" * 40, "quotient of at most 24"),
        (1, b"\x07\xc0" + b"\0" * 9, "shift of at most 24, got 31"),
        (1 | RAW, b"\0\0\0", "12 bits are left over"),
        (1 | RAW, b"\0\1", "left over"),
        (1 | RAW, b"\0", "too short"),
    ],
)
def test_a_bad_body_is_refused_with_its_reason(head, body, reason):
    with pytest.raises(FrameError, match=reason):
        decode_block(head, body, Shape(1, 12, False))


def test_a_sample_beyond_its_bits_is_refused():
    head, body = encode_block([(0,), (200,)], Shape(1, 8, False), [Choice(0, 8)], stream_id=1)
    first = int.from_bytes(body, "big") | 100 << 8 * len(body) - 18
    with pytest.raises(FrameError, match=r"samples beyond 0\.\.255: \(300,\)"):
        decode_block(head, first.to_bytes(len(body), "big"), Shape(1, 8, False))


@pytest.mark.parametrize(
    ("samples", "choices", "where", "reason"),
    [
        ([], [Choice()], {}, "1..1023 steps, got 0"),
        ([(1,)] * 1024, [Choice()], {}, "1..1023 steps, got 1024"),
        ([(1, 2)], [Choice()], {}, "1 channels, got 2"),
        ([(256,)], [Choice()], {}, r"samples of 0\.\.255"),
        ([(1,)], [], {}, "choices for 1 channels, got 0"),
        ([(1,)], [Choice(32)], {}, "a 0..31"),
        ([(1,)], [Choice(0, 25)], {}, "k 0..24"),
        ([(1,)], [Choice(0, 0, 32)], {}, "g -32..31"),
        ([(1,)], [Choice()], {"stream_id": 8}, "stream_id: wanted 0..7, got 8"),
        ([(1,)], [Choice()], {"table": 3}, "table: wanted one of"),
    ],
)
def test_what_a_block_cannot_hold_is_refused(samples, choices, where, reason):
    with pytest.raises(LocalError, match=reason):
        encode_block(samples, Shape(1, 8, False), choices, **{"stream_id": 1, **where})


@pytest.mark.parametrize(("channels", "bits"), [(0, 8), (9, 8), (1, 0), (1, 25)])
def test_a_shape_has_at_most_eight_channels_and_24_bits(channels, bits):
    with pytest.raises(LocalError):
        Shape(channels, bits, False)


@pytest.mark.parametrize("number", sorted(TABLES))
def test_both_runtimes_read_the_tables_of_the_schema(number):
    flat = [weight for predictor in TABLES[number] for weight in predictor]
    assert len(TABLES[number]) == PREDICTOR_COUNT
    assert len(flat) == PREDICTOR_COUNT * ORDER
    assert list(memoryview(getattr(generated, f"TABLE_{number}")).cast("b")) == flat
