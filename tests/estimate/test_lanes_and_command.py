"""Both lanes say the same, and the command does what its help says."""

from pathlib import Path

import numpy as np
import pytest

from estimate.signals import estimated, light, walk
from m4.tool_chain import need_image
from sdk.test_cli import invoke
from vitalband.analysis.readings import read_readings, write_readings


def test_the_emulated_chip_writes_the_same_bytes(tmp_path: Path) -> None:
    need_image()
    arrays = light(64.0, ("green", "red", "infrared"), duration_s=30.0) | walk(50.0, 1.8, 30.0)
    arrays |= {
        "cuff": np.array([[5.0, 120.0, 80.0]]),
        "activity_counts": np.column_stack([np.arange(0.0, 900.0, 15.0), np.arange(60) % 7 * 30.0]),
        "heart_rate_bpm": np.column_stack([np.arange(0.0, 900.0, 5.0), np.full(180, 61.0)]),
        "skin_temperature_c": np.full(30, 32.5),
        "skin_temperature_rate_hz": np.array(1.0),
    }
    for lane in ("unix", "m4"):
        assert write_readings(estimated(arrays, lane).rows, tmp_path / f"{lane}.csv") > 100
    assert (tmp_path / "m4.csv").read_bytes() == (tmp_path / "unix.csv").read_bytes()


def test_the_command_writes_a_file_of_readings_or_prints_them(tmp_path: Path) -> None:
    source, target = tmp_path / "walk.npz", tmp_path / "walk.readings.csv"
    np.savez(source, **light(50.0, duration_s=20.0), **walk(50.0, 1.8, 20.0))
    done = invoke("estimate", source, "--lane", "unix", "-o", target)
    assert "20.0 s" in done.output
    rows = read_readings(target)
    assert {"heart_rate_bpm", "steps", "activity"} <= {row.vital for row in rows}
    assert invoke("estimate", source).output == target.read_text()


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [(["--lane", "nowhere"], "wanted a lane of unix, m4"), ([], "wanted an NPZ file")],
)
def test_wrong_usage_is_told_in_a_line(tmp_path: Path, arguments: list[str], wanted: str) -> None:
    source = tmp_path / "text.npz"
    source.write_text("none of it")
    done = invoke("estimate", source, *arguments, code=2)
    assert done.output.startswith("error: ")
    assert wanted in done.output
    assert "missing.npz" in invoke("estimate", tmp_path / "missing.npz", code=2).output
