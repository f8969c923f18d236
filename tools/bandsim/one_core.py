"""One processor core for the host and the band's process: they take turns, so one is all they can use.

A turn between two processes on one core costs about 10 us here, between two cores 40 us and more.
"""

import os
from pathlib import Path

_PROCESSOR_FIELD = 36
"""Place of `processor` in /proc/self/stat, counted after the command's closing bracket (proc_pid_stat(5))."""


def stay_on_one_core(index: int | None = None) -> None:
    """Keep this process, and those it starts from now on, on one of the cores that it may use.

    `index` picks one of them, modulo their number; without it the present one is kept. Does nothing where
    the system has no such call.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    present = cores[index % len(cores)] if index is not None else _present_core()
    os.sched_setaffinity(0, {present if present in cores else cores[0]})


def _present_core() -> int:
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[_PROCESSOR_FIELD])
