"""The golden vectors, as seeds."""

import json
from pathlib import Path

import bandschema
from bandschema.layout import LAYOUTS

_FOLDER = Path(bandschema.__file__).parent / "vectors"


def lines(name: str) -> list[str]:
    """The lines of a file of vectors."""
    return (_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


def frames() -> list[bytes]:
    """Every golden frame, kind by kind."""
    return [bytes.fromhex(json.loads(line)["frame"]) for layout in LAYOUTS for line in lines(layout.name)]
