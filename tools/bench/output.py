"""What is said of the machine, and tables as Markdown."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bandsim.micropython import find_micropython

COLUMNS = 110

_TIMEOUT_S = 10
_LIBRARIES = ("construct", "numpy", "cbor2", "msgpack", "protobuf")


def table_of(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Make a table: the first column names the row, the others are figures and stand to the right."""
    table = Table(title=title)
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index else "left")
    for row in rows:
        table.add_row(*row)
    return table


def markdown_of(table: Table, columns: int = COLUMNS) -> str:
    """Give a table as Markdown, its title above; the table is changed by it."""
    title = table.title
    table.title, table.box = None, box.MARKDOWN
    console = Console(width=columns)
    with console.capture() as capture:
        console.print(table)
    lines = (line.strip() for line in capture.get().splitlines())
    return "\n".join([f"{title}:", "", *filter(None, lines)])


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
    ask = "import sys; v = sys.implementation.version; print('%d.%d.%d' % v[:3], *v[3:]); print(sys.version)"
    finished = subprocess.run(
        [find_micropython(), "-c", ask], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
    )
    number, build = finished.stdout.splitlines()
    return f"{number.strip()} ({build.partition('MicroPython ')[2]}), unix port"
