"""Addresses under which this user's computer has talked to bands, with the bands' ids: one JSON file.

A band tells its id in a session, not in its advertising. So a band is known here by its address only, and one
that changes its address is known again by its token alone, where it is paired (`band_search`). What lies in
the file is what was met, never a proof: an address can be taken by anybody.
"""

import json
import os
import warnings
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import platformdirs

from vitalband.clock import utc_datetime
from vitalband.errors import StoreError

MOST_ADDRESSES = 64
"""The oldest is forgotten: a band that changes its address would fill the file. Own choice."""
_FORMAT = 1
_BAND_ID_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class KnownBand:
    """A band that was met: its id in hex (8 bytes), when last (UTC), what it called itself, if anything."""

    address: str
    band_id: str
    last_met: datetime
    name: str | None


def default_known_bands_path() -> Path:
    """Where the user's known bands are kept."""
    return Path(platformdirs.user_data_dir("vitalband", appauthor=False)) / "known_bands.json"


class KnownBands:
    """The file of known bands, `path` None for the user's; it need not be there."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_known_bands_path()

    def read(self) -> dict[str, KnownBand]:
        """Known bands by address, in lower case; `StoreError` when the file cannot be read, or is none."""
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                raise ValueError(f"wanted format {_FORMAT}, got {document['format']!r}")
            bands = [_band_of(entry) for entry in document["bands"]]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"cannot read the known bands in {self.path}: {error!r}; it may be deleted"
            ) from error
        return {band.address: band for band in bands}

    def remember(self, address: str, band_id: bytes, name: str | None, utc_us: int) -> None:
        """Write that a band has answered at an address; a file that fails is warned of, and nothing else."""
        last_met = utc_datetime(utc_us)
        met = KnownBand(address=address.lower(), band_id=band_id.hex(), last_met=last_met, name=name)
        try:
            bands = self.read()
            before = bands.pop(met.address, None)
            if before is not None and name is None and before.band_id == met.band_id:
                met = replace(met, name=before.name)
            newest = sorted([*bands.values(), met], key=lambda band: band.last_met)[-MOST_ADDRESSES:]
            self._write([_entry_of(band) for band in newest])
        except (OSError, StoreError) as error:
            warnings.warn(f"the band is not remembered: {error}", RuntimeWarning, stacklevel=2)

    def _write(self, entries: list[dict[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(json.dumps({"format": _FORMAT, "bands": entries}, indent=1), encoding="utf-8")
        part.replace(self.path)


def _entry_of(band: KnownBand) -> dict[str, Any]:
    return asdict(band) | {"last_met": band.last_met.isoformat()}


def _band_of(entry: Any) -> KnownBand:
    name, address, band_id = entry["name"], entry["address"], entry["band_id"]
    last_met = datetime.fromisoformat(entry["last_met"])
    if not isinstance(address, str) or not (name is None or isinstance(name, str)) or last_met.tzinfo is None:
        raise ValueError(f"wanted an address, a name or null, and a time with its zone, got {entry!r}")
    if len(bytes.fromhex(band_id)) != _BAND_ID_BYTES:
        raise ValueError(f"wanted a band id of {_BAND_ID_BYTES} bytes, got {band_id!r}")
    return KnownBand(address=address.lower(), band_id=cast(str, band_id), last_met=last_met, name=name)
