"""Bytes a sample of the raw optical stream: ours beside JSON, CBOR, MessagePack and protobuf.

A block is what one read of the FIFO gives. Each format carries all that the frame does: header, stream,
number of the first sample, and the samples; the number of samples where the format does not tell it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2
from rich.table import Table

from bandschema.enums import Encoding, StreamId
from bandwire import frames as wire
from bench import ours, peers
from bench.codecs import serial_bytes
from bench.output import table_of
from bench.plain import HEADER_FIELDS, SEED, header_of

CHANNELS = 3
SAMPLE_BITS = 18
SAMPLES = 20
"""The firmware reads the FIFO every 800 ms, at 25 samples a second."""

PERIOD_MS = 800
_VALUE_BYTES = 3
_FIXED = (*HEADER_FIELDS, "stream_id", "first_sample")


class PlainBlock(NamedTuple):
    """Numbers in the order of `HEADER_FIELDS`, stream, number of the first sample; and the values by sample,
    by channel.
    """

    fixed: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True)
class BlockFormat:
    """A format with both ways."""

    name: str
    encode: Callable[[PlainBlock], bytes]
    decode: Callable[[bytes], PlainBlock]


def plain_blocks(count: int) -> list[PlainBlock]:
    """Consecutive blocks; values drawn evenly from all that 18 bits can hold."""
    noise = random.Random(SEED)
    return [
        PlainBlock(
            (*header_of(wire.KIND_SAMPLE_BLOCK, number, PERIOD_MS), int(StreamId.OPTICAL), SAMPLES * number),
            tuple(noise.randrange(1 << SAMPLE_BITS) for _ in range(SAMPLES * CHANNELS)),
        )
        for number in range(count)
    ]


def _to_bytes(values: tuple[int, ...]) -> bytes:
    return b"".join(value.to_bytes(_VALUE_BYTES, "little") for value in values)


def _from_bytes(data: bytes) -> tuple[int, ...]:
    starts = range(0, len(data), _VALUE_BYTES)
    return tuple(int.from_bytes(data[start : start + _VALUE_BYTES], "little") for start in starts)


def _encode_ours(block: PlainBlock) -> bytes:
    *header, stream_id, first_sample = block.fixed
    buffer = bytearray(wire.SAMPLE_BLOCK_BYTES)
    ours.pack_header(buffer, tuple(header))
    wire.pack_sample_block_into(buffer, 0, stream_id, int(Encoding.PLAIN), SAMPLES, first_sample)
    return bytes(buffer) + _to_bytes(block.values)


def _decode_ours(data: bytes) -> PlainBlock:
    stream_id, _, _, first_sample = wire.unpack_sample_block(data, 0, len(data))
    start, stop = wire.samples_span_of_sample_block(data, 0, len(data))
    return PlainBlock((*wire.unpack_header(data, 0), stream_id, first_sample), _from_bytes(data[start:stop]))


def _as_list(block: PlainBlock) -> list[Any]:
    return [*block.fixed, block.values]


def _from_list(items: Any) -> PlainBlock:
    return PlainBlock(tuple(items[:-1]), tuple(items[-1]))


def _decode_packed(data: bytes) -> PlainBlock:
    items = peers.decode_msgpack(data)
    return PlainBlock(tuple(items[:-1]), _from_bytes(items[-1]))


def _protobuf_format() -> BlockFormat:
    message = descriptor_pb2.DescriptorProto(name="Block")
    field = descriptor_pb2.FieldDescriptorProto
    for number, name in enumerate(_FIXED, 1):
        message.field.add(name=name, number=number, label=field.LABEL_OPTIONAL, type=field.TYPE_UINT32)
    samples = message.field.add(
        name="samples", number=len(_FIXED) + 1, label=field.LABEL_REPEATED, type=field.TYPE_UINT32
    )
    samples.options.packed = True
    block_class = peers.message_class_of(message)

    def encode(block: PlainBlock) -> bytes:
        fixed = {name: value for name, value in zip(_FIXED, block.fixed, strict=True) if value}
        return block_class(samples=block.values, **fixed).SerializeToString()

    def decode(data: bytes) -> PlainBlock:
        decoded = block_class.FromString(data)
        return PlainBlock(tuple(getattr(decoded, name) for name in _FIXED), tuple(decoded.samples))

    return BlockFormat("protobuf, packed", encode, decode)


FORMATS = (
    BlockFormat("ours", _encode_ours, _decode_ours),
    BlockFormat(
        "JSON, lists",
        lambda block: peers.encode_json(_as_list(block)),
        lambda data: _from_list(peers.decode_json(data)),
    ),
    BlockFormat(
        "CBOR, lists",
        lambda block: peers.encode_cbor(_as_list(block)),
        lambda data: _from_list(peers.decode_cbor(data)),
    ),
    BlockFormat(
        "MessagePack, lists",
        lambda block: peers.encode_msgpack(_as_list(block)),
        lambda data: _from_list(peers.decode_msgpack(data)),
    ),
    BlockFormat(
        "MessagePack around bytes laid out as ours",
        lambda block: peers.encode_msgpack([*block.fixed, _to_bytes(block.values)]),
        _decode_packed,
    ),
    _protobuf_format(),
)


def least_bytes() -> float:
    """Bytes of one sample's bits alone: what no format that keeps every value as it is can go below."""
    return CHANNELS * SAMPLE_BITS / 8


def run(count: int = 500) -> Iterator[Table]:
    """Measure and give the table of block sizes."""
    blocks = plain_blocks(count)
    yield table_of(
        f"Raw light, blocks of {SAMPLES} samples of {CHANNELS} x {SAMPLE_BITS} bits, n = {count}",
        ("format", "bytes/block", "bytes/sample", "serial bytes/sample"),
        [
            *(_row(form, blocks) for form in FORMATS),
            ("floor: the bits of the samples", "", f"{least_bytes():.2f}"),
        ],
    )


def _row(form: BlockFormat, blocks: list[PlainBlock]) -> tuple[str, ...]:
    encoded = [form.encode(block) for block in blocks]
    block_bytes = sum(map(len, encoded)) / len(blocks)
    block_serial_bytes = sum(map(serial_bytes, encoded)) / len(blocks)
    return (
        form.name,
        f"{block_bytes:.1f}",
        f"{block_bytes / SAMPLES:.2f}",
        f"{block_serial_bytes / SAMPLES:.2f}",
    )
