"""Worked examples of `docs/protocol.md`: real packets and frames taken apart byte by byte.

They are made by the encoders of today each time, so that they cannot say what those no longer do.
"""

import json
from collections.abc import Iterator, Sequence
from enum import IntFlag
from typing import Any

from bandschema import codec, records
from bandschema.emit import MARK, between
from bandschema.emit.worked_block import block_example
from bandschema.emit.worked_run import run_example
from bandschema.emit.worked_session import session_example
from bandschema.enums import Capability, Cause, Contact, EventKind, Reading, Role, StreamId, Validity
from bandschema.frames import BY_KIND, BY_NAME, MAX_FRAME_BYTES, PROTOCOL_VERSION
from bandschema.layout import BY_KIND as LAYOUT_BY_KIND
from bandschema.layout import BY_NAME as LAYOUT_BY_NAME
from bandschema.layout import HEADER_BYTES, HEADER_ROWS, Code, Row
from bandschema.readings import NO_VALUE
from bandwire.framing import encode_packet_into, packet_bytes
from bandwire.moving import cobs_encode_into
from bandwire.outbox import FrameQueue, Lane
from bandwire.record import CLASS_LIVE, MAX_RECORD_BYTES, MIN_RECORD_BYTES, RecordWriter

BEGIN = f"<!-- BEGIN {MARK.replace('protocol/bandschema', 'protocol/bandschema, examples,')} -->"
END = "<!-- END GENERATED EXAMPLES -->"
_LINE_BYTES = 12
Line = tuple[int, bytes, str]
"""Offset, bytes and what they are."""


def _hex(data: bytes) -> str:
    return data.hex(" ").upper()


def _short(data: bytes) -> str:
    return _hex(data) if len(data) <= 8 else f"{_hex(data[:3])} … {_hex(data[-2:])} ({len(data)} bytes)"


def _fenced(lines: Sequence[str]) -> str:
    return "```text\n" + "".join(line.rstrip() + "\n" for line in lines) + "```\n"


def _table(lines: Iterator[Line] | Sequence[Line]) -> str:
    """Offset, bytes, meaning; long ones over several lines."""
    shown: list[str] = []
    for offset, data, meaning in lines:
        for at in range(0, max(len(data), 1), _LINE_BYTES):
            part = _hex(data[at : at + _LINE_BYTES])
            shown.append(f"{offset + at:4}  {part:<{3 * _LINE_BYTES}} {meaning if at == 0 else ''}")
    return _fenced(shown)


def _value(row: Row, value: Any) -> str:
    if row.code is Code.TEXT:
        return json.dumps(value, ensure_ascii=False)
    if row.code is Code.BYTES:
        return "bytes"
    if row.enum is not None and issubclass(row.enum, IntFlag):
        names = [str(flag.name) for flag in row.enum if value & flag]
        return f"{int(value):#x} {' '.join(names)}".strip()
    if row.enum is not None and value in list(row.enum):
        return f"{int(value)} {row.enum(value).name}"
    none = " none" if value == NO_VALUE else f" {row.meta.unit}" if row.meta.unit else ""
    return f"{int(value)}{none}"


def _row_lines(rows: Sequence[Row], values: dict[str, Any], data: bytes, start: int = 0) -> Iterator[Line]:
    for row in rows:
        part = data[start + row.offset : start + row.offset + row.size]
        value = part[0] if row.meta.computed else values[row.name]
        note = "" if part else " (not there: reads as zero)"
        yield start + row.offset, part, f"{row.name} = {_value(row, value)}{note}"


def _frame_lines(frame: bytes) -> Iterator[Line]:
    header = codec.decode_header(frame)
    layout = LAYOUT_BY_KIND[header.kind]
    lines = _row_lines(HEADER_ROWS, {row.name: getattr(header, row.name) for row in HEADER_ROWS}, frame)
    for at, data, meaning in lines:
        yield at, data, f"kind = {header.kind:#04x} {layout.name}" if at == 1 else meaning
    values = codec.FrameCodec(BY_KIND[header.kind]).decode(frame)
    yield from _row_lines(layout.rows, values, frame)
    if layout.tail is None:
        return
    start = frame[HEADER_BYTES] if not layout.is_slim else layout.fixed_bytes
    if start > layout.fixed_bytes:
        yield layout.fixed_bytes, frame[layout.fixed_bytes : start], "of a later version: skipped"
    if not layout.tail.is_array:
        yield start, frame[start:], layout.tail.name
        return
    size = frame[HEADER_BYTES + 1]
    for at, item in zip(range(start, len(frame), size), values[layout.tail.name], strict=True):
        yield from _row_lines(layout.tail.item_rows, item, frame, at)
        known = at + layout.tail.item_bytes
        if size > layout.tail.item_bytes:
            yield known, frame[known : at + size], "of a later version: skipped"


