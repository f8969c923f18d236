"""Views of readings: one large value, or `--` and the reason, with quality and trend below."""

from bandwire.catalogue import (
    INDEX_ACTIVITY,
    INDEX_ARM_POSTURE,
    INDEX_BATTERY_PERCENT,
    INDEX_CUFF_AGE_S,
    INDEX_DIASTOLIC_MMHG,
    INDEX_SLEEP_STAGE,
    INDEX_SYSTOLIC_MMHG,
    READINGS,
)
from bandwire.frames import NO_VALUE, VALIDITY_VALID
from display import texts
from display.canvas import LINE_HEIGHT, WIDTH, number_width
from display.numbers import age_text, number_text, split_number
from display.trend import POINTS

_VALUE_Y = 20
_FOOT_Y = 48
_UNIT_Y = 37


def draw_title(canvas, title):
    """`(chinese, english)` left and right on the first line, a dotted rule below."""
    canvas.pair(0, title)
    canvas.dots(17)


def draw_quality(canvas, quality):
    """Rising bars and the quality in percent, on the last line."""
    for bar in range(4):
        height = 3 + 2 * bar
        x = 3 * bar
        # Down to row 61, the base line of the text beside it.
        if quality > 25 * bar:
            canvas.fill(x, 62 - height, 2, height)
        else:
            canvas.fill(x, 61, 2, 1)
    canvas.text(15, _FOOT_Y, str(quality) + "%")


def draw_unit(canvas, unit):
    """A unit, one or two lines, right of the value and on its base line."""
    chinese, english = texts.entry(texts.UNITS, unit)
    lines = [line for line in (chinese, english) if line]
    y = _UNIT_Y
    while lines:
        canvas.text_right(WIDTH, y, lines.pop())
        y -= LINE_HEIGHT


def draw_cause(canvas, cause):
    """`--` with the reason in both languages beside it."""
    canvas.large(0, _VALUE_Y, "--")
    chinese, english = texts.entry(texts.CAUSES, cause)
    canvas.text(44, 18, chinese)
    canvas.text(44, 33, english)


def title_of(index):
    """Names of a reading, `(chinese, english)`."""
    row = READINGS[index]
    return row[12], row[11]


class NumberView:
    """A reading that is a number; its fraction is smaller than its whole."""

    is_animated = False

    def __init__(self, index, table, trend):
        row = READINGS[index]
        self.page = row[7]
        self.readings = (index,)
        self._index = index
        self._unit = row[1]
        self._denominator = row[3]
        self._table = table
        self._trend = trend

    def draw(self, canvas):
        """Draw the reading as it is now."""
        table, index = self._table, self._index
        draw_title(canvas, title_of(index))
        draw_quality(canvas, table.quality(index))
        if table.validity(index) == VALIDITY_VALID:
            self._draw_value(canvas, table.raw(index))
            if self._trend is not None:
                self._trend.draw(canvas, WIDTH - 2 * POINTS, 53, 10)
        else:
            draw_cause(canvas, table.cause(index))
            if table.raw(index) != NO_VALUE:
                doubtful = number_text(table.raw(index), self._denominator)
                canvas.text_right(WIDTH, _FOOT_Y, "(" + doubtful + "?)")

    def _draw_value(self, canvas, raw):
        whole, fraction = split_number(raw, self._denominator)
        draw_unit(canvas, self._unit)
        if number_width(whole, True) > WIDTH - 20:
            canvas.medium(0, _VALUE_Y + 10, whole)
        else:
            x = canvas.large(0, _VALUE_Y, whole)
            canvas.medium(x, _VALUE_Y + 10, fraction)


class BatteryView(NumberView):
    """State of charge, and beside it whether the battery is being charged, or is low."""

    def __init__(self, index, table, status):
        NumberView.__init__(self, index, table, None)
        self._status = status

    def _draw_value(self, canvas, raw):
        NumberView._draw_value(self, canvas, raw)
        if self._status.is_charging:
            note = texts.CHARGING
        elif self._status.is_battery_low:
            note = texts.BATTERY_LOW
        else:
            return
        canvas.text_right(WIDTH, _UNIT_Y - LINE_HEIGHT, note[0])
        canvas.text_right(WIDTH, _FOOT_Y, note[1])


