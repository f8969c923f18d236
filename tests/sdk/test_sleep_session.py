"""A night summed up from its epochs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitalband import LocalError, SleepStage
from vitalband.analysis.sleep_session import EPOCH_S, sleep_session

WAKE, NREM, REM, ASLEEP = SleepStage.WAKE, SleepStage.NREM, SleepStage.REM, SleepStage.ASLEEP


def test_a_night_is_told_by_its_onset_wake_and_efficiency() -> None:
    night = sleep_session(
        [WAKE] * 20 + [NREM] * 2 + [WAKE] * 8 + [NREM] * 100 + [WAKE] * 4 + [REM] * 40 + [None] * 6
        + [ASLEEP] * 10 + [WAKE] * 10
    )  # fmt: skip
    assert night.time_in_bed_s == 200 * EPOCH_S
    # Two epochs of quiet wake are no onset.
    assert night.onset_s == night.latency_s == 30 * EPOCH_S
    assert night.offset_s == 190 * EPOCH_S
    assert night.total_sleep_s == 150 * EPOCH_S
    assert (night.wake_after_onset_s, night.awakenings) == (4 * EPOCH_S, 1)
    assert night.unknown_s == 6 * EPOCH_S
    assert night.efficiency == pytest.approx(150 / 194)
    assert night.stages_s == {WAKE: 120, NREM: 3000, REM: 1200, ASLEEP: 300}


@pytest.mark.parametrize(
    ("stages", "efficiency"), [([WAKE] * 50, 0.0), ([None] * 50, None), ([NREM] * 5, 0.0)]
)
def test_a_night_without_sleep_has_no_onset(
    stages: list[SleepStage | None], efficiency: float | None
) -> None:
    night = sleep_session(stages)
    assert (night.onset_s, night.offset_s, night.latency_s) == (None, None, None)
    assert (night.total_sleep_s, night.efficiency) == (0, efficiency)


def test_a_night_of_no_epochs_is_refused() -> None:
    with pytest.raises(LocalError, match="got none"):
        sleep_session([])


@given(st.lists(st.sampled_from([*SleepStage, None]), min_size=1, max_size=300))
def test_every_epoch_between_onset_and_offset_is_sleep_wake_or_unknown(
    stages: list[SleepStage | None],
) -> None:
    night = sleep_session(stages)
    if night.onset_s is None or night.offset_s is None:
        return
    inside = stages[night.onset_s // EPOCH_S : night.offset_s // EPOCH_S]
    unknown_s = EPOCH_S * inside.count(None)
    assert night.total_sleep_s + night.wake_after_onset_s + unknown_s == night.offset_s - night.onset_s
    assert sum(night.stages_s.values()) + unknown_s == night.offset_s - night.onset_s
    assert night.efficiency is not None
    assert 0 < night.efficiency <= 1
