"""(in tools) python -m fit NAME --data DIR: fit anew, write the result and the firmware's table."""

import argparse
import importlib
import pkgutil
from pathlib import Path

import fit
from fit import table
from fit.result import Result, write

_NOT_FITS = frozenset({"__main__", "literal", "result", "table"})


def names() -> list[str]:
    """The fits that there are: modules of this package with a `run(data, seed)` that gives a Result."""
    found = [module.name for module in pkgutil.iter_modules(fit.__path__)]
    return [name for name in found if name not in _NOT_FITS and not name.endswith("_parts")]


def main() -> int:
    """Entry point; gives the exit status."""
    parser = argparse.ArgumentParser(description=(fit.__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=names())
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"seed {options.seed}")
    result: Result = importlib.import_module(f"fit.{options.name}").run(options.data, options.seed)
    for figure in result.figures:
        print(
            f"{figure.name}: {figure.value:g} {figure.unit}, n = {figure.n} {figure.of}, floor {figure.floor}"
        )
    print(write(result))
    return table.main([])


if __name__ == "__main__":
    raise SystemExit(main())
