"""Frames a second and bytes a reading: ours beside JSON, CBOR, MessagePack, protobuf; and our coders.

A second is one of CPU time in CPython, of real time in MicroPython.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from bandschema import codec
from bandschema.readings import READINGS
from bandwire.frames import MAX_FRAME_BYTES
from bandwire.framing import CRC_BYTES, encode_packet_into, packet_bytes
from bandwire.record import RECORD_HEADER_BYTES
from bench import ours
from bench.output import table_of
from bench.peers import PEERS, Peer
from bench.plain import PlainVitals, least_bytes, vitals_of_any_value
from bench.timing import Action, each_per_second

FRAME_COUNT = 2000
_CONSTRUCT_COUNT = 200
"""construct is so slow that a tenth of the frames is enough to time it."""

_LENGTH_BYTES = 2
"""Before each frame of a record (`bandwire/record.py`)."""


@dataclass(frozen=True)
class FormatRow:
    """One format: mean bytes a frame, bare and on a serial line, and frames a second each way."""

    name: str
    frame_bytes: float
    serial_bytes: float
    encoded_hz: float
    decoded_hz: float


@dataclass(frozen=True)
class CoderRow:
    """One of our ways to read and write frames; None where it does not write."""

    name: str
    decoded_hz: float
    encoded_hz: float | None


def serial_bytes(frame: bytes) -> int:
    """Bytes of a frame alone in its record on a serial line: record header, length, CRC-32, COBS."""
    length = RECORD_HEADER_BYTES + _LENGTH_BYTES + len(frame)
    record = bytearray(RECORD_HEADER_BYTES) + len(frame).to_bytes(2, "little") + frame + bytes(CRC_BYTES)
    return encode_packet_into(record, length, bytearray(packet_bytes(length)))


def measure_formats(peers: Sequence[Peer], values: list[PlainVitals]) -> list[FormatRow]:
    """Measure formats on the same values; ValueError when one does not carry them all."""
    encoded = [[peer.encode(item) for item in values] for peer in peers]
    for peer, frames in zip(peers, encoded, strict=True):
        if [peer.plain(peer.decode(frame)) for frame in frames] != values:
            raise ValueError(f"{peer.name} does not give back what it was given")
    encoded_hz = each_per_second([_each(peer.encode, values) for peer in peers])
    decoded_hz = each_per_second(
        [_each(peer.decode, frames) for peer, frames in zip(peers, encoded, strict=True)]
    )
    return [
        FormatRow(
            peer.name,
            sum(map(len, frames)) / len(values),
            sum(map(serial_bytes, frames)) / len(values),
            encoded_hz[number],
            decoded_hz[number],
        )
        for number, (peer, frames) in enumerate(zip(peers, encoded, strict=True))
    ]


def _each(action: Callable[[Any], object], items: Sequence[object]) -> Action:
    return lambda: len([action(item) for item in items])


def measure_coders(values: list[PlainVitals]) -> list[CoderRow]:
    """Measure our readers and writers, construct first; the generated code packs into one kept buffer."""
    buffer = bytearray(MAX_FRAME_BYTES)
    frames = [ours.encode(item) for item in values]
    few = frames[:_CONSTRUCT_COUNT]
    records = [codec.decode(frame) for frame in few]
    on_band = ours.measure_on_band(frames)
    if on_band.alike != len(frames):
        raise ValueError(f"wanted {len(frames)} frames packed alike by MicroPython, got {on_band.alike}")
    reference_hz, generated_hz, dtype_hz, reference_packed_hz, packed_hz = each_per_second(
        [
            _each(codec.decode, few),
            _each(ours.decode, frames),
            lambda: ours.decode_by_dtype(frames),
            lambda: len([codec.encode(*record) for record in records]),
            lambda: len([ours.pack(buffer, item) for item in values]),
        ]
    )
    return [
        CoderRow("construct, records (the reference)", reference_hz, reference_packed_hz),
        CoderRow("generated code, CPython", generated_hz, packed_hz),
        CoderRow("generated code, MicroPython, unix port", on_band.decoded_hz, on_band.encoded_hz),
        CoderRow("NumPy dtype, all in one go", dtype_hz, None),
    ]


def format_table(rows: list[FormatRow], frame_count: int) -> Table:
    """The table of formats, with the floor below it."""
    readings = len(READINGS)
    floor_bytes = least_bytes()
    return table_of(
        f"Vitals frames of {readings} readings, n = {frame_count}, in CPython",
        ("format", "bytes/frame", "bytes/reading", "serial bytes/reading", "encoded/s", "decoded/s"),
        [
            *(
                (
                    row.name,
                    f"{row.frame_bytes:.1f}",
                    f"{row.frame_bytes / readings:.2f}",
                    f"{row.serial_bytes / readings:.2f}",
                    f"{row.encoded_hz:,.0f}",
                    f"{row.decoded_hz:,.0f}",
                )
                for row in rows
            ),
            ("floor: least bytes", f"{floor_bytes}", f"{floor_bytes / readings:.2f}"),
        ],
    )


def coder_table(rows: list[CoderRow]) -> Table:
    """The table of our readers and writers, each against the first."""
    first = rows[0]
    return table_of(
        "Each way of ours to read and write these frames; x = times construct",
        ("by", "decoded/s", "x", "encoded/s", "x"),
        [
            (row.name, *_rate(row.decoded_hz, first.decoded_hz), *_rate(row.encoded_hz, first.encoded_hz))
            for row in rows
        ],
    )


def _rate(rate_hz: float | None, reference_hz: float | None) -> tuple[str, str]:
    if rate_hz is None or reference_hz is None:
        return "", ""
    return f"{rate_hz:,.0f}", f"{rate_hz / reference_hz:.1f}"


def run(frame_count: int = FRAME_COUNT) -> Iterator[Table]:
    """Measure and give the table of formats, then the table of our readers and writers."""
    values = vitals_of_any_value(frame_count)
    yield format_table(measure_formats((ours.OURS, *PEERS), values), frame_count)
    yield coder_table(measure_coders(values))
