"""The alert that waits for the wearer."""

from bandwire.catalogue import READINGS
from bandwire.frames import NO_VALUE, PAGE_ALERT
from display import texts
from display.canvas import WIDTH
from display.numbers import number_text


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
                canvas.text(0, 16, row[12])
                if alert.raw_value != NO_VALUE:
                    unit = texts.entry(texts.UNITS, row[1])[1]
                    canvas.text_right(WIDTH, 16, number_text(alert.raw_value, row[3]) + unit)
                return
        if alert.score:
            canvas.text(0, 16, texts.SCORE[0])
            canvas.text_right(WIDTH, 16, str(alert.score))
