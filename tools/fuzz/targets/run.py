"""The body of a run of vitals: refused, or updates that both writers put into bytes which read the same."""

import json
from collections.abc import Iterator

from bandschema.vitals_run import BY_ID, MOST_UPDATES, RunUpdate, decode_updates
from bandschema.vitals_run_writer import encode_updates
from bandwire.errors import FrameError
from fuzz import vectors
from fuzz.tally import Tally

MAX_INPUT_BYTES = 160
_TICKS_MS = 0xFFFF_0000
_UPDATES_A_BYTE = 8
"""An update takes at least a bit: 2 where there are readings."""


def check(data: bytes, tally: Tally) -> None:
    """`data` is the body."""
    try:
        updates = decode_updates(data, _TICKS_MS)
    except FrameError:
        tally.add("refused")
        return
    tally.add("accepted")
    assert 1 <= len(updates) <= min(MOST_UPDATES, _UPDATES_A_BYTE * len(data))
    assert updates[-1].ticks_ms == _TICKS_MS
    _check_ranges(updates)
    again = encode_updates(updates, data[0] >> 2)
    assert decode_updates(again, _TICKS_MS) == updates


def _check_ranges(updates: tuple[RunUpdate, ...]) -> None:
    ids = set(updates[0].readings)
    assert ids <= {int(spec.reading) for spec in BY_ID}
    for update in updates:
        assert set(update.readings) == ids
        assert 0 <= update.contact < 8
        assert 0 <= update.ticks_ms < 1 << 32


def seeds() -> Iterator[bytes]:
    """The golden bodies, whole and cut."""
    for line in vectors.lines("vitals_run_bodies"):
        body = bytes.fromhex(json.loads(line)["body"])
        yield body
        yield body[:-1]
