"""Breathing rate from the modulation of the pulse by breathing, at rest."""


class BreathingVital:
    """Writes the respiratory rate reading every step."""

    def __init__(self, optical_stack, optical, table):
        """`optical` is the ring of `dsp.rings`."""

    def start(self):
        """Forget everything: a new wearing begins."""

    def update(self, motion, heart):
        """Give the rate of the last 32 s; `motion` as in `HeartVital.update`, `heart` is that vital."""
