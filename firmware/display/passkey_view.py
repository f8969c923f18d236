"""The page of a passkey: what a host that pairs wants to have typed."""

from bandwire.frames import PAGE_STANDARD_SERVICES
from display import texts
from display.canvas import WIDTH, number_width

_DIGITS = 6


class PasskeyView:
    """Covers the other views as long as `pairing.passkey` is one; no press of the button leads there."""

    page = PAGE_STANDARD_SERVICES
    readings = ()
    is_animated = False

    def __init__(self, pairing):
        self.pairing = pairing

    def draw(self, canvas):
        """Draw all six digits, and how to refuse."""
        digits = "%06d" % self.pairing.passkey
        canvas.bar(0, texts.PASSKEY)
        canvas.large((WIDTH - number_width(digits, True)) // 2, 17, digits)
        canvas.bar(48, texts.PRESS_TO_REFUSE)
