"""Writes the tables into docs/vital_signs.md, between `<!-- figures: bench-vitals -->` and `<!-- end -->`."""

from collections.abc import Sequence
from pathlib import Path

from bench.document import with_figures
from bench_vitals.kept import ROOT
from bench_vitals.report import Report

DOCUMENT = ROOT / "docs" / "vital_signs.md"
PART = "bench-vitals"


def write(reports: Sequence[Report], said: Sequence[str], document: Path = DOCUMENT) -> None:
    """Replace the tables of the document; ValueError when it has no place for them."""
    parts = [*said, *(report.markdown() for report in reports)]
    text = with_figures(document.read_text("utf-8"), PART, "\n\n".join(parts))
    document.write_text(text, "utf-8")
