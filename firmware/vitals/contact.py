"""Whether the band is on a wrist, told from the light, the thermometer and stillness together.

    level of the contact channel    pulse channel                       by the light
    below `off_below`               any                                 OFF_WRIST, at once
    between the two limits          any                                 as before
    above `on_above`                rough, flat or saturated, twice     WEAK
    above `on_above`                smooth, twice                       ON_WRIST

    by the light                    the pad has cooled, lying still     contact
    OFF_WRIST                       any                                 OFF_WRIST: dark is sure and at once
    WEAK                            yes                                 OFF_WRIST: it faces something pale
    ON_WRIST                        yes                                 UNKNOWN: two senses disagree
    UNKNOWN                         yes                                 UNKNOWN
    any                             no, or no thermometer, or motion    by the light

Rough: white noise outweighs the wave. Sizes of second differences of white noise are sqrt(3) of those of
first differences; of a wave above 4.2 Hz, sampled at 25 Hz, they are larger than those, too, but the fast
pulse of a wrist is nearly a sine: 24 people on treadmills, to 180 beats and 180 steps a minute, have 0.75 in
the middle, none of 24 channels (Zhang, Pi and Liu 2015) ever 1.2, and three updates in a thousand of 36
(Lee et al. 2018) are taken for rough. The limits 1.4 and 1.2 lie between; not measured on weak wrists.

Without a contact channel, or a level that can be trusted, the light alone never tells OFF_WRIST, and flat is
less than a count a sample.
"""

from bandwire.frames import CONTACT_OFF_WRIST, CONTACT_ON_WRIST, CONTACT_UNKNOWN, CONTACT_WEAK, NO_VALUE
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


_STILL_STEPS = 90
"""3 min without any movement, which a wearer has asleep only; choice of this project."""

_COOLED_CC = 200
_FORGOTTEN_CC = 1
"""The pad has cooled when it is 2 C below its warmest, which is forgotten by 0.3 C a minute: on a table it
falls faster, skin in a cool room slower. Choice of this project, against the model alone.
"""

_WARMED_CC = 50


class Cooling:
    """Tells, every step, whether the pad has cooled as only a band does that lies somewhere."""

    def __init__(self):
        self.start()

    def start(self):
        """Know nothing of the pad yet."""
        self.is_found = False
        self._still_steps = 0
        self._warmest_cc = NO_VALUE
        self._coldest_cc = NO_VALUE

    def update(self, temperature_cc, is_still):
        """`temperature_cc` is the pad's, NO_VALUE without a thermometer. Movement, or warmth, ends it."""
        if temperature_cc == NO_VALUE:
            self.start()
            return
        self._warmest_cc = max(self._warmest_cc - _FORGOTTEN_CC, temperature_cc)
        if not is_still or self._coldest_cc == NO_VALUE:
            self._coldest_cc = temperature_cc
        self._still_steps = min(self._still_steps + 1, _STILL_STEPS) if is_still else 0
        self._coldest_cc = min(self._coldest_cc, temperature_cc)
        is_cold = self.is_found or self._warmest_cc - temperature_cc >= _COOLED_CC
        is_warming = temperature_cc >= self._coldest_cc + _WARMED_CC
        self.is_found = is_cold and not is_warming and self._still_steps == _STILL_STEPS


class ContactVital:
    """Gives CONTACT_... every step; `is_contradicted` when light and thermometer disagree."""

    def __init__(self, optical_stack, optical, workspace):
        """`optical` is the ring of `dsp.rings`."""
        self._stack = optical_stack
        self._optical = optical
        self._counts = workspace.wide_words(0, _SAMPLES)
        self._cooling = Cooling()
        self.is_contradicted = False
        self.start()

    def start(self):
        """Know nothing of contact yet; what the pad did stands."""
        self._contact = CONTACT_UNKNOWN
        self._good_steps = 0
        self._bad_steps = 0

    def update(self, temperature_cc, is_still):
        """Give contact (CONTACT_...) after the last 2 s; `temperature_cc` as in `Cooling`."""
        by_light = self._judge_light()
        self.is_contradicted = False
        if by_light == CONTACT_OFF_WRIST:
            self._cooling.start()
            return by_light
        self._cooling.update(temperature_cc, is_still)
        if not self._cooling.is_found:
            return by_light
        if by_light == CONTACT_WEAK:
            return CONTACT_OFF_WRIST
        self.is_contradicted = by_light == CONTACT_ON_WRIST
        return CONTACT_UNKNOWN

    def _judge_light(self):
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
