"""Oxygen saturation from two or more colours of light."""


class OxygenVital:
    """Writes the oxygen reading every step."""

    def __init__(self, optical_stack, optical, table):
        """`optical` is the ring of `dsp.rings`."""

    def start(self):
        """Forget everything: a new wearing begins."""

    def update(self, motion):
        """Give the saturation of the last window; `motion` as in `HeartVital.update`."""
