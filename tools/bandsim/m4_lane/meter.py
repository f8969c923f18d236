"""Counts what each task of the firmware costs, and reports it: `COST` in docs/conductor.md.

What it counts lies in the image's own memory (`counters.c`): on the heap it would be counted too.
"""

import gc

import channel
import counters

from tasks.scheduler import Scheduler

_collect_every_bytes = 0


def start(collect_every_bytes):
    """Count from now on; from the first step on garbage is collected so often, 0: as the firmware has it."""
    global _collect_every_bytes
    _collect_every_bytes = collect_every_bytes
    channel.report_cost = _report_cost
    Scheduler.run_step = _counted(Scheduler.run_step)
    counters.start(channel.bracket)


def _counted(run_step):
    def counted_step(scheduler, slot, now_ms):
        counters.pause()
        if _collect_every_bytes:
            gc.threshold(_collect_every_bytes)
        task = slot.task
        counters.enter(task.name, getattr(task, "BUDGET_PER_2_S", 0))
        counters.resume()
        delay_ms = run_step(scheduler, slot, now_ms)
        counters.pause()
        counters.leave()
        counters.resume()
        return delay_ms

    return counted_step


def _report_cost():
    channel.exchange(channel.COST, 0, 0, 0, counters.report())
    counters.forget()
