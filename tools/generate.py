"""Write every generated file; `--check` fails with the names of those that are stale."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bandschema.emit import catalogue, records, wire

ROOT = Path(__file__).resolve().parent.parent

OUTPUTS: dict[str, Callable[[], str]] = {
    "protocol/bandwire/frames.py": wire.text,
    "protocol/bandwire/catalogue.py": catalogue.text,
    "protocol/bandschema/records.py": records.text,
}
"""Path below the root -> what gives its text."""


def stale_files(root: Path) -> list[str]:
    """Paths below `root` whose text is not what the schema gives now."""
    stale: list[str] = []
    for name, text in OUTPUTS.items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text():
            stale.append(name)
    return stale


def write_files(root: Path) -> list[str]:
    """Write the stale files and give their paths."""
    stale = stale_files(root)
    for name in stale:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(OUTPUTS[name](), encoding="utf-8")
    return stale


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    if parser.parse_args(arguments).check:
        stale = stale_files(ROOT)
        for name in stale:
            print(f"stale: {name} (run `make gen`)", file=sys.stderr)
        return 1 if stale else 0
    for name in write_files(ROOT):
        print(f"written: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
