"""What a run of a target counts, in memory that outlives the process: libFuzzer ends it without a word."""

import mmap
from pathlib import Path

NAMES = ("executions", "accepted", "refused", "damaged", "damaged_accepted")
"""`accepted` and `refused`: frames or records that a reader took or did not. `damaged`: those that the target
changed itself after their check was written; `damaged_accepted`: the ones taken for something else then."""
_BYTES = 8 * len(NAMES)


class Tally:
    """The counts of one target, each a property of its name; `path` None: of this process only."""

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._counts = memoryview(bytearray(_BYTES)).cast("Q")
            return
        if not path.is_file():
            path.write_bytes(bytes(_BYTES))
        with path.open("r+b") as file:
            self._counts = memoryview(mmap.mmap(file.fileno(), _BYTES)).cast("Q")

    def add(self, name: str, count: int = 1) -> None:
        """Count something of `NAMES`."""
        self._counts[_INDEX[name]] += count

    def __getitem__(self, name: str) -> int:
        return self._counts[_INDEX[name]]


_INDEX = {name: index for index, name in enumerate(NAMES)}
