"""What the signal processing must know of an optical front end.

Samples come as interleaved channels of 18-bit counts at 25 Hz, in the stack's own order: three on a band,
one to four in a recording.
"""

from dsp.oxygen_curve import OXIWEAR_LINE

FULL_SCALE_COUNTS = 262143
"""Largest count of an 18-bit sample."""


class OpticalStack:
    """One optical front end; channel roles are positions in a sample, -1 = there is none.

    `contact` is -1 where no level tells contact, as in recordings without one; `has_oxygen` where the
    channels that oxygen wants are there, with their levels.
    """

    def __init__(
        self, name, red, infrared, green, blue, pulses, contact, oxygen_curve, off_below, on_above,
        channels=3, has_oxygen=True,
    ):  # fmt: skip
        """`pulses` are the channels of the heart's pulse, `contact` the one whose level tells contact.

        The band is off the wrist below `off_below` counts of the contact channel, and on it again
        above `on_above` counts. `oxygen_curve` is that of red and infrared, None for a camera's trend.
        """
        self.name = name
        self.channels = channels
        self.has_oxygen = has_oxygen
        self.red = red
        self.infrared = infrared
        self.green = green
        self.blue = blue
        self.pulses = pulses
        self.pulse = pulses[0]
        self.contact = contact
        self.oxygen_curve = oxygen_curve
        self.off_below = off_below
        self.on_above = on_above


# Contact levels are unconfirmed on a wrist: bare, the infrared count of this chip family lies near the
# dark level; public examples take a finger above limits of 10 000 to 50 000, and one recording of a worn
# EmotiBit reads 175 000 to 191 000. Green is the pulse channel because wrist bands use it in motion.
MAX30101 = OpticalStack("max30101", 0, 1, 2, -1, (2,), 1, OXIWEAR_LINE, 8000, 12000)

# A camera with its flash on: counts are 8-bit camera levels times 1024. Fingers covering the lens
# give green levels of 18 to 100 in the recordings of Hoffman et al., npj Digit Med 5:146, 2022.
PHONE_RGB = OpticalStack("phone_rgb", 0, -1, 1, 2, (1,), 1, None, 6000, 9000)

STACKS = (MAX30101, PHONE_RGB)


def stack_named(name):
    """The stack of that name; ValueError when there is none."""
    for stack in STACKS:
        if stack.name == name:
            return stack
    raise ValueError("optical stack wanted: max30101 or phone_rgb, got " + str(name))
