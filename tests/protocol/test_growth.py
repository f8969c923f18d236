"""Rules for growth: an older reader skips what is new, a newer reader reads what is old."""

import dataclasses
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import construct as c
import pytest

from bandschema import codec, frames
from bandschema.dtype import decode_layout, decode_many
from bandschema.emit import wire
from bandschema.field import DataClass, Field, FrameSpec, Meta, field, items
from bandschema.layout import BY_NAME, Layout, layout_of
from bandwire import frames as today
from protocol import flat
from protocol.lanes import corpus, flat_of, job_of, run_micropython

every_kind = pytest.mark.parametrize(
    "name", sorted(name for name, layout in BY_NAME.items() if not layout.is_slim)
)
"""A slim frame never grows."""
_LATER = frames.PROTOCOL_VERSION + 1
_NEW = field("new_number", c.Int24ul, "Added later.", since=_LATER)
_NEW_IN_ITEM = field("new_item_number", c.Int16ul, "Added later.", since=_LATER)
_VALUE, _ITEM_VALUE = 0xABCDEF, 0x1234


def _grown_tail(tail: Field) -> Field:
    subcon = tail.subcon
    if not isinstance(subcon, c.GreedyRange):
        return tail
    return items(str(tail.name), c.Struct(*subcon.subcon.subcons, _NEW_IN_ITEM), tail.meta.doc)


def _grown(name: str) -> FrameSpec:
    """The frame as a later version may state it: a field more, and one more in each item."""
    spec = frames.BY_NAME[name]
    fixed = list(spec.fields)
    tail = [_grown_tail(fixed.pop())] if BY_NAME[name].tail else []
    return dataclasses.replace(spec, fields=(*fixed, _NEW, *tail))


def _grown_values(name: str, values: dict[str, Any], number: int, item_number: int) -> dict[str, Any]:
    tail = BY_NAME[name].tail
    grown = {**values, "new_number": number}
    if tail is not None and tail.is_array:
        grown[tail.name] = [{**item, "new_item_number": item_number} for item in values[tail.name]]
    return grown


def _values(name: str, frame: bytes) -> dict[str, Any]:
    return codec.FrameCodec(frames.BY_NAME[name]).decode(frame)


def _later_frames(name: str) -> list[bytes]:
    """The corpus as a later version would send it."""
    later = codec.FrameCodec(_grown(name))
    return [
        example.frame[:12]
        + later.encode(_grown_values(name, _values(name, example.frame), _VALUE, _ITEM_VALUE))
        for example in corpus(name)[:100]
    ]


def _module(layout: Layout, folder: Path) -> ModuleType:
    path = folder / "grown.py"
    path.write_text(wire.text([layout]), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("grown", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@every_kind
def test_an_older_reader_ignores_what_a_later_version_added(name: str) -> None:
    layout = BY_NAME[name]
    later = _later_frames(name)
    answers = run_micropython(job_of(layout, frame=frame.hex()) for frame in later)
    for example, frame, answer in zip(corpus(name), later, answers, strict=False):
        assert len(frame) > len(example.frame)
        assert codec.decode(frame) == (example.header, example.record)
        read = flat.answer(today, job_of(layout, frame=frame.hex()))
        assert read == answer
        assert answer["again"] == example.frame.hex()
        columns = decode_many(name, frame, [0], [len(frame)])
        alone = decode_many(name, example.frame, [0], [len(example.frame)])
        for row in layout.record_rows:
            assert columns.fixed[row.name].tobytes() == alone.fixed[row.name].tobytes()
        assert columns.items.tolist() == alone.items.tolist()


@every_kind
def test_a_later_reader_reads_zero_for_what_an_older_sender_did_not_know(name: str, tmp_path: Path) -> None:
    spec = _grown(name)
    layout, later = layout_of(spec), codec.FrameCodec(spec)
    module = _module(layout, tmp_path)
    examples = corpus(name)[:100]
    jobs = [job_of(layout, frame=example.frame.hex()) for example in examples]
    answers = run_micropython(jobs, "grown", tmp_path)
    for example, job, answer in zip(examples, jobs, answers, strict=True):
        assert later.decode(example.frame) == _grown_values(name, _values(name, example.frame), 0, 0)
        _, values, rest = flat_of(example)
        values = (*values, 0)
        if isinstance(rest, list):
            rest = [(*item, 0) for item in rest]
        assert (answer["values"], answer["rest"]) == (flat.plain(values), flat.plain(rest))
        assert flat.answer(module, job) == answer
        columns = decode_layout(layout, example.frame, [0], [len(example.frame)])
        assert columns.fixed["new_number"].tolist() == [0]
        if isinstance(rest, list):
            assert columns.items.tolist() == rest


@every_kind
def test_a_later_reader_reads_its_own_frames(name: str, tmp_path: Path) -> None:
    spec = _grown(name)
    layout, later = layout_of(spec), codec.FrameCodec(spec)
    module = _module(layout, tmp_path)
    for frame in _later_frames(name):
        values = later.decode(frame)
        assert values["new_number"] == _VALUE
        assert frame[12:] == later.encode(values)
        answer = flat.answer(module, job_of(layout, frame=frame.hex()))
        assert answer["again"] == frame.hex()
        columns = decode_layout(layout, frame, [0], [len(frame)])
        assert columns.fixed["new_number"].tolist() == [_VALUE]
        if layout.tail is not None and layout.tail.is_array:
            assert columns.items["new_item_number"].tolist() == [_ITEM_VALUE] * len(values[layout.tail.name])


@every_kind
def test_a_later_reader_refuses_every_beginning_that_a_first_version_would(name: str, tmp_path: Path) -> None:
    layout = layout_of(_grown(name))
    module = _module(layout, tmp_path)
    frame = corpus(name)[0].frame
    for length in range(BY_NAME[name].least_bytes):
        assert "error" in flat.answer(module, job_of(layout, frame=frame[:length].hex()))


def test_every_kind_that_was_never_given_out_is_unknown() -> None:
    known = {layout.kind for layout in BY_NAME.values()}
    for kind in set(range(256)) - known:
        with pytest.raises(codec.UnknownKindError):
            codec.decode(bytes([1, kind]) + bytes(200))


def test_a_field_put_before_an_older_one_is_refused() -> None:
    spec = frames.BY_NAME["event"]
    with pytest.raises(codec.LocalError, match="later fields go to the end"):
        layout_of(dataclasses.replace(spec, fields=(_NEW, *spec.fields)))


def test_a_frame_that_comes_later_has_all_its_fields_from_the_start() -> None:
    spec = FrameSpec(
        kind=0x3E,
        name="later",
        sender=frames.BY_NAME["event"].sender,
        data=DataClass.DEVICE,
        doc="Later.",
        since=_LATER,
        fields=(_NEW,),
    )
    layout = layout_of(spec)
    assert layout.least_bytes == layout.fixed_bytes == 15
    assert layout.row("new_number").meta == Meta(doc="Added later.", since=_LATER)
