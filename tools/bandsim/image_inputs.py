"""What an image of the firmware was built from, as it is written beside it: so that no stale one is run."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

PORT = "firmware/ports/cortex_m4"
SOURCES = (
    ("firmware", "**/*.py"),
    (PORT, "*"),
    ("protocol/bandwire", "**/*.py"),
    ("tools/bandsim/lane_shims", "*.py"),
    ("tools/bandsim/m4_lane", "*.py"),
    ("tools/bandsim/estimate_lane", "*.py"),
    ("tools/linker", "*.py"),
    ("tools/flash_objects", "*.py"),
)
"""Folders of a checkout and patterns in them: the files that an image of the profile `product` is made of."""
SOURCES_OF_PROFILE = {"product": SOURCES, "dev": ((PORT, "*"), (PORT, "dev/*"))}
"""The same for each profile: the firmware is not in an image of the profile `dev`, but put on it."""

IMAGE_NAME = "firmware.elf"

_FOLDER_SUFFIX_OF_PROFILE = {"product": "", "dev": "-dev"}


def image_path(root: Path, soc: str, profile: str) -> Path:
    """Give where the image of a chip lies in the checkout at `root` when it is built."""
    return root / ".cache" / "firmware" / (soc + _FOLDER_SUFFIX_OF_PROFILE[profile]) / IMAGE_NAME


@dataclass(frozen=True)
class ImageRecord:
    """SHA-256 in hexadecimal of what an image was built from, and of the image.

    `sources` are the files of the checkout, `settings` all else: compiler, MicroPython, memory, options.
    """

    sources: str
    settings: str
    image: str


def sources_digest(root: Path, profile: str) -> str:
    """Give the digest over names and contents of a profile's files in the checkout at `root`."""
    digest = sha256()
    for path in sorted(set(_files(root, SOURCES_OF_PROFILE[profile]))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def port_files(root: Path, profile: str) -> list[Path]:
    """Give the files of the port itself that a profile is made of."""
    return sorted(set(_files(root, (entry for entry in SOURCES_OF_PROFILE[profile] if entry[0] == PORT))))


def _files(root: Path, entries: Iterable[tuple[str, str]]) -> Iterator[Path]:
    for folder, pattern in entries:
        yield from (path for path in (root / folder).glob(pattern) if path.is_file())


def record_of(image: Path, sources: str, settings: str) -> ImageRecord:
    """Give the record of an image that has just been built."""
    return ImageRecord(sources, settings, sha256(image.read_bytes()).hexdigest())


def write_record(image: Path, record: ImageRecord) -> None:
    """Write the record beside its image."""
    new = _record_path(image).with_suffix(".new")
    new.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    new.replace(_record_path(image))


def read_record(image: Path) -> ImageRecord | None:
    """Give the record of an image; None when there is no image, or none that the record beside it is of."""
    try:
        record = ImageRecord(**json.loads(_record_path(image).read_text(encoding="utf-8")))
        is_whole = sha256(image.read_bytes()).hexdigest() == record.image
    except (OSError, ValueError, TypeError):
        return None
    return record if is_whole else None


def _record_path(image: Path) -> Path:
    return image.with_suffix(".json")
