"""Captures of links: read again, damaged, and what the reference and tshark find in them."""

import json
import random
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bandschema import codec, frames
from bandschema.blocks import Shape, decode_block
from bandschema.enums import Role
from bandschema.layout import BY_KIND, HEADER_ROWS, Code, Row
from bandschema.records import CompressedBlock, SampleBlock, StreamDescriptor, VitalsRun
from bandschema.vitals_run import decode_updates
from bandwire.errors import FrameError, LocalError, UnknownKindError
from bandwire.events import BAD_FRAME, BAD_REASSEMBLY, BAD_RECORD, BAD_REPLAY, BAD_SEAL, EventQueue
from bandwire.frames import HEADER_BYTES, KIND_HELLO
from bandwire.framing import Deframer
from bandwire.inbox import Inbox
from bandwire.record import CLASS_COUNT, MAX_RECORD_BYTES
from languages.programs import ROOT, run
from vitalband.capture import LinkCapture

DISSECTOR = ROOT / "protocol/wireshark/vitalband.lua"
Piece = tuple[Role, int, bytes]
"""Who sent it, when (µs), and the bytes that came."""
Shown = list[tuple[str, Any]]
"""JSON of tshark: name and value in order, as names come more than once."""


def pieces_of(path: Path) -> list[Piece]:
    """What a capture holds; serial traffic only."""
    data, at = path.read_bytes(), 24
    assert struct.unpack_from("<I12xII", data) == (0xA1B2C3D4, 1 << 16, 147)
    found: list[Piece] = []
    while at < len(data):
        seconds, microseconds, size, _, head = struct.unpack_from("<IIIIB", data, at)
        found.append((Role(head), seconds * 1_000_000 + microseconds, data[at + 17 : at + 16 + size]))
        at += 16 + size
    return found


class PieceClock:
    """The clock of what is written again."""

    now_us = 0

    def monotonic_ms(self) -> int:
        return self.now_us // 1000

    def utc_us(self) -> int:
        return self.now_us


def write_capture(path: Path, pieces: Iterable[Piece]) -> None:
    """Bytes as a link would have seen them, as a capture."""
    clock = PieceClock()
    capture = LinkCapture(path, clock, is_stream=True)
    for sender, clock.now_us, data in pieces:
        capture.note(sender, data)
    capture.close()


def damaged(pieces: list[Piece], seed: int, share: float = 0.2) -> list[Piece]:
    """The same traffic over a bad wire: bits flip, bytes and packets go, come twice, or are noise."""
    chance, found = random.Random(seed), list(pieces[:2])
    for sender, at_us, data in pieces[2:]:
        hit = chance.randrange(len(data))
        flipped = data[:hit] + bytes([data[hit] ^ 1 << chance.randrange(8)]) + data[hit + 1 :]
        ways = [
            [flipped],
            [data[:hit] + data[hit + 1 :]],
            [],
            [data, data],
            [chance.randbytes(chance.randrange(1, 40)) + b"\0", data],
            [data[:hit] + b"\0"],
            [bytes([7]) * 600 + b"\0", b"\0", data],
        ]
        for changed in chance.choice(ways) if chance.random() < share else [data]:
            found.append((sender, at_us, changed))
    return found


@dataclass
class Findings:
    """What a reader finds: frames in order, as flat values; bodies that it reads further; damage by name."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    damage: Counter[str] = field(default_factory=Counter)


# -- the reference ------------------------------------------------------------------------------------


class _Side:
    """One direction, by the band's own code: packets, records, fragments."""

    def __init__(self, sender: Role) -> None:
        self.deframer = Deframer(MAX_RECORD_BYTES)
        self.events = EventQueue()
        self.inbox = Inbox(sender, CLASS_COUNT, frames.MAX_FRAME_BYTES, False, self.events)
        self.session = b""
        self.sealed = 0

    def take_hello(self, frame: bytes) -> bool:
        """Whether it begins a connection."""
        if frame[29:37] == self.session:
            self.inbox.reader.rejoin()
            return False
        self.session = frame[29:37]
        self.inbox.restart()
        return True


