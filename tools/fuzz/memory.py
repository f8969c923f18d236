"""Where files lie that last no longer than a run: in memory, where the machine has a place for that."""

import os
from pathlib import Path

FOLDER_VARIABLE = "VITALBAND_FUZZ_FOLDER"
"""Names the folder of a run to its child, which libFuzzer ends before it can clear up: the parent does."""
_SHARED = Path("/dev/shm")


def memory_folder() -> str | None:
    """The folder to make folders in; None for that of the system."""
    return os.environ.get(FOLDER_VARIABLE) or (str(_SHARED) if _SHARED.is_dir() else None)
