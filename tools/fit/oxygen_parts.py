"""Windows of light as the band's own integers see them, and what the references say of their oxygen."""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandsim.micropython import find_micropython
from bandsim.recordings import load_recording
from bandsim.recordings.recording import Recording

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RATE_HZ = 25.0
WINDOW, HOP = 200, 50
SUBJECTS = ("100001", "100002", "100003", "100004")
_SCRIPT = Path(__file__).with_name("on_band") / "oxygen_windows.py"


@dataclass(frozen=True)
class Points:
    """Windows of red and infrared: ratios and correlations, and the oximeter's SpO2; in order of time."""

    ratio: Floats
    correlation: Floats
    spo2_percent: Floats


@dataclass(frozen=True)
class Session:
    """Windows of a camera each 2 s, the first at second 8.

    `features` (n, 5) are the band's integers; `spo2_percent` (n,) is NaN where it is unknown or below 70.
    """

    subject: str
    features: Integers
    spo2_percent: Floats

    @property
    def second(self) -> Integers:
        """When each window ends."""
        return 8 + 2 * np.arange(len(self.features))


def of_windows(windows: Sequence[Integers]) -> Integers:
    """What the band makes of each window (channels, samples) of counts: one row of integers a window."""
    content = bytearray()
    for window in windows:
        channels, samples = window.shape
        content += bytes([channels]) + samples.to_bytes(2, "little") + window.astype("<i4").tobytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "windows.bin"
        path.write_bytes(content)
        done = subprocess.run(
            [find_micropython(), _SCRIPT, path], capture_output=True, text=True, check=True, timeout=600
        )
    return np.array([[int(part) for part in line.split()] for line in done.stdout.splitlines()])


def counts_of(recording: Recording, channels: Sequence[str]) -> Integers:
    """Whole counts (channels, n) at 25 Hz: the mean of each 40 ms, as a chip that averages gives them."""
    if recording.ppg is None:
        raise ValueError(f"{recording.name}: light wanted, got none")
    ppg = recording.ppg[:, [recording.ppg_channels.index(name) for name in channels]]
    ratio = recording.ppg_rate_hz / RATE_HZ
    edges = np.arange(0.0, len(ppg) + 1e-6, ratio)
    total = np.concatenate([np.zeros((1, ppg.shape[1])), np.cumsum(ppg, axis=0)])
    columns = [np.interp(edges, np.arange(len(total)), column) for column in total.T]
    return np.array([np.round(np.diff(column) / ratio) for column in columns]).astype(np.int64)


def _sliding(counts: Integers) -> Iterator[Integers]:
    for end in range(WINDOW, counts.shape[1] + 1, HOP):
        yield counts[:, end - WINDOW : end]


def finger_points(data: Path) -> Points:
    """The 58 points of a desaturation, one window of 2.5 to 6.7 s each: `oxiwear_spo2`."""
    names = [path.stem for path in sorted((data / "oxiwear_spo2" / "proto1").glob("*.csv"))]
    recordings = [load_recording(f"oxiwear_spo2/{name}", data) for name in names]
    rows = of_windows([counts_of(recording, ("red", "infrared"))[:, -WINDOW:] for recording in recordings])
    spo2 = [float(recording.references["spo2_percent"][0, 1]) for recording in recordings]
    return Points(rows[:, 0] / 1024, rows[:, 1] / 1024, np.array(spo2))


def session_points(data: Path) -> Points:
    """Another chip and person, a window of 8 s each 2 s while an oximeter was read: `emotibit_spo2`."""
    recording = load_recording("emotibit_spo2", data)
    rows = of_windows(list(_sliding(counts_of(recording, ("red", "infrared")))))
    second = 8 + 2 * np.arange(len(rows))
    reference = recording.references["spo2_percent"]
    is_read = (second >= reference[0, 0]) & (second <= reference[-1, 0])
    spo2 = np.interp(second[is_read], reference[:, 0], reference[:, 1])
    return Points(rows[is_read, 0] / 1024, rows[is_read, 1] / 1024, spo2)


def camera_sessions(data: Path) -> list[Session]:
    """Two hands of four subjects: `hoffman`; the reference is the median of four oximeters."""
    found: list[Session] = []
    for subject in SUBJECTS:
        for hand in ("left", "right"):
            recording = load_recording(f"hoffman/{subject}/{hand}", data)
            rows = of_windows(list(_sliding(counts_of(recording, ("red", "green", "blue")))))
            second = 8 + 2 * np.arange(len(rows))
            reference = recording.references["spo2_percent"]
            spo2 = np.interp(second, reference[:, 0], reference[:, 1])
            spo2[(spo2 < 70) | (second > reference[-1, 0])] = np.nan
            found.append(Session(subject, rows, spo2))
    return found
