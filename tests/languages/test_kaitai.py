"""What the Kaitai Struct description reads of a frame is what the reference reads of it."""

import importlib.util
import json
from collections.abc import Sequence
from enum import IntFlag
from types import ModuleType
from typing import Any

import pytest
from kaitaistruct import KaitaiStructError

from bandschema import codec, frames
from bandschema.emit.wire import snake
from bandschema.layout import BY_NAME, HEADER_BYTES, HEADER_ROWS, LAYOUTS, Row
from bandwire.errors import FrameError, UnknownKindError
from languages.programs import ROOT, compile_kaitai
from protocol.lanes import corpus

every_kind = pytest.mark.parametrize("name", sorted(BY_NAME))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The module that the compiler makes of the committed description."""
    (path,) = compile_kaitai("python", tmp_path_factory.mktemp("kaitai"))
    spec = importlib.util.spec_from_file_location("vitalband_frame", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
    layout, read = BY_NAME[name], _read(compiled, frame)
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
    for example in corpus(name)[:200]:
        _compare(compiled, name, example.frame)


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
