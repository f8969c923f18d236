"""Steps and sleep of real recordings by the firmware's own vitals.

The weights were fitted on the same recordings: these figures show that the band does what the fit said, not
how well it does elsewhere, which stands in tools/fit/results.
"""

from array import array

import numpy as np
import pytest

from bandsim.recordings import list_recordings, load_recording
from bandwire.catalogue import INDEX_SLEEP_STAGE, INDEX_STEPS
from bandwire.frames import NO_VALUE, SLEEP_STAGE_WAKE
from dsp.sleep import DELAY_EPOCHS
from fit.sleep_parts import nights
from readings import ReadingTable
from recordings.real_data import DATA, needs_data
from vitalband.signal.activity import counts_of
from vitals.motion import MotionVital
from vitals.sleep import SleepVital

pytestmark = needs_data
BLOCK = 50
NIGHTS = slice(0, 20, 5)


def steps_of(name: str) -> tuple[int, float]:
    """Steps that the band counts of a recording, and those that there were."""
    recording = load_recording(name, DATA)
    acceleration = recording.accel_g
    assert acceleration is not None
    table = ReadingTable()
    vital = MotionVital(table)
    vital.set_rate(round(1000 * recording.accel_rate_hz))
    vital.start()
    counts = counts_of(acceleration)
    for start in range(0, len(counts), BLOCK):
        block = counts[start : start + BLOCK]
        vital.on_motion(array("h", block.ravel().tolist()), len(block))
        vital.update(False)
    vital.finish()
    return table.raw(INDEX_STEPS), float(recording.references["steps"][-1, 1])


@pytest.mark.parametrize(
    ("folder", "balanced", "non_walking"), [("l2-25hz-bw4", 3.5, 3.5), ("l2-12hz-bw2", 4.5, 0.5)]
)
def test_watch_recordings_are_counted_as_the_fit_says(
    folder: str, balanced: float, non_walking: float
) -> None:
    errors: dict[bool, list[float]] = {True: [], False: []}
    for name in list_recordings(DATA):
        if name.startswith(f"sensorwatch/{folder}/"):
            counted, wanted = steps_of(name)
            errors["walking" in name].append(abs(counted - wanted))
    assert np.mean(errors[False]) <= non_walking
    assert (np.mean(errors[True]) + np.mean(errors[False])) / 2 <= balanced


def test_nights_are_staged_as_the_fit_says() -> None:
    told: list[int] = []
    truth: list[int] = []
    for night in nights(DATA)[NIGHTS]:
        table = ReadingTable()
        vital = SleepVital(table)
        rows = zip(night.activity_q4.tolist(), night.rate_q4.tolist(), night.spread_q4.tolist(), strict=True)
        stages: list[int] = []
        for place, epoch in enumerate(rows):
            vital.push_epoch(*epoch)
            if place >= DELAY_EPOCHS:
                stages.append(table.raw(INDEX_SLEEP_STAGE))
        while vital.flush():
            stages.append(table.raw(INDEX_SLEEP_STAGE))
        told += np.array(stages)[night.is_scored].tolist()
        truth += night.stages[night.is_scored].tolist()
    assert NO_VALUE not in told
    is_wake, is_told_wake = np.array(truth) == 0, np.array(told) == SLEEP_STAGE_WAKE
    # The working point over all twenty nights; four of them may lie beside it.
    assert 0.88 <= (~is_told_wake[~is_wake]).mean() <= 0.98
    assert is_told_wake[is_wake].mean() >= 0.6
    assert (np.array(told) == np.array(truth)).mean() >= 0.75
