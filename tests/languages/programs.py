"""The programs of other languages that the tests run; a missing one fails with how to get it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_PACKAGES = ROOT / ".cache/kaitai/node_modules"
_LIMIT_S = 120


def run(program: str, *arguments: str | Path, package: str, given: str = "", **environment: str) -> str:
    """What a program writes; the test fails when it is missing or fails itself."""
    if shutil.which(program) is None:
        pytest.fail(f"wanted {program}, of Debian's package {package}: run `make languages`")
    done = subprocess.run(
        [program, *arguments],
        input=given,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    return done.stdout


def compile_kaitai(languages: str, folder: Path) -> list[Path]:
    """Compile the description of the records, which imports that of the frames; the files that it gives."""
    if not NODE_PACKAGES.is_dir():
        pytest.fail(f"wanted the Kaitai compiler in {NODE_PACKAGES.parent}: run `make languages`")
    script = ROOT / "tools/kaitai/compile.cjs"
    description = ROOT / "protocol/kaitai/vitalband_record.ksy"
    written = run(
        "node", script, languages, folder, description, package="nodejs", NODE_PATH=str(NODE_PACKAGES)
    )
    return [folder / name for name in written.splitlines()]
