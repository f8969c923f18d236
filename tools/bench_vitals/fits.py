"""Cross-validated figures, as the fits wrote them down: tools/fit/results."""

import json
import re
from pathlib import Path
from typing import Any

from bench_vitals.rows import Row, number
from fit.result import RESULTS


def cross_validated(fit: str, named: str = "", folder: Path = RESULTS) -> list[Row]:
    """Give those figures of a fit, on recordings left out of it, whose names fit the expression `named`."""
    path = folder / f"{fit}.json"
    if not fit or not path.exists():
        return []
    document = json.loads(path.read_text("utf-8"))
    return [_row(figure) for figure in document["figures"] if re.search(named, figure["name"])]


def protocol_of(fit: str, folder: Path = RESULTS) -> str:
    """Give how the figures of a fit were cross-validated, and what is to be known of them."""
    path = folder / f"{fit}.json"
    if not fit or not path.exists():
        return ""
    document = json.loads(path.read_text("utf-8"))
    return " ".join([f"Cross-validated: {document['protocol']}", *document["notes"]])


def _row(figure: dict[str, Any]) -> Row:
    interval = figure["interval"]
    share = figure["coverage_percent"]
    return Row(
        who="Vitalband, cross-validated",
        measure=figure["name"],
        value=f"{number(figure['value'])} {figure['unit']}".rstrip(),
        interval="" if interval is None else f"{number(interval[0])} to {number(interval[1])}",
        floor="" if figure["floor"] is None else number(figure["floor"]),
        used="" if share is None else f"{share:g} %",
        count=f"{figure['n']} {figure['of']}",
    )
