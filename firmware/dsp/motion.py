"""From raw acceleration to magnitude at 12.5 Hz and to jerk.

Input: MotionFront.push takes the IMU's samples, 8192 counts a g, nominal 26 Hz. Output: magnitude in
1/1024 g at 12.5 Hz, the rate of the step counter, by area-weighted averaging (a sample counts 25
units of time, an output 52: 26 / 12.5 = 52 / 25), so no sample is skipped or counted twice.
Widths: a squared sum of three axes of 13 bits and a sign stays below 2^28.
"""

import sys
from array import array

if sys.implementation.name == "micropython":
    from dsp.motion_viper import front
else:
    from dsp.motion_plain import front

# Layout of the state shared with the kernels.
PREVIOUS_X, PREVIOUS_Y, PREVIOUS_Z, WEIGHT, SUM, JERK, STARTED = range(7)


class MotionFront:
    """Magnitude and jerk of a stream of acceleration samples; allocates nothing after construction."""

    def __init__(self, most_samples=64):
        """`most_samples`: longest batch given to `push`."""
        self.magnitude = array("h", bytes(2 * most_samples))
        self._state = array("i", bytes(4 * 7))

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

    def restart(self):
        """Forget the past, as after a gap."""
        for index in range(7):
            self._state[index] = 0
