"""Write every generated file; `--check` fails with the names of those that are stale.

The golden vectors and the register of ids are only ever appended to, by `--record`.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import accuracy_figures
import connection_table
from bandschema import lint, run_vectors, vectors
from bandschema.emit import (
    aes_tables,
    catalogue,
    kaitai,
    predictors,
    records,
    reference,
    wire,
    wireshark,
    worked,
)
from bandschema.layout import LAYOUTS

ROOT = Path(__file__).resolve().parent.parent
VECTORS = "protocol/bandschema/vectors"

OUTPUTS: dict[str, Callable[[str], str]] = {
    "protocol/bandwire/frames.py": lambda _: wire.text(),
    "protocol/bandwire/catalogue.py": lambda _: catalogue.text(),
    "protocol/bandwire/predictors.py": lambda _: predictors.text(),
    aes_tables.FILE: lambda _: aes_tables.text(),
    "protocol/bandschema/records.py": lambda _: records.text(),
    "protocol/kaitai/vitalband_frame.ksy": lambda _: kaitai.text(),
    connection_table.FILE: connection_table.filled,
    accuracy_figures.FILE: lambda _: accuracy_figures.text(),
    wireshark.FILE: wireshark.filled,
    "docs/protocol.md": lambda text: worked.filled(reference.filled(text)),
}
"""Path below the root -> the text that belongs there, given the text that is there."""

REGISTERS: dict[str, Callable[[list[str]], list[str]]] = {
    f"{VECTORS}/ids.jsonl": vectors.new_ids,
    f"{VECTORS}/vitals_run_bodies.jsonl": run_vectors.new_lines,
    **{
        f"{VECTORS}/{layout.name}.jsonl": lambda lines, layout=layout: vectors.new_lines(layout, lines)
        for layout in LAYOUTS
    },
}
"""Path below the root -> the lines to append, given the lines that are there."""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def stale_files(root: Path) -> list[str]:
    """Paths below `root` whose text is not what the schema gives now."""
    files = [name for name, text in OUTPUTS.items() if _read(root / name) != text(_read(root / name))]
    return files + [name for name, new in REGISTERS.items() if new(_read(root / name).splitlines())]


def write_files(root: Path) -> list[str]:
    """Write the stale files, registers left alone, and give their paths."""
    stale = [name for name in stale_files(root) if name in OUTPUTS]
    for name in stale:
        path = root / name
        text = OUTPUTS[name](_read(path))
        path.write_text(text, encoding="utf-8")
    return stale


def record(root: Path) -> list[str]:
    """Append to the registers what they miss, and give the paths that grew."""
    grown: list[str] = []
    for name, new in REGISTERS.items():
        path = root / name
        lines = new(_read(path).splitlines())
        if lines:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in lines)
            grown.append(name)
    return grown


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Entry point; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    parser.add_argument("--record", action="store_true", help="append to the golden vectors and ids too")
    options = parser.parse_args(arguments)
    problems = lint.problems()
    problems += [f"stale: {name}" for name in stale_files(root)] if options.check else []
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("run `make gen`; vectors and ids: `tools/generate.py --record`", file=sys.stderr)
        return 1
    if not options.check:
        for name in write_files(root) + (record(root) if options.record else []):
            print(f"written: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
