"""The digest of firmware sources, for those who build something of them."""

import runpy
import sys
from pathlib import Path
from typing import Any


class _Files:
    """As `hal.files` on the band."""

    @staticmethod
    def python_files(folder: str) -> list[str]:
        return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.py"))

    @staticmethod
    def read_chunks(path: str, _buffer: bytearray, take: Any) -> None:
        take(Path(path).read_bytes())


def firmware_digest(firmware: Path, bandwire: Path) -> bytes:
    """Give the firmware's digest by the firmware's own rule (`identity.digest_of_files`)."""
    search_path = list(sys.path)
    sys.path[:0] = [str(firmware), str(bandwire.parent)]
    try:
        digest_of_files = runpy.run_path(str(firmware / "identity.py"))["digest_of_files"]
    finally:
        sys.path[:] = search_path
    return digest_of_files((("firmware", str(firmware)), ("bandwire", str(bandwire))), _Files)
