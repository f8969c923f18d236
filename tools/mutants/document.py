"""docs/mutants.md: how many mutants each module has, how many the tests notice, and every one they do not."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mutants.explained import NOT_YET, explanation_of
from mutants.results import ModuleResult
from mutants.staging import MUTATED, ROOT

DOCUMENT = ROOT / "docs/mutants.md"
_ROW = re.compile(r"^\| (\w+\.\w+) \| ([\d,]+) \| [\d,]+ \| ([\d,]+) \| [\d.]+ \| ([\d,]+) \|$", re.MULTILINE)
_INTRODUCTION = """\
# Mutants of the protocol

`make mutants` lets `mutmut` change the hand-written code of the protocol, one thing at a time, and runs the
tests that touch the changed function, those that are quick, up to the first that fails. A mutant that none
notices survives. This page is written by `python -m mutants --document`; reasons that the kind of change does
not tell are in `tools/mutants/explained.json`. A time-out counts as noticed. Each row is of a run of that
whole module; `python -m mutants MODULE --document` runs one anew and leaves the others as they are.
"""


def share(results: Sequence[ModuleResult]) -> float:
    """Share of the mutants that were noticed, 0..1."""
    run = sum(result.run for result in results)
    return 1 - sum(len(result.survivors) for result in results) / run if run else 0.0


def write_document(results: Sequence[ModuleResult], path: Path = DOCUMENT) -> None:
    """Write the page anew; of a module that was not wholly run it keeps what it says already."""
    rows, sections = _read(path)
    for result in results:
        if result.waiting == 0 or result.module not in rows:
            rows[result.module] = _Row(result.run, len(result.survivors), result.waiting)
            sections[result.module] = _section(result)
    told = [line for module in sorted(rows) for line in sections.get(module, [])]
    text = "\n".join([_INTRODUCTION, *_table(rows), "", "## Those that survive", "", *told])
    path.write_text(text, encoding="utf-8")


class _Row(NamedTuple):
    run: int
    survived: int
    waiting: int


def _read(path: Path) -> tuple[dict[str, _Row], dict[str, list[str]]]:
    """Row and section of each module of a page that was written before."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    rows = {
        name: _Row(*(int(number.replace(",", "")) for number in (run, survived, waiting)))
        for name, run, survived, waiting in _ROW.findall(text)
        if f"{name.replace('.', '/')}.py" in MUTATED
    }
    sections = {
        part.partition("\n")[0]: [*f"### {part}".rstrip("\n").split("\n"), ""]
        for part in text.split("\n### ")[1:]
    }
    return rows, sections


def _table(rows: Mapping[str, _Row]) -> list[str]:
    together = _Row(*(sum(numbers) for numbers in zip(*rows.values(), strict=True)))
    lines = [
        "| module | run | noticed | survived | noticed, % | not run |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, (run, survived, waiting) in [*sorted(rows.items()), ("together", together)]:
        share_of_run = f"{100 * (run - survived) / run:.1f}"
        lines.append(
            f"| {name} | {run:,} | {run - survived:,} | {survived:,} | {share_of_run} | {waiting:,} |"
        )
    return lines


def _section(result: ModuleResult) -> list[str]:
    if not result.survivors:
        return []
    lines = [f"### {result.module}", "", "| function | instead of | stands | why it does no harm |"]
    lines.append("| --- | --- | --- | --- |")
    lines += [
        f"| `{one.function}` | {_code(one.before)} | {_code(one.after)} | {explanation_of(one)} |"
        for one in result.survivors
    ]
    return [*lines, ""]


def _code(text: str) -> str:
    shown = text if len(text) <= 90 else text[:87] + "..."
    return "`` " + shown.replace("|", "\\|") + " ``" if shown else "(nothing)"


def unexplained(results: Sequence[ModuleResult]) -> int:
    """Survivors whose reason nobody wrote down."""
    return sum(explanation_of(one) == NOT_YET for result in results for one in result.survivors)
