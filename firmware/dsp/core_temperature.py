"""Core temperature estimated from heart rate alone, minute by minute, by an extended Kalman filter.

Source: Buller et al., "Estimation of human core temperature from sequential heart rate observations",
Physiol. Meas. 34(7):781-798, 2013. Read were its abstract (17 volunteers of a military exercise in the heat
for training, 83 others for validation: bias -0.03 +- 0.32 C, 95 % of the estimates within +-0.63 C) and two
public copies of its program, which agree in every constant: core temperature is a random walk of 0.022 C a
minute, heart rate is -7887.1 + 384.4286 T - 4.5714 T^2 with a deviation of 18.88 /min.

It was made for work in the heat. At rest it read 0.19 C low in Looney et al., J Meas Phys Behav 1:79-86, 2018
(abstract read), and a fever raises heart rate by far less than such work does, so that it reads fevers low.

Widths: distance to 37 C in Q16, held to -2 to 4 C; variance in Q20 C^2, at most 0.06; every product below
2^30. The oracle is `vitalband.signal.temperature`.
"""

START_CC = 3710
"""Core temperature of a wearer of whom nothing is known, in 1/100 C."""

_ZERO_CC = 3700
_LOWEST_Q16 = -2 << 16
_HIGHEST_Q16 = 4 << 16
_WALK_Q20 = 508
"""Variance that a minute adds: 0.022^2."""

_MOST_VARIANCE_Q20 = 62914
_NOISE_Q8 = 91252
"""Variance of an observed heart rate: 18.88^2."""

_RATE_Q8 = 20099
_SLOPE_Q8 = 11813
_BEND_Q8 = -1170
"""Heart rate at a distance d from 37 C: 78.51 + 46.145 d - 4.5714 d^2, the published parabola moved there."""


class CoreFilter:
    """`estimate_cc` after each minute; nothing allocated after construction."""

    def __init__(self):
        self.start()

    def start(self):
        """Know nothing of the wearer: the published start, without doubt in it."""
        self._distance_q16 = ((START_CC - _ZERO_CC) << 16) // 100
        self._variance_q20 = 0

    @property
    def estimate_cc(self):
        """Core temperature in 1/100 C."""
        return _ZERO_CC + (self._distance_q16 * 25 + (1 << 13) >> 14)

    def pass_minute(self):
        """A minute passes of which no heart rate is known: the doubt grows."""
        self._variance_q20 = min(self._variance_q20 + _WALK_Q20, _MOST_VARIANCE_Q20)

    def observe(self, rate_tenths):
        """A minute passes with this mean heart rate in 0.1 /min, 25 to 240 /min."""
        self.pass_minute()
        distance_q12 = self._distance_q16 >> 4
        bent_q8 = _BEND_Q8 * (distance_q12 * distance_q12 >> 12) >> 12
        expected_q8 = _RATE_Q8 + (_SLOPE_Q8 * distance_q12 >> 12) + bent_q8
        slope_q8 = _SLOPE_Q8 + (2 * _BEND_Q8 * distance_q12 >> 12)
        # Gain k = v c / (c^2 v + s^2).
        shared_q20 = slope_q8 * self._variance_q20 >> 8
        spread_q8 = (slope_q8 * (shared_q20 >> 8) >> 12) + _NOISE_Q8
        gain_q20 = (shared_q20 << 8) // spread_q8
        surprise_q8 = (rate_tenths << 8) // 10 - expected_q8
        distance_q16 = self._distance_q16 + (gain_q20 * surprise_q8 + (1 << 11) >> 12)
        self._distance_q16 = min(max(distance_q16, _LOWEST_Q16), _HIGHEST_Q16)
        removed_q14 = gain_q20 * slope_q8 >> 14
        self._variance_q20 -= self._variance_q20 * removed_q14 >> 14
