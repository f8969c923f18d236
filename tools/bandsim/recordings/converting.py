"""Turns recordings of a data folder into files for `vitalband estimate` and `vitalband score`."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bandsim.errors import RecordingError
from bandsim.recordings import DATASETS, list_recordings, load_recording
from bandsim.recordings.input_form import arrays_of, scale_text, write_npz
from bandsim.recordings.recording import Recording
from bandsim.recordings.true_rows import rows_of
from vitalband.analysis import write_beats, write_reference

INPUT_SUFFIX, REFERENCE_SUFFIX, BEATS_SUFFIX = ".npz", ".reference.csv", ".beats.csv"


@dataclass(frozen=True)
class Converted:
    """What became of one recording: its files, the scale of its light, and rows of reference by vital."""

    recording: Recording
    files: tuple[Path, ...]
    scale: str
    rows: Counter[str]


def names_of(name: str, data_dir: Path | None) -> tuple[str, ...]:
    """Give all recordings of a data set that are there, or the one of that name."""
    dataset, _, key = name.partition("/")
    names = tuple(each for each in list_recordings(data_dir) if each.partition("/")[0] == dataset)
    if dataset not in DATASETS or key or not names:
        return (load_recording(name, data_dir).name,)
    return names


def file_stem(name: str) -> str:
    """Give the name of a recording's files: what is not a letter, a digit, a dot or a dash becomes `_`."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)


def convert(
    name: str, folder: Path, data_dir: Path | None = None, *, shortest_s: float = 0.0
) -> Iterator[Converted]:
    """Write the files of every recording of a data set, or of one recording, below `folder`, one by one.

    `STEM.npz` has the recording, `STEM.reference.csv` what is true of it and `STEM.beats.csv` the intervals
    between its beats, where there are any. Shorter than `shortest_s` it is repeated. Raises RecordingError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = names_of(name, data_dir)
    alike = [stem for stem, count in Counter(map(file_stem, names)).items() if count > 1]
    if alike:
        raise RecordingError(f"{name}: wanted names of files for recordings, got two {alike[0]}")
    for each in names:
        yield _convert_one(load_recording(each, data_dir).lasting(shortest_s), folder)


def _convert_one(recording: Recording, folder: Path) -> Converted:
    stem = file_stem(recording.name)
    files = [folder / f"{stem}{INPUT_SUFFIX}"]
    write_npz(arrays_of(recording), files[0])
    rows = rows_of(recording)
    if rows:
        files.append(folder / f"{stem}{REFERENCE_SUFFIX}")
        write_reference(rows, files[-1])
    if recording.beat_intervals_ms is not None:
        files.append(folder / f"{stem}{BEATS_SUFFIX}")
        write_beats(recording.beat_intervals_ms.tolist(), files[-1])
    return Converted(recording, tuple(files), scale_text(recording), Counter(row.vital for row in rows))
