"""The corpus of random frames that every decoder is held against, and the MicroPython lane."""

import json
import os
import pickle
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given

from bandschema import codec, strategies
from bandschema.layout import BY_NAME, HEADER_ROWS, Layout, Row
from bandschema.records import Header, Record
from bandsim.micropython import find_micropython

ROOT = Path(__file__).resolve().parents[2]
_TIMEOUT_S = 120
_KEPT = 5000
"""Examples of a kind that are kept for the other readers: bounds the memory of the profile `many`."""


shared_folder: Path | None = None
"""Where the workers of this run keep their corpora."""


@dataclass(frozen=True)
class Example:
    """One random record and the frame that construct builds of it."""

    header: Header
    record: Record
    frame: bytes


@cache
def corpus(name: str) -> tuple[Example, ...]:
    """As many examples of a kind as the Hypothesis profile says, each read back by construct.

    The first `_KEPT` of them are given out, for every other reader. What one worker has drawn another
    takes over: drawing costs more than all that is done with them.
    """
    if shared_folder is None:
        return _drawn(name)
    kept = shared_folder / f"{name}.corpus"
    if not kept.is_file():
        half = kept.with_suffix(f".{os.getpid()}")
        half.write_bytes(pickle.dumps(_drawn(name)))
        half.replace(kept)
    return pickle.loads(kept.read_bytes())


def _drawn(name: str) -> tuple[Example, ...]:
    examples: list[Example] = []

    @given(strategies.headers(BY_NAME[name].kind), strategies.records(name))
    def collect(header: Header, record: Record) -> None:
        frame = codec.encode(header, record)
        assert codec.decode(frame) == (header, record)
        if len(examples) < _KEPT:
            examples.append(Example(header, record, frame))

    collect()
    return tuple(examples)


def _flat_value(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else int(value) if isinstance(value, int) else value


def _flat_row(rows: Sequence[Row], holder: Any) -> tuple[Any, ...]:
    return tuple(_flat_value(getattr(holder, row.name)) for row in rows)


def flat_of(example: Example) -> tuple[tuple[Any, ...], tuple[Any, ...], Any]:
    """(header, values, rest) that the generated code must give of an example."""
    layout = BY_NAME[example.record.NAME]
    header = _flat_row(HEADER_ROWS, example.header)
    values = _flat_row(layout.record_rows, example.record)
    if layout.tail is None:
        return header, values, None
    rest = getattr(example.record, layout.tail.name)
    if layout.tail.is_array:
        return header, values, [_flat_row(layout.tail.item_rows, item) for item in rest]
    return header, values, _flat_value(rest)


def job_of(layout: Layout, **parts: Any) -> dict[str, Any]:
    """A job for `flat.answer`, at an odd offset so that no alignment helps."""
    return {"name": layout.name, "tail": layout.tail.name if layout.tail else None, "offset": 3, **parts}


def run_micropython(jobs: Iterable[dict[str, Any]], module: str = "", folder: Path = ROOT) -> list[Any]:
    """Answers of the jobs, by the generated code under MicroPython, in one process.

    `module` in `folder` stands in for `bandwire.frames`.
    """
    path = f".frozen:{ROOT / 'protocol'}:{folder}"
    done = subprocess.run(
        [find_micropython(), "-X", "heapsize=16M", ROOT / "tests/protocol/flat.py", *filter(None, [module])],
        input="".join(json.dumps(job) + "\n" for job in jobs),
        env={**os.environ, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]
