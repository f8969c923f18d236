"""What the same samples take in other formats: bits a sample.

Formats of packets get the same room as ours, and the same bytes around it for record, frame and the number
of the first sample: each packet begins with the samples of its first step and holds the differences of as
many more as fit. Formats of whole files are told without their container.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench_codec.recordings import Group, Samples
from bench_codec.sender import AROUND_BYTES, PACKET_BYTES

_ROOM_BYTES = PACKET_BYTES - AROUND_BYTES
_FLAC_BLOCK = 4096
_FLAC_LEVEL = 8
_ZSTD_LEVEL = 19
_LIST_BYTES = 3
"""Head of a list of more than 255 items in CBOR, of more than 15 in MessagePack."""
_WIDTH_BITS = 16
"""Of fixed-width differences: their width and how many there are."""


@dataclass(frozen=True)
class Peer:
    """A format: its name, and the bits that one recording takes in it."""

    name: str
    bits_of: Callable[[Samples, Group], float]


def _filled(costs_bits: NDArray[np.int64], first_bits: int) -> float:
    """Bits of packets that take steps of these costs in turn, each first step at `first_bits` instead."""
    total, at, ends = 0, 0, np.cumsum(costs_bits)
    room = 8 * _ROOM_BYTES
    while at < len(costs_bits):
        after = int(np.searchsorted(ends, ends[at] + room - first_bits, side="right"))
        used_bits = first_bits + int(ends[after - 1] - ends[at])
        total += AROUND_BYTES + -(-used_bits // 8)
        at = after
    return 8.0 * total


def _differences(samples: Samples) -> NDArray[np.int64]:
    return np.diff(samples.astype(np.int64), axis=0, prepend=samples[:1].astype(np.int64))


def _bit_lengths(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)


def _by_item(
    bytes_of: Callable[[NDArray[np.int64]], NDArray[np.int64]], head_bytes: int
) -> Callable[..., float]:
    def bits_of(samples: Samples, group: Group) -> float:
        costs = 8 * bytes_of(_differences(samples)).sum(axis=1)
        first = 8 * (head_bytes + group.channel_count * -(-group.sample_bits // 8))
        return _filled(costs, first)

    return bits_of


def _varint_bytes(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(-(-_bit_lengths((values << 1) ^ (values >> 63)) // 7), 1)


def _cbor_bytes(values: NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = values ^ (values >> 63)
    return 1 + (sizes >= 24) + (sizes >= 1 << 8) + 2 * (sizes >= 1 << 16)


def _msgpack_bytes(values: NDArray[np.int64]) -> NDArray[np.int64]:
    wide = np.where(values >= 0, values, 2 * (-values - 1))
    is_short = (values >= -32) & (values < 128)
    return np.where(is_short, 1, 2 + (wide >= 1 << 8) + 2 * (wide >= 1 << 16))


def _fixed_width_bits(samples: Samples, group: Group) -> float:
    differences = _differences(samples)
    widths = (_bit_lengths(differences ^ (differences >> 63)) + 1).max(axis=1)
    first = group.channel_count * group.sample_bits + _WIDTH_BITS
    room, total, at = 8 * _ROOM_BYTES, 0, 0
    while at < len(samples):
        ahead = np.maximum.accumulate(np.append(0, widths[at + 1 : at + room]))
        used = first + ahead * group.channel_count * np.arange(len(ahead))
        steps = int(np.searchsorted(used, room, side="right"))
        total += AROUND_BYTES + -(-int(used[steps - 1]) // 8)
        at += steps
    return 8.0 * total


def middle_of(group: Group) -> int:
    """What is taken off the samples for FLAC, which knows signed ones only."""
    return 0 if group.is_signed else 1 << (group.sample_bits - 1)


def flac_of(samples: Samples, group: Group) -> list[tuple[bytes, int]]:
    """A recording as FLAC's file: its pieces, and how many steps each holds, 0 of the file's own head."""
    pyflac: Any = importlib.import_module("pyflac")
    pieces: list[tuple[bytes, int]] = []

    def keep(buffer: bytes, _size: int, steps: int, _frame: int) -> None:
        pieces.append((bytes(buffer), steps))

    encoder = pyflac.StreamEncoder(
        sample_rate=8000,
        write_callback=keep,
        compression_level=_FLAC_LEVEL,
        blocksize=_FLAC_BLOCK,
        verify=False,
    )
    word = np.int16 if group.sample_bits <= 16 else np.int32
    encoder.process(np.ascontiguousarray(samples - middle_of(group), word))
    encoder.finish()
    return pieces


def _flac_bits(samples: Samples, group: Group) -> float:
    return 8.0 * sum(len(piece) for piece, steps in flac_of(samples, group) if steps)


def zstd_of(samples: Samples, group: Group) -> tuple[bytes, type[np.integer[Any]]]:
    """A recording as zstd makes it, of words as wide as the samples need; and their type."""
    zstandard: Any = importlib.import_module("zstandard")
    word = np.int32 if group.sample_bits > 16 else np.int16 if group.is_signed else np.uint16
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(samples.astype(word).tobytes()), word


def _zstd_bits(samples: Samples, group: Group) -> float:
    return 8.0 * len(zstd_of(samples, group)[0])


FLAC = Peer("FLAC -8", _flac_bits)
PEERS = (
    FLAC,
    Peer("zstd -19", _zstd_bits),
    Peer("fixed width", _fixed_width_bits),
    Peer("protobuf sint32", _by_item(_varint_bytes, 3)),
    Peer("CBOR", _by_item(_cbor_bytes, _LIST_BYTES)),
    Peer("MessagePack", _by_item(_msgpack_bytes, _LIST_BYTES)),
)
