"""Runs of vitals by NumPy, and by numba where it is installed and there is so much to read that it pays."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitalband.runs.compiled import decode_runs_compiled
from vitalband.runs.decode import RunColumns, decode_runs

PATIENCE_BYTES = 1 << 26
"""What NumPy reads first: about as long as numba compiles, some ten seconds. So no job takes more than twice
as long as with the better of the two from its start, and none that is small waits for a compiler."""


class RunDecoder:
    """Decodes as `decode_runs`, by numba after `patience_bytes` of bodies; `RUN_DECODER` is the process's."""

    def __init__(self, patience_bytes: int = PATIENCE_BYTES) -> None:
        self.patience_bytes = patience_bytes
        self._read_bytes = 0

    def __call__(
        self, buffer: bytes, starts: NDArray[Any], stops: NDArray[Any], ticks_ms: NDArray[Any]
    ) -> RunColumns:
        """The updates of the bodies `buffer[starts:stops]`; see `RunColumns`."""
        found = self._decoder()(buffer, starts, stops, ticks_ms)
        self._read_bytes += int(np.sum(stops)) - int(np.sum(starts))
        return found

    def _decoder(self) -> Callable[..., RunColumns]:
        is_compiled = self._read_bytes >= self.patience_bytes and find_spec("numba") is not None
        return decode_runs_compiled if is_compiled else decode_runs


RUN_DECODER = RunDecoder()
