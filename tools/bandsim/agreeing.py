"""How a hand answers the question that the band asks before it measures: sheet by sheet, without looking.

Order and number of the sheets are those of the firmware's `collected` and `question`: who asks, each group
of the manifest with three items a sheet, the sum. A press counts once the display shows its sheet, which
takes it up to 200 ms, and 30 ms on the bus.
"""

from collections import Counter
from collections.abc import Iterator

from bandschema.enums import Group
from bandschema.readings import READINGS

ALL_GROUPS = ~Group.STANDARD_SERVICES
PRESS_MS = 60
HOLD_MS = 1600
"""A little more than what the firmware takes for a long press."""
SHEET_MS = 300
ITEMS_A_SHEET = 3
ISSUANCE_SHEETS = 6
NO_ISSUER_SHEETS = 1
_STREAM_GROUPS = (Group.RAW_OPTICAL, Group.RAW_MOTION)


def presses(groups: Group = ALL_GROUPS, *, is_issued: bool = False) -> Iterator[tuple[int, int]]:
    """(ms after the first press, ms that the button is held) of each press: yes to `groups`, no to others."""
    at_ms = 0
    for _ in range(1 + (ISSUANCE_SHEETS if is_issued else NO_ISSUER_SHEETS)):
        yield at_ms, PRESS_MS
        at_ms += SHEET_MS
    items = Counter(spec.group for spec in READINGS)
    items.update(_STREAM_GROUPS)
    for group, count in items.items():
        if not groups & group:
            yield at_ms, HOLD_MS
            at_ms += HOLD_MS + SHEET_MS
            continue
        for _ in range(-(-count // ITEMS_A_SHEET)):
            yield at_ms, PRESS_MS
            at_ms += SHEET_MS
    yield at_ms, PRESS_MS


AGREE_S = max(at_ms for at_ms, _ in presses()) / 1000
"""From the first press to the last of a wearer who agrees to all."""
