"""The few inputs that reach, from line to line, all that many reach together.

libFuzzer's own merge starts its program anew, which it cannot do with an interpreter.
"""

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

_PACKAGES = ("/bandwire/", "/bandschema/", "/vitalband/")

Steps = set[tuple[int, int, int]]


def steps_of(work: Callable[[], object]) -> Steps:
    """Which line followed which in each function of the protocol and the SDK."""
    found: Steps = set()

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if not any(package in code.co_filename for package in _PACKAGES):
            return None
        function, before = hash((code.co_filename, code.co_firstlineno)), 0

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if event == "line":
                found.add((function, before, frame.f_lineno))
                before = frame.f_lineno
            return line

        return line

    earlier = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(earlier)
    return found


def least(inputs: Iterable[bytes], check: Callable[[bytes], object]) -> list[bytes]:
    """Those of the inputs, shortest first, that reach a step which none before them did."""
    known: Steps = set()
    kept: list[bytes] = []
    for data in sorted(set(inputs), key=lambda data: (len(data), data)):
        reached = steps_of(lambda data=data: check(data))
        if not reached <= known:
            known |= reached
            kept.append(data)
    return kept
