"""One target under atheris, in its own process: `python -m fuzz.child NAME TALLY [options of libFuzzer]`."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_INSTRUMENTED = ["bandwire", "bandschema", "vitalband"]


def main() -> None:
    """Instrument, then hand over to libFuzzer, which ends the process."""
    name, tally_path = sys.argv[1:3]
    # By name: it is not there on every machine that checks these types.
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=_INSTRUMENTED):
        from fuzz.tally import Tally
        from fuzz.targets import target

        check = target(name).check
    tally = Tally(Path(tally_path))

    def execute(data: bytes) -> None:
        tally.add("executions")
        check(data, tally)

    atheris.Setup([sys.argv[0], *sys.argv[3:]], execute)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
