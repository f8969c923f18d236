"""docs/mutants.md: how many mutants each module has, how many the tests notice, and every one they do not."""

from collections.abc import Sequence
from pathlib import Path

from mutants.explained import NOT_YET, explanation_of
from mutants.results import ModuleResult
from mutants.staging import ROOT

DOCUMENT = ROOT / "docs/mutants.md"
_INTRODUCTION = """\
# Mutants of the protocol

`make mutants` lets `mutmut` change the hand-written code of the protocol, one thing at a time, and runs the
tests that touch the changed function, those that are quick, up to the first that fails. A mutant that none
notices survives. This page is written by `python -m mutants --document`; reasons that the kind of change does
not tell are in `tools/mutants/explained.json`. A time-out counts as noticed.
"""


def share(results: Sequence[ModuleResult]) -> float:
    """Share of the mutants that were noticed, 0..1."""
    run = sum(result.run for result in results)
    return 1 - sum(len(result.survivors) for result in results) / run if run else 0.0


def write_document(results: Sequence[ModuleResult], path: Path = DOCUMENT) -> None:
    """Write the page anew."""
    path.write_text("\n".join([_INTRODUCTION, *_table(results), "", *_survivors(results)]), encoding="utf-8")


def _table(results: Sequence[ModuleResult]) -> list[str]:
    rows = [(result.module, result.run, len(result.survivors), result.waiting) for result in results]
    waiting_together = sum(result.waiting for result in results)
    rows.append(("together", sum(row[1] for row in rows), sum(row[2] for row in rows), waiting_together))
    lines = [
        "| module | run | noticed | survived | noticed, % | not run |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, run, survived, waiting in rows:
        share_of_run = f"{100 * (run - survived) / run:.1f}"
        lines.append(
            f"| {name} | {run:,} | {run - survived:,} | {survived:,} | {share_of_run} | {waiting:,} |"
        )
    return lines


def _survivors(results: Sequence[ModuleResult]) -> list[str]:
    lines = ["## Those that survive", ""]
    for result in results:
        if result.survivors:
            lines += [f"### {result.module}", "", "| function | instead of | stands | why it does no harm |"]
            lines.append("| --- | --- | --- | --- |")
            lines += [
                f"| `{one.function}` | {_code(one.before)} | {_code(one.after)} | {explanation_of(one)} |"
                for one in result.survivors
            ]
            lines.append("")
    return lines


def _code(text: str) -> str:
    shown = text if len(text) <= 90 else text[:87] + "..."
    return "`` " + shown.replace("|", "\\|") + " ``" if shown else "(nothing)"


def unexplained(results: Sequence[ModuleResult]) -> int:
    """Survivors whose reason nobody wrote down."""
    return sum(explanation_of(one) == NOT_YET for result in results for one in result.survivors)
