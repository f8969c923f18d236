"""Releases and boards as they tell of themselves, for tests that need neither."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from bandwire.frames import VERSION
from vitalband.flash.probe import BoardFacts
from vitalband.release import Release, ReleaseFile, read_release, write_release

DOCUMENT = {
    "format": 2,
    "board": "esp32s3",
    "model": "Vitalband One",
    "hardware": "esp32s3 r1",
    "profile": "dev",
    "platform": "esp32",
    "machine": "ESP32S3",
    "firmware": "0.1.0",
    "firmware_digest": "ab" * 32,
    "protocol_version": VERSION,
    "micropython": "1.25.0",
    "mpy": {"version": 6, "sub_version": 3, "architecture": "xtensawin"},
    "heap_bytes": 196608,
    "romfs": {"path": "firmware.romfs", "size_bytes": 5, "sha256": "0" * 64},
    "images": [],
    "files": [{"path": "main.mpy", "size_bytes": 5, "sha256": "0" * 64}],
}

FACTS = BoardFacts(
    implementation="micropython",
    version=(1, 25, 0),
    machine="Generic ESP32S3 module with ESP32S3",
    platform="esp32",
    mpy=6 | 3 << 8 | 10 << 10,
    heap_bytes=200_000,
    missing=(),
    has_viper=True,
    unique_id=bytes(range(6)),
    root="/",
    block_bytes=4096,
    free_bytes=1_000_000,
    rom_bytes=0,
    frozen_digest=b"",
)
"""Of a board that the release of `DOCUMENT` runs on."""


def a_release(folder: Path, **changes: object) -> Release:
    """The release of `DOCUMENT` with some facts changed; its file lies in `folder`, its files do not."""
    (folder / "release.json").write_text(json.dumps(DOCUMENT))
    release = replace(read_release(folder / "release.json"), **changes)  # type: ignore[arg-type]
    write_release(release, folder / "release.json")
    return release


def listed(path: str, content: bytes) -> ReleaseFile:
    """A file as a release lists it."""
    return ReleaseFile(path, len(content), sha256(content).hexdigest())
