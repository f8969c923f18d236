"""`python -m bench [--markdown] [NAME ...]`: runs the named benchmarks, or all of them."""

import argparse
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bandsim.micropython import find_micropython
from bandsim.one_core import stay_on_one_core
from bench import blocks, codecs, firmware, speed

BENCHES = {"codecs": codecs.run, "blocks": blocks.run, "speed": speed.run, "firmware": firmware.run}
_COLUMNS = 110
_TIMEOUT_S = 10
_LIBRARIES = ("construct", "numpy", "cbor2", "msgpack", "protobuf")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Print the benchmark tables.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)}; else all")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"wanted names of {', '.join(BENCHES)}, got {', '.join(sorted(unknown))}")
    console = Console(width=_COLUMNS)
    for line in what_runs():
        console.print(line, highlight=False)
    for name in options.names or BENCHES:
        for table in BENCHES[name]():
            console.print()
            _print(console, table, options.markdown)


def _print(console: Console, table: Table, is_markdown: bool) -> None:
    if not is_markdown:
        console.print(table)
        return
    print(f"{table.title}\n")
    table.title, table.box = None, box.MARKDOWN
    with console.capture() as capture:
        console.print(table)
    print(capture.get().strip())


def what_runs() -> list[str]:
    """Say which processor, interpreters and libraries the figures are of."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES]
    return [
        f"{_processor()}, {os.cpu_count()} cores of which one is used; {platform.system()}",
        f"CPython {platform.python_version()}; MicroPython {_micropython_version()}",
        ", ".join(versions),
    ]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'processor unknown'} ({platform.machine()})"


def _micropython_version() -> str:
    ask = "import sys; print(sys.implementation.version, sys.version.split('MicroPython ')[1], sep='; ')"
    finished = subprocess.run(
        [find_micropython(), "-c", ask], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
    )
    return finished.stdout.strip()


if __name__ == "__main__":
    stay_on_one_core()
    main()
