"""`python -m fuzz [NAME ...] [--seconds N | --executions N]`: fuzz targets, one after the other."""

import argparse
import sys
from collections.abc import Sequence

from fuzz import corpus, results, running
from fuzz.targets import NAMES


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 1 when a fault was found."""
    options = _parser().parse_args(arguments)
    names = options.names or list(NAMES)
    if unknown := set(names) - set(NAMES):
        print(f"wanted targets of {', '.join(NAMES)}, got {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if not running.is_there():
        print(running.MISSING, file=sys.stderr)
        return 0 if options.if_there else 2
    if options.document:
        results.write_document()
        return 0
    if options.minimise:
        for name in names:
            corpus.keep(corpus.CORPUS, name, running.minimise(name))
        return 0
    return max(_fuzz(name, options, len(names)) for name in names)


def _fuzz(name: str, options: argparse.Namespace, count: int) -> int:
    seconds = 0 if options.executions else max(1, options.seconds // count)
    outcome = running.run(
        name, seconds=seconds, executions=options.executions, seed=options.seed, grow=options.grow
    )
    print(results.line_of(outcome), flush=True)
    if options.record:
        results.add(outcome)
    if outcome.counts["executions"] == 0:
        print(outcome.output, file=sys.stderr)
        return 1
    if outcome.failed:
        corpus.keep(corpus.FOUND, name, [*corpus.kept(corpus.FOUND, name), *outcome.failed])
        print(outcome.output[-4000:], file=sys.stderr)
        print(f"kept in {corpus.FOUND / name}.hex, which the tests run from now on", file=sys.stderr)
    return int(bool(outcome.failed) or outcome.counts["damaged_accepted"] > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz what reads bytes of others.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; else all")
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together (60)")
    parser.add_argument("--executions", type=int, default=0, help="so many a target, in place of seconds")
    parser.add_argument("--seed", type=int, default=0, help="of libFuzzer; 0: another each time")
    parser.add_argument("--grow", action="store_true", help="begin from, and add to, .cache/fuzz")
    parser.add_argument("--record", action="store_true", help="add the counts to tools/fuzz/results.json")
    parser.add_argument("--document", action="store_true", help="write the sums into docs/benchmarks.md")
    parser.add_argument("--minimise", action="store_true", help="write the kept corpora from .cache/fuzz")
    parser.add_argument("--if-there", action="store_true", help="without atheris say so and succeed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
