"""Golden vectors: committed frames decode to the same fields for ever, and encode to the same bytes."""

import hashlib
import json
from typing import Any

import pytest

from bandschema import codec, frames, vectors
from bandschema.layout import BY_NAME, LAYOUTS, SchemaError
from bandschema.records import Header
from bandwire import frames as generated
from protocol import flat
from protocol.lanes import ROOT, job_of, run_micropython

FOLDER = ROOT / "protocol/bandschema/vectors"
every_kind = pytest.mark.parametrize("name", sorted(BY_NAME))


FROZEN_IDS = 168
FROZEN_DIGEST = "a17c699aebf5ed4eafc782ea689e676b2ed4eae1a738404640fc13f920fc7125"
"""SHA-256 over so many first ids, and over the first vectors of each kind among them. Both are of version 1
and stay: lines that a version appends go after them, and what it freezes is a claim of its own."""


def _text_lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text_lines(name)]


def test_no_id_and_no_vector_of_version_1_is_changed_or_gone() -> None:
    frozen = _text_lines("ids")[:FROZEN_IDS]
    for entry in map(json.loads, list(frozen)):
        if entry["of"] == "kind":
            frozen += _text_lines(entry["name"])[: len(vectors.CASES)]
    assert hashlib.sha256("\n".join(frozen).encode()).hexdigest() == FROZEN_DIGEST


@every_kind
def test_every_vector_decodes_to_its_fields(name: str) -> None:
    layout, reader = BY_NAME[name], codec.FrameCodec(frames.BY_NAME[name])
    for line in _lines(name):
        frame = bytes.fromhex(line["frame"])
        assert codec.decode_header(frame) == Header(**line["header"])
        values = reader.decode(frame)
        fields = vectors.typed(layout, line["fields"])
        assert {name: values[name] for name in fields} == fields


@every_kind
def test_every_vector_of_today_encodes_to_its_bytes(name: str) -> None:
    layout, writer = BY_NAME[name], codec.FrameCodec(frames.BY_NAME[name])
    fields = {row.name for row in layout.record_rows} | ({layout.tail.name} if layout.tail else set())
    today = [line for line in _lines(name) if set(line["fields"]) == fields]
    cases = {line["case"] for line in today}
    assert cases == set(vectors.CASES)
    for line in today:
        payload = writer.encode(vectors.typed(layout, line["fields"]))
        assert (codec.encode_header(Header(**line["header"])) + payload).hex() == line["frame"]


@every_kind
def test_the_band_reads_and_writes_every_vector(name: str) -> None:
    layout = BY_NAME[name]
    jobs = [job_of(layout, frame=line["frame"]) for line in _lines(name)]
    answers = run_micropython(jobs)
    # Written again, a frame of before has the fields that came later, as zeros.
    least = 0 if layout.tail else 2 * layout.fixed_bytes
    assert [answer["again"] for answer in answers] == [job["frame"].ljust(least, "0") for job in jobs]
    assert answers == [flat.answer(generated, job) for job in jobs]


@every_kind
def test_the_vectors_reach_both_ends_of_every_range(name: str) -> None:
    lines = {line["case"]: line["fields"] for line in _lines(name)}
    for row in BY_NAME[name].record_rows:
        if row.code.is_number:
            assert lines["lowest"][row.name] == row.minimum
            assert lines["highest"][row.name] == row.maximum
    assert max(len(line["frame"]) // 2 for line in _lines(name)) <= frames.MAX_FRAME_BYTES


def test_every_file_of_vectors_belongs_to_a_kind() -> None:
    found = {path.stem for path in FOLDER.glob("*.jsonl")}
    assert found == {layout.name for layout in LAYOUTS} | {"ids", "vitals_run_bodies"}


def test_a_new_field_asks_for_new_lines_and_leaves_the_old_ones() -> None:
    layout = BY_NAME["compressed_block"]
    lines = _text_lines("compressed_block")
    assert vectors.new_lines(layout, lines) == []
    older = [json.loads(line) for line in lines]
    for line in older:
        del line["fields"]["first_sample"]
    assert vectors.new_lines(layout, map(json.dumps, older)) == lines


def test_bytes_within_items_travel_as_hex() -> None:
    values = {"entries": [{"manifest_digest": b"\x01\x02", "count": True}]}
    assert vectors.plain(values) == {"entries": [{"manifest_digest": "0102", "count": 1}]}


def _register(*entries: tuple[str, int, str]) -> list[str]:
    return [json.dumps({"of": of, "id": number, "name": name}) for of, number, name in entries]


def test_the_register_holds_every_id_ever_given() -> None:
    lines = _text_lines("ids")
    assert vectors.new_ids(lines) == []
    assert len(vectors.new_ids(lines[:-2])) == 2
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    "entry", [("kind", 6, "earthquake"), ("kind", 0x3F, "retired"), ("Cause", 4, "NOISE"), ("Cause", 99, "X")]
)
def test_an_id_that_is_reused_or_taken_away_is_refused(entry: tuple[str, int, str]) -> None:
    with pytest.raises(SchemaError, match=f"{entry[0]} {entry[1]} means {entry[2]} for ever"):
        vectors.new_ids(_register(entry))
