"""`python -m budget`: measures the image, prints what it takes, and ends with 1 when a budget is not held."""

import argparse
import runpy
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

import firmware_image
from bench.output import COLUMNS, markdown_of, table_of
from budget.census import census_of, census_tables
from budget.image_parts import flash_of_modules, stack_bytes
from budget.report import Budgets, Line, Memory, flash_table, lines_of, work_table
from budget.workload import Cost, Work, measure

SOC = "nrf52840"
WORKS = (
    Work("rest", "rest"),
    Work("walk", "walk"),
    Work("walk with raw streams", "walk", has_streams=True),
)
HOUR = Work("rest, at the end of an hour", "rest", start_s=3540.0)
GROWTH_BUDGET_BYTES = 512
"""Of what is alive, from the third minute to the end of an hour: what the stack holds at a look swings by
some blocks of 16 bytes, and a leak of one object a minute would be past it.
"""
COLLECT_EVERY_BYTES = 1024
HEAP_GIVEN_BYTES = 192 * 1024
"""More than the budget, so that what is past it is measured and not a crash."""


def budgets_of(board: str) -> Budgets:
    """Read the budgets of a board's profile."""
    profile = runpy.run_path(str(firmware_image.ROOT / "firmware" / "boards" / f"{board}.py"))
    return Budgets(
        profile["CPU_BUDGET_PERCENT"],
        profile["ALIVE_BUDGET_BYTES"],
        profile["HEAP_BUDGET_BYTES"],
        profile["FLASH_BUDGET_BYTES"],
        profile["RAM_BUDGET_BYTES"],
    )


def memory_of_image() -> Memory:
    """Read what the image takes."""
    image = firmware_image.image_path(SOC)
    size = firmware_image.image_size(image)
    modules = flash_of_modules(image)
    modules["strings, and gaps"] = size.flash_bytes - modules.total()
    return Memory(size.flash_bytes, modules, size.static_ram_bytes, stack_bytes(image))


def heap_table(costs: Sequence[tuple[str, Cost]]) -> Table:
    """Heap and stack of each stretch of work."""
    headings = ("work", "most in use", "most alive", "alive at its end", "collections", "stack used")
    rows = [
        (
            name, f"{cost.most_used_bytes:,}", f"{cost.most_alive_bytes:,}", f"{cost.alive_bytes:,}",
            f"{cost.collections}", f"{cost.most_stack_bytes:,}",
        )
        for name, cost in costs
    ]  # fmt: skip
    return table_of("Heap and stack, bytes", headings, rows)


def memory_lines(costs: Sequence[tuple[str, Cost]], memory: Memory, budgets: Budgets) -> list[Line]:
    """Give what memory is held to."""
    most_alive = max(cost.most_alive_bytes for _, cost in costs)
    ram_bytes = memory.static_bytes + memory.stack_bytes + budgets.heap_bytes
    return [
        Line("heap: most alive", most_alive, budgets.alive_bytes, "bytes"),
        Line("stack used", max(cost.most_stack_bytes for _, cost in costs), memory.stack_bytes, "bytes"),
        Line("static RAM, stack and heap", ram_bytes, budgets.ram_bytes, "bytes"),
        Line("flash", memory.flash_bytes, budgets.flash_bytes, "bytes"),
    ]


def budget_table(lines: Sequence[Line]) -> Table:
    """Every budget, and whether it is held."""
    rows = [
        (
            line.name, f"{line.got:,.1f}" if line.unit == "%" else f"{line.got:,.0f}", f"{line.budget:,}",
            line.unit, "held" if line.is_held else "PAST",
        )
        for line in lines
    ]  # fmt: skip
    return table_of("Budgets", ("what", "got", "budget", "of", ""), rows)


def measure_all(works: Sequence[Work], hour: Work | None = None) -> tuple[list[Table], list[Line], Memory]:
    """Measure; give the tables of work and heap, everything that has a budget, and the memory.

    `hour`: the first work again, much later, for what its heap has grown by.
    """
    budgets = budgets_of(firmware_image.SOCS[SOC].board)
    memory = memory_of_image()
    tables: list[Table] = []
    lines: list[Line] = []
    costs: list[tuple[str, Cost]] = []
    for work in works:
        cost = measure(work, heap_bytes=HEAP_GIVEN_BYTES)
        tables.append(work_table(work, cost))
        lines += lines_of(work, cost, budgets)
        costs.append((work.name, cost))
        tight = measure(work, heap_bytes=HEAP_GIVEN_BYTES, collect_every_bytes=COLLECT_EVERY_BYTES)
        costs.append((f"{work.name}, collecting each {COLLECT_EVERY_BYTES} bytes", tight))
    if hour is not None:
        early_bytes = costs[0][1].alive_bytes
        costs.append((hour.name, measure(hour, heap_bytes=HEAP_GIVEN_BYTES)))
        grown_bytes = max(costs[-1][1].alive_bytes - early_bytes, 0)
        lines.append(Line("heap: grown in an hour", grown_bytes, GROWTH_BUDGET_BYTES, "bytes"))
    lines += memory_lines(costs, memory, budgets)
    return [*tables, heap_table(costs)], lines, memory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m budget", description="Measure what the firmware takes.")
    parser.add_argument("--work", choices=[work.name for work in WORKS], help="measure this work only")
    parser.add_argument("--modules", action="store_true", help="list the flash of every module")
    parser.add_argument("--census", action="store_true", help="list what lies on the heap, and nothing else")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    options = parser.parse_args(arguments)
    works = [work for work in WORKS if options.work in (None, work.name)]
    if options.census:
        _print(census_tables(census_of(works[-1], HEAP_GIVEN_BYTES, SOC)), options.markdown)
        return 0
    tables, lines, memory = measure_all(works, None if options.work else HOUR)
    tables += [flash_table(memory, is_whole=options.modules), budget_table(lines)]
    _print(tables, options.markdown)
    return 0 if all(line.is_held for line in lines) else 1


def _print(tables: Sequence[Table], is_markdown: bool) -> None:
    console = Console(width=COLUMNS)
    for table in tables:
        print()
        if is_markdown:
            print(markdown_of(table))
        else:
            console.print(table)


if __name__ == "__main__":
    sys.exit(main())
