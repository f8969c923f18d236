"""Red, infrared, green, acceleration and temperature of one EmotiBit session.

Name: `emotibit_spo2`. The file is a log of packets: milliseconds, packet number, count, type, version,
reliability, then values. `PR`, `PI`, `PG` are red, infrared and green, `AX`, `AY`, `AZ` acceleration in
g, `T1` a thermometer in C, `UN` the wearer's notes: the SpO2 of a finger oximeter, 93 to 98 %. (Type
names by what the values show and by the set's own text.)
"""

from collections import defaultdict
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import text_lines
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.recordings.waveform import regular
from bandsim.stimulus import FloatArray

_FILE = "sit-stand-sit_v0.0.0_EmotiBit.csv"
_RATE_HZ = 25.0
_OPTICAL = ("PR", "PI", "PG")
_ACCELERATION = ("AX", "AY", "AZ")
_FIRST_VALUE = 6
_JITTER_PACKETS = 101


def _keys(folder: Path) -> tuple[str, ...]:
    return ("",) if (folder / _FILE).exists() else ()


def _load(folder: Path, key: str) -> Recording:
    path = folder / _FILE
    packets = _packets(path)
    missing = [name for name in (*_OPTICAL, *_ACCELERATION, "T1") if name not in packets]
    if key or missing:
        raise RecordingError(f"{path}: wanted packets of type {(missing or [key])[0]}, found none")
    start_ms = packets["PR"][0][0]
    optical = np.column_stack([_series(packets[name]) for name in _OPTICAL])
    acceleration = np.column_stack([_series(packets[name]) for name in _ACCELERATION])
    return Recording(
        name="emotibit_spo2",
        title="Sitting, standing and sitting with an EmotiBit.",
        duration_s=len(optical) / _RATE_HZ,
        ppg=optical,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("red", "infrared", "green"),
        ppg_is_counts=True,
        accel_g=acceleration,
        accel_rate_hz=_RATE_HZ,
        skin_temperature_c=_rows(packets["T1"], start_ms, 10.0, 45.0),
        references={"spo2_percent": _rows(packets.get("UN", []), start_ms, 70.0, 100.0)},
        sources={
            "optical": "recorded: red, infrared and green of emotibit_spo2, 18-bit counts as they are",
            "acceleration": "recorded: emotibit_spo2",
            "skin_temperature": "recorded: emotibit_spo2",
            "skin_temperature_c": "recorded: the same thermometer, no reference",
            "spo2_percent": "recorded: finger oximeter, noted by hand about every 3 s",
        },
    )


_Packet = tuple[float, list[float]]


def _packets(path: Path) -> dict[str, list[_Packet]]:
    packets: dict[str, list[_Packet]] = defaultdict(list)
    for line in text_lines(path):
        cells = line.split(",")
        if len(cells) > _FIRST_VALUE and cells[3] in (*_OPTICAL, *_ACCELERATION, "T1", "UN"):
            # A note carries the phone's clock before its value.
            values = cells[-1:] if cells[3] == "UN" else cells[_FIRST_VALUE:]
            packets[cells[3]].append(
                (float(cells[0]), [float(value) for value in values if _is_number(value)])
            )
    return packets


def _series(packets: list[_Packet]) -> FloatArray:
    """Give one channel at 25 Hz from the first packet's time on; its packets' stamps are late by turns."""
    ends = np.cumsum([len(values) for _, values in packets]) - 1.0
    stamps_s = np.array([stamp for stamp, _ in packets]) / 1000.0
    samples = np.array([value for _, values in packets for value in values])
    times_s = np.interp(np.arange(len(samples)), ends, stamps_s)
    return regular(times_s, samples, _RATE_HZ, smoothed=_JITTER_PACKETS)[:, 0]


def _rows(packets: list[_Packet], start_ms: float, low: float, high: float) -> FloatArray:
    times_s = np.array([(stamp - start_ms) / 1000.0 for stamp, values in packets if values])
    values = np.array([values[-1] for _, values in packets if values])
    is_used = (times_s >= 0) & (values >= low) & (values <= high)
    return reference(times_s[is_used], values[is_used])


def _is_number(text: str) -> bool:
    return text.strip().lstrip("-").replace(".", "", 1).isdigit()


DATASET = Dataset(name="emotibit_spo2", folder="emotibit_spo2", keys=_keys, load=_load)
