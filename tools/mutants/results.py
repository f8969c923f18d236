"""What mutmut found: how many mutants of each module were noticed, and what those were that were not."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mutants.staging import FOLDER

_SURVIVED = (0, 33)
"""Exit codes: all tests passed; none touches the function. None is what was not run."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: the function, and its lines before and after."""

    module: str
    function: str
    before: str
    after: str


@dataclass(frozen=True)
class ModuleResult:
    """The mutants of one module; `waiting` ones were not run."""

    module: str
    run: int
    waiting: int
    survivors: tuple[Survivor, ...]


def read_results(folder: Path = FOLDER) -> list[ModuleResult]:
    """Of each module that has mutants which were run, in order of their names."""
    with _within(folder):
        found = [_module_result(meta) for meta in sorted(Path("mutants/src").rglob("*.meta"))]
    return [result for result in found if result.run]


def _module_result(meta: Path) -> ModuleResult:
    codes: dict[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    source = Path(*meta.parts[1:]).with_suffix("")
    module = ".".join(source.with_suffix("").parts[1:])
    run = [name for name, code in codes.items() if code is not None]
    survivors = tuple(_survivor(module, name, source) for name in run if codes[name] in _SURVIVED)
    return ModuleResult(module, len(run), len(codes) - len(run), survivors)


def _survivor(module: str, name: str, source: Path) -> Survivor:
    # By name, as mutmut is installed only where mutants are made.
    diffs: Any = import_module("mutmut.mutation.diff_apply")
    changed = list(_changed_lines(diffs.get_diff_for_mutant(name, path=source)))
    before = " ".join(line[1:].strip() for line in changed if line[0] == "-")
    after = " ".join(line[1:].strip() for line in changed if line[0] == "+")
    mangled = name.removeprefix(f"{module}.").partition("__mutmut_")[0]
    return Survivor(module, mangled.removeprefix("xǁ").removeprefix("x_").replace("ǁ", "."), before, after)


def _changed_lines(diff: str) -> Iterator[str]:
    for line in diff.splitlines():
        if line[:1] in ("-", "+") and not line.startswith(("---", "+++")):
            yield line


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
