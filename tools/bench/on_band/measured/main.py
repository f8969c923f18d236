"""The firmware as it is, which tells once a minute what each task's steps allocated since the last time.

A line a task: "allocated", name, part, steps, bytes in all of them, bytes in the largest; then one of
the name "all" with the seconds that the lines speak of and the bytes by which the heap grew, steps or not.
"""

import gc
import sys

_PERIOD_S = 60
_HERE = __file__.rpartition("/")[0]

# This file is `main` only to be started: from here on `main` is the firmware's own.
sys.path[sys.path.index(_HERE)] = _HERE.rsplit("/", 4)[0] + "/firmware"
del sys.modules["main"]

import main as firmware  # noqa: E402 - found by the path above

_Band = firmware.Band


class StepAllocation:
    """Stands between a scheduler and its tasks; garbage must not be collected meanwhile.

    `rows`: by task, [steps, bytes in all of them, bytes in the largest].
    """

    def __init__(self, scheduler):
        self.rows = {}
        self._run_step = scheduler.run_step
        scheduler.run_step = self._measured_step

    def clear(self):
        """Begin anew."""
        for row in self.rows.values():
            row[0] = row[1] = row[2] = 0

    def _measured_step(self, slot, now_ms):
        row = self.rows.get(slot.task)
        if row is None:
            row = self.rows[slot.task] = [0, 0, 0]
        before = gc.mem_alloc()
        delay_ms = self._run_step(slot, now_ms)
        allocated = gc.mem_alloc() - before
        row[0] += 1
        row[1] += allocated
        row[2] = max(row[2], allocated)
        return delay_ms


class MeasuredBand(_Band):
    """Keeps its garbage: what was allocated would else be lost sight of."""

    def __init__(self, *parts):
        gc.disable()
        super().__init__(*parts)
        self._allocation = StepAllocation(self.core.scheduler)
        self._next_report_s = _PERIOD_S
        self._heap_bytes = gc.mem_alloc()

    def run_due(self):
        """As ever; then tell, when it is time to."""
        delay_ms = super().run_due()
        if self.core.clock.uptime_s >= self._next_report_s:
            self._next_report_s += _PERIOD_S
            self._report(gc.mem_alloc() - self._heap_bytes)
            self._heap_bytes = gc.mem_alloc()
        return delay_ms

    def _report(self, grown_bytes):
        for task, row in self._allocation.rows.items():
            print("allocated", task.name, task.part, row[0], row[1], row[2])
        print("allocated all", _PERIOD_S, grown_bytes)
        self._allocation.clear()


firmware.Band = MeasuredBand
run = firmware.run
