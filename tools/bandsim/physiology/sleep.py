"""A night's architecture: cycles of NREM and REM with brief awakenings.

The order and the proportions are the textbook form (cycles of about 90 minutes, REM growing
through the night); the numbers are this model's own choice, as are the stages' effects.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import SleepStage
from bandsim.stimulus import FloatArray

_EPOCH_S = 30
_LATENCY_MIN = (8.0, 20.0)
_NREM_MIN = (60.0, 80.0)
_FIRST_REM_MIN = 8.0
_REM_GROWTH_MIN = 8.0
_LONGEST_REM_MIN = 40.0
_AWAKENING_MIN = (0.5, 4.0)


@dataclass(frozen=True)
class StageEffect:
    """What a stage does to a sleeper: factors on rates, and movement events an hour."""

    heart_rate: float
    respiratory_rate: float
    rhythm_gain: float
    breath_unevenness: float
    movements_per_h: float


EFFECTS = {
    SleepStage.WAKE: StageEffect(1.10, 1.05, 0.8, 0.12, 60.0),
    SleepStage.NREM: StageEffect(0.95, 0.95, 1.3, 0.03, 4.0),
    SleepStage.REM: StageEffect(1.03, 1.05, 1.0, 0.15, 12.0),
}


def hypnogram(duration_s: float, random: np.random.Generator) -> NDArray[np.int64]:
    """Give the sleep stage of each second of a night, in whole epochs of 30 s, awake at first."""
    stages: list[SleepStage] = []
    _extend(stages, SleepStage.WAKE, random.uniform(*_LATENCY_MIN))
    rem_min = _FIRST_REM_MIN
    while len(stages) * _EPOCH_S < duration_s:
        nrem_min = random.uniform(*_NREM_MIN)
        _extend(stages, SleepStage.NREM, nrem_min / 2)
        _extend(stages, SleepStage.WAKE, random.uniform(*_AWAKENING_MIN))
        _extend(stages, SleepStage.NREM, nrem_min / 2)
        _extend(stages, SleepStage.REM, rem_min)
        _extend(stages, SleepStage.WAKE, random.uniform(*_AWAKENING_MIN))
        rem_min = min(rem_min + _REM_GROWTH_MIN, _LONGEST_REM_MIN)
    return np.repeat(np.array(stages, dtype=np.int64), _EPOCH_S)[: int(np.ceil(duration_s))]


def _extend(stages: list[SleepStage], stage: SleepStage, minutes: float) -> None:
    stages.extend([stage] * max(1, round(minutes * 60 / _EPOCH_S)))


def effect_of(stages: NDArray[np.int64], name: str) -> FloatArray:
    """Give one field of `StageEffect` for each second of a hypnogram."""
    table = np.array([getattr(EFFECTS[stage], name) for stage in sorted(EFFECTS)], dtype=np.float64)
    return table[stages]
