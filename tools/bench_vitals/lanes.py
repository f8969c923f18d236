"""Whether the emulated chip gives the readings of the unix port to the digit: one recording a data set."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench_vitals.ours import M4, UNIX, readings_file
from bench_vitals.recordings import Subject


@dataclass(frozen=True)
class LaneComparison:
    """Readings of one recording on both lanes: how many rows, and the first that differs."""

    recording: str
    rows: int
    difference: str

    def __str__(self) -> str:
        said = self.difference or "the same to the digit"
        return f"{self.recording}: {self.rows} readings, {said}"


def same_on_both(subject: Subject) -> LaneComparison:
    """Compare the two files line by line."""
    ours, chip = (readings_file(subject, lane).read_text("utf-8").splitlines() for lane in (UNIX, M4))
    differing = [(one, other) for one, other in zip(ours, chip, strict=False) if one != other]
    told = ""
    if len(ours) != len(chip):
        told = f"{len(ours) - 1} on unix and {len(chip) - 1} on m4"
    elif differing:
        one, other = differing[0]
        told = f"{len(differing)} differ, first {one} on unix and {other} on m4"
    return LaneComparison(subject.name, len(ours) - 1, told)


def one_of_each(subjects: Iterable[Subject]) -> list[Subject]:
    """The shortest recording of each data set."""
    found: dict[str, Subject] = {}
    for subject in subjects:
        dataset = subject.name.partition("/")[0]
        if dataset not in found or subject.duration_s < found[dataset].duration_s:
            found[dataset] = subject
    return list(found.values())
