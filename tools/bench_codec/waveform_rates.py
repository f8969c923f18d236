"""Samples a second that one core decodes: our blocks beside FLAC, protobuf and zstd, of the same samples.

A second is one of CPU time, of all threads; each figure is the best of several rounds. Every decoder has to
give the samples back; FLAC's Python binding leaves out the last of its blocks.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2
from numpy.typing import NDArray
from rich.table import Table

from bandschema.blocks import Shape
from bench.output import table_of
from bench.peers import message_class_of
from bench.timing import Action, each_per_second
from bench_codec.peers import flac_of, middle_of, zstd_of
from bench_codec.recordings import Group, Samples, load_groups
from bench_codec.sender import Block, blocks_of
from vitalband.blocks import BlockHeads, decode_blocks, decode_compiled

LEAST_SAMPLES = 3_000_000
"""Of a group, by repeating its recordings, so that what a call costs by itself does not count."""
_ROUNDS = 7

Decode = Callable[[], NDArray[np.integer[Any]]]


@dataclass(frozen=True)
class Rates:
    """Million samples a second of CPU time on one group."""

    name: str
    plain_numpy: float
    compiled: float
    flac: float
    protobuf: float
    zstd: float


def _repeated(group: Group, most_samples: int) -> tuple[Samples, int]:
    whole = np.concatenate(group.reported)
    times = max(1, -(-most_samples // whole.size))
    return np.ascontiguousarray(np.concatenate([whole] * times)), times


def our_blocks(blocks: list[Block], group: Group) -> tuple[bytes, BlockHeads, Shape]:
    """Blocks as they lie in the frames of one batch, one after another."""
    sizes = np.array([len(block.body) for block in blocks], np.int64)
    stops = np.cumsum(sizes)
    heads = BlockHeads.of_frames(np.array([block.head for block in blocks]), stops - sizes, stops)
    shape = Shape(group.channel_count, group.sample_bits, group.is_signed)
    return b"".join(block.body for block in blocks), heads, shape


def _flac(samples: Samples, group: Group) -> Decode:
    pyflac: Any = importlib.import_module("pyflac")
    data = b"".join(piece for piece, _ in flac_of(samples, group))

    def decode() -> NDArray[np.integer[Any]]:
        found: list[NDArray[np.integer[Any]]] = []
        pyflac.OneShotDecoder(lambda audio, *_: found.append(audio), data)
        return np.concatenate(found).astype(np.int32) + middle_of(group)

    return decode


def _protobuf(samples: Samples, blocks: list[Block], times: int) -> Decode:
    """One message a block: the differences of all channels in turn, packed as zigzag varints."""
    message = descriptor_pb2.DescriptorProto(name="Samples")
    field = descriptor_pb2.FieldDescriptorProto
    packed = message.field.add(name="steps", number=1, label=field.LABEL_REPEATED, type=field.TYPE_SINT32)
    packed.options.packed = True
    kind = message_class_of(message)
    stops = np.cumsum([block.steps for block in blocks] * times)
    parts = np.split(samples, stops[:-1])
    encoded = [
        kind(steps=np.diff(part, axis=0, prepend=0).ravel().tolist()).SerializeToString() for part in parts
    ]
    channels = samples.shape[1]

    def decode() -> NDArray[np.integer[Any]]:
        found = [np.array(kind.FromString(data).steps, np.int32) for data in encoded]
        steps = [each.reshape(-1, channels) for each in found]
        return np.concatenate([np.cumsum(each, axis=0, dtype=np.int32) for each in steps])

    return decode


def _zstd(group: Group, times: int) -> Decode:
    """Each repetition packed by itself: in one frame zstd would refer to the one before."""
    zstandard: Any = importlib.import_module("zstandard")
    once, _ = _repeated(group, 1)
    data, word = zstd_of(once, group)
    decompressor = zstandard.ZstdDecompressor()
    return lambda: np.concatenate(
        [np.frombuffer(decompressor.decompress(data), word).reshape(once.shape) for _ in range(times)]
    )


def _checked(name: str, decode: Decode, samples: Samples) -> Action:
    found = decode()
    if not len(found) or not np.array_equal(found, samples[: len(found)]):
        raise ValueError(f"{name} does not give back what it was given")
    return lambda: decode().size


def rates_of(group: Group, least_samples: int = LEAST_SAMPLES) -> Rates:
    """Measure every decoder on one group."""
    once = [block for recording in group.reported for block in blocks_of(recording, group)]
    samples, times = _repeated(group, least_samples)
    data, heads, shape = our_blocks(once * times, group)
    actions = (
        _checked("NumPy", lambda: decode_blocks(data, heads, shape).counts, samples),
        _checked("numba", lambda: decode_compiled(data, heads, shape).counts, samples),
        _checked("FLAC", _flac(samples, group), samples),
        _checked("protobuf", _protobuf(samples, once, times), samples),
        _checked("zstd", _zstd(group, times), samples),
    )
    return Rates(group.name, *(rate / 1e6 for rate in each_per_second(actions, _ROUNDS)))


def table(rows: list[Rates]) -> Table:
    """The table of rates, and of what ours are to their rivals."""
    return table_of(
        "Million samples a second of CPU time, decoded on one core",
        ("recordings", "NumPy", "numba", "FLAC", "protobuf", "zstd", "numba / FLAC", "NumPy / protobuf"),
        [
            (
                row.name,
                *(
                    f"{rate:.1f}"
                    for rate in (row.plain_numpy, row.compiled, row.flac, row.protobuf, row.zstd)
                ),
                f"{row.compiled / row.flac:.2f}",
                f"{row.plain_numpy / row.protobuf:.2f}",
            )
            for row in rows
        ],
    )


def run(data: Path) -> list[Table]:
    """Measure every group of recordings."""
    return [table([rates_of(group) for group in load_groups(data)])]
