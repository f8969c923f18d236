"""The loop's waits: a short press of the button is not over before one of them is."""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tasks.button import DEBOUNCE_MS

HAL = Path(__file__).parents[3] / "firmware" / "hal"
SHORT_PRESS_MS = 100
"""A quick one: own choice."""


def waits(monkeypatch: pytest.MonkeyPatch, max_wait_ms: int, delay_ms: int, **facts: bool) -> list[int]:
    """How long a `select` of these facts is asked to wait."""
    asked: list[int] = []
    poll = SimpleNamespace(register=lambda *_: None, ipoll=lambda wait_ms: asked.append(wait_ms) or [])
    monkeypatch.setitem(sys.modules, "select", SimpleNamespace(POLLIN=1, poll=lambda: poll, **facts))
    monkeypatch.setattr("time.sleep_ms", None, raising=False)  # CPython has none, and no wait pauses
    runpy.run_path(str(HAL / "wait.py"))["Waiter"](object(), max_wait_ms).wait(delay_ms)
    return asked


@pytest.mark.parametrize("max_wait_ms", [50, 60_000])
def test_a_select_that_no_pin_wakes_is_asked_again_within_a_short_press(monkeypatch, max_wait_ms):
    (wait_ms,) = waits(monkeypatch, max_wait_ms, 1000)
    assert wait_ms + DEBOUNCE_MS < SHORT_PRESS_MS


def test_a_select_that_a_pin_wakes_waits_as_long_as_the_board_says(monkeypatch):
    assert waits(monkeypatch, 60_000, 1000, WAKES_ON_PIN=True) == [1000]
    assert waits(monkeypatch, 60_000, 100_000, WAKES_ON_PIN=True) == [60_000]


def test_a_due_time_that_is_nearer_is_kept(monkeypatch):
    assert waits(monkeypatch, 60_000, 7) == [7]
