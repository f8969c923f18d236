"""`python -m bench [--markdown] [NAME ...]`: runs the named benchmarks, or all of them."""

import argparse
from collections.abc import Sequence

from rich.console import Console

from bandsim.one_core import stay_on_one_core
from bench import blocks, codecs, firmware, speed
from bench.output import COLUMNS, markdown_of, what_runs

BENCHES = {"codecs": codecs.run, "blocks": blocks.run, "speed": speed.run, "firmware": firmware.run}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Print the benchmark tables.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)}; else all")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"wanted names of {', '.join(BENCHES)}, got {', '.join(sorted(unknown))}")
    console = Console(width=COLUMNS)
    print("\n".join(what_runs()))
    for name in options.names or BENCHES:
        for table in BENCHES[name]():
            print()
            if options.markdown:
                print(markdown_of(table))
            else:
                console.print(table)


if __name__ == "__main__":
    stay_on_one_core()
    main()
