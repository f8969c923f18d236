"""Timing by the best of several rounds and by CPU time, so that a busy machine disturbs least."""

import time
from collections.abc import Callable, Sequence

_ROUNDS = 25

Action = Callable[[], int]
"""Gives the number of units that one call handles."""


def each_per_second(actions: Sequence[Action], rounds: int = _ROUNDS) -> list[float]:
    """Units a second of CPU time of actions that are compared; all take part in each round.

    So a machine's slow minutes fall on all of them. Each is called once unmeasured before, so that none
    pays for what another left in the caches.
    """
    best = [0.0] * len(actions)
    for _ in range(rounds):
        for number, action in enumerate(actions):
            action()
            start_s = time.process_time()
            units = action()
            best[number] = max(best[number], units / (time.process_time() - start_s))
    return best
