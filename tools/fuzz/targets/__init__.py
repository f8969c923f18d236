"""The targets by name. A target's module is imported only when it runs, so that its code is instrumented.

Each has `check(data, tally)`, which raises when it found a fault, `seeds()`, inputs to begin with, and the
longest input that is tried: executions a second matter more than length.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Protocol, cast

from fuzz.tally import Tally

NAMES = (
    "deframer",
    "frame",
    "columns",
    "block",
    "blocks",
    "run",
    "runs",
    "link",
    "serial",
    "store",
    "check",
    "merge",
)


class Target(Protocol):
    """The module of a target."""

    MAX_INPUT_BYTES: int
    check: Callable[[bytes, Tally], None]
    seeds: Callable[[], Iterator[bytes]]


def target(name: str) -> Target:
    """The target of this name; KeyError with the names that there are."""
    if name not in NAMES:
        raise KeyError(f"wanted a target of {', '.join(NAMES)}, got {name!r}")
    return cast(Target, import_module(f"fuzz.targets.{name}"))
