"""The motion code under MicroPython: same results by viper, nothing allocated."""

import os
import subprocess
from pathlib import Path

from bandsim.micropython import find_micropython

ROOT = Path(__file__).parents[3]


def test_viper_kernels_agree_and_nothing_is_allocated() -> None:
    path = f"{ROOT / 'firmware'}:{ROOT / 'protocol'}:.frozen"
    done = subprocess.run(
        [find_micropython(), Path(__file__).with_name("device_check.py")],
        env={**os.environ, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n") == ["front ok", "autocorrelation ok", "allocation ok", ""]
