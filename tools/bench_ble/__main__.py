"""`python -m bench_ble [--markdown | --document] [--quick] [NAME ...]`: the named tables, or all."""

from collections.abc import Callable, Sequence

from rich.table import Table

from bandsim.one_core import stay_on_one_core
from bench.command import run_tables
from bench_ble import minutes, rates
from bench_ble.sizes import QUICK, WHOLE, Sizes

TABLES: dict[str, Callable[[Sizes], list[Table]]] = {"rates": rates.run, "minutes": minutes.run}
"""Name of a part -> what gives its tables."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line names."""
    run_tables("bench_ble", "Measure the link over the virtual radio.", TABLES, (WHOLE, QUICK), arguments)


if __name__ == "__main__":
    stay_on_one_core()
    main()
