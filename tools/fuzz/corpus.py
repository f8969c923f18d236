"""Inputs that are kept, a line of hex each, a file a target.

`corpus/` holds what reaches all that is known to be reached, `found/` what once failed.
"""

from collections.abc import Iterable
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
FOUND = Path(__file__).parent / "found"


def kept(folder: Path, name: str) -> list[bytes]:
    """The inputs of a target, none when it has no file."""
    path = folder / f"{name}.hex"
    if not path.is_file():
        return []
    return [bytes.fromhex(line) for line in path.read_text(encoding="ascii").splitlines()]


def keep(folder: Path, name: str, inputs: Iterable[bytes]) -> None:
    """Write the inputs of a target, shortest first, each once."""
    lines = [data.hex() for data in sorted(set(inputs), key=lambda data: (len(data), data))]
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.hex").write_text("".join(line + "\n" for line in lines), encoding="ascii")


def unpack(inputs: Iterable[bytes], folder: Path) -> None:
    """Lay inputs out as libFuzzer wants them: a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, data in enumerate(inputs):
        (folder / f"kept-{index}").write_bytes(data)


def pack(folder: Path) -> list[bytes]:
    """The inputs of such a folder."""
    return [path.read_bytes() for path in sorted(folder.iterdir())]
