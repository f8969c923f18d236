"""Why a mutant that survives does no harm: by its kind, or one by one in `explained.json`."""

import json
import re
from pathlib import Path

from mutants.results import Survivor

_ONE_BY_ONE = Path(__file__).parent / "explained.json"
FIRST_VALUE = "an attribute's first value, written again before it is read"
WORDING = "the wording of an error"
NOT_YET = "not yet explained"


def explanation_of(survivor: Survivor) -> str:
    """The reason, or `NOT_YET`."""
    known = _reasons().get(f"{survivor.module}: {survivor.after}")
    if known is not None:
        return known
    if survivor.function.endswith(".__init__") and survivor.before.startswith("self."):
        return FIRST_VALUE
    if "XX" in survivor.after or re.fullmatch(r"(raise )?\w*Error\(None\)", survivor.after):
        return WORDING
    return NOT_YET


def _reasons() -> dict[str, str]:
    reasons: dict[str, str] = json.loads(_ONE_BY_ONE.read_text(encoding="utf-8"))
    return reasons
