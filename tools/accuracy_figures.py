"""What the disclosure sheet says of accuracy, taken from the tables that `make bench-vitals` wrote down.

`CHOSEN` names the rows of `docs/vital_signs.md`; the figures are never written by hand a second time.
"""

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "vital_signs.md"
FILE = "sdk/vitalband/disclosure/accuracy.py"
BEGIN, END = "<!-- figures: bench-vitals -->", "<!-- end -->"

_LEFT_OUT = "Vitalband, cross-validated"
_VIRTUAL = "Vitalband, virtual band"

CHOSEN = (
    ("heart_rate_bpm", "treadmill", "Heart rate on a treadmill, troika", _LEFT_OUT, "troika, as shown"),
    ("heart_rate_bpm", "treadmill", "Heart rate on a treadmill, bami1", _LEFT_OUT, "bami1, as shown"),
    (
        "heart_rate_bpm",
        "phone",
        "Heart rate at rest by beats, finger on a phone camera, whole recordings, welltory",
        _LEFT_OUT,
        "heart rate by beats, mean error, shown, whole recording",
    ),
    (
        "rmssd_ms",
        "phone",
        "Variability between beats at rest (RMSSD), finger on a phone camera, welltory",
        _LEFT_OUT,
        "RMSSD, mean error, shown",
    ),
    (
        "respiratory_rate_bpm",
        "people",
        "Breathing at rest, 32 s, finger on a phone camera, hoffman",
        _LEFT_OUT,
        "mean error, shown",
    ),
    (
        "spo2_percent",
        "one_person",
        "Oxygen, red and infrared, one person's finger, oxiwear_spo2",
        _LEFT_OUT,
        "Arms of the line, blocks of time left out",
    ),
    (
        "steps",
        "one_wrist",
        "Steps, sensorwatch l2-25hz-bw4",
        _LEFT_OUT,
        "balanced error l2-25hz-bw4, publisher's halves",
    ),
    (
        "sleep_stage",
        "wake",
        "Sleep, activity counts and heart rate, walch",
        _LEFT_OUT,
        "wake found at 93 % of sleep",
    ),
    (
        "skin_temperature_c",
        "model",
        "Skin temperature, virtual band, against the model of what its thermometer touches",
        _VIRTUAL,
        "largest error once settled, fever",
    ),
)  # fmt: skip
"""Reading, kind of study (a text of `vitalband.disclosure`), title of the table, its row: who, measure."""

_HEAD = '''"""GENERATED from the figures of docs/vital_signs.md by `make gen`: do not edit.

Rows: reading, kind of study, value with its unit, 95 % interval or "", share of the readings shown or "",
how many recordings, people or points it rests on.
"""

FIGURES = (
'''


def text(document: str | None = None) -> str:
    """The generated module; ValueError when a chosen row is not among the figures of `document`."""
    tables = _tables(DOCUMENT.read_text("utf-8") if document is None else document)
    lines = [repr(_figure(tables, *chosen)) for chosen in CHOSEN]
    return _HEAD + "".join(f"    {line},\n" for line in lines).replace("'", '"') + ")\n"


def _figure(
    tables: dict[str, list[list[str]]], reading: str, study: str, title: str, who: str, measure: str
) -> tuple[str, ...]:
    found = [cells for cells in tables.get(title, []) if cells[:2] == [who, measure]]
    if len(found) != 1:
        raise ValueError(
            f"docs/vital_signs.md: wanted one row {who!r}, {measure!r} of {title!r}, got {found}"
        )
    _, _, value, interval, _, used, count = found[0]
    share = used.partition(" of ")[0]
    return reading, study, value, interval, share, count.split()[0]


def _tables(document: str) -> dict[str, list[list[str]]]:
    """Rows by the title of their table, the first column filled in where it repeats the one above."""
    part = document.partition(BEGIN)[2].partition(END)[0]
    tables: dict[str, list[list[str]]] = {}
    for section in part.split("\n### ")[1:]:
        title, *lines = section.splitlines()
        tables[title] = _rows([line for line in lines if line.startswith("|")][2:])
    return tables


def _rows(lines: Sequence[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not cells[0] and rows:
            cells[0] = rows[-1][0]
        rows.append(cells)
    return rows
