"""What the firmware makes of a recording, by `vitalband estimate`; kept by recording, firmware and lane."""

from functools import cache
from pathlib import Path

from bandsim.estimate.npz_form import read_npz
from bandsim.estimate.runner import estimate
from bandsim.image_inputs import sources_digest
from bandsim.lane import LaneSettings
from bench_vitals.kept import ROOT, digest_of, digest_of_files, kept_file
from bench_vitals.recordings import Subject
from vitalband.analysis import ReadingRow, read_readings, write_readings

UNIX, M4 = "unix", "m4"


@cache
def program_digest() -> str:
    """Give a digest of the firmware and of what feeds it a recording."""
    folders = ("bandsim/estimate", "bandsim/estimate_lane", "bandsim/unix_lane")
    files = [path for folder in folders for path in (ROOT / "tools" / folder).glob("*.py")]
    return digest_of([sources_digest(ROOT, "product"), digest_of_files(files)])


def readings_file(subject: Subject, lane: str = UNIX) -> Path:
    """Give the file of readings of a recording, made on that lane if it is not kept."""

    def make(part: Path) -> None:
        made = estimate(read_npz(subject.input), LaneSettings(kind=lane))
        write_readings(made.rows, part)

    return kept_file(f"readings-{lane}", digest_of([subject.digest, program_digest(), lane]), make)


def readings_of(subject: Subject, lane: str = UNIX) -> list[ReadingRow]:
    """Give the readings of a recording."""
    return read_readings(readings_file(subject, lane))
