"""`python -m bench_codec [--data DIR] [--markdown | --document] [NAME ...]`: the named tables, or all."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bandsim.datasets import DATA_VARIABLE, data_folder
from bandsim.one_core import stay_on_one_core
from bench.document import DOCUMENT, with_figures
from bench.output import markdown_of, what_runs
from bench_codec import band_cost, million, sizes, vitals_rates, vitals_sizes, waveform_rates

TABLES: dict[str, Callable[[Path], list[Table]]] = {
    "sizes": sizes.run,
    "band": band_cost.run,
    "waveform-rates": waveform_rates.run,
    "vitals-sizes": vitals_sizes.run,
    "vitals-rates": vitals_rates.run,
    "million": million.run,
}
"""Name of a part -> what gives its tables from the data folder."""

_COLUMNS = 160


def main(arguments: Sequence[str] | None = None, document: Path = DOCUMENT) -> int:
    """Run what the command line names; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench_codec", description="Measure the codec.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(TABLES)}; else all")
    parser.add_argument("--data", type=Path, help=f"folder of the recordings; else that of {DATA_VARIABLE}")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    parser.add_argument("--document", action="store_true", help="write them into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(TABLES):
        parser.error(f"wanted names of {', '.join(TABLES)}, got {', '.join(sorted(unknown))}")
    data = data_folder(options.data)
    if data is None or not data.is_dir():
        print(
            f"bench_codec: wanted a folder of recordings (--data, {DATA_VARIABLE}), got {data}",
            file=sys.stderr,
        )
        return 1
    console = Console(width=_COLUMNS)
    print("\n".join(what_runs()))
    for name in options.names or TABLES:
        tables = TABLES[name](data)
        if options.document:
            figures = "\n\n".join(markdown_of(table, _COLUMNS) for table in tables)
            text = with_figures(document.read_text("utf-8"), f"codec-{name}", figures)
            document.write_text(text, "utf-8")
        elif options.markdown:
            print("\n\n".join(markdown_of(table, _COLUMNS) for table in tables))
        else:
            for table in tables:
                console.print(table)
    return 0


if __name__ == "__main__":
    stay_on_one_core()
    raise SystemExit(main())
