"""`vitalband check` of a damaged store: findings or a StoreError, told in whole, and nothing else."""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import typer

from fuzz import damaged
from fuzz.source import Source
from fuzz.tally import Tally
from vitalband.cli.check import check as check_command
from vitalband.cli.common import EXIT_STORE
from vitalband.errors import StoreError
from vitalband.store import FindingKind
from vitalband.store.check.report import FIRST_TOLD

MAX_INPUT_BYTES = 160


def check(data: bytes, tally: Tally) -> None:
    """First byte: how the command tells it, then the store's changes."""
    source = Source(data)
    is_json = bool(source.byte() & 1)
    content = damaged.take_content(source)
    path = damaged.folder() / "checked.vband"
    damaged.write(content, path)
    try:
        code, printed = _told(path, is_json)
    except StoreError:
        tally.add("refused")
        return
    assert code in (0, EXIT_STORE)
    tally.add("refused" if code else "accepted")
    if is_json:
        _check_document(json.loads(printed), code == 0, content)


def _told(path: Path, is_json: bool) -> tuple[int, str]:
    """The exit code of the command, and all that it printed."""
    printed = StringIO()
    with redirect_stdout(printed):
        try:
            check_command(path, as_json=is_json)
        except typer.Exit as done:
            return done.exit_code, printed.getvalue()
    return 0, printed.getvalue()


def _check_document(document: dict[str, Any], is_sound: bool, content: damaged.Content) -> None:
    kinds = {found["kind"] for found in document["findings"]}
    assert document["is_sound"] is is_sound
    assert {found["kind"] for found in document["first"]} <= kinds
    assert len(document["first"]) <= FIRST_TOLD * len(FindingKind)
    for boot in document["boots"]:
        assert boot["assigned"] == boot["received"] + boot["lost"] + boot["missing"]
        assert len(boot["first_missing"]) <= FIRST_TOLD
    if content.is_whole_file and FindingKind.FILE.value not in kinds:
        assert sum(boot["received"] for boot in document["boots"]) <= document["frames"]
        assert document["frames"] <= len(content.tables["frames"][1])


def seeds() -> Iterator[bytes]:
    """Those of a store, told in turn as a document and as text."""
    for index, seed in enumerate(damaged.seeds()):
        yield bytes([index & 1]) + seed
