"""CPU time of this process and of the processes that it has started and ended."""

import resource
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Seconds: wall time, CPU time (user and system) of this process, and of ended children."""

    wall_s: float
    own_s: float
    children_s: float

    @property
    def cpu_s(self) -> float:
        """CPU time of all."""
        return self.own_s + self.children_s

    def __sub__(self, earlier: "Usage") -> "Usage":
        return Usage(
            self.wall_s - earlier.wall_s, self.own_s - earlier.own_s, self.children_s - earlier.children_s
        )


def usage_now() -> Usage:
    """What was used so far. A child counts from when it was waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Usage(time.perf_counter(), own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime)