class _Bodies:
    """Samples of blocks, and updates of runs, where they can be read; None for a bad body."""

    def __init__(self) -> None:
        self._shapes: dict[int, Shape] = {}

    def take(self, found: Findings, frame: bytes) -> None:
        """A frame came."""
        try:
            header, record = codec.decode(frame)
        except FrameError:
            return
        match record:
            case StreamDescriptor():
                self._note(record)
            case VitalsRun():
                found.bodies.append(_or_none(lambda: _plain_updates(record.updates, header.ticks_ms)))
            case CompressedBlock() if (shape := self._shapes.get(record.head >> 11 & 7)) is not None:
                found.bodies.append(
                    _or_none(lambda: [list(s) for s in decode_block(record.head, record.block, shape)])
                )
            case SampleBlock(encoding=0) if (shape := self._shapes.get(record.stream_id)) is not None:
                found.bodies.append(_or_none(lambda: _plain_samples(record, shape)))
            case _:
                pass

    def _note(self, record: StreamDescriptor) -> None:
        self._shapes.pop(record.stream_id, None)
        with suppress(LocalError):
            shape = Shape(record.channel_count, record.sample_bits, record.is_signed == 1)
            self._shapes[record.stream_id] = shape


def _or_none(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FrameError:
        return None


def _plain_samples(record: SampleBlock, shape: Shape) -> list[list[int]]:
    size = -(-shape.sample_bits // 8)
    if len(record.samples) != size * shape.channel_count * record.sample_count:
        raise FrameError("another length")
    parts = [record.samples[at : at + size] for at in range(0, len(record.samples), size)]
    values = [int.from_bytes(part, "little", signed=shape.is_signed) for part in parts]
    return [values[at : at + shape.channel_count] for at in range(0, len(values), shape.channel_count)]


def _plain_updates(body: bytes, ticks_ms: int) -> list[Any]:
    return [
        (
            update.ticks_ms,
            update.contact,
            [
                (reading_id, int(r.validity), r.quality, r.cause, r.raw_value)
                for reading_id, r in update.readings.items()
            ],
        )
        for update in decode_updates(body, ticks_ms)
    ]


def reference_findings(pieces: Iterable[Piece]) -> Findings:
    """What the reference finds in the bytes of a link."""
    sides = {role: _Side(role) for role in Role}
    found, bodies = Findings(), _Bodies()
    for sender, at_us, data in pieces:
        side = sides[sender]
        side.inbox.expire(at_us // 1000)
        side.deframer.feed(data)
        while (record := side.deframer.next_record()) is not None:
            side.inbox.take(record, at_us // 1000)
            found.damage["lost"] += side.inbox.reader.lost if side.inbox.reader.stop else 0
            while side.inbox.next_frame():
                frame = bytes(memoryview(side.inbox.buffer)[side.inbox.start : side.inbox.stop])
                found.frames.append(values_of(frame, found.damage))
                bodies.take(found, frame)
                if side.inbox.is_hello and frame[1] == KIND_HELLO and side.take_hello(frame):
                    sides[Role(1 - sender)].inbox.close() if sender == Role.HOST else None
    for side in sides.values():
        counts = side.events.bad_counts
        found.damage["bad_crc"] += side.deframer.bad_crc
        found.damage["malformed"] += side.deframer.malformed
        found.damage["oversize"] += side.deframer.oversize
        found.damage["bad_record"] += counts[BAD_RECORD]
        found.damage["replay"] += counts[BAD_REPLAY]
        found.damage["bad_reassembly"] += counts[BAD_REASSEMBLY]
        found.damage["bad_frame"] += counts[BAD_FRAME]
        found.damage["sealed"] += counts[BAD_SEAL]
    found.damage = Counter({name: count for name, count in found.damage.items() if count})
    return found


def _plain(row: Row, value: Any) -> Any:
    return bytes(value).hex() if row.code is Code.BYTES else value if row.code is Code.TEXT else int(value)


def values_of(frame: bytes, damage: Counter[str]) -> dict[str, Any]:
    """Flat values of a frame by the names that tshark gives; of a bad one those of the header."""
    values: dict[str, Any] = {"length": len(frame)}
    if len(frame) < HEADER_BYTES:
        damage["bad_frame"] += 1
        return values
    header = codec.decode_header(frame)
    values |= {f"header.{row.name}": getattr(header, row.name) for row in HEADER_ROWS}
    try:
        codec.decode(frame)
    except UnknownKindError:
        damage["unknown_kind"] += 1
        return values
    except FrameError:
        damage["bad_frame"] += 1
        return values
    layout = BY_KIND[header.kind]
    decoded = codec.FrameCodec(frames.BY_KIND[header.kind]).decode(frame)
    for row in layout.record_rows:
        values[f"{layout.name}.{row.name}"] = _plain(row, decoded[row.name])
    tail = layout.tail
    if tail is not None and tail.is_array:
        values[f"{layout.name}.{tail.name}"] = [
            {row.name: _plain(row, item[row.name]) for row in tail.item_rows} for item in decoded[tail.name]
        ]
    elif tail is not None:
        value = decoded[tail.name]
        values[f"{layout.name}.{tail.name}"] = value if tail.is_text else value.hex()
    return values


# -- tshark -------------------------------------------------------------------------------------------


def tshark_findings(path: Path, protocols: str = "vitalband") -> Findings:
    """What the dissector finds in a capture, in order, within the outermost of these protocols."""
    arguments = ("-X", f"lua_script:{DISSECTOR}", "-r", path, "-T", "json", "-J", protocols)
    text = run("tshark", *arguments, package="tshark")
    found = Findings()
    for packet in json.loads(text, object_pairs_hook=list):
        _walk(packet, found)
    found.damage = Counter({name: count for name, count in found.damage.items() if count})
    return found


def _walk(shown: Shown, found: Findings) -> None:
    for name, value in shown:
        if name == "vitalband.expert.bad_body":
            found.bodies.append(None)
        elif name.startswith("vitalband.expert."):
            found.damage[name.removeprefix("vitalband.expert.")] += 1
        elif name == "vitalband.record.lost":
            found.damage["lost"] += int(value) - 1  # the expert says it once
        elif name == "vitalband.record.sealed_data":
            found.damage["sealed"] += 1
        elif name == "vitalband.frame_tree":
            found.frames.append(_shown_values(value, found))
        elif isinstance(value, list):
            _walk(value, found)


def _leaves(shown: Shown) -> Iterator[tuple[str, Any]]:
    for name, value in shown:
        short = name.removeprefix("vitalband.")
        kind, _, item = short.partition(".")
        if isinstance(value, str) and short.startswith("frame."):
            yield short.removeprefix("frame."), value
        elif isinstance(value, str) and item and kind != "expert":
            yield short, value


def _shown_values(shown: Shown, found: Findings) -> dict[str, Any]:
    rows = {f"header.{row.name}": row for row in HEADER_ROWS}
    values: dict[str, Any] = {}
    for name, text in _leaves(shown):
        if name in rows or name in ("length", "fragments"):
            values[name] = int(text, 0)
    _walk([pair for pair in shown if isinstance(pair[1], list)], found)
    _note_body(shown, found)
    layout = BY_KIND.get(values.get("header.kind", -1))
    values.pop("fragments", None)
    if layout is None:
        return values
    typed = {f"{layout.name}.{row.name}": row.code for row in layout.record_rows}
    if layout.tail is not None and not layout.tail.is_array:
        typed[f"{layout.name}.{layout.tail.name}"] = Code.TEXT if layout.tail.is_text else Code.BYTES
    for name, text in _leaves(shown):
        if name in typed:
            values[name] = _typed(typed[name], text)
    if layout.tail is not None and layout.tail.is_array and f"{layout.name}.contact" in values:
        values[f"{layout.name}.{layout.tail.name}"] = list(_shown_items(layout, shown))
    return values


def _note_body(shown: Shown, found: Findings) -> None:
    steps = [list(map(int, text.split())) for name, text in shown if name == "vitalband.step"]
    updates = [_shown_update(inner) for name, inner in shown if name == "vitalband.update"]
    if steps or updates:
        found.bodies.append(steps or updates)


def _shown_update(shown: Shown) -> tuple[int, int, list[tuple[int, ...]]]:
    values = {name: value for name, value in shown if isinstance(value, str)}
    readings = [value for name, value in shown if name == "vitalband.update.reading"]
    return (
        int(values["vitalband.update.ticks_ms"]),
        int(values["vitalband.update.contact"]),
        [tuple(int(text) for _, text in reading) for reading in readings],
    )


def _shown_items(layout: Any, shown: Shown) -> Iterator[dict[str, Any]]:
    prefix = f"vitalband.{layout.name}.{layout.tail.name}"
    codes = {f"{prefix}.{row.name}": (row.name, row.code) for row in layout.tail.item_rows}
    for name, value in shown:
        if name == prefix:
            yield {codes[n][0]: _typed(codes[n][1], text) for n, text in value if n in codes}


def _typed(code: Code, text: str) -> Any:
    if code is Code.BYTES:
        return text.replace(":", "")
    return text if code is Code.TEXT else int(text, 0)
