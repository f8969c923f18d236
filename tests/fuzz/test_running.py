"""`python -m fuzz`: counts what it ran, keeps what failed, and says so where it cannot run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz import corpus, results, running
from fuzz.__main__ import main
from fuzz.memory import FOLDER_VARIABLE
from fuzz.recorded import inputs_of, packets_of
from fuzz.running import Outcome
from fuzz.tally import NAMES as COUNTS
from fuzz.targets.deframer import packet_of

ROOT = Path(__file__).parents[2]
needs_atheris = pytest.mark.parametrize("is_there", [True] if running.is_there() else [])


def test_a_name_that_is_no_target_is_refused(capsys):
    assert main(["everything"]) == 2
    assert "wanted targets of deframer, " in capsys.readouterr().err


def test_without_atheris_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr(running, "is_there", lambda: False)
    assert main(["deframer"]) == 2
    assert main(["deframer", "--if-there"]) == 0
    said = capsys.readouterr().err
    assert "CPython 3.11 to 3.13 on 64-bit Linux" in said
    assert "pip install -e '.[fuzz]'" in said


@needs_atheris
def test_a_planted_fault_is_found_and_kept(tmp_path, monkeypatch, capsys, is_there):
    assert is_there
    shutil.copytree(ROOT / "protocol", tmp_path / "protocol")
    framing = tmp_path / "protocol/bandwire/framing.py"
    sound = framing.read_text(encoding="utf-8")
    framing.write_text(sound.replace("length <= CRC_BYTES:", "length < CRC_BYTES:"), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "protocol"), str(ROOT / "tools")]))
    monkeypatch.setattr(corpus, "FOUND", tmp_path / "found")
    assert main(["deframer", "--executions", "200000", "--seed", "1"]) == 1
    [data] = corpus.kept(tmp_path / "found", "deframer")
    script = "import sys; from fuzz.targets import target; from fuzz.tally import Tally\n"
    script += f"target('deframer').check(bytes.fromhex({data.hex()!r}), Tally())"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 1
    assert "which the tests run from now on" in capsys.readouterr().err


@needs_atheris
def test_a_run_is_bounded_by_its_executions_and_counts_them(tmp_path, is_there):
    assert is_there
    outcome = running.run("frame", executions=300, seed=1)
    assert outcome.failed == ()
    assert outcome.counts["executions"] >= 300
    assert outcome.counts["accepted"] + outcome.counts["refused"] == outcome.counts["executions"]
    for _ in range(2):
        results.add(outcome, tmp_path / "results.json")
    known = json.loads((tmp_path / "results.json").read_text(encoding="ascii"))
    assert known["frame"]["executions"] == 2 * outcome.counts["executions"]


@needs_atheris
def test_a_run_leaves_no_files_behind(tmp_path, monkeypatch, is_there):
    assert is_there
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert running.run("store", executions=5, seed=1).counts["executions"] >= 5
    assert list(tmp_path.iterdir()) == []


def _outcome(**counts: int) -> Outcome:
    return Outcome("link", {**dict.fromkeys(COUNTS, 0), **counts}, 2.4, (b"x",), "")


def test_recorded_runs_make_a_table_with_their_sum(tmp_path):
    outcome = _outcome(executions=1500, damaged=7)
    assert results.line_of(outcome).startswith("link: 1,500 executions, 2 seconds, 1 faults, ")
    results.add(outcome, tmp_path / "results.json")
    head, _, row, together = results.table(tmp_path / "results.json").splitlines()
    assert head.startswith("| target | executions | seconds | faults |")
    assert row == "| link | 1,500 | 2 | 1 | 0 | 0 | 7 | 0 |"
    assert together == row.replace("link", "together")


def test_the_document_has_a_part_for_the_recorded_runs(tmp_path):
    document = tmp_path / "benchmarks.md"
    document.write_text(results.DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    results.add(_outcome(executions=987_654), tmp_path / "results.json")
    results.write_document(document, tmp_path / "results.json")
    assert "| link | 987,654 |" in document.read_text(encoding="utf-8")


def test_a_capture_of_a_link_gives_seeds_to_three_targets():
    frame = bytes([3, 6]) + bytes(16)
    packet = packet_of(bytes([3, 0, 0]) + frame)
    noise = b"\x02a\0"
    captured = bytes(24)
    for sender, data in ((0, packet), (1, noise)):
        captured += bytes(8) + (len(data) + 1).to_bytes(4, "little") * 2 + bytes([sender]) + data
    found = inputs_of(list(packets_of(captured)))
    assert found["frame"] == [frame]
    assert found["deframer"] == [bytes([4, 60]) + packet, bytes([4, 60]) + noise]
    assert found["serial"] == [bytes([1, 5, len(packet)]) + packet, bytes([1, 4, 3]) + noise]
