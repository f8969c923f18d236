"""Views of the band itself: its state, its identity, who issued it."""

from bandwire.frames import PAGE_IDENTITY, PAGE_ISSUANCE, PAGE_STATUS
from display import texts
from display.canvas import WIDTH
from display.numbers import date_text


class StatusView:
    """Number of the start, link, lost frames and faults."""

    page = PAGE_STATUS
    readings = ()
    is_animated = False

    def __init__(self, status):
        self._status = status

    def draw(self, canvas):
        """Draw the state as it is now."""
        status = self._status
        title = texts.STATUS[1] + " #" + str(status.boot_id)
        canvas.bar(0, (texts.STATUS[0], title))
        link = texts.LINKED if status.is_link_up else texts.NOT_LINKED
        canvas.pair(16, link)
        x = canvas.text(0, 32, texts.LOST[0])
        canvas.text(x + 4, 32, str(status.drops))
        canvas.text_right(WIDTH, 32, texts.LOST[1])
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
    """How the firmware is installed, model, serial number, firmware version and digest."""

    page = PAGE_IDENTITY
    readings = ()
    is_animated = False

    def __init__(self, identity):
        self._identity = identity

    def draw(self, canvas):
        """Draw what the identity frame carries."""
        identity = self._identity
        canvas.bar(0, texts.PROFILES[identity.image_profile])
        canvas.text(0, 14, identity.model)
        canvas.text(0, 26, identity.serial)
        canvas.text(0, 38, identity.hardware)
        canvas.text_right(WIDTH, 38, identity.version_text)
        canvas.text(0, 50, identity.digest_text)


class CertificationView:
    """What the band is certified as, and whose word the digest of the firmware is."""

    page = PAGE_IDENTITY
    readings = ()
    is_animated = False

    def __init__(self, identity):
        self._identity = identity

    def draw(self, canvas):
        """Draw the rest of what the identity frame carries."""
        canvas.bar(0, texts.CERTIFICATION)
        certification = self._identity.certification
        if certification == _NOT_CERTIFIED:
            canvas.pair(16, texts.NOT_CERTIFIED)
        else:
            canvas.text(0, 16, certification)
        canvas.text(0, 32, texts.DIGEST_IS_ITS_WORD[0])
        canvas.text_right(WIDTH, 48, texts.DIGEST_IS_ITS_WORD[1])


_NOT_CERTIFIED = b"none"
"""What the maker of a board says that is certified as nothing."""


class IssuanceView:
    """One item of who asks for the wearing, of those that the question shows."""

    page = PAGE_ISSUANCE
    readings = ()
    is_animated = False

    def __init__(self, issued, item):
        self._issued = issued
        self._item = item

    def draw(self, canvas):
        """Draw the item, or that nobody has issued the band."""
        if self._issued.issuance is None:
            canvas.bar(0, _TITLES[self._item])
            canvas.pair(32, texts.NOT_ISSUED)
        else:
            draw_issuance(canvas, self._issued.issuance, self._item)


_TITLES = (texts.ISSUER, texts.CONTACT, texts.PURPOSE, texts.NOTICE, texts.REFUSAL, texts.PERIOD)
_ISSUER_ITEM = 0
_NOTICE_ITEM = 3
_PERIOD_ITEM = 5


def draw_issuance(canvas, issuance, item):
    """Draw an item of an issuance below its title; one that is empty says so."""
    canvas.bar(0, _TITLES[item])
    if item == _PERIOD_ITEM:
        _draw_period(canvas, issuance)
        return
    if item == _ISSUER_ITEM:
        canvas.pair(48, texts.VOLUNTARY if issuance.is_voluntary else texts.REQUIRED)
    text = _text_of(issuance, item)
    if text:
        canvas.paragraph(16, text)
    else:
        canvas.pair(24, texts.NO_NOTICE if item == _NOTICE_ITEM else texts.NOT_GIVEN)


def _text_of(issuance, item):
    return (issuance.issuer, issuance.contact, issuance.purpose, issuance.notice, issuance.refusal)[item]


def _draw_period(canvas, issuance):
    canvas.text_center(20, date_text(issuance.start_unix_s))
    canvas.text_center(34, "-")
    canvas.text_center(48, date_text(issuance.end_unix_s))


def issuance_views(issued):
    """One view for each item of an issuance."""
    return [IssuanceView(issued, item) for item in range(len(_TITLES))]
