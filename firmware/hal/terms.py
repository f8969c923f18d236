"""Who asks for the wearing, kept over restarts in `slots.Slots`: the bytes of the issuance, unread."""

from hal.slots import Slots

MOST_TERMS_BYTES = 256
"""As much as the band's longest frame."""


class TermsSlots(Slots):
    """`terms` are the newest, empty where nobody has asked; `write` makes them last."""

    NAME = "terms."
    MAGIC = b"VT"
    FORMAT = 1
    MOST_BYTES = MOST_TERMS_BYTES

    def __init__(self, folder=""):
        Slots.__init__(self, folder)
        self.terms = self.load() or b""

    def take(self, terms):
        """Note others."""
        self.terms = terms
        self.is_dirty = True

    def write(self):
        """Make what was noted last; OSError when the medium does not take it."""
        self.keep(self.terms)
        self.is_dirty = False
