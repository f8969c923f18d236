"""The manifest page: who asks, what the band would collect, group by group, and what the button does.

While nothing is agreed to it shows the sheet of `question`; after that, in turn, what is agreed to.
"""

from bandwire.frames import PAGE_MANIFEST
from collected import ITEMS_A_SHEET, NO_ITEM
from display import texts
from display.canvas import WIDTH
from display.device_views import draw_issuance
from display.handover_view import draw_receipt
from question import CLOSED, ISSUANCE_SHEETS

_SECONDS_A_SHEET = 3
_SECONDS_A_HINT = 2


class ConsentView:
    """The lowest line says what the button does."""

    page = PAGE_MANIFEST
    readings = ()
    is_animated = True

    def __init__(self, manifest, question, issued, status, handover, clock):
        self._manifest = manifest
        self._question = question
        self._issued = issued
        self._status = status
        self._handover = handover
        self._clock = clock

    def draw(self, canvas):
        """Draw the sheet that is asked for, or of this second."""
        if self._status.is_agreed:
            self._draw_agreed(canvas)
        else:
            self._question.note_shown()
            self._draw_question(canvas)

    def _draw_question(self, canvas):
        question = self._question
        if question.at == CLOSED:
            self._draw_closed(canvas)
            canvas.bar(48, texts.PRESS_TO_READ)
        elif question.at < question.first_group_sheet:
            self._draw_issuance(canvas)
        elif question.at == question.sum_sheet:
            self._draw_sum(canvas)
        else:
            self._draw_group(canvas, question.at - question.first_group_sheet)

    def _draw_closed(self, canvas):
        """What is asked for, by whom, and what was before, in turn."""
        turn = self._clock.uptime_s // _SECONDS_A_SHEET % 3
        if turn == 2:
            draw_receipt(canvas, self._handover)
            return
        if turn == 1:
            canvas.pair(0, texts.ISSUER)
            issuance = self._issued.issuance
            if issuance is None:
                canvas.pair(20, texts.NOT_ISSUED)
            else:
                canvas.text(0, 20, issuance.issuer)
            return
        canvas.text_center(0, texts.ASKS[0])
        canvas.text_center(15, texts.ASKS[1])
        count = str(self._manifest.entry_count)
        canvas.text_center(31, count + " " + texts.ITEMS[0] + "  " + count + " " + texts.ITEMS[1])

    def _draw_issuance(self, canvas):
        if self._question.first_group_sheet == ISSUANCE_SHEETS:
            draw_issuance(canvas, self._issued.issuance, self._question.at)
        else:
            canvas.pair(0, texts.ISSUER)
            canvas.pair(20, texts.NOT_ISSUED)
            canvas.bar(48, texts.PRESS_FOR_NEXT)

    def _draw_group(self, canvas, sheet):
        self._draw_items(canvas, sheet)
        if not self._manifest.is_last_of_group(sheet):
            canvas.bar(48, texts.PRESS_FOR_NEXT)
        elif self._clock.uptime_s // _SECONDS_A_HINT % 2:
            canvas.bar(48, texts.HOLD_TO_LEAVE)
        else:
            canvas.bar(48, texts.PRESS_TO_AGREE)

    def _draw_items(self, canvas, sheet):
        for line in range(ITEMS_A_SHEET):
            item = self._manifest.sheet_item(sheet, line)
            if item != NO_ITEM:
                canvas.text(0, 16 * line, self._manifest.name_zh(item))
                canvas.text_right(WIDTH, 16 * line, self._manifest.name_en(item))

    def _draw_sum(self, canvas):
        chosen = self._question.chosen
        canvas.pair(0, texts.CHOSEN)
        canvas.text_center(22, self._part_text(chosen))
        canvas.bar(48, texts.PRESS_TO_START if chosen else texts.PRESS_FOR_NONE)

    def _draw_agreed(self, canvas):
        sheets = self._manifest.sheet_count
        sheet = self._clock.uptime_s // _SECONDS_A_SHEET % (sheets + 1) - 1
        if sheet < 0:
            canvas.text_center(0, texts.AGREED[0])
            canvas.text_center(15, texts.AGREED[1])
            canvas.text_center(31, self._part_text(self._status.agreed_groups))
        else:
            self._draw_items(canvas, sheet)
        if sheet < 0 or self._manifest.sheet_group(sheet) & self._status.agreed_groups:
            canvas.bar(48, texts.HOLD_TO_STOP)
        else:
            canvas.bar(48, texts.NOT_AGREED)

    def _part_text(self, groups):
        manifest = self._manifest
        return str(_bits(groups & manifest.groups)) + " / " + str(_bits(manifest.groups))


def _bits(groups):
    count = 0
    while groups:
        groups &= groups - 1
        count += 1
    return count
