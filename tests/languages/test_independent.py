"""A reader that was written from docs/protocol.md alone, in JavaScript, reads what the reference reads."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bandschema import codec
from bandschema.blocks import Shape, decode_block
from bandschema.enums import BackfillState, Result
from bandschema.frames import PROTOCOL_VERSION
from bandschema.layout import BY_NAME, HEADER_ROWS
from bandschema.vitals_run import decode_updates
from bandwire.errors import FrameError
from bandwire.framing import encode_packet_into, packet_bytes
from device.wires import WiredBand
from languages.captures import damaged, pieces_of, reference_findings, values_of, write_capture
from languages.programs import ROOT, run
from languages.traffic import frames_by_chance, pieces_in_records, some_block, spoiled

DOCUMENT = ROOT / "docs/protocol.md"
MAIN = Path(__file__).parent / "independent/main.mjs"
every_kind = pytest.mark.parametrize("name", sorted(BY_NAME))


def _ask(what: str, lines: Sequence[str]) -> list[dict[str, Any]]:
    text = run("node", MAIN, DOCUMENT, what, package="nodejs", given="\n".join(lines) + "\n")
    return [json.loads(line) for line in text.split("\n") if line]


def _lines(name: str) -> list[dict[str, Any]]:
    text = (ROOT / f"protocol/bandschema/vectors/{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


@every_kind
def test_the_golden_vectors_read_as_they_say_themselves(name: str) -> None:
    lines = _lines(name)
    answers = _ask("frames", [line["frame"] for line in lines])
    for line, answer in zip(lines, answers, strict=True):
        assert {row.name: answer[f"header.{row.name}"] for row in HEADER_ROWS} == line["header"]
        for field, value in line["fields"].items():
            assert answer[f"{name}.{field}"] == value


@every_kind
def test_frames_and_their_beginnings_read_as_in_the_reference(name: str) -> None:
    frames = list(frames_by_chance(name))
    frames += [frames[0][:length] for length in range(len(frames[0]))]
    answers = _ask("frames", [frame.hex() for frame in frames if frame])
    for frame, answer in zip(filter(None, frames), answers, strict=True):
        damage: Counter[str] = Counter()
        wanted = values_of(frame, damage)
        assert answer.pop("refused", False) == bool(damage)
        if "\N{REPLACEMENT CHARACTER}" not in str(answer):
            assert answer == wanted


def _findings(path: Path) -> tuple[list[dict[str, Any]], Counter[str]]:
    text = run("node", MAIN, DOCUMENT, "capture", path, package="nodejs")
    found = json.loads(text)
    return found["frames"], Counter(found["damage"])


def test_the_virtual_bands_link_reads_as_in_the_reference(capture: Path) -> None:
    frames, damage = _findings(capture)
    wanted = reference_findings(pieces_of(capture))
    assert len(frames) > 40
    assert frames == wanted.frames
    assert damage == wanted.damage == {}


@pytest.mark.parametrize("record_bytes", [20, 64, 514])
def test_every_kind_reads_alike_over_a_link_in_fragments_too(tmp_path: Path, record_bytes: int) -> None:
    pieces = pieces_in_records(record_bytes)
    write_capture(tmp_path / "kinds.pcap", pieces)
    wanted = reference_findings(pieces)
    assert _findings(tmp_path / "kinds.pcap") == (wanted.frames, wanted.damage)


@pytest.mark.parametrize("seed", range(5))
def test_damage_is_refused_and_counted_as_in_the_reference(capture: Path, tmp_path: Path, seed: int) -> None:
    for pieces in (pieces_of(capture), pieces_in_records(64)):
        bad = damaged(pieces, seed)
        write_capture(tmp_path / "bad.pcap", bad)
        wanted = reference_findings(bad)
        assert _findings(tmp_path / "bad.pcap") == (wanted.frames, wanted.damage)


def _block(chance: random.Random) -> tuple[int, bytes, Shape]:
    shape = Shape(chance.randint(1, 8), chance.randint(1, 24), chance.random() < 0.5)
    return *some_block(chance, shape, chance.randint(0, 7)), shape


def _reference_samples(head: int, body: bytes, shape: Shape) -> list[list[int]] | None:
    try:
        return [list(step) for step in decode_block(head, body, shape)]
    except FrameError:
        return None


def test_blocks_good_and_spoiled_read_as_in_the_reference() -> None:
    chance, lines, wanted = random.Random(5), [], []
    for _ in range(1500):
        head, body, shape = _block(chance)
        head, body = spoiled(chance, head, body)
        names = {name: getattr(shape, name) for name in ("channel_count", "sample_bits", "is_signed")}
        lines.append(json.dumps({"head": head, "body": body.hex(), "shape": names}))
        wanted.append(_reference_samples(head, body, shape))
    answers = _ask("blocks", lines)
    assert [answer.get("samples") for answer in answers] == wanted
    assert 300 < sum(samples is None for samples in wanted) < 1200


def test_the_golden_bodies_of_runs_read_as_they_say_themselves() -> None:
    lines = _lines("vitals_run_bodies")
    asked = [{"body": line["body"], "ticks_ms": line["updates"][-1]["ticks_ms"]} for line in lines]
    answers = _ask("runs", list(map(json.dumps, asked)))
    assert [answer["updates"] for answer in answers] == [line["updates"] for line in lines]


def _reference_updates(body: bytes, ticks_ms: int) -> list[dict[str, Any]] | None:
    try:
        updates = decode_updates(body, ticks_ms)
    except FrameError:
        return None
    return [
        {
            "ticks_ms": update.ticks_ms,
            "contact": update.contact,
            "readings": {
                str(reading_id): [int(r.validity), r.quality, r.cause, r.raw_value]
                for reading_id, r in update.readings.items()
            },
        }
        for update in updates
    ]


def test_runs_spoiled_read_as_in_the_reference() -> None:
    chance, lines, wanted = random.Random(6), [], []
    bodies = [bytes.fromhex(line["body"]) for line in _lines("vitals_run_bodies")]
    for _ in range(1000):
        _, body = spoiled(chance, 0, chance.choice(bodies))
        ticks_ms = chance.choice((0, 5_000, 1 << 31, (1 << 32) - 1))
        lines.append(json.dumps({"body": body.hex(), "ticks_ms": ticks_ms}))
        wanted.append(_reference_updates(body, ticks_ms))
    answers = _ask("runs", lines)
    assert [answer.get("updates") for answer in answers] == wanted
    assert 150 < sum(updates is None for updates in wanted) < 850


def test_records_become_the_packets_that_the_reference_makes() -> None:
    chance = random.Random(7)
    records = [chance.randbytes(length) for length in (4, 20, 249, 250, 251, 254, 255, 508, 509, 514)]
    records += [bytes(chance.randrange(2) for _ in range(300)), bytes(40), bytes([255] * 514)]
    wanted = []
    for record in records:
        buffer, out = bytearray(record) + bytearray(4), bytearray(packet_bytes(len(record)))
        wanted.append(out[: encode_packet_into(buffer, len(record), out)].hex())
    assert _ask("packets", [record.hex() for record in records]) == wanted


def test_a_small_host_drives_the_virtual_band_by_that_text() -> None:
    with WiredBand("socket") as wired:
        text = run("node", MAIN, DOCUMENT, "host", wired.url.rpartition(":")[2], package="nodejs")
    told = json.loads(text)
    assert told["version"] == PROTOCOL_VERSION
    assert (told["identity"]["maker"], told["identity"]["model"]) == ("Vitalband", "Virtual band")
    names = {request_id: reply["name"] for request_id, reply in told["replies"].items()}
    assert names == {"1": "reply", "2": "time_reply", "3": "reply", "4": "reply"}
    results = [told["replies"][request_id]["result"] for request_id in ("1", "3", "4")]
    assert results == [Result.OK, Result.OK, Result.UNKNOWN_COMMAND]
    assert told["replies"]["2"]["received_ticks_ms"] <= told["replies"]["2"]["ticks_ms"]
    assert [span["state"] for span in told["ranges"]] == [BackfillState.SENDING, BackfillState.DONE]
    frames = [bytes.fromhex(frame) for frame in told["backfilled"]]
    assert len(frames) == told["ranges"][0]["frame_count"] > 1
    for frame in frames:
        assert told["live"][str(codec.decode_header(frame).sequence)] == frame.hex()


def test_the_reference_decodes_the_frames_of_the_text() -> None:
    """The bytes that the text shows of a vitals frame are one."""
    section = DOCUMENT.read_text("utf-8").split("### A vitals frame\n")[1]
    block = section.split("```text\n")[1].split("```")[0]
    header, record = codec.decode(bytes.fromhex("".join(line[6:42] for line in block.splitlines())))
    assert (header.sequence, len(record.readings)) == (4711, 3)  # type: ignore[attr-defined]
