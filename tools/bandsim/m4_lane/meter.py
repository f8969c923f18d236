"""Counts what each task of the firmware costs, and reports it: `COST` in docs/conductor.md."""

import gc
from array import array
from struct import pack_into

import channel
import counters

from tasks.scheduler import Scheduler

_COUNT_MASK = 0x3FFFFFFF
_WORDS = 8
_NAME_BYTES = 24
_LINE_BYTES = _NAME_BYTES + 20

_words = array("I", (0 for _ in range(_WORDS)))
_lines = []
_report = [_words]
_collect_every_bytes = 0


class _Line:
    """The steps of one task since the last report: how many, what they took, what the dearest took."""

    def __init__(self, task):
        self.name = task.name
        self.budget = getattr(task, "BUDGET_PER_2_S", 0)
        self.steps = 0
        self.instructions = 0
        self.most_instructions = 0
        self.allocated_bytes = 0
        self.packed = bytearray(_LINE_BYTES)
        self.packed[: len(task.name)] = task.name.encode()

    def add(self, instructions, allocated_bytes):
        """One step more."""
        self.steps += 1
        self.instructions += instructions
        self.allocated_bytes += allocated_bytes
        self.most_instructions = max(self.most_instructions, instructions)

    def pack(self):
        """Write the counts behind the name, and begin anew."""
        pack_into(
            "<IIIII",
            self.packed,
            _NAME_BYTES,
            self.budget,
            self.steps,
            self.instructions,
            self.most_instructions,
            self.allocated_bytes,
        )
        self.steps = self.instructions = self.most_instructions = self.allocated_bytes = 0


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
        line = _line_of(slot.task)
        computed = counters.computed()
        allocated = counters.allocated()
        counters.resume()
        delay_ms = run_step(scheduler, slot, now_ms)
        counters.pause()
        line.add(
            (counters.computed() - computed) & _COUNT_MASK, (counters.allocated() - allocated) & _COUNT_MASK
        )
        counters.resume()
        return delay_ms

    return counted_step


def _line_of(task):
    for line in _lines:
        if line.name == task.name:
            return line
    line = _Line(task)
    _lines.append(line)
    _report.append(line.packed)
    return line


def _report_cost():
    counters.report_into(_words)
    for line in _lines:
        line.pack()
    channel.exchange_vector(channel.COST, 0, 0, 0, _report)
