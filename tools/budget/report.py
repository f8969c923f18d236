"""The tables of a measurement, and what of it is past a budget."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from bench.output import table_of
from budget.workload import Cost, Work

CLOCK_HZ = 64_000_000
"""Of the nRF52840's processor."""

PLANNED_CPI = 2
"""Cycles that an instruction takes, with the waits of the flash: assumed, since the emulator has none; 1 is
the least that there can be.
"""

STEP_S = 2
"""The vital signs' step."""

SAMPLES = 50
"""Of the optical sensor in a step."""

_SHARES = ("% CPI 1", f"% CPI {PLANNED_CPI}")

_SAMPLE_TASKS = ("sampling", "blocks")
"""Tasks on the way of the samples: they allocate nothing."""


@dataclass(frozen=True)
class Budgets:
    """What the board's profile allows: shares of the processor, and bytes."""

    cpu_percent: int
    alive_bytes: int
    heap_bytes: int
    flash_bytes: int
    ram_bytes: int


@dataclass(frozen=True)
class Memory:
    """Bytes of flash by module, and of RAM that is fixed when the image is linked."""

    flash_bytes: int
    modules: Counter[str]
    static_bytes: int
    stack_bytes: int


@dataclass(frozen=True)
class Line:
    """One thing that has a budget."""

    name: str
    got: float
    budget: float
    unit: str

    @property
    def is_held(self) -> bool:
        """Whether it is within."""
        return self.got <= self.budget


def cpu_percent(instructions: float, duration_s: float, cpi: int) -> float:
    """Give the share of the processor."""
    return 100 * instructions * cpi / duration_s / CLOCK_HZ


def work_table(work: Work, cost: Cost) -> Table:
    """Every task of a stretch of work, what is of no task, and the whole."""
    headings = ("task", "steps", "a step", "dearest", "a sample", "in 2 s", *_SHARES, "B/step")
    rows: list[tuple[str, ...]] = [
        (
            task.name, f"{task.steps}", f"{task.instructions / max(task.steps, 1):,.0f}",
            f"{task.most_instructions:,}", *_rates(task.instructions, cost),
            f"{task.allocated_bytes / max(task.steps, 1):.0f}",
        )
        for task in sorted(cost.tasks, key=lambda task: -task.instructions)
    ]  # fmt: skip
    for name, count in (("waiting, due", cost.rest), ("collecting", cost.collecting)):
        rows.append((name, "", "", "", *_rates(count, cost), ""))
    per_second = f"{cost.allocated_bytes / cost.duration_s:.0f} B/s"
    rows.append(("all", "", "", "", *_rates(cost.instructions, cost), per_second))
    title = f"Instructions of {work.name}, {cost.duration_s:.0f} s from {work.start_s:.0f} s on"
    return table_of(title, headings, rows)


def _rates(instructions: int, cost: Cost) -> tuple[str, ...]:
    per_step = instructions / cost.duration_s * STEP_S
    shares = (f"{cpu_percent(instructions, cost.duration_s, cpi):.2f}" for cpi in (1, PLANNED_CPI))
    return (f"{per_step / SAMPLES:,.0f}", f"{per_step:,.0f}", *shares)


def flash_table(memory: Memory, *, is_whole: bool) -> Table:
    """Flash by folder of the firmware, or by module."""
    sizes: Counter[str] = Counter()
    for module, size in memory.modules.items():
        folder, slash, _ = module.partition("/")
        sizes[module if is_whole or not slash else folder + "/"] += size
    rows = [(name, f"{size:,}") for name, size in sizes.most_common()]
    rows.append(("all", f"{memory.flash_bytes:,}"))
    return table_of("Flash", ("module", "bytes"), rows)


def lines_of(work: Work, cost: Cost, budgets: Budgets) -> Iterator[Line]:
    """Give what a stretch of work is held to."""
    share = cpu_percent(cost.instructions, cost.duration_s, PLANNED_CPI)
    yield Line(f"{work.name}: processor at CPI {PLANNED_CPI}", share, budgets.cpu_percent, "%")
    for task in cost.tasks:
        per_step = task.instructions / cost.duration_s * STEP_S
        yield Line(f"{work.name}: {task.name}", per_step, task.budget, "instructions in 2 s")
        if task.name in _SAMPLE_TASKS:
            yield Line(f"{work.name}: allocated by {task.name}", task.allocated_bytes, 0, "bytes")
