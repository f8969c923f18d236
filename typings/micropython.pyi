"""Types of MicroPython's `micropython` module, as far as portable code uses it."""

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

def const(value: int) -> int: ...
def viper(function: _F) -> _F: ...
def native(function: _F) -> _F: ...
