"""A day written as segments with target values, and the course that follows from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import Activity, SleepStage
from bandsim.physiology.course import Course, Wear, is_off, lagged, second_grid, smooth, steady_course
from bandsim.physiology.noise import stream
from bandsim.physiology.sleep import effect_of, hypnogram
from bandsim.stimulus import FloatArray

AMBIENT_C = 23.0
"""Temperature of the thermometer's pad while the band lies on a table: own choice, a room."""

SKIN_TIME_CONSTANT_S = 60.0
"""How slowly the pad follows the skin or the air: own choice."""

DOINGS = ("still", "light", "walk", "run", "sleep")
"""What a wearer can be doing in a segment."""

POSTURES = {
    "table": (0.0, 0.0, 1.0),
    "lap": (0.3, 0.2, 0.93),
    "hanging": (0.95, 0.2, 0.24),
    "raised": (-0.5, 0.3, 0.81),
    "side": (0.1, 0.95, 0.3),
}
"""Gravity in the band's axes, to be made of unit length; own choice."""

_CADENCE_SPM = {"walk": 110.0, "run": 160.0}
_ACTIVITY = {
    "still": Activity.STILL,
    "light": Activity.LIGHT,
    "walk": Activity.WALK,
    "run": Activity.RUN,
    "sleep": Activity.STILL,
}
_HEART_SMOOTHING_S = 15
_STAGE_SMOOTHING_S = 90
_OXYGEN_SMOOTHING_S = 9
_LIGHT_MOVEMENTS_PER_H = 240.0
_MOVEMENT_S = (2.0, 9.0)
_MOVEMENT_G = (0.04, 0.25)


