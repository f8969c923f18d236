"""The alert that waits for the wearer."""

from bandwire.catalogue import READINGS
from bandwire.frames import PAGE_ALERT, UNIT_SECOND
from display import texts
from display.numbers import age_text, number_text


class AlertView:
    """Level, reading, cause, and that a press says it was seen."""

    page = PAGE_ALERT
    readings = ()
    is_animated = False

    def __init__(self, status):
        self._alert = status.alert

    def draw(self, canvas):
        """Draw the alert as it is now."""
        alert = self._alert
        canvas.bar(0, texts.entry(texts.ALERT_LEVELS, alert.level))
        self._draw_reading(canvas)
        canvas.pair(32, texts.entry(texts.CAUSES, alert.cause))
        canvas.bar(48, texts.PRESS_TO_CONFIRM)

    def _draw_reading(self, canvas):
        alert = self._alert
        for row in READINGS:
            if row[0] == alert.reading_id:
                canvas.pair(16, (row[12], _value_text(row, alert.raw_value)))
                return
        if alert.score:
            canvas.pair(16, (texts.SCORE, str(alert.score)))


def _value_text(row, raw):
    """Value with unit, empty when there is none; a host's value beyond the list's range is none."""
    if not row[4] <= raw <= row[5]:
        return ""
    if row[1] == UNIT_SECOND:
        return age_text(raw)
    return number_text(raw, row[3]) + texts.entry(texts.UNITS, row[1])[1]
