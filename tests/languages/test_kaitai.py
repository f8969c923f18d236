"""What the Kaitai Struct description reads of a frame is what the reference reads of it."""

import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from enum import IntFlag
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from kaitaistruct import KaitaiStructError

from bandschema import blocks, codec, frames
from bandschema.emit.wire import snake
from bandschema.enums import Role
from bandschema.layout import BY_KIND, BY_NAME, HEADER_BYTES, HEADER_ROWS, LAYOUTS, Row
from bandwire.errors import FrameError, UnknownKindError
from bandwire.events import EventQueue
from bandwire.framing import Deframer
from bandwire.inbox import Inbox
from bandwire.record import CLASS_COUNT, MAX_RECORD_BYTES
from languages.captures import pieces_of
from languages.programs import ROOT, compile_kaitai
from languages.traffic import frames_by_chance, pieces_in_records

every_kind = pytest.mark.parametrize("name", sorted(BY_NAME))


OTHER_LANGUAGES = (
    "cpp_stl",
    "csharp",
    "go",
    "java",
    "javascript",
    "lua",
    "nim",
    "perl",
    "php",
    "ruby",
    "rust",
)


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ModuleType]]:
    """The modules that the compiler makes of the committed descriptions, by name."""
    folder = tmp_path_factory.mktemp("kaitai")
    names = [path.stem for path in compile_kaitai("python", folder)]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield {name: importlib.import_module(name) for name in names}
        for name in names:
            del sys.modules[name]


@pytest.fixture
def compiled(modules: dict[str, ModuleType]) -> ModuleType:
    """That of the frames."""
    return modules["vitalband_frame"]


def _read(compiled: ModuleType, frame: bytes) -> Any:
    return compiled.VitalbandFrame.from_bytes(frame)


def _same(rows: Sequence[Row], read: Any, values: dict[str, Any]) -> None:
    for row in rows:
        value = getattr(read, row.name)
        assert value == values[row.name], row.name
        if row.enum is not None and issubclass(row.enum, IntFlag):
            for flag in row.enum:
                is_set = getattr(read, f"{row.name}_has_{str(flag.name).lower()}")
                assert is_set == bool(values[row.name] & flag)
        elif row.enum is not None and value in list(row.enum):
            assert value.name == row.enum(value).name.lower()


def _compare(compiled: ModuleType, name: str, frame: bytes) -> None:
    _compare_read(_read(compiled, frame), name, frame)


def _compare_read(read: Any, name: str, frame: bytes) -> None:
    layout = BY_NAME[name]
    header = codec.decode_header(frame)
    assert [getattr(read.header, row.name) for row in HEADER_ROWS] == [
        getattr(header, row.name) for row in HEADER_ROWS
    ]
    assert read.header.kind.name == name
    values = codec.FrameCodec(frames.BY_NAME[name]).decode(frame)
    _same(layout.record_rows, read.payload, values)
    tail = layout.tail
    if tail is not None and tail.is_array:
        for item, wanted in zip(getattr(read.payload, tail.name), values[tail.name], strict=True):
            _same(tail.item_rows, item, wanted)
    elif tail is not None:
        assert getattr(read.payload, tail.name) == values[tail.name]


def _vectors(name: str) -> list[bytes]:
    path = ROOT / f"protocol/bandschema/vectors/{name}.jsonl"
    return [bytes.fromhex(json.loads(line)["frame"]) for line in path.read_text("utf-8").splitlines()]


@every_kind
def test_every_field_of_every_golden_vector_reads_as_in_the_reference(
    compiled: ModuleType, name: str
) -> None:
    for frame in _vectors(name):
        _compare(compiled, name, frame)


@every_kind
def test_frames_by_chance_read_as_in_the_reference(compiled: ModuleType, name: str) -> None:
    for frame in frames_by_chance(name):
        _compare(compiled, name, frame)


def _is_cut_within_a_value(name: str, frame: bytes) -> bool:
    """Kaitai reads a late field wholly or not at all, and no text that ends within a character."""
    layout = BY_NAME[name]
    late = [row for row in layout.rows if row.meta.since > layout.since]
    is_half = any(row.offset < len(frame) < row.offset + row.size for row in late)
    return is_half or "\N{REPLACEMENT CHARACTER}" in str(codec.decode(frame)[1])


@every_kind
def test_the_same_beginnings_of_a_frame_are_refused_as_by_the_reference(
    compiled: ModuleType, name: str
) -> None:
    frame = next(frame for frame in reversed(_vectors(name)) if len(frame) < 300)
    for length in range(len(frame)):
        try:
            codec.decode(frame[:length])
        except FrameError:
            with pytest.raises((EOFError, ValueError, KaitaiStructError)):
                _read(compiled, frame[:length])
            continue
        if not _is_cut_within_a_value(name, frame[:length]):
            _compare(compiled, name, frame[:length])


