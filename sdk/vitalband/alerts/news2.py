"""NEWS2 on what the band measures: a partial score whose missing parts are named.

Source: Royal College of Physicians, "National Early Warning Score (NEWS) 2: Standardising the
assessment of acute-illness severity in the NHS", London: RCP, 2017. The table is theirs; acknowledged
as they ask. Read were not the report but a copy of its chart 1 (the scoring system; SpO2 by scale 1),
https://scribd.com/document/584338409, and, for the thresholds and the hourly observation, the table of
definitions in https://www.rcpjournals.org/highwire/markup/14242/expansion. The chart is for adults.

What the band cannot say is missing, never scored as normal: consciousness and supplemental oxygen
are not measured; skin temperature is not body temperature; blood pressure counts only from a fresh
cuff reading. A partial score is thus a lower bound. It has not been validated on a wristband.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bandschema.enums import AlertLevel
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING
from vitalband.alerts.skin import SkinFinding
from vitalband.values import Reading


class Parameter(Enum):
    """The seven parameters of NEWS2."""

    RESPIRATION_RATE = "respiration rate"
    SPO2 = "oxygen saturation"
    SUPPLEMENTAL_OXYGEN = "air or oxygen"
    SYSTOLIC_PRESSURE = "systolic pressure"
    PULSE = "pulse"
    CONSCIOUSNESS = "consciousness"
    TEMPERATURE = "temperature"


READING_OF: dict[Parameter, ReadingId] = {
    Parameter.RESPIRATION_RATE: ReadingId.RESPIRATORY_RATE_BPM,
    Parameter.SPO2: ReadingId.SPO2_PERCENT,
    Parameter.SYSTOLIC_PRESSURE: ReadingId.SYSTOLIC_MMHG,
    Parameter.PULSE: ReadingId.HEART_RATE_BPM,
    Parameter.TEMPERATURE: ReadingId.CORE_TEMPERATURE_ESTIMATE_C,
}
"""Which reading gives a parameter; the other two are not measured."""

CUFF_FRESH_S = 3600.0
"""A cuff reading older than this is not scored. Chosen, not from the chart, which takes observations
made together; an hour is the longest interval of observation that goes with a score of 5 or more."""

_STEPS: dict[Parameter, tuple[tuple[float, int], ...]] = {
    # (highest value of the band, score), in the order of chart 1.
    Parameter.RESPIRATION_RATE: ((8, 3), (11, 1), (20, 0), (24, 2), (math.inf, 3)),
    Parameter.SPO2: ((91, 3), (93, 2), (95, 1), (math.inf, 0)),
    Parameter.SYSTOLIC_PRESSURE: ((90, 3), (100, 2), (110, 1), (219, 0), (math.inf, 3)),
    Parameter.PULSE: ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (math.inf, 3)),
    Parameter.TEMPERATURE: ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (math.inf, 2)),
}


def score_parameter(parameter: Parameter, value: float) -> int:
    """Points of one measured parameter, 0-3.

    The chart is in whole units (temperature: tenths of a degree C), so `value` is rounded half up to
    that first. Raises `ValueError` for a parameter that has no scale here, and for NaN.
    """
    if parameter not in _STEPS or math.isnan(value):
        raise ValueError(f"no NEWS2 points for {parameter.value} = {value}")
    digits = 10 if parameter is Parameter.TEMPERATURE else 1
    # A hundredth is more than the noise of binary fractions and less than any resolution of a reading.
    rounded = math.floor(value * digits + 0.5 + 1e-6) / digits
    return next(score for highest, score in _STEPS[parameter] if rounded <= highest)


@dataclass(frozen=True, slots=True)
class Score:
    """A NEWS2 score of what was measured, and what was not.

    `total` is a lower bound of the full score as long as `missing` names anything. `skin` is no part of
    NEWS2 and has no points.
    """

    points: Mapping[Parameter, int]
    missing: tuple[Parameter, ...]
    skin: SkinFinding | None = None

    @property
    def total(self) -> int:
        """Sum of the points of the measured parameters."""
        return sum(self.points.values())

    @property
    def worst(self) -> Parameter | None:
        """The parameter with most points, None when there are none."""
        worst = max(self.points, key=lambda parameter: self.points[parameter], default=None)
        return worst if worst is not None and self.points[worst] > 0 else None

    @property
    def level(self) -> AlertLevel:
        """Level by the published cut points: 7 or more ALARM; 5, 6 or a single 3 WARNING; 0 CLEAR.

        WATCH, 1-4, is a name of ours for what is left, and for skin that is too warm.
        """
        if self.total >= 7:
            return AlertLevel.ALARM
        if self.total >= 5 or 3 in self.points.values():
            return AlertLevel.WARNING
        return AlertLevel.WATCH if self.total or self.skin is not None else AlertLevel.CLEAR

    @property
    def summary(self) -> str:
        """The total and what made it, by the names of the display: `NEWS2 at least 3 (oxygen 3)`."""
        scored = [
            f"{BY_READING[READING_OF[parameter]].name_en.lower()} {points}"
            for parameter, points in self.points.items()
            if points
        ]
        parts = f" ({', '.join(scored)})" if scored else ""
        skin = "" if self.skin is None else f"; {self.skin.summary}"
        return f"NEWS2 {'at least ' if self.missing else ''}{self.total}{parts}{skin}"

    @property
    def missing_names(self) -> str:
        """The parameters that are not in the score, for people."""
        return ", ".join(parameter.value for parameter in self.missing)


def news2_score(readings: Mapping[ReadingId, Reading]) -> Score:
    """The score of one set of readings; only valid ones count, blood pressure only when fresh.

    A core temperature estimate counts only when the band calls it valid; skin temperature never.
    """
    points: dict[Parameter, int] = {}
    for parameter, reading_id in READING_OF.items():
        value = scorable_value(readings, reading_id)
        if value is not None:
            points[parameter] = score_parameter(parameter, value)
    return Score(points, tuple(parameter for parameter in Parameter if parameter not in points))


def scorable_value(readings: Mapping[ReadingId, Reading], reading_id: ReadingId) -> float | None:
    """The value that may be scored: a valid one, blood pressure only when fresh; else None."""
    reading = readings.get(reading_id)
    if reading is None or not reading.is_valid:
        return None
    if reading_id is ReadingId.SYSTOLIC_MMHG:
        age = readings.get(ReadingId.CUFF_AGE_S)
        if age is None or not age.is_valid or age.value is None or age.value > CUFF_FRESH_S:
            return None
    return reading.value
