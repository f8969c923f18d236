"""A night from its 30 s epochs: when sleep began and ended, how much of it there was.

Definitions, as tabled in doi:10.1007/s41666-018-0013-1, table 1: total sleep time is all REM and NREM from
sleep onset to sleep offset; wake after sleep onset is wake after that onset; onset latency is from lights out
to the first epoch of sleep; efficiency is the share of the time in bed that was spent asleep. Here onset is
the first epoch of three minutes' sleep (choice of this project: the scorer takes single epochs of quiet
wake for sleep), offset is the end of the last epoch of sleep, and the time in bed is all that is given. An
epoch of unknown stage is neither wake nor sleep: it is counted apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bandschema.enums import SleepStage
from vitalband.errors import LocalError
from vitalband.signal.sleep import EPOCH_S

ONSET_EPOCHS = 6
"""Epochs of sleep, without a break, that begin it."""

_ASLEEP = frozenset({SleepStage.NREM, SleepStage.REM, SleepStage.ASLEEP})


@dataclass(frozen=True)
class SleepSession:
    """One night; times in seconds, those of an event from the start of the first epoch.

    `onset_s`, `offset_s` and `latency_s` are None for a night without sleep. `efficiency` is a share of the
    known time in bed, None when nothing is known. `stages_s` has the time in each stage between onset and
    offset, ASLEEP for sleep whose stage is unknown.
    """

    time_in_bed_s: int
    onset_s: int | None
    offset_s: int | None
    total_sleep_s: int
    wake_after_onset_s: int
    awakenings: int
    unknown_s: int
    efficiency: float | None
    stages_s: dict[SleepStage, int]

    @property
    def latency_s(self) -> int | None:
        """From the start of the time in bed to the onset of sleep."""
        return self.onset_s


def sleep_session(stages: Sequence[SleepStage | None]) -> SleepSession:
    """Sum up a time in bed of 30 s epochs in order, None for one of unknown stage.

    LocalError for no epochs at all.
    """
    if not stages:
        raise LocalError("epochs of a night wanted, got none")
    asleep = [stage in _ASLEEP for stage in stages]
    onset = _onset(asleep)
    known = sum(stage is not None for stage in stages)
    if onset is None:
        return SleepSession(
            time_in_bed_s=EPOCH_S * len(stages), onset_s=None, offset_s=None, total_sleep_s=0,
            wake_after_onset_s=0, awakenings=0, unknown_s=EPOCH_S * (len(stages) - known),
            efficiency=0.0 if known else None, stages_s={},
        )  # fmt: skip
    offset = len(asleep) - asleep[::-1].index(True)
    night = stages[onset:offset]
    sleep = sum(stage in _ASLEEP for stage in night)
    return SleepSession(
        time_in_bed_s=EPOCH_S * len(stages),
        onset_s=EPOCH_S * onset,
        offset_s=EPOCH_S * offset,
        total_sleep_s=EPOCH_S * sleep,
        wake_after_onset_s=EPOCH_S * sum(stage is SleepStage.WAKE for stage in night),
        awakenings=sum(stage is SleepStage.WAKE for stage, _ in groupby(night)),
        unknown_s=EPOCH_S * (len(stages) - known),
        efficiency=sleep / known,
        stages_s={stage: EPOCH_S * count for stage in SleepStage if (count := night.count(stage))},
    )


def _onset(asleep: Sequence[bool]) -> int | None:
    """Index of the first epoch of the first unbroken run of sleep that is long enough."""
    place = 0
    for is_asleep, run in groupby(asleep):
        length = len(list(run))
        if is_asleep and length >= ONSET_EPOCHS:
            return place
        place += length
    return None
