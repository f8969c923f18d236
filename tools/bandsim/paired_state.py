"""A band that is paired before it is first switched on: the key of a host in its state folder.

What a factory or a test does that has no wearer to press the button. The files are the firmware's own
(`hal.host_keys`, `hal.slots`): a test holds them to it.
"""

import secrets
import struct
from binascii import crc32
from datetime import UTC, datetime
from pathlib import Path

from bandschema.enums import HostRight
from vitalband.keys import BandKeys, KeyStore, PairedBand
from vitalband.keys.store import BAND_ID_BYTES, FINDER_KEY_BYTES, PSK_BYTES

_HEAD = struct.Struct("<2sBH")
_MAGIC, _FORMAT, _GENERATION = b"VH", 2, 1


def paired_beforehand(
    state_dir: Path, keys: KeyStore, url: str, *, name: str = "tests", right: HostRight = HostRight.OWNER
) -> PairedBand:
    """Write one host's key into a state folder that no band has used, and into the keys of that host.

    The band's identity is not known before it answers: what stands in `keys` in its place is random.
    """
    key = secrets.token_bytes(PSK_BYTES)
    finder_key = secrets.token_bytes(FINDER_KEY_BYTES)
    record = finder_key + bytes((0, right, len(name))) + key + name.encode("ascii")
    state_dir.mkdir(parents=True, exist_ok=True)
    # Both, as none may keep what was forgotten.
    for slot in range(2):
        body = _HEAD.pack(_MAGIC, _FORMAT, _GENERATION + slot) + record
        (state_dir / f"hosts.{slot}").write_bytes(body + struct.pack("<I", crc32(body)))
    now = datetime.now(UTC)
    stand_in = secrets.token_bytes(BAND_ID_BYTES)
    band = PairedBand(band_id=stand_in, right=right, paired_at=now, last_met=now, url=url)
    return keys.add(band, BandKeys(key, finder_key))
