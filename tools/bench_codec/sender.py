"""Recordings through the band's own encoder, its plain kernels compiled by numba where that is installed."""

import importlib
import importlib.util
import sys
from array import array
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bandwire.frames import COMPRESSED_BLOCK_BYTES, HEADER_BYTES
from bandwire.predictors import ENERGIES_0, TABLE_0
from bandwire.record import RECORD_HEADER_BYTES
from bench_codec.recordings import Group, Samples

PACKET_BYTES = 244
"""One of BLE's usual sizes of a notification."""
HEAD_BYTES = 2
AROUND_BYTES = RECORD_HEADER_BYTES + COMPRESSED_BLOCK_BYTES - HEAD_BYTES
"""What a record costs besides its block, whose head of two bytes is its own: 18."""
FRAGMENT_BYTES = RECORD_HEADER_BYTES + 2
"""What it costs more to spread over two packets: the second record's header, the first's length."""
MOST_STEPS = 1023

_PREDICTORS = [array("i", list(TABLE_0)), array("h", ENERGIES_0)]

_FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
_KERNELS = (
    "clear", "close_gap", "fold", "gain_sums", "lags", "open_body", "pack", "pick", "pick_gain",
    "take_halves", "take_words", "write",
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """One block as the band makes it; the stream is left out of its head."""

    head: int
    body: bytes
    steps: int

    @property
    def coded_bytes(self) -> int:
        """Head and body."""
        return HEAD_BYTES + len(self.body)


def _stand_in() -> ModuleType:
    """MicroPython's module as far as the encoder asks for it."""
    module = ModuleType("micropython")
    setattr(module, "native", lambda function: function)  # noqa: B010
    return module


@cache
def _encoder_module() -> ModuleType:
    """A copy of the firmware's module for ourselves, whose kernels can be exchanged."""
    if str(_FIRMWARE) not in sys.path:
        sys.path.append(str(_FIRMWARE))
    spec = importlib.util.spec_from_file_location(
        "compiled_block_encoder", _FIRMWARE / "dsp" / "block_encoder.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    there = sys.modules.get("micropython")
    sys.modules["micropython"] = _stand_in()
    try:
        spec.loader.exec_module(module)
    finally:
        if there is None:
            del sys.modules["micropython"]
        else:
            sys.modules["micropython"] = there
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError:
        return module
    for name in _KERNELS:
        setattr(module, name, numba.njit(getattr(module, name)))
    return module


@dataclass(frozen=True)
class Carriage:
    """How blocks travel: in how many packets each, and with a tag of how many bytes in each packet."""

    packets: int = 1
    tag_bytes: int = 0

    @property
    def around_bytes(self) -> int:
        """What records and frame cost besides the block."""
        more = FRAGMENT_BYTES if self.packets == 2 else 0
        return AROUND_BYTES + more + self.packets * self.tag_bytes

    @property
    def body_bytes(self) -> int:
        """Most bytes of a block's body."""
        return self.packets * PACKET_BYTES - self.around_bytes - HEAD_BYTES


ONE_PACKET, TWO_PACKETS, SEALED = Carriage(), Carriage(packets=2), Carriage(tag_bytes=8)


def use_predictors(table: "array[int]", energies: "array[int]") -> None:
    """Encode by other predictors from here on: the bytes of a table, and the factors of its energies."""
    _PREDICTORS[:] = [table, energies]


def blocks_of(
    samples: Samples, group: Group, carriage: Carriage = ONE_PACKET, *, capacity: int = MOST_STEPS
) -> list[Block]:
    """Every block of one recording, as a sender that waits for what fills it makes them."""
    channels, most = group.channel_count, carriage.body_bytes
    folded = array("i", bytes(4 * capacity * channels))
    encoder = _encoder_module().BlockEncoder(
        channels, group.sample_bits, group.is_signed, capacity, folded, *_PREDICTORS
    )
    source = array("h" if group.is_signed and group.sample_bits <= 16 else "i", samples.ravel().tolist())
    out = np.zeros(HEADER_BYTES + most, np.uint8)
    blocks: list[Block] = []
    at, wanted = 0, capacity
    while at < len(samples) or encoder.steps:
        count = min(len(samples) - at, max(wanted - encoder.steps, 0))
        encoder.add(source, at * channels, count)
        at += count
        encoder.begin()
        end = 0
        while not end:
            end = encoder.advance(out, HEADER_BYTES, HEADER_BYTES + most)
        blocks.append(Block(encoder.head, out[HEADER_BYTES:end].tobytes(), encoder.taken))
        wanted = min(max(encoder.taken * 9 // 8 + 2, 16), capacity)
    return blocks
