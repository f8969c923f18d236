"""The hand that answers the band's question, before displays of every kind of quickness."""

import numpy as np
import pytest

from bandsim.agreeing import (
    AGREE_S,
    HOLD_MS,
    PATIENCE_MS,
    PRESS_MS,
    SHEET_MS,
    TRIES,
    Answering,
    presses,
)
from bandsim.timeline import Timeline

pytestmark = pytest.mark.one_lane("no firmware runs")

SHEETS = ((PRESS_MS, SHEET_MS), (HOLD_MS, HOLD_MS + SHEET_MS), (PRESS_MS, SHEET_MS))
LONG_S = 60


class Display:
    """Shows another sheet `late_ms` after each press but those whose numbers are in `misses`."""

    def __init__(
        self, *, late_ms: int = 200, misses: frozenset[int] = frozenset(), is_lit: bool = True
    ) -> None:
        self.timeline = Timeline()
        self.presses: list[tuple[int, int]] = []
        self.pixels = np.full((64, 128), is_lit)
        self._late_ms = late_ms
        self._misses = misses

    def press(self, duration_ms: int) -> None:
        """Note the press, and show the next sheet in time."""
        if len(self.presses) not in self._misses:
            self.timeline.at(self.timeline.now_us + (duration_ms + self._late_ms) * 1000, self._turn)
        self.presses.append((self.timeline.now_us // 1000, duration_ms))

    def _turn(self) -> None:
        self.pixels = self.pixels.copy()
        self.pixels[0, 0] ^= True


def answered(display: Display) -> list[tuple[int, int]]:
    """When the hand pressed, and for how long."""
    Answering(iter(SHEETS), display.press, lambda: display.pixels, display.timeline)
    display.timeline.advance_to(LONG_S * 1_000_000)
    return display.presses


def test_before_a_quick_display_every_press_has_its_time() -> None:
    holding_ms = SHEET_MS + HOLD_MS + SHEET_MS
    expected = [(0, PRESS_MS), (SHEET_MS, HOLD_MS), (holding_ms, PRESS_MS)]
    assert answered(Display()) == expected
    # A dark one tells nothing, so the hand goes on as if it were quick.
    assert answered(Display(is_lit=False, late_ms=LONG_S * 1000)) == expected
    assert (len(list(presses())) - 1) * SHEET_MS / 1000 == AGREE_S


def test_before_a_slow_display_the_hand_waits_and_presses_nothing_twice() -> None:
    times_ms, durations_ms = zip(*answered(Display(late_ms=PATIENCE_MS - PRESS_MS)), strict=True)
    assert durations_ms == (PRESS_MS, HOLD_MS, PRESS_MS)
    assert times_ms[1] - times_ms[0] == pytest.approx(PATIENCE_MS, abs=SHEET_MS)


@pytest.mark.parametrize("missed", range(len(SHEETS)))
def test_a_press_that_was_missed_is_made_again(missed: int) -> None:
    durations_ms = [duration_ms for duration_ms, _ in SHEETS]
    pressed = [duration_ms for _, duration_ms in answered(Display(misses=frozenset({missed})))]
    assert pressed == [*durations_ms[: missed + 1], *durations_ms[missed:]]


def test_before_a_display_that_stands_still_the_hand_comes_to_an_end() -> None:
    pressed = [duration_ms for _, duration_ms in answered(Display(misses=frozenset(range(100))))]
    assert pressed == [duration_ms for duration_ms, _ in SHEETS for _ in range(TRIES)]
