"""What numba compiles where it is installed: `pip install "vitalband[fast]"`."""

from importlib import import_module
from typing import Any

from vitalband.errors import LocalError


def compiled(module: str) -> Any:
    """A module of functions that numba compiles at their first call, or reads from its cache.

    Raises `LocalError` when numba is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise LocalError(f'wanted numba for {module}: pip install "vitalband[fast]" ({error})') from error