class WordView:
    """A reading that is a state: its Chinese word large, the English one below."""

    is_animated = False

    def __init__(self, index, table, words):
        self.page = READINGS[index][7]
        self.readings = (index,)
        self._index = index
        self._table = table
        self._words = words

    def draw(self, canvas):
        """Draw the state as it is now."""
        table, index = self._table, self._index
        draw_title(canvas, title_of(index))
        draw_quality(canvas, table.quality(index))
        if table.validity(index) == VALIDITY_VALID:
            chinese, english = self._words[table.raw(index)]
            canvas.state_word((WIDTH - 32 * len(chinese)) // 2, 18, chinese)
            canvas.text_right(WIDTH, _FOOT_Y, english)
        else:
            draw_cause(canvas, table.cause(index))
            if table.raw(index) != NO_VALUE:
                canvas.text_right(WIDTH, _FOOT_Y, "(" + self._words[table.raw(index)][1] + "?)")


class PressureView:
    """The last cuff reading with its age; never a value of the band's own."""

    is_animated = False

    def __init__(self, table):
        self.page = READINGS[INDEX_SYSTOLIC_MMHG][7]
        self.readings = (INDEX_SYSTOLIC_MMHG, INDEX_DIASTOLIC_MMHG, INDEX_CUFF_AGE_S)
        self._table = table

    def draw(self, canvas):
        """Draw the cuff reading as it is now."""
        table = self._table
        draw_title(canvas, texts.BLOOD_PRESSURE)
        for index in self.readings:
            if table.validity(index) != VALIDITY_VALID:
                draw_cause(canvas, table.cause(index))
                self._draw_doubtful(canvas)
                return
        number = str(table.raw(INDEX_SYSTOLIC_MMHG)) + "/" + str(table.raw(INDEX_DIASTOLIC_MMHG))
        canvas.medium(0, 25, number)
        canvas.text_right(WIDTH, 31 if number_width(number, False) < 84 else 16, "mmHg")
        x = canvas.text(0, _FOOT_Y, age_text(table.raw(INDEX_CUFF_AGE_S)))
        x = canvas.text(x + 4, _FOOT_Y, texts.AGO[0])
        canvas.text(x + 4, _FOOT_Y, texts.AGO[1])

    def _draw_doubtful(self, canvas):
        """What an update still carries of an old reading, marked as doubtful."""
        x = 0
        for index, suffix in ((INDEX_SYSTOLIC_MMHG, "/"), (INDEX_DIASTOLIC_MMHG, "")):
            raw = self._table.raw(index)
            x = canvas.text(x, _FOOT_Y, ("--" if raw == NO_VALUE else str(raw) + "?") + suffix)
        age_s = self._table.raw(INDEX_CUFF_AGE_S)
        if age_s != NO_VALUE:
            canvas.text_right(WIDTH, _FOOT_Y, age_text(age_s))


def reading_views(table, trends, status):
    """One view for every reading of the list, in its order; the cuff's three share one."""
    views = []
    for index in range(len(READINGS)):
        if index == INDEX_ACTIVITY:
            views.append(WordView(index, table, texts.ACTIVITIES))
        elif index == INDEX_ARM_POSTURE:
            views.append(WordView(index, table, texts.ARM_POSTURES))
        elif index == INDEX_SLEEP_STAGE:
            views.append(WordView(index, table, texts.SLEEP_STAGES))
        elif index == INDEX_SYSTOLIC_MMHG:
            views.append(PressureView(table))
        elif index == INDEX_BATTERY_PERCENT:
            views.append(BatteryView(index, table, status))
        elif index not in (INDEX_DIASTOLIC_MMHG, INDEX_CUFF_AGE_S):
            views.append(NumberView(index, table, trends.of(index)))
    return views
