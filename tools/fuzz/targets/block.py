"""A compressed block: refused, or samples within their bits, which blocks of the plain encoders give back."""

from collections.abc import Iterator

from bandschema import blocks
from bandschema.predictors import PREDICTOR_COUNT, TABLES
from bandwire.errors import FrameError
from fuzz.source import Source
from fuzz.tally import Tally

MAX_INPUT_BYTES = 200
SHAPES = [
    blocks.Shape(channels, bits, is_signed)
    for channels, bits, is_signed in (
        (1, 18, False),
        (3, 16, True),
        (2, 24, True),
        (8, 12, False),
        (1, 1, False),
    )
]
_TABLES = sorted(TABLES)


def check(data: bytes, tally: Tally) -> None:
    """First byte: the stream's shape, and whether the rest is a head and a body or samples to encode."""
    source = Source(data)
    choice = source.byte()
    shape = SHAPES[choice % len(SHAPES)]
    if choice & 0x80:
        _check_samples(source, shape)
        tally.add("accepted")
        return
    head, body = source.byte() | source.byte() << 8, source.rest()
    try:
        samples = blocks.decode_block(head, body, shape)
    except FrameError:
        tally.add("refused")
        return
    tally.add("accepted")
    assert len(samples) == head & blocks.MAX_STEPS
    _check_again(samples, shape, [blocks.Choice()] * shape.channel_count, head >> 14)


def _check_samples(source: Source, shape: blocks.Shape) -> None:
    """Any samples, by any choice of a sender."""
    table = _TABLES[source.below(len(_TABLES))]
    choices = [
        blocks.Choice(
            source.below(PREDICTOR_COUNT), source.below(blocks.MAX_SHIFT + 1), source.below(64) - 32
        )
        for _ in range(shape.channel_count)
    ]
    samples: list[tuple[int, ...]] = []
    while not source.is_empty or not samples:
        bits = (int.from_bytes(source.some(-(-shape.sample_bits // 8)), "little") for _ in choices)
        samples.append(tuple(shape.sample_of(each & (1 << shape.sample_bits) - 1) for each in bits))
    _check_again(samples, shape, choices, table)


def _check_again(
    samples: list[tuple[int, ...]], shape: blocks.Shape, choices: list[blocks.Choice], table: int
) -> None:
    for step in samples:
        assert len(step) == shape.channel_count
        assert shape.lowest <= min(step) <= max(step) <= shape.highest
    head, body = blocks.encode_raw_block(samples, shape, stream_id=1)
    assert blocks.decode_block(head, body, shape) == samples
    head, body = blocks.encode_block(
        samples, shape, choices, stream_id=1, table=table if table in TABLES else 0
    )
    assert blocks.decode_block(head, body, shape) == samples


def sample_blocks(shape: blocks.Shape) -> list[tuple[int, bytes]]:
    """Head and body of two blocks of a slow walk: a coded one, a raw one."""
    walk = [[step * (3 + channel) for channel in range(shape.channel_count)] for step in range(12)]
    samples = [tuple(min(shape.highest, max(shape.lowest, each)) for each in step) for step in walk]
    choices = [blocks.Choice(1, 2, 3)] * shape.channel_count
    return [
        blocks.encode_block(samples, shape, choices, stream_id=1),
        blocks.encode_raw_block(samples, shape, stream_id=2),
    ]


def seeds() -> Iterator[bytes]:
    """Blocks of a slow walk, whole and cut, and samples to encode."""
    for number, shape in enumerate(SHAPES):
        for head, body in sample_blocks(shape):
            yield bytes([number]) + head.to_bytes(2, "little") + body
            yield bytes([number]) + head.to_bytes(2, "little") + body[:-1]
        yield bytes([0x80 + (number - 0x80) % len(SHAPES)]) + bytes(range(60))
