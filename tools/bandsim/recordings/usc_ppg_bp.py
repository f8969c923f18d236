"""Two minutes of finger pulse and one cuff reading: Santiagoat21/PPG-signal-dataset.

Names: `usc_ppg_bp/01` to `usc_ppg_bp/56`. One row of values at 100 Hz a record; pressures and heart
rate in the table of `information_subj.md`. Some records are repeat visits of one person.
"""

from pathlib import Path

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, number_rows, text_lines
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import constant

_RATE_HZ = 100.0
_SIGNALS = "PPG signal_csv"
_TABLE = "information_subj.md"
_COLUMNS = {
    "systolic_mmhg": "Systolic BP",
    "diastolic_mmhg": "Diastolic BP",
    "heart_rate_bpm": "Heart Rate",
}


def _keys(folder: Path) -> tuple[str, ...]:
    return stems(folder / _SIGNALS, "PPG_subj_*.csv", prefix="PPG_subj_", suffix=".csv")


def _load(folder: Path, key: str) -> Recording:
    path = folder / _SIGNALS / f"PPG_subj_{key}.csv"
    samples = enough(path, number_rows(path).reshape(-1, 1), 1000)
    readings = _readings(folder / _TABLE, f"PPG_subj_{key}")
    return Recording(
        name=f"usc_ppg_bp/{key}",
        title=f"Finger pulse with one cuff reading, record {key}.",
        duration_s=len(samples) / _RATE_HZ,
        ppg=samples,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("pulse",),
        references={name: constant(value) for name, value in readings.items()},
        sources={
            "optical": f"recorded: finger pulse of usc_ppg_bp/{key}; modelled: levels, red/infrared ratio",
            "heart_rate_bpm": "recorded: once a record, with the cuff reading",
            "systolic_mmhg": "recorded: one cuff reading",
            "diastolic_mmhg": "recorded: one cuff reading",
        },
    )


def _readings(path: Path, record: str) -> dict[str, float]:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text_lines(path)]
    found = [row for row in rows if row[0] == record]
    try:
        return {name: float(found[0][rows[0].index(column)]) for name, column in _COLUMNS.items()}
    except (IndexError, ValueError) as error:
        raise RecordingError(f"{path}: wanted a row with numbers for {record}, got: {error}") from error


DATASET = Dataset(name="usc_ppg_bp", folder="usc_ppg_bp", keys=_keys, load=_load)
