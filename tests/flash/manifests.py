"""Manifests of frozen code, read by MicroPython's own reader."""

import runpy
from pathlib import Path


def manifest_files(manifest: Path, source_dir: Path, places: dict[str, str]) -> dict[str, Path]:
    """What a manifest freezes: path on the band -> file. `places` are its variables."""
    reader = runpy.run_path(str(source_dir / "tools" / "manifestfile.py"))
    everywhere = {"MPY_DIR": str(source_dir), "MPY_LIB_DIR": None, "BOARD_DIR": None}
    read = reader["ManifestFile"](reader["MODE_FREEZE"], everywhere | places)
    read.execute(str(manifest))
    return {entry.target_path: Path(entry.full_path) for entry in read.files()}
