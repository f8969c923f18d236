"""`python -m bench_link [--markdown | --document] [--quick] [NAME ...]`: the named tables, or all."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bandsim.one_core import stay_on_one_core
from bench.document import DOCUMENT, with_figures
from bench.output import markdown_of, what_runs
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

_COLUMNS = 180


def main(arguments: Sequence[str] | None = None, document: Path = DOCUMENT) -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench_link", description="Measure link and journal.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(TABLES)}; else all")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    parser.add_argument("--document", action="store_true", help="write them into docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="measure a small part, in a minute or two")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(TABLES):
        parser.error(f"wanted names of {', '.join(TABLES)}, got {', '.join(sorted(unknown))}")
    console = Console(width=_COLUMNS)
    print("\n".join(what_runs()))
    for name in options.names or TABLES:
        tables = TABLES[name](QUICK if options.quick else WHOLE)
        if options.document:
            figures = "\n\n".join(markdown_of(table, _COLUMNS) for table in tables)
            text = with_figures(document.read_text("utf-8"), f"link-{name}", figures)
            document.write_text(text, "utf-8")
            print(f"written: {name}", flush=True)
        elif options.markdown:
            print("\n\n".join(markdown_of(table, _COLUMNS) for table in tables), flush=True)
        else:
            for table in tables:
                console.print(table)


if __name__ == "__main__":
    stay_on_one_core()
    main()
