"""What every loader says of its data set: its name, its folder, and how to list and load."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bandsim.recordings.recording import Recording


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One data set: `folder` lies in the data folder, `keys` lists its recordings, `load` reads one.

    A key is what follows the data set's name in a recording's name; a set of one recording has "".
    The name of a set alone stands for its `example`, or for its first recording where that is not there.
    `load` raises RecordingError, or OSError when the file is not there.
    """

    name: str
    folder: str
    keys: Callable[[Path], tuple[str, ...]]
    load: Callable[[Path, str], Recording]
    example: str = ""

    def choose(self, folder: Path) -> str:
        """Give the key that the name of the set alone stands for; "" when nothing is there."""
        keys = self.keys(folder)
        return self.example if self.example in keys else next(iter(keys), "")


def stems(folder: Path, pattern: str, *, prefix: str = "", suffix: str = "") -> tuple[str, ...]:
    """Give what names the files of a pattern, between a prefix and a suffix, sorted."""
    names = [path.name for path in folder.glob(pattern)]
    return tuple(sorted(name.removeprefix(prefix).removesuffix(suffix) for name in names))
