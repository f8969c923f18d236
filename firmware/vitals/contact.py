"""Whether the band is on a wrist, told from the level and the roughness of the light.

    level of the contact channel    pulse channel                       contact
    below `off_below`               any                                 OFF_WRIST, at once
    between the two limits          any                                 as before
    above `on_above`                rough, flat or saturated, twice     WEAK
    above `on_above`                smooth, twice                       ON_WRIST

Rough: white noise outweighs the wave. Sizes of second differences of white noise are sqrt(3) of those of
first differences; of a pulse wave sampled at 25 Hz, harmonics to 8 Hz included, they are smaller than
those. The limits 1.4 and 1.2 lie between; so chosen, not measured on weak wrists.

Without a contact channel, or a level that can be trusted, nothing tells OFF_WRIST, and flat is less than a
count a sample.
"""

from bandwire.frames import CONTACT_OFF_WRIST, CONTACT_ON_WRIST, CONTACT_UNKNOWN, CONTACT_WEAK
from dsp.optical_stack import FULL_SCALE_COUNTS
from dsp.pulse import sum_of_steps, total_of

_SAMPLES = 50
_FEWEST_SAMPLES = 20
_ROUGH_Q4 = 22
_SMOOTH_Q4 = 19
_SATURATED_COUNTS = FULL_SCALE_COUNTS - FULL_SCALE_COUNTS // 100
_FLAT_SHARE = 50000
"""Mean step below a 50 000th of the level: less than the chip's own noise, no live skin."""

_STEPS_TO_TURN = 2


class ContactVital:
    """Gives CONTACT_... every step."""

    def __init__(self, optical_stack, optical, workspace):
        """`optical` is the ring of `dsp.rings`."""
        self._stack = optical_stack
        self._optical = optical
        self._counts = workspace.wide_words(0, _SAMPLES)
        self.start()

    def start(self):
        """Know nothing of contact yet."""
        self._contact = CONTACT_UNKNOWN
        self._good_steps = 0
        self._bad_steps = 0

    def update(self):
        """Give contact (CONTACT_...) after the last 2 s."""
        count = min(self._optical.held, _SAMPLES)
        if count < _FEWEST_SAMPLES:
            return self._contact
        has_level = self._stack.contact >= 0
        self._optical.take(self._stack.contact if has_level else self._stack.pulse, count, self._counts)
        level = total_of(self._counts, 0, count) // count
        if not has_level:
            self._judge(level, count)
        elif level < self._stack.off_below:
            self._contact = CONTACT_OFF_WRIST
            self._good_steps = self._bad_steps = 0
        elif level >= self._stack.on_above:
            self._judge(level, count)
        return self._contact

    def _judge(self, level, count):
        if self._is_bad(level, count):
            self._bad_steps += 1
            self._good_steps = 0
        else:
            self._good_steps += 1
            self._bad_steps = 0
        if self._bad_steps >= _STEPS_TO_TURN:
            self._contact = CONTACT_WEAK
            self._bad_steps = _STEPS_TO_TURN
        elif self._good_steps >= _STEPS_TO_TURN:
            self._contact = CONTACT_ON_WRIST
            self._good_steps = _STEPS_TO_TURN

    def _is_bad(self, level, count):
        if level >= _SATURATED_COUNTS:
            return True
        self._optical.take(self._stack.pulse, count, self._counts)
        pulse_level = total_of(self._counts, 0, count) // count
        first = sum_of_steps(self._counts, 0, count, 1)
        second = sum_of_steps(self._counts, 0, count, 2)
        if pulse_level >= _SATURATED_COUNTS or self._is_flat(first // count, pulse_level):
            return True
        limit_q4 = _SMOOTH_Q4 if self._contact == CONTACT_WEAK else _ROUGH_Q4
        return second * 16 > first * limit_q4

    def _is_flat(self, mean_step, level):
        if self._stack.contact < 0:
            return mean_step == 0
        return mean_step * _FLAT_SHARE < level
