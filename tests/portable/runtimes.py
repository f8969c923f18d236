"""Runs a script of `tests/portable/scripts` under CPython, here, and under MicroPython's unix port."""

import contextlib
import io
import os
import runpy
import subprocess
from pathlib import Path

import pytest

from bandsim.micropython import find_micropython

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "portable" / "scripts"
_TIMEOUT_S = 120


def run_cpython(name: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lines that the script prints under this interpreter."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")
    return printed.getvalue().splitlines()


def run_micropython(name: str) -> list[str]:
    """Lines that the script prints under MicroPython; fails with what it wrote to stderr."""
    path = f"{ROOT / 'protocol'}:{SCRIPTS}:.frozen"
    finished = subprocess.run(
        [find_micropython(), SCRIPTS / f"{name}.py"],
        env={**os.environ, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout.splitlines()
