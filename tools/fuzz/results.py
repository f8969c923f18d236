"""What all recorded runs counted: `results.json`, and the table of docs/benchmarks.md made from it."""

import json
from pathlib import Path
from typing import Any

from bench.document import DOCUMENT, with_figures
from fuzz.running import Outcome

RESULTS = Path(__file__).parent / "results.json"
_COLUMNS = ("executions", "seconds", "faults", "accepted", "refused", "damaged", "damaged_accepted")
_HEADS = ("target", "executions", "seconds", "faults", "taken", "refused", "damaged", "damage taken")


def _counts_of(outcome: Outcome) -> dict[str, int]:
    return {**outcome.counts, "seconds": round(outcome.seconds), "faults": len(outcome.failed)}


def line_of(outcome: Outcome) -> str:
    """What a run gave, for people."""
    counts = _counts_of(outcome)
    return f"{outcome.name}: " + ", ".join(f"{counts[column]:,} {column}" for column in _COLUMNS)


def add(outcome: Outcome, path: Path = RESULTS) -> None:
    """Add a run to the recorded ones."""
    known: dict[str, Any] = json.loads(path.read_text(encoding="ascii")) if path.is_file() else {}
    before = known.get(outcome.name, {})
    counts = _counts_of(outcome)
    known[outcome.name] = {column: before.get(column, 0) + counts[column] for column in _COLUMNS}
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="ascii")


def table(path: Path = RESULTS) -> str:
    """The recorded runs as a table in Markdown, with their sum."""
    known: dict[str, dict[str, int]] = json.loads(path.read_text(encoding="ascii"))
    known["together"] = {column: sum(each[column] for each in known.values()) for column in _COLUMNS}
    rows = [[name, *(f"{counts[column]:,}" for column in _COLUMNS)] for name, counts in known.items()]
    lines = ["| " + " | ".join(_HEADS) + " |", "| --- |" + " ---: |" * len(_COLUMNS)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def write_document(document: Path = DOCUMENT, path: Path = RESULTS) -> None:
    """Put the table into its part of docs/benchmarks.md."""
    text = document.read_text(encoding="utf-8")
    document.write_text(with_figures(text, "fuzzing", table(path)), encoding="utf-8")
