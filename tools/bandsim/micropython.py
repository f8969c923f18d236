"""Where MicroPython's unix port is."""

import os
import shutil
import sysconfig
from pathlib import Path

from vitalband.errors import LocalError

VARIABLE = "VITALBAND_MICROPYTHON"
"""Environment variable that names the `micropython` to run, before any other."""

_HOW_TO = (
    "install it with `pip install 'vitalband[sim]'` (Linux on x86_64, macOS on arm64), or put a "
    f"`micropython` of the unix port on PATH, or name one in {VARIABLE}"
)


class MicropythonMissingError(LocalError):
    """There is no MicroPython to run; the message says how to get one."""


def find_micropython() -> Path:
    """The `micropython` command: that of the environment variable, of this Python's
    environment, or of PATH, in this order; MicropythonMissingError when there is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise MicropythonMissingError(f"{VARIABLE} names {named}, which cannot be run; {_HOW_TO}")
        return Path(named)
    beside = _packaged()
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("micropython")
    if found is None:
        raise MicropythonMissingError(f"MicroPython's unix port is missing; {_HOW_TO}")
    return Path(found)


def is_packaged(micropython: Path) -> bool:
    """Whether it is the one that was installed as a package with this Python."""
    return micropython == _packaged()


def _packaged() -> Path:
    return Path(sysconfig.get_path("scripts")) / "micropython"
