"""What the README shows works: its Python runs, its commands and make targets exist, its files are there."""

import ast
import asyncio
import re
from pathlib import Path

import pytest
import typer.main
from pyarrow import parquet

from sdk.recordings import record
from vitalband.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LIMIT_S = 60.0
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[str]:
    """The README's code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def claims() -> list[list[str]]:
    """The table of questions: question, answer, tests that prove it, how to check it by hand."""
    rows = re.findall(r"^\| (\*\*.*\?\*\* \|.*)\|$", README, re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def names_in(path: Path) -> set[str]:
    """Names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in found if node.name.startswith("test_")}


def commands_of(text: str) -> list[list[str]]:
    """The words after `vitalband` in code: `a | b` names several commands."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(
        r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    lines = [line for block in code for line in block.splitlines()]
    named = [line.split("#")[0] for line in lines if line.startswith("vitalband ")]
    return [part.split() for line in named for part in line.removeprefix("vitalband ").split(" | ")]


BAND, RECORDING = blocks("python")


def test_the_python_of_the_readme_prints_readings_of_a_band(monkeypatch, capsys):
    class Enough(Exception):
        pass

    lines: list[str] = []

    def say(*values: object) -> None:
        lines.append(" ".join(str(value) for value in values))
        if len(lines) > 12:  # the maker, and a reading of every kind: it would go on for ever
            raise Enough

    def run(main) -> None:
        async def bounded() -> None:
            with pytest.raises(Enough):
                await asyncio.wait_for(main, LIMIT_S)

        with asyncio.Runner() as runner:
            runner.run(bounded())

    monkeypatch.setattr(asyncio, "run", run)
    exec(compile(BAND, "README.md", "exec"), {"print": say})
    assert lines[0] == "Vitalband Virtual band"
    assert any("heart_rate_bpm None UNKNOWN" in line for line in lines)
    assert capsys.readouterr().out == ""


def test_the_python_of_the_readme_reads_a_recording_in_bulk(tmp_path, monkeypatch, capsys):
    record(tmp_path / "night.vband")
    monkeypatch.chdir(tmp_path)
    exec(compile(RECORDING, "README.md", "exec"), {})
    updates, *_, last = capsys.readouterr().out.splitlines()
    assert updates.startswith("15 ")
    assert last == ""  # nothing is damaged
    assert parquet.read_table("night.parquet").num_rows > 15


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_command_in_the_texts_exists_with_its_options(path):
    group = typer.main.get_command(app)
    context = group.make_context("vitalband", ["info", "x"])
    for name, *words in commands_of(path.read_text(encoding="utf-8")):
        command = group.get_command(context, name)
        assert command is not None, f"{path.name}: vitalband {name}"
        if hasattr(command, "commands") and words:
            command = command.commands[words[0]]
        known = {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        used = {word.split("=")[0] for word in words if word.startswith("--")}
        assert used <= known | {"--help"}, f"{path.name}: vitalband {name}"


def test_the_readme_names_every_command():
    group = typer.main.get_command(app)
    context = group.make_context("vitalband", ["info", "x"])
    assert {words[0] for words in commands_of(README)} == set(group.list_commands(context))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_make_target_in_the_texts_exists(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z0-9-]*)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_file_that_a_text_links_to_is_there(path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert missing == []


def test_each_of_the_seven_claims_has_a_test_and_a_way_by_hand_or_says_not_yet():
    assert len(claims()) == 7
    for question, answer, proof, by_hand in claims():
        if answer.startswith("*Not yet:*"):
            assert (proof, by_hand) == ("", ""), question
        else:
            assert re.fullmatch(r"(`tests/[\w/]+\.py::test_\w+` ?)+", proof), question
            assert by_hand, question


def test_every_test_that_a_claim_names_is_there():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", README)
    assert len(named) >= 12
    missing = [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / path)]
    assert missing == []