def _empty(rows: Sequence[Row]) -> dict[str, Any]:
    """The least value of each row."""
    return {row.name: {Code.TEXT: "", Code.BYTES: bytes(row.size)}.get(row.code, row.minimum) for row in rows}


def _frame(name: str, header: dict[str, int], values: dict[str, Any]) -> bytes:
    """A frame by the layout of today; a field that no value is given for is empty, or its least number."""
    layout = LAYOUT_BY_NAME[name]
    full = {"version": PROTOCOL_VERSION, "drops": 0, **header}
    payload = codec.FrameCodec(BY_NAME[name]).encode(_empty(layout.record_rows) | values)
    return codec.encode_header(records.Header(kind=layout.kind, **full)) + payload


# -- the examples -------------------------------------------------------------------------------------


def _crc_and_cobs() -> str:
    crcs = "| bytes | as sent, before COBS | CRC-32 |\n| --- | --- | --- |\n" + "\n".join(
        f"| {_short(data) or 'nothing'} | {_hex(_crc(data).to_bytes(4, 'little'))} | {_crc(data):08X} |"
        for data in (b"", b"\0", b"123456789", bytes(range(32)))
    )
    sources = (
        b"\0", b"\0\0", b"\x11\x22\0\x33", b"\x11\x22\x33\x44", b"\x11\0\0\0",
        bytes(range(1, 255)), bytes(range(1, 256)), bytes(range(255)), bytes([*range(2, 256), 0]),
    )  # fmt: skip
    cobs = "| bytes | after COBS |\n| --- | --- |\n" + "\n".join(
        f"| {_short(source)} | {_short(_cobs(source))} |" for source in sources
    )
    return f"{crcs}\n\n{cobs}\n"


def _crc(data: bytes) -> int:
    buffer = bytearray(data) + bytearray(4)
    encode_packet_into(buffer, len(data), bytearray(packet_bytes(len(data))))
    return int.from_bytes(buffer[-4:], "little")


def _cobs(data: bytes) -> bytes:
    out = bytearray(2 * len(data) + 2)
    return bytes(out[: cobs_encode_into(data, len(data), out)])


def _packet(record: bytes) -> bytes:
    buffer, out = bytearray(record) + bytearray(4), bytearray(packet_bytes(len(record)))
    return bytes(out[: encode_packet_into(buffer, len(record), out)])


def _hello() -> str:
    values = {"role": Role.HOST, "protocol_minimum": 1, "protocol_maximum": PROTOCOL_VERSION}
    values |= {"max_frame_bytes": MAX_FRAME_BYTES, "capabilities": Capability.BACKFILL}
    values |= {"session_id": b"session1"}
    frame = _frame("hello", {"boot_id": 0, "sequence": 0, "ticks_ms": 0}, values)
    record = bytes([0x20, 0, 0]) + len(frame).to_bytes(2, "little") + frame
    packet = _packet(record)
    lines: list[Line] = [
        (0, record[:1], "type: content 0 frames, class 0 urgent, clear, hello"),
        (1, record[1:3], "counter = 0"),
        (3, record[3:5], f"length of the frame = {len(frame)}"),
        *((5 + offset, data, meaning) for offset, data, meaning in _frame_lines(frame)),
        (len(record), _crc(record).to_bytes(4, "little"), f"CRC-32 = {_crc(record):08X}"),
    ]
    wire = [_hex(packet[at : at + 16]) for at in range(0, len(packet), 16)]
    return (
        f"The first {len(packet)} bytes of a connection on a serial line, from the host:\n\n{_fenced(wire)}\n"
        f"Without the closing zero and COBS, {len(record) + 4} bytes:\n\n{_table(lines)}"
    )


def _secure_hello(role: Role) -> bytes:
    """Without its header."""
    values = {"role": role, "protocol_minimum": PROTOCOL_VERSION, "protocol_maximum": PROTOCOL_VERSION}
    values |= {"max_frame_bytes": MAX_FRAME_BYTES, "capabilities": Capability.SECURE_SESSION}
    values |= {"session_id": b"session1"}
    if role is Role.BAND:
        values |= {"challenge_id": b"fresh 8b"}
    return _frame("hello", {"boot_id": 0, "sequence": 0, "ticks_ms": 0}, values)[HEADER_BYTES:]


