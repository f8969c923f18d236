"""Results that took long, kept below `.cache` by a digest of all that they depend on."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import numpy as np

from vitalband.analysis.agreement import FloatArray

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache" / "bench_vitals"


def digest_of(parts: Iterable[str | bytes]) -> str:
    """Give a digest of texts and bytes, in their order."""
    digest = sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(content)}\0".encode() + content)
    return digest.hexdigest()


def digest_of_files(paths: Iterable[Path]) -> str:
    """Give a digest of the names and contents of files of the checkout."""
    return digest_of(
        part
        for path in sorted(paths)
        for part in (path.relative_to(ROOT).as_posix(), path.read_bytes())
    )  # fmt: skip


def kept_file(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """Give the file of that key, made now if it is not there; `make` is told where to write it."""
    path = FOLDER / kind / key
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{key}.part")
        make(part)
        part.replace(path)
    return path


def kept_values(key: str, make: Callable[[], FloatArray]) -> FloatArray:
    """Give the values of that key, worked out now if they are not there."""

    def write(part: Path) -> None:
        with part.open("wb") as stream:
            np.save(stream, make())

    return np.load(kept_file("values", key, write))
