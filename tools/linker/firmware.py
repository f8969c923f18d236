"""The firmware of a checkout, joined for its boards."""

from collections.abc import Collection
from pathlib import Path

from linker.link import LinkedFirmware, link
from linker.program import LINKED_NAME

ORIGINS_NAME = f"{LINKED_NAME}.origins"
"""Beside the joined module: its lines and where each comes from."""

_NOT_ON_A_BAND = "ports/"


def link_firmware(root: Path, boards: Collection[str], more: Collection[Path] = ()) -> LinkedFirmware:
    """Join what a band of one of these boards runs; the other boards' profiles are left out.

    `more` are files beside the firmware that import from it: they stay, and import from what is joined.
    """
    sources = _texts(root / "firmware", "") | _texts(root / "protocol" / "bandwire", "bandwire/")
    every = [path.removesuffix(".py") for path in sources if path.startswith("boards/")]
    left_out = [f"boards/{name}.py" for name in (Path(path).name for path in every)
                if name not in (*boards, "__init__")]  # fmt: skip
    for path in left_out:
        del sources[path]
    sources |= {path.name: path.read_text(encoding="utf-8") for path in more}
    roots = ["main", *(f"boards.{board}" for board in boards), *(path.stem for path in more)]
    return link(sources, roots)


def write_linked(linked: LinkedFirmware, folder: Path) -> None:
    """Write the sources to compile into `folder`, and where the lines of the joined one come from."""
    for path, text in linked.sources.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    origins = "".join(f"{line} {place}\n" for line, place in linked.origins)
    (folder / ORIGINS_NAME).write_text(origins, encoding="utf-8")


def _texts(folder: Path, below: str) -> dict[str, str]:
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.py"))}
    return {
        below + name: path.read_text(encoding="utf-8")
        for name, path in paths.items()
        if not name.startswith(_NOT_ON_A_BAND)
    }
