"""Timing by the best of several runs, so that a busy machine disturbs least."""

import time
from collections.abc import Callable

_ROUNDS = 25


def per_second(action: Callable[[], int]) -> float:
    """Units a second of `action`, which gives the number of units that one call handles."""
    best = 0.0
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        units = action()
        best = max(best, units / (time.perf_counter() - start))
    return best
