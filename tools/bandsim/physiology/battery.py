"""The battery: charge in percent over the course, and the voltage that goes with it."""

import numpy as np

from bandsim.physiology.course import Course
from bandsim.stimulus import Battery

_CHARGE_PERCENT = np.array([0.0, 5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0])
_OPEN_CIRCUIT_V = np.array([3.30, 3.55, 3.65, 3.72, 3.78, 3.87, 4.00, 4.18])
"""Open-circuit voltage of a single lithium-polymer cell: own choice of the usual form, unconfirmed."""

_SLOPE_HALF_WINDOW_S = 30.0


def battery_at(course: Course, t_s: float) -> Battery:
    """Give the battery's state; the rate of charge is the slope over the minute around the time."""
    percent = course.value(course.battery_percent, t_s)
    start_s = max(t_s - _SLOPE_HALF_WINDOW_S, 0.0)
    stop_s = min(t_s + _SLOPE_HALF_WINDOW_S, course.duration_s)
    rate = 0.0
    if stop_s > start_s:
        change = course.value(course.battery_percent, stop_s) - course.value(course.battery_percent, start_s)
        rate = change / (stop_s - start_s) * 3600.0
    volts = float(np.interp(percent, _CHARGE_PERCENT, _OPEN_CIRCUIT_V))
    return Battery(percent=percent, volts=volts, charge_rate_percent_per_h=rate)
