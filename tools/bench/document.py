"""`python -m bench.document [--data DIR] [NAME ...]`: writes fresh figures into docs/benchmarks.md.

The document is written by hand but for the parts between `<!-- figures: NAME -->` and `<!-- end -->`. The
sentences about them stay as they are: read them again afterwards.
"""

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bandsim.one_core import stay_on_one_core
from bench.__main__ import BENCHES
from bench.output import markdown_of, what_runs
from bench.vital_signs import DEMO, RECORDINGS, section_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def with_figures(text: str, name: str, figures: str) -> str:
    """Give the document with one part replaced; ValueError when there is not exactly one of that name."""
    pattern = re.compile(rf"(<!-- figures: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    text, count = pattern.subn(lambda match: f"{match[1]}\n{figures}\n\n{match[2]}", text)
    if count != 1:
        raise ValueError(f"wanted one part of figures named {name}, got {count}")
    return text


def _writers(data_dir: Path | None) -> dict[str, Callable[[], str]]:
    def tables(name: str) -> str:
        return "\n\n".join(markdown_of(table) for table in BENCHES[name]())

    writers: dict[str, Callable[[], str]] = {
        "machine": lambda: "\n".join(f"- {line}" for line in what_runs())
    }
    for name in BENCHES:
        writers[name] = lambda name=name: tables(name)
    for name in (DEMO, *RECORDINGS):
        writers[name] = lambda name=name: section_of(name, data_dir)
    return writers


def main(arguments: Sequence[str] | None = None, document: Path = DOCUMENT) -> None:
    """Measure what the command line names, and write it down after each."""
    parser = argparse.ArgumentParser(prog="python -m bench.document", description="Write docs/benchmarks.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which parts; else all that can be run")
    parser.add_argument("--data", type=Path, help="folder of recordings; without it, none of them is run")
    options = parser.parse_args(arguments)
    writers = _writers(options.data)
    if unknown := set(options.names) - set(writers):
        parser.error(f"wanted names of {', '.join(writers)}, got {', '.join(sorted(unknown))}")
    can_run = [name for name in writers if options.data is not None or name not in RECORDINGS]
    for name in options.names or can_run:
        print(name)
        figures = writers[name]()
        document.write_text(with_figures(document.read_text("utf-8"), name, figures), "utf-8")


if __name__ == "__main__":
    stay_on_one_core()
    main()
