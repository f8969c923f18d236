"""Timing by the best of several rounds and by CPU time, so that a busy machine disturbs least."""

import time
from collections.abc import Callable

_ROUNDS = 25


def per_second(action: Callable[[], int], rounds: int = _ROUNDS) -> float:
    """Units a second of CPU time of `action`, which gives the number of units that one call handles."""
    best = 0.0
    for _ in range(rounds):
        start_s = time.process_time()
        units = action()
        best = max(best, units / (time.process_time() - start_s))
    return best