def _vitals_frame() -> bytes:
    told = (
        (Reading.HEART_RATE_BPM, Validity.VALID, 93, Cause.NONE, 642),
        (Reading.SKIN_TEMPERATURE_C, Validity.LOW_QUALITY, 40, Cause.MOTION, 3312),
        (Reading.SPO2_PERCENT, Validity.UNKNOWN, 0, Cause.WEAK_SIGNAL, NO_VALUE),
    )
    tail = LAYOUT_BY_NAME["vitals"].tail
    assert tail is not None
    names = ("reading_id", "validity", "quality", "cause", "raw_value")
    readings = [_empty(tail.item_rows) | dict(zip(names, reading, strict=True)) for reading in told]
    header = {"boot_id": 7, "sequence": 4711, "ticks_ms": 86_400_000, "drops": 1}
    return _frame("vitals", header, {"contact": Contact.ON_WRIST, "readings": readings})


def _older_and_later() -> str:
    layout = LAYOUT_BY_NAME["manifest_entry"]
    values = {"entry": 3, "entry_count": 19, "reading_id": 1, "group": 1, "page": 1, "unit": 1}
    values |= {"interval_ms": 2000, "retention_h": 1, "name_en": "Heart rate", "name_zh": "心率"}
    header = {"version": 1, "boot_id": 1, "sequence": 4, "ticks_ms": 30}
    frame = _frame("manifest_entry", header, values)
    older = frame[: layout.least_bytes]
    vitals = _vitals_frame()
    later = bytearray(vitals[:12] + bytes([17, 9]) + vitals[14:15] + b"\xaa\xbb")
    for at in range(15, 31, 8):
        later += vitals[at : at + 8] + b"\xcc"
    later[0] = PROTOCOL_VERSION + 1
    return (
        f"A `manifest_entry` of version 1 ends after {layout.least_bytes} bytes:\n\n"
        f"{_table(list(_frame_lines(older)))}\n"
        "A `vitals` frame as a later version may send it, two bytes more before the tail and one more in\n"
        f"each item:\n\n{_table(list(_frame_lines(bytes(later))))}"
    )


def _fragments() -> str:
    header = {"boot_id": 7, "sequence": 4712, "ticks_ms": 86_400_250}
    frame = _frame("event", header, {"event": EventKind.WORN, "detail": 0})
    queue = FrameQueue(256)
    queue.push(frame, len(frame))
    lane, writer, parts = Lane(queue, 256), RecordWriter(0), list[str]()
    while True:
        record = bytearray(MAX_RECORD_BYTES)
        end = lane.fill(record, MIN_RECORD_BYTES, 0)
        if not end:
            break
        parts.append(_hex(bytes(record[: writer.close(record, end, lane.content, CLASS_LIVE)])))
    return (
        f"An `event` of {len(frame)} bytes, where a record holds {MIN_RECORD_BYTES}, as two live records of\n"
        f"a band (content 1 with the frame's length, then content 2):\n\n{_fenced(parts)}"
    )


def _sample_block() -> str:
    steps = ((3, -2), (70_000, -131_072))
    samples = b"".join((value & 0xFFFFFF).to_bytes(3, "little") for step in steps for value in step)
    values = {"stream_id": StreamId.MOTION, "sample_count": 2, "first_sample": 1000, "samples": samples}
    frame = _frame("sample_block", {"boot_id": 7, "sequence": 4713, "ticks_ms": 86_400_900}, values)
    return (
        "Two samples of a signed stream of two channels and 18 bits, so 3 bytes each: (3, -2) and\n"
        f"(70000, -131072).\n\n{_table(list(_frame_lines(frame)))}"
    )


def examples() -> str:
    """All worked examples, as Markdown."""
    parts = {
        "Check values": _crc_and_cobs(),
        "A hello on a serial line": _hello(),
        "A vitals frame": _table(list(_frame_lines(_vitals_frame()))),
        "An older frame and a later one": _older_and_later(),
        "A frame in fragments": _fragments(),
        "A sample block": _sample_block(),
        "A compressed block": block_example(),
        "A run of vitals": run_example(),
        "A secure session": session_example((_secure_hello(Role.HOST), _secure_hello(Role.BAND))),
    }
    return "\n".join(f"### {title}\n\n{text}" for title, text in parts.items())


def filled(document: str) -> str:
    """The document with the examples of today between its marks; SchemaError when they are missing."""
    return between(document, BEGIN, END, f"\n{examples()}\n", "docs/protocol.md")
