"""Readings and references as files, paired by name, made ready for scoring."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from vitalband.analysis.agreement import FloatArray
from vitalband.analysis.pairing import Series
from vitalband.analysis.readings import ReadingRow, ReferenceRow, read_readings, read_reference
from vitalband.analysis.scores import ScoredRecording
from vitalband.errors import LocalError

READINGS_SUFFIX, REFERENCE_SUFFIX = ".readings.csv", ".reference.csv"
"""How files of a folder end when it holds both kinds; what is before is the recording's name."""


def series_of(rows: Iterable[ReadingRow]) -> dict[str, Series]:
    """Readings by vital, each in order of time."""
    by_vital: dict[str, list[ReadingRow]] = {}
    for row in rows:
        by_vital.setdefault(row.vital, []).append(row)
    return {vital: _series(sorted(found, key=lambda row: row.time_s)) for vital, found in by_vital.items()}


def _series(rows: Sequence[ReadingRow]) -> Series:
    return Series(
        np.array([row.time_s for row in rows]),
        np.array([np.nan if row.value is None else row.value for row in rows], dtype=np.float64),
        np.array([row.is_valid for row in rows], dtype=np.bool_),
        np.array([row.quality for row in rows], dtype=np.float64),
    )


def references_of(rows: Iterable[ReferenceRow]) -> dict[str, FloatArray]:
    """References by vital, (k, 2) rows of time_s and value in order of time."""
    by_vital: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        by_vital.setdefault(row.vital, []).append((row.time_s, row.value))
    return {vital: np.array(sorted(found)) for vital, found in by_vital.items()}


def scored_recording(
    name: str, subject: str, readings: Iterable[ReadingRow], reference: Iterable[ReferenceRow]
) -> ScoredRecording:
    """Rows of both kinds as one recording."""
    return ScoredRecording(name, subject, series_of(readings), references_of(reference))


def read_recording(readings: Path, reference: Path, subjects: str | None = None) -> ScoredRecording:
    """Read two files; the recording is named after the first. Raises LocalError, OSError.

    `subjects` is a regular expression whose first group, found in the name, is the person; without it, or
    where it is not found, each recording is a person of its own.
    """
    name = recording_name(readings)
    return scored_recording(
        name, subject_of(name, subjects), read_readings(readings), read_reference(reference)
    )


def recording_name(path: Path) -> str:
    """What a file's name says before its ending."""
    for suffix in (READINGS_SUFFIX, REFERENCE_SUFFIX):
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return path.stem


def subject_of(name: str, subjects: str | None) -> str:
    """The person of a recording's name; LocalError when the expression has no group or is none."""
    if subjects is None:
        return name
    try:
        found = re.search(subjects, name)
        return name if found is None else found.group(1)
    except (re.error, IndexError) as error:
        raise LocalError(f"wanted a regular expression with one group, got {subjects!r}: {error}") from error


def paired_files(readings: Path, reference: Path) -> tuple[list[tuple[Path, Path]], list[str]]:
    """Two files, or those of two folders (or of one given twice) by name; and the names that lack a partner.

    Raises LocalError when one is a folder and the other is not, or nothing can be paired.
    """
    if readings.is_dir() != reference.is_dir():
        raise LocalError(f"wanted two files or two folders, got {readings} and {reference}")
    if not readings.is_dir():
        return [(readings, reference)], []
    ours, theirs = _named(readings, READINGS_SUFFIX), _named(reference, REFERENCE_SUFFIX)
    both = sorted(ours.keys() & theirs.keys())
    if not both:
        raise LocalError(
            f"wanted readings in {readings} and references in {reference} of the same names "
            f"(NAME{READINGS_SUFFIX} and NAME{REFERENCE_SUFFIX}, or NAME.csv in folders apart), "
            f"got {len(ours)} and {len(theirs)} files and none in common"
        )
    return [(ours[name], theirs[name]) for name in both], sorted(ours.keys() ^ theirs.keys())


def _named(folder: Path, suffix: str) -> Mapping[str, Path]:
    marked = {recording_name(path): path for path in folder.glob(f"*{suffix}")}
    return marked or {path.stem: path for path in folder.glob("*.csv")}