@dataclass(frozen=True)
class Ramp:
    """A value that runs in a straight line from the start of a segment to its end."""

    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One stretch of a day. `cadence_spm` None means the ordinary one of the doing."""

    duration_s: float
    doing: str = "still"
    wear: Wear = Wear.GOOD
    posture: str = "lap"
    heart_rate_bpm: Ramp = Ramp(65.0, 65.0)
    respiratory_rate_bpm: Ramp = Ramp(15.0, 15.0)
    spo2_percent: Ramp = Ramp(97.0, 97.0)
    skin_temperature_c: Ramp = Ramp(33.0, 33.0)
    core_temperature_c: Ramp = Ramp(36.8, 36.8)
    perfusion_percent: Ramp = Ramp(1.0, 1.0)
    cadence_spm: Ramp | None = None


def lasting(segments: list[Segment], duration_s: float) -> list[Segment]:
    """Let a wearer go on as the last segment ended, until the segments last `duration_s` or longer."""
    missing_s = duration_s - sum(segment.duration_s for segment in segments)
    if missing_s <= 0:
        return segments
    last = segments[-1]
    ramps = {key: value for key, value in vars(last).items() if isinstance(value, Ramp)}
    held = {key: Ramp(ramp.end, ramp.end) for key, ramp in ramps.items()}
    return [*segments, replace(last, duration_s=missing_s, **held)]


@dataclass(frozen=True)
class _Row:
    """The rows of a course that one segment fills."""

    segment: Segment
    first: int
    last: int


def course_of(
    segments: Sequence[Segment],
    seed: int,
    *,
    battery_percent: Ramp,
    systolic_mmhg: float | None = None,
    diastolic_mmhg: float | None = None,
) -> Course:
    """Give the course of a day; heart rate and oxygen follow their targets within seconds."""
    duration_s = sum(segment.duration_s for segment in segments)
    rows = _rows(segments, duration_s)
    wear = _codes(rows, lambda segment: segment.wear)
    skin = np.where(is_off(wear), AMBIENT_C, _ramps(rows, "skin_temperature_c"))
    stages = _stages(rows, seed)
    steady = replace(
        steady_course(duration_s),
        spo2_percent=smooth(_ramps(rows, "spo2_percent"), _OXYGEN_SMOOTHING_S),
        skin_temperature_c=lagged(skin, SKIN_TIME_CONSTANT_S),
        core_temperature_c=_ramps(rows, "core_temperature_c"),
        perfusion_percent=_ramps(rows, "perfusion_percent"),
        battery_percent=np.linspace(battery_percent.start, battery_percent.end, len(wear)),
        posture=_postures(rows, stages, seed),
        cadence_spm=_cadence(rows),
        wear=wear,
        activity=_codes(rows, lambda segment: _ACTIVITY[segment.doing]),
        sleep_stage=stages,
        systolic_mmhg=systolic_mmhg,
        diastolic_mmhg=diastolic_mmhg,
    )
    return _with_stage_effects(steady, rows, seed)


def _with_stage_effects(course: Course, rows: list[_Row], seed: int) -> Course:
    asleep = _codes(rows, lambda segment: int(segment.doing == "sleep")).astype(bool)

    def factor(name: str) -> FloatArray:
        return smooth(np.where(asleep, effect_of(course.sleep_stage, name), 1.0), _STAGE_SMOOTHING_S)

    heart = smooth(_ramps(rows, "heart_rate_bpm"), _HEART_SMOOTHING_S)
    breath = smooth(_ramps(rows, "respiratory_rate_bpm"), _OXYGEN_SMOOTHING_S)
    uneven = np.where(asleep, effect_of(course.sleep_stage, "breath_unevenness"), course.breath_unevenness)
    restless = np.where(asleep, effect_of(course.sleep_stage, "movements_per_h"), 0.0)
    restless += np.where(course.activity == Activity.LIGHT, _LIGHT_MOVEMENTS_PER_H, 0.0)
    return replace(
        course,
        heart_rate_bpm=heart * factor("heart_rate"),
        respiratory_rate_bpm=breath * factor("respiratory_rate"),
        rhythm_gain=factor("rhythm_gain"),
        breath_unevenness=uneven,
        movement_g=movements(restless, stream(seed, "movements")),
    )


def movements(events_per_h: FloatArray, random: np.random.Generator) -> FloatArray:
    """Give the rms in g of restless movement, each second, for a rate of events each second."""
    movement_g = np.zeros_like(events_per_h)
    for start in np.flatnonzero(random.random(len(events_per_h)) < events_per_h / 3600.0).tolist():
        seconds = round(random.uniform(*_MOVEMENT_S))
        stretch = movement_g[start : start + seconds]
        np.maximum(stretch, random.uniform(*_MOVEMENT_G), out=stretch)
    return movement_g


def _rows(segments: Sequence[Segment], duration_s: float) -> list[_Row]:
    n = len(second_grid(duration_s))
    edges = np.round(np.cumsum([0.0, *(segment.duration_s for segment in segments)])).astype(int)
    edges[-1] = n
    return [_Row(s, int(a), int(b)) for s, a, b in zip(segments, edges[:-1], edges[1:], strict=True)]


def _ramps(rows: list[_Row], name: str) -> FloatArray:
    pieces: list[FloatArray] = []
    for row in rows:
        ramp: Ramp = getattr(row.segment, name)
        pieces.append(np.linspace(ramp.start, ramp.end, row.last - row.first))
    return np.concatenate(pieces)


def _codes(rows: list[_Row], code: Callable[[Segment], int]) -> NDArray[np.int64]:
    return np.concatenate([np.full(row.last - row.first, code(row.segment), dtype=np.int64) for row in rows])


def _cadence(rows: list[_Row]) -> FloatArray:
    pieces: list[FloatArray] = []
    for row in rows:
        usual = _CADENCE_SPM.get(row.segment.doing, 0.0)
        ramp = row.segment.cadence_spm or Ramp(usual, usual)
        pieces.append(np.linspace(ramp.start, ramp.end, row.last - row.first))
    return np.concatenate(pieces)


def _stages(rows: list[_Row], seed: int) -> NDArray[np.int64]:
    pieces: list[NDArray[np.int64]] = []
    for number, row in enumerate(rows):
        length = row.last - row.first
        if row.segment.doing == "sleep":
            pieces.append(hypnogram(float(length), stream(seed, "hypnogram", number)))
        else:
            pieces.append(np.full(length, SleepStage.WAKE, dtype=np.int64))
    return np.concatenate(pieces)


def _postures(rows: list[_Row], stages: NDArray[np.int64], seed: int) -> FloatArray:
    """Give gravity row by row; a sleeper turns over where the stage changes."""
    random = stream(seed, "postures")
    names = sorted(POSTURES)
    down = np.zeros((len(stages), 3))
    for row in rows:
        down[row.first : row.last] = POSTURES[row.segment.posture]
        if row.segment.doing == "sleep":
            changes = np.flatnonzero(np.diff(stages[row.first : row.last])) + row.first + 1
            for change in changes.tolist():
                down[change : row.last] = POSTURES[names[int(random.integers(len(names)))]]
    return down / np.linalg.norm(down, axis=1, keepdims=True)
