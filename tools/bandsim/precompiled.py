"""Firmware sources compiled beforehand: a band on the unix port then starts in less than half the time.

A folder is compiled once, by the `mpy-cross` of the port's own version, and kept in the user's cache by what
its files hold; one with a changed file is another one. The port compiles to the same code by itself.
"""

import hashlib
import importlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from bandsim.firmware_digest import firmware_digest
from bandsim.micropython import is_packaged

_PACKAGE = "mpy-cross"
_MODULE = "mpy_cross"
_OPTIONS = ("-march=x64",)
_KEPT_S = 30 * 86400.0
"""A folder that no band was started from for so long may go."""
_COMPILE_TIMEOUT_S = 60.0


def can_precompile(micropython: Path) -> bool:
    """Whether the compiler is the one of this interpreter: the packages' own, on a processor of theirs."""
    is_native = sys.platform == "linux" and platform.machine() == "x86_64"
    return is_native and is_packaged(micropython) and find_spec(_MODULE) is not None


def precompiled(firmware: Path, bandwire: Path) -> Path:
    """Give the folder that holds both as compiled, `firmware` and `lib/bandwire`, by the same names.

    A file that cannot be compiled is there as it is: the interpreter refuses it, and says why. Raises OSError
    where the user's cache cannot be written.
    """
    sources = {Path("firmware", name): path for name, path in _python_files(firmware)}
    sources |= {Path("lib", "bandwire", name): path for name, path in _python_files(bandwire)}
    digest = hashlib.sha256(f"{version(_PACKAGE)} {_OPTIONS}".encode())
    for name, path in sources.items():
        text = path.read_bytes()
        digest.update(f"{name} {len(text)} ".encode() + text)
    folder = user_cache_path("vitalband") / "mpy"
    compiled = folder / digest.hexdigest()
    if compiled.is_dir():
        os.utime(compiled)
        return compiled
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder)
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as unfinished:
        for name, path in sources.items():
            _compile(path, name, Path(unfinished))
        if (firmware / "identity.py").exists():
            _tell_digest(firmware, bandwire, Path(unfinished, "firmware", "build_info.py"))
        with suppress(OSError):  # another process was first, with the same
            Path(unfinished).rename(compiled)
    return compiled


def _python_files(folder: Path) -> list[tuple[Path, Path]]:
    return [(path.relative_to(folder), path) for path in sorted(folder.rglob("*.py"))]


def _tell_digest(firmware: Path, bandwire: Path, build_info: Path) -> None:
    """The firmware finds none of its sources here; unless it was told more of itself already."""
    if not (firmware / build_info.name).exists():
        digest = firmware_digest(firmware, bandwire)
        build_info.write_text(f"FIRMWARE_DIGEST = {digest!r}\n", encoding="utf-8")


def _compile(source: Path, name: Path, folder: Path) -> None:
    compiler: Any = importlib.import_module(_MODULE)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    compiled = target.with_suffix(".mpy")
    command = [str(compiler.mpy_cross), *_OPTIONS, "-s", str(name), "-o", str(compiled), str(source)]
    if subprocess.run(command, capture_output=True, timeout=_COMPILE_TIMEOUT_S, check=False).returncode:
        shutil.copyfile(source, target)


def _forget_old(folder: Path) -> None:
    oldest_s = time.time() - _KEPT_S
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another process was first
            if path.stat().st_mtime < oldest_s:
                shutil.rmtree(path)