def test_what_a_later_version_adds_is_skipped(compiled: ModuleType) -> None:
    vitals = bytes.fromhex("0104070001000000000000000010090102030405060708aa090a0b0c0d0e0f10bb")
    grown = bytearray(vitals[:12] + b"\x10\x09\x02\x99" + vitals[15:])
    read = _read(compiled, bytes(grown)).payload
    assert read.later_fields == b"\x99"
    assert [(item.reading_id, item.raw_value) for item in read.readings] == [
        (1, 0x08070605),
        (9, 0x100F0E0D),
    ]


def test_the_head_of_a_block_is_read_to_the_bit(compiled: ModuleType) -> None:
    shape, steps = blocks.Shape(1, 8, True), [(3,)] * 300
    for raw, stream_id in ((False, 2), (True, 7)):
        if raw:
            head, body = blocks.encode_raw_block(steps, shape, stream_id=stream_id)
        else:
            head, body = blocks.encode_block(steps, shape, [blocks.Choice()], stream_id=stream_id)
        frame = bytes([3, 0x0D]) + bytes(10) + head.to_bytes(2, "little") + bytes(3) + body
        read = _read(compiled, frame).payload
        assert (read.num_steps, read.is_raw, read.table) == (300, raw, 0)
        assert read.stream_id == stream_id
        assert read.block == body


def test_a_frame_of_an_unknown_kind_stays_bytes(compiled: ModuleType) -> None:
    frame = bytes([9, 0x3F]) + bytes(10) + b"what is to come"
    with pytest.raises(UnknownKindError):
        codec.decode(frame)
    read = _read(compiled, frame)
    assert read.header.kind == 0x3F
    assert read.payload == b"what is to come"


def test_every_kind_and_every_member_has_its_name_there() -> None:
    text = (ROOT / "protocol/kaitai/vitalband_frame.ksy").read_text("utf-8")
    assert HEADER_BYTES == 12
    for layout in LAYOUTS:
        assert f"'kind::{layout.name}': {layout.name}\n" in text
        assert f"    {layout.kind:#04x}: {layout.name}\n" in text
    for enum in {row.enum for layout in LAYOUTS for row in layout.rows if row.enum}:
        assert issubclass(enum, IntFlag) or f"\n  {snake(enum.__name__)}:\n" in text


def _read_frames(record: Any) -> list[Any]:
    if record.content.name == "frames":
        return [counted.frame for counted in record.body.frames]
    return [record.body] if record.content.name == "one_frame" else []


def test_the_records_of_a_link_read_as_in_the_reference(
    modules: dict[str, ModuleType], capture: Path
) -> None:
    contents: set[str] = set()
    for sender in Role:
        deframer, events = Deframer(MAX_RECORD_BYTES), EventQueue()
        inbox = Inbox(sender, CLASS_COUNT, frames.MAX_FRAME_BYTES, False, events)
        pieces = [data for role, _, data in pieces_of(capture) + pieces_in_records(64) if role == sender]
        deframer.feed(b"".join(pieces))
        while (record := deframer.next_record()) is not None:
            read = modules["vitalband_record"].VitalbandRecord.from_bytes(bytes(record))
            inbox.reader.restart()
            inbox.take(record, 0)
            assert (read.content.value, read.priority.value) == (inbox.reader.content, inbox.reader.priority)
            assert (read.is_hello, read.counter) == (inbox.is_hello, inbox.reader.counter & 0xFFFF)
            contents.add(read.content.name)
            for read_frame in _read_frames(read):
                assert inbox.next_frame()
                frame = bytes(memoryview(inbox.buffer)[inbox.start : inbox.stop])
                _compare_read(read_frame, BY_KIND[frame[1]].name, frame)
    assert contents == {"frames", "first_fragment", "next_fragment", "one_frame"}


@pytest.mark.parametrize("record", ["0c0000ff", "400000ff", "80", "00000010000102"])
def test_what_is_no_record_is_refused(modules: dict[str, ModuleType], record: str) -> None:
    with pytest.raises((EOFError, KaitaiStructError)):
        modules["vitalband_record"].VitalbandRecord.from_bytes(bytes.fromhex(record))


def test_a_sealed_record_stays_bytes(modules: dict[str, ModuleType]) -> None:
    read = modules["vitalband_record"].VitalbandRecord.from_bytes(bytes([0x14, 1, 0]) + b"sealed")
    assert read.is_sealed
    assert read.body == b"sealed"


def test_the_descriptions_compile_for_other_languages_too(tmp_path: Path) -> None:
    paths = compile_kaitai(",".join(OTHER_LANGUAGES), tmp_path)
    assert len(paths) >= 2 * len(OTHER_LANGUAGES)
    assert all(path.stat().st_size > 1000 for path in paths)
