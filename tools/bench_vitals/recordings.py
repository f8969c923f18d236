"""The recordings of the tasks as files, made by `vitalband data convert`, and what is true of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bandsim.recordings import list_recordings
from bandsim.recordings.converting import BEATS_SUFFIX, INPUT_SUFFIX, REFERENCE_SUFFIX, convert
from bandsim.recordings.input_form import Arrays
from bench_vitals.kept import digest_of
from bench_vitals.tasks import Task
from vitalband.analysis import read_beats, read_reference
from vitalband.analysis.agreement import FloatArray
from vitalband.analysis.files import references_of, subject_of
from vitalband.analysis.pairing import Series
from vitalband.analysis.scores import ScoredRecording


@dataclass(frozen=True)
class Subject:
    """One recording: its files `PATH.npz`, `PATH.reference.csv`, `PATH.beats.csv`, without their endings."""

    name: str
    stem: Path
    person: str
    duration_s: float

    @property
    def input(self) -> Path:
        """The file that `vitalband estimate` takes."""
        return self.stem.with_name(self.stem.name + INPUT_SUFFIX)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the input."""
        return digest_of([self.input.read_bytes()])

    @cached_property
    def arrays(self) -> Arrays:
        """The arrays of the input."""
        with np.load(self.input) as held:
            return {name: held[name] for name in held.files}

    @cached_property
    def references(self) -> dict[str, FloatArray]:
        """What is true, by vital; (k, 2) rows of time_s and value."""
        return references_of(read_reference(self.stem.with_name(self.stem.name + REFERENCE_SUFFIX)))

    @cached_property
    def intervals_ms(self) -> FloatArray:
        """Intervals between its beats."""
        return np.array(read_beats(self.stem.with_name(self.stem.name + BEATS_SUFFIX)))

    def scored(self, readings: dict[str, Series]) -> ScoredRecording:
        """Readings of it beside what is true."""
        return ScoredRecording(self.stem.name, self.person, readings, self.references)


def recordings_of(task: Task, folder: Path, data_dir: Path | None) -> Sequence[Subject]:
    """Write the files of a task's recordings below `folder`; none where the data set is not there."""
    found: list[Subject] = []
    for name in list_recordings(data_dir):
        if task.has(name):
            (made,) = convert(name, folder / task.dataset, data_dir, shortest_s=task.shortest_s)
            stem = made.files[0].with_name(made.files[0].name.removesuffix(INPUT_SUFFIX))
            person = subject_of(stem.name, task.subject)
            found.append(Subject(name, stem, person, made.recording.duration_s))
    return found
