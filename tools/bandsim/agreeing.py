"""How a hand answers the question that the band asks before it measures: sheet by sheet.

Order and number of the sheets are those of the firmware's `collected` and `question`: who asks, each group
of the manifest with three items a sheet, the sum. A press counts once the display shows its sheet, which
takes it up to 200 ms, and 30 ms on the bus. Where computing takes time it takes longer, and a press may be
missed.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator

from bandschema.enums import Group
from bandschema.readings import READINGS
from bandsim.screen import Pixels
from bandsim.timeline import Timeline

ALL_GROUPS = ~Group.STANDARD_SERVICES
PRESS_MS = 60
HOLD_MS = 1600
"""A little more than what the firmware takes for a long press."""
SHEET_MS = 300
PATIENCE_MS = 1500
TRIES = 3
"""Own choices: a person presses again what had no effect, and not for ever."""
ITEMS_A_SHEET = 3
ISSUANCE_SHEETS = 6
NO_ISSUER_SHEETS = 1
_STREAM_GROUPS = (Group.RAW_OPTICAL, Group.RAW_MOTION)
_PRESS = (PRESS_MS, SHEET_MS)
_HOLD = (HOLD_MS, HOLD_MS + SHEET_MS)


def presses(groups: Group = ALL_GROUPS, *, is_issued: bool = False) -> Iterator[tuple[int, int]]:
    """(ms that the button is held, ms from then to the next) of each press: yes to `groups`, no to others."""
    for _ in range(1 + (ISSUANCE_SHEETS if is_issued else NO_ISSUER_SHEETS)):
        yield _PRESS
    items = Counter(spec.group for spec in READINGS)
    items.update(_STREAM_GROUPS)
    for group, count in items.items():
        if groups & group:
            for _ in range(-(-count // ITEMS_A_SHEET)):
                yield _PRESS
        else:
            yield _HOLD
    yield _PRESS


AGREE_S = (sum(pause_ms for _, pause_ms in presses()) - SHEET_MS) / 1000
"""From the first press to the last of a wearer who agrees to all, on a band that computes in no time."""


class Answering:
    """A hand that begins at once, and presses on when the display shows something else than before.

    Else it waits, and presses again after `PATIENCE_MS`. Of a display that is dark it expects nothing.
    """

    def __init__(
        self,
        sheets: Iterator[tuple[int, int]],
        press_button: Callable[[int], None],
        pixels: Callable[[], Pixels],
        timeline: Timeline,
    ) -> None:
        self._left = deque(sheets)
        self._press_button = press_button
        self._pixels = pixels
        self._timeline = timeline
        self._tries = 0
        self._press()

    def _press(self) -> None:
        duration_ms, pause_ms = self._left[0]
        self._tries += 1
        self._before = self._pixels()
        self._again_at_us = self._timeline.now_us + (pause_ms + PATIENCE_MS) * 1000
        self._press_button(duration_ms)
        self._look_in(pause_ms)

    def _look_in(self, pause_ms: int) -> None:
        self._timeline.at(self._timeline.now_us + pause_ms * 1000, self._look)

    def _look(self) -> None:
        shown = self._pixels()
        is_impatient = self._timeline.now_us >= self._again_at_us
        if not shown.any() or (shown != self._before).any() or (is_impatient and self._tries == TRIES):
            self._left.popleft()
            self._tries = 0
            if self._left:
                self._press()
        elif is_impatient:
            self._press()
        else:
            self._look_in(SHEET_MS)
