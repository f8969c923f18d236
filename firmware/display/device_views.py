"""Views of the band itself: its state, its identity, who issued it."""

from bandwire.frames import PAGE_IDENTITY, PAGE_ISSUANCE, PAGE_STATUS
from display import texts
from display.canvas import WIDTH
from display.numbers import date_text
from display.reading_views import draw_title


class StatusView:
    """Link, drops, charging and faults."""

    page = PAGE_STATUS
    readings = ()
    is_animated = False

    def __init__(self, status):
        self._status = status

    def draw(self, canvas):
        """Draw the state as it is now."""
        status = self._status
        draw_title(canvas, texts.STATUS)
        link = texts.LINKED if status.is_link_up else texts.NOT_LINKED
        canvas.text(0, 18, link[0])
        canvas.text_right(WIDTH, 18, texts.CHARGING if status.is_charging else link[1])
        x = canvas.text(0, 33, texts.DROPPED[0])
        canvas.text(x + 4, 33, str(status.drops))
        canvas.text_right(WIDTH, 33, "boot " + str(status.boot_id))
        self._draw_fault(canvas)

    def _draw_fault(self, canvas):
        for part in range(1, len(texts.PARTS)):
            if self._status.has_fault(part):
                chinese, english = texts.PARTS[part]
                x = canvas.text(0, 48, texts.FAULT[0])
                canvas.text(x + 4, 48, chinese)
                canvas.text_right(WIDTH, 48, english)
                return
        canvas.pair(48, texts.ALL_WELL)


class IdentityView:
    """Model, serial number, firmware version and digest."""

    page = PAGE_IDENTITY
    readings = ()
    is_animated = False

    def __init__(self, identity):
        self._identity = identity

    def draw(self, canvas):
        """Draw what the identity frame carries."""
        identity = self._identity
        draw_title(canvas, texts.IDENTITY)
        canvas.text(0, 16, identity.model)
        canvas.text(0, 28, identity.serial)
        canvas.text(0, 40, identity.hardware)
        canvas.text_right(WIDTH, 40, identity.version_text)
        canvas.text(0, 52 - 2, identity.digest_text)


class IssuanceView:
    """One item of who asks for the wearing; `draw_item(canvas, issuance)` draws it below the title."""

    page = PAGE_ISSUANCE
    readings = ()
    is_animated = False

    def __init__(self, status, title, draw_item):
        self._status = status
        self._title = title
        self._draw_item = draw_item

    def draw(self, canvas):
        """Draw the item, or that nobody has issued the band."""
        draw_title(canvas, self._title)
        if self._status.issuance is None:
            canvas.text_center(32, texts.NOT_ISSUED[0] + "  " + texts.NOT_ISSUED[1])
        else:
            self._draw_item(canvas, self._status.issuance)


def _draw_issuer(canvas, issuance):
    canvas.paragraph(16, issuance.issuer)
    terms = texts.VOLUNTARY if issuance.is_voluntary else texts.REQUIRED
    canvas.pair(48, terms)


def _draw_period(canvas, issuance):
    canvas.text_center(20, date_text(issuance.start_unix_s))
    canvas.text_center(34, "-")
    canvas.text_center(48, date_text(issuance.end_unix_s))


def issuance_views(status):
    """One view for each item of an issuance."""
    return [
        IssuanceView(status, texts.ISSUER, _draw_issuer),
        IssuanceView(status, texts.CONTACT, lambda canvas, issuance: canvas.paragraph(16, issuance.contact)),
        IssuanceView(status, texts.PURPOSE, lambda canvas, issuance: canvas.paragraph(16, issuance.purpose)),
        IssuanceView(status, texts.NOTICE, lambda canvas, issuance: canvas.paragraph(16, issuance.notice)),
        IssuanceView(status, texts.PERIOD, _draw_period),
    ]
