"""Whether the band is on a wrist, told from the level and the pulsation of the light."""


class ContactVital:
    """Gives CONTACT_... every step."""

    def __init__(self, optical_stack, optical):
        """`optical` is the ring of `dsp.rings`."""

    def start(self):
        """Know nothing of contact yet."""

    def update(self, is_still):
        """Give contact (CONTACT_...) after the last 2 s; `is_still` False also when motion is unknown."""
