"""A press is a press, a glitch is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.button import DEBOUNCE_MS, LONG_PRESS_MS, ButtonTask


class Pin:
    is_down = False
    has_edge = False

    def is_pressed(self):
        return self.is_down


def presses_of(levels):
    """What a button task makes of levels looked at every ms, from tick 2^30 - 1000 on."""
    told, pin = [], Pin()
    task = ButtonTask(pin, lambda: told.append("short"), lambda: told.append("long"))
    now_ms = (1 << 30) - 1000
    task.start(now_ms)
    due = 0
    for at, is_down in enumerate(levels):
        if is_down != pin.is_down:
            pin.is_down, due = is_down, at
        if at >= due:
            due = at + task.step((now_ms + at) % (1 << 30))
    return told


@given(duration_ms=st.integers(DEBOUNCE_MS * 2, LONG_PRESS_MS - DEBOUNCE_MS))
def test_a_press_of_any_length_below_a_long_one_is_one_short_press(duration_ms):
    assert presses_of([True] * duration_ms + [False] * 50) == ["short"]


@given(duration_ms=st.integers(LONG_PRESS_MS + DEBOUNCE_MS, 3 * LONG_PRESS_MS))
def test_a_held_button_is_one_long_press_and_its_release_none(duration_ms):
    assert presses_of([True] * duration_ms + [False] * 50) == ["long"]


@given(glitches=st.lists(st.tuples(st.integers(1, DEBOUNCE_MS - 1), st.integers(1, 200)), max_size=10))
def test_levels_shorter_than_the_debounce_time_are_no_press(glitches):
    levels = []
    for low_ms, high_ms in glitches:
        levels += [True] * low_ms + [False] * high_ms
    assert presses_of(levels) == []


@pytest.mark.parametrize("count", [1, 2, 5])
def test_presses_in_a_row_are_counted(count):
    assert presses_of(([True] * 100 + [False] * 100) * count) == ["short"] * count
