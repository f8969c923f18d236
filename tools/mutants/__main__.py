"""`python -m mutants [--document] [--report] [MODULE ...]`: make mutants, run tests, say what survived."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from mutants.document import share, unexplained, write_document
from mutants.results import read_results
from mutants.staging import stage

LEAST_SHARE = 0.9
MISSING = "mutants want mutmut: `pip install -e '.[mutants]'`"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 1 when too many survive of a module, or one without a reason."""
    parser = argparse.ArgumentParser(
        prog="python -m mutants", description="Mutation testing of the protocol."
    )
    parser.add_argument("--report", action="store_true", help="of the last run; runs nothing")
    parser.add_argument("--document", action="store_true", help="write docs/mutants.md")
    parser.add_argument("modules", nargs="*", help="these anew, such as bandwire.link; else all not yet run")
    options = parser.parse_args(arguments)
    if find_spec("mutmut") is None:
        print(MISSING, file=sys.stderr)
        return 2
    if not options.report:
        command = [sys.executable, "-m", "mutants.collected", "run", "--max-children", "1"]
        command += [f"{module}.*" for module in options.modules]
        # No test here needs a plugin, and to look for them takes as long as to begin without.
        quick = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        if subprocess.run(command, cwd=stage(), env=quick, check=False).returncode:
            return 1
    results = read_results()
    for result in results:
        print(f"{result.module}: {result.run} mutants, {len(result.survivors)} survived")
    print(f"together: {100 * share(results):.1f} % noticed, {unexplained(results)} survivors unexplained")
    if options.document:
        write_document(results)
    is_low = any(share([result]) < LEAST_SHARE for result in results)
    return int(is_low or unexplained(results) > 0)


if __name__ == "__main__":
    sys.exit(main())
