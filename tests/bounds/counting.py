"""Counts what code does: the lines that it executes, the bytes that it holds at once; never its time."""

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_COUNTED = (str(ROOT / "protocol"), str(ROOT / "sdk"))


def lines_executed(work: Callable[[], object]) -> int:
    """Lines of the protocol and the SDK that `work` executes, in all functions that it calls."""
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(_COUNTED) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def most_bytes_held(work: Callable[[], object]) -> int:
    """Most bytes that `work` holds at once beyond what there was before it."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
