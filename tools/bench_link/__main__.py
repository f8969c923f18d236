"""`python -m bench_link [--markdown | --document] [--quick] [NAME ...]`: the named tables, or all."""

from collections.abc import Callable, Sequence

from rich.table import Table

from bandsim.one_core import stay_on_one_core
from bench.command import run_tables
from bench_link import accounting, beside, catch_up, cuts, loss, times
from bench_link.sizes import QUICK, WHOLE, Sizes

TABLES: dict[str, Callable[[Sizes], list[Table]]] = {
    "accounting": accounting.run,
    "loss": loss.run,
    "catch-up": catch_up.run,
    "cuts": cuts.run,
    "times": times.run,
    "beside": beside.run,
}
"""Name of a part -> what gives its tables; the last one takes what the others have measured."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line names."""
    run_tables("bench_link", "Measure link and journal.", TABLES, (WHOLE, QUICK), arguments)


if __name__ == "__main__":
    stay_on_one_core()
    main()
