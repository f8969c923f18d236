"""Heart rate from the optical pulse, in motion and at rest."""


class HeartVital:
    """Writes the heart rate reading every step."""

    def __init__(self, optical_stack, optical, acceleration, table):
        """`optical` and `acceleration` are the rings of `dsp.rings`."""

    def start(self):
        """Forget everything: a new wearing begins."""

    def update(self, motion):
        """Give the heart rate of the last 8 s; `motion` is the MotionVital, or None without motion data."""
