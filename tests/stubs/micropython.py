"""Stand-in for MicroPython's `micropython` module, so that portable code runs under CPython."""

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


def const(value: Any) -> Any:
    return value


def viper(function: _F) -> _F:
    return function


def native(function: _F) -> _F:
    return function
