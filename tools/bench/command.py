"""The command of a benchmark of several tables: prints the named ones, or writes them into the document."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from bench.document import DOCUMENT, with_figures
from bench.output import markdown_of, what_runs

SizesT = TypeVar("SizesT")

_COLUMNS = 180


def run_tables(
    package: str,
    description: str,
    tables: Mapping[str, Callable[[SizesT], list[Table]]],
    sizes: tuple[SizesT, SizesT],
    arguments: Sequence[str] | None,
    document: Path = DOCUMENT,
) -> None:
    """Run what the command line of `bench_NAME` names, of the whole or the quick one of `sizes`.

    The part of a table in the document is called `NAME-` and what it is called in `tables`.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=description)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(tables)}; else all")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    parser.add_argument("--document", action="store_true", help="write them into docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="measure a small part, in a minute or two")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(tables):
        parser.error(f"wanted names of {', '.join(tables)}, got {', '.join(sorted(unknown))}")
    console = Console(width=_COLUMNS)
    print("\n".join(what_runs()))
    whole, quick = sizes
    for name in options.names or tables:
        found = tables[name](quick if options.quick else whole)
        if options.document:
            figures = "\n\n".join(markdown_of(table, _COLUMNS) for table in found)
            part = f"{package.removeprefix('bench_')}-{name}"
            document.write_text(with_figures(document.read_text("utf-8"), part, figures), "utf-8")
            print(f"written: {name}", flush=True)
        elif options.markdown:
            print("\n\n".join(markdown_of(table, _COLUMNS) for table in found), flush=True)
        else:
            for table in found:
                console.print(table)
