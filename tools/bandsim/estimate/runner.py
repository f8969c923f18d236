"""Runs a recording through the firmware's own vital signs on a lane, as fast as it can."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from bandsim.bus import I2cBus
from bandsim.chips.base import Chip
from bandsim.conductor import Conductor
from bandsim.errors import RecordingError
from bandsim.estimate.feed import Feed
from bandsim.estimate.messages import ADDRESS, After, Report, report_of
from bandsim.estimate.recording import InputRecording
from bandsim.estimate.rows import Rows
from bandsim.lane import PACKAGE_DIR, LaneSettings, find_firmware
from bandsim.lanes import default_kind, open_lane
from bandsim.link_port import LinkPort
from bandsim.pins import Pins
from vitalband.analysis.readings import ReadingRow

LANE_FILE = PACKAGE_DIR / "estimate_lane" / "estimating.py"
"""What runs on the lane in place of the firmware's main program; an image has it frozen."""

_MAIN = "from estimating import run\n"
_BOARD = "virtual"
_STRETCH_US = 60_000_000


@dataclass(frozen=True)
class Estimate:
    """Rows by time, and how long the lane took."""

    rows: list[ReadingRow]
    wall_s: float


class RecordingChip(Chip):
    """Gives a stream of bytes to whoever reads, and takes reports."""

    name = "recording"

    def __init__(self, stream: Iterator[bytes], take: Callable[[Report], None]) -> None:
        super().__init__(ADDRESS)
        self.is_done = False
        self._stream = stream
        self._held = bytearray()
        self._take = take

    def read(self, count: int, now_us: int) -> bytes:
        """Give the next bytes; fewer at the end."""
        while len(self._held) < count and (piece := next(self._stream, None)) is not None:
            self._held += piece
        given = bytes(self._held[:count])
        del self._held[:count]
        return given

    def write(self, data: bytes, now_us: int) -> None:
        """Take a report."""
        report = report_of(data)
        self._take(report)
        self.is_done = report.after is After.DONE

    def power_on(self) -> None:
        """Nothing: it has no registers."""


def estimate(recording: InputRecording, settings: LaneSettings) -> Estimate:
    """The readings of a recording. Raises FirmwareError, and LocalError when the lane cannot run here or the
    recording has nothing that is there.
    """
    if recording.is_empty:
        raise RecordingError("wanted samples, found none that are numbers")
    began_s = perf_counter()
    feed = Feed(recording)
    rows = Rows(recording, has_oxygen=feed.has_oxygen)
    _run(feed, rows.take, settings)
    return Estimate(rows.sorted_rows(), perf_counter() - began_s)


def tables_of(recording: InputRecording, settings: LaneSettings) -> list[Report]:
    """The reading table after each step of 2 s, as the band would send it. Raises as `estimate` does."""
    reports: list[Report] = []
    _run(Feed(recording), reports.append, settings)
    return [report for report in reports if report.after is After.STEP]


def _run(feed: Feed, take: Callable[[Report], None], settings: LaneSettings) -> None:
    chip = RecordingChip(_stream(feed), take)
    with tempfile.TemporaryDirectory(prefix="vitalband-estimate-") as folder:
        kind = settings.kind or default_kind()
        settings = replace(settings, kind=kind, firmware_dir=_program(Path(folder), kind))
        lane = open_lane(_BOARD, settings)
        conductor = Conductor(lane, I2cBus([chip]), Pins(), LinkPort(0), name="estimate")
        try:
            conductor.start()
            while not chip.is_done:
                conductor.run_until(conductor.now_us + _STRETCH_US)
        finally:
            conductor.stop()
            lane.remove()


def _stream(feed: Feed) -> Iterator[bytes]:
    yield feed.setup()
    yield from feed.messages()


def _program(folder: Path, kind: str) -> Path:
    """Fill a folder with what the lane imports from: the firmware with another main program."""
    (folder / "main.py").write_text(_MAIN, encoding="utf-8")
    if kind != "m4":
        for path in find_firmware().iterdir():
            if path.name != "main.py" and not path.name.startswith("__"):
                (folder / path.name).symlink_to(path)
        (folder / LANE_FILE.name).symlink_to(LANE_FILE)
    return folder
