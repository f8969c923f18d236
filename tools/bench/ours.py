"""The vitals frame by this project's three readers and two writers."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bandschema import dtype
from bandschema.readings import NO_VALUE
from bandsim.lane import find_bandwire
from bandsim.micropython import find_micropython
from bandwire import frames as wire
from bench.peers import Peer
from bench.plain import PlainVitals

_ON_BAND = Path(__file__).parent / "on_band"
_TIMEOUT_S = 300
_HEAP = "1M"
"""So small that collecting costs about what it does on a band, code and frames included."""


def pack_header(buffer: bytearray, header: tuple[int, ...]) -> None:
    """Pack a header at the beginning of the buffer."""
    _, kind, boot_id, sequence, ticks_ms, drops = header
    wire.pack_header_into(buffer, 0, kind, boot_id, sequence, ticks_ms & 0xFFFF, ticks_ms >> 16, drops)


def pack(buffer: bytearray, vitals: PlainVitals) -> int:
    """Pack by the generated functions into a buffer that is kept, as the band does; gives the frame's end."""
    pack_header(buffer, vitals.header)
    end = wire.pack_vitals_into(buffer, 0, vitals.contact)
    for index, (reading_id, validity, quality, cause, raw_value) in enumerate(vitals.readings):
        raw = NO_VALUE if raw_value is None else raw_value
        end = wire.pack_vitals_item_into(buffer, 0, index, reading_id, validity, quality, cause, raw)
    return end


def encode(vitals: PlainVitals) -> bytes:
    """Pack into a new buffer and give the frame by itself, as the peers do."""
    buffer = bytearray(wire.MAX_FRAME_BYTES)
    return bytes(buffer[: pack(buffer, vitals)])


def decode(frame: bytes) -> tuple[tuple[int, ...], int, list[tuple[int, int, int, int, int]]]:
    """Unpack by the generated functions."""
    header = wire.unpack_header(frame, 0)
    (contact,) = wire.unpack_vitals(frame, 0, len(frame))
    count = wire.vitals_item_count(frame, 0, len(frame))
    return header, contact, [wire.unpack_vitals_item(frame, 0, index) for index in range(count)]


def _plain(decoded: tuple[tuple[int, ...], int, list[tuple[int, int, int, int, int]]]) -> PlainVitals:
    header, contact, readings = decoded
    return PlainVitals(
        header,
        contact,
        tuple((*reading[:4], None if reading[4] == NO_VALUE else reading[4]) for reading in readings),
    )


OURS = Peer("ours (generated)", encode, decode, _plain)


def decode_by_dtype(frames: list[bytes]) -> int:
    """Into NumPy columns, all frames in one go."""
    lengths = np.array([len(frame) for frame in frames])
    columns = dtype.decode_many("vitals", b"".join(frames), np.cumsum(lengths) - lengths, lengths)
    return len(columns.fixed)


@dataclass(frozen=True)
class BandSpeed:
    """Frames a second under MicroPython, and how many were decoded alike."""

    decoded_hz: float
    encoded_hz: float
    alike: int


def measure_on_band(frames: list[bytes]) -> BandSpeed:
    """Run the generated functions under MicroPython's unix port: each frame decoded and packed again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.bin"
        path.write_bytes(b"".join(len(frame).to_bytes(2, "little") + frame for frame in frames))
        finished = subprocess.run(
            [find_micropython(), "-X", f"heapsize={_HEAP}", _ON_BAND / "frames_per_second.py", path],
            env={**os.environ, "MICROPYPATH": f"{find_bandwire().parent}:.frozen"},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    return BandSpeed(**json.loads(finished.stdout))
