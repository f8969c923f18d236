"""From raw acceleration to magnitude at 12.5 Hz, jerk and the direction of gravity.

Input: MotionFront.push takes samples of 8192 counts a g at the rate that it was made for, 10 to 200 Hz.
Output: magnitude in 1/1024 g at 12.5 Hz, the rate of the step counter. Where a whole number of samples makes
an output within 8 % of that rate, as at 12, 25, 26 and 104 Hz, it is their mean; else the mean of the samples
in an output's time, those on its borders by their share: no sample is skipped or counted twice.
Widths: a squared sum of three axes of 13 bits and a sign stays below 2^28; a magnitude, below 2^14, times
the less than 65536 units that a sum holds below 2^30; a sum of 2 s of an axis at 200 Hz below 2^23.
"""

import sys
from array import array

if sys.implementation.name == "micropython":
    from dsp.motion_viper import front
else:
    from dsp.motion_plain import front

# Layout of the state shared with the kernels; the units stay when the past is forgotten.
PREVIOUS_X, PREVIOUS_Y, PREVIOUS_Z, WEIGHT, SUM, JERK, STARTED, SUM_X, SUM_Y, SUM_Z = range(10)
SAMPLE_UNITS, OUTPUT_UNITS = 10, 11
STATE_WORDS = 12

NOMINAL_RATE_MILLIHERTZ = 26000
"""Of the band's own IMU."""

OUTPUT_RATE_MILLIHERTZ = 12500
LOWEST_RATE_MILLIHERTZ, HIGHEST_RATE_MILLIHERTZ = 10000, 200000
_MOST_UNITS = 32767


def units(rate_millihertz):
    """Units of time of a sample and of an output; above 15 bits both are halved, exact within 1/8000.

    A rate that is 8 % off does a step counter less harm than uneven means do.
    """
    if not LOWEST_RATE_MILLIHERTZ <= rate_millihertz <= HIGHEST_RATE_MILLIHERTZ:
        raise ValueError(
            "acceleration wanted at %d to %d mHz, got %d"
            % (LOWEST_RATE_MILLIHERTZ, HIGHEST_RATE_MILLIHERTZ, rate_millihertz)
        )
    samples = (rate_millihertz + OUTPUT_RATE_MILLIHERTZ // 2) // OUTPUT_RATE_MILLIHERTZ
    nearest = max(1, samples) * OUTPUT_RATE_MILLIHERTZ
    if abs(rate_millihertz - nearest) * 100 <= 8 * nearest:
        return 1, samples
    sample, output = OUTPUT_RATE_MILLIHERTZ, rate_millihertz
    divisor, rest = sample, output
    while rest:
        divisor, rest = rest, divisor % rest
    sample //= divisor
    output //= divisor
    while output > _MOST_UNITS:
        sample >>= 1
        output >>= 1
    return sample, output


class MotionFront:
    """Magnitude, jerk and gravity of a stream of samples; allocates nothing after construction."""

    def __init__(self, most_samples=64, rate_millihertz=NOMINAL_RATE_MILLIHERTZ):
        """`most_samples`: longest batch given to `push`."""
        self.magnitude = array("h", bytes(2 * (most_samples + most_samples // 4 + 2)))
        self._state = array("i", bytes(4 * STATE_WORDS))
        self.set_rate(rate_millihertz)

    def set_rate(self, rate_millihertz):
        """Expect samples at this rate from now on, and forget the past; ValueError outside 10 to 200 Hz."""
        self.rate_millihertz = rate_millihertz
        self._state[SAMPLE_UNITS], self._state[OUTPUT_UNITS] = units(rate_millihertz)
        self.restart()

    def push(self, samples, count):
        """Take `count` samples (array('h'), x, y, z in turn); give the number of outputs.

        The outputs are in `magnitude[0:n]`, in 1/1024 g, 0 to 7094.
        """
        return front(samples, count, self._state, self.magnitude)

    def take_jerk(self):
        """Sum of |change| over samples and axes since the last call, in 1/1024 g."""
        jerk = self._state[JERK]
        self._state[JERK] = 0
        return jerk

    def take_sum(self, axis):
        """Sum of an axis (0 to 2) over the samples since its last call, in 1/2048 g."""
        total = self._state[SUM_X + axis]
        self._state[SUM_X + axis] = 0
        return total

    def restart(self):
        """Forget the past, as after a gap."""
        for index in range(SAMPLE_UNITS):
            self._state[index] = 0
