"""The question before an agreement: who asks, then each group of the manifest sheet by sheet, then the sum.

| sheet               | short press                  | long press         | nothing for 15 s   |
|---------------------|------------------------------|--------------------|--------------------|
| closed: the title   | opens it                     | nothing            | nothing            |
| who asks            | next sheet                   | closes it          | next sheet         |
| group, not its last | next sheet                   | leaves the group   | next sheet         |
| group, its last     | agrees to the group          | leaves the group   | leaves the group   |
| the sum             | agrees to what was chosen,   | closes it          | closes it          |
|                     | if to anything; closes it    |                    |                    |

A press counts only for a sheet that the display has shown: nobody agrees to what could not be read. Nothing
is chosen before its press, and nothing is agreed to before the press at the end.
"""

WAIT_S = 15
"""Own choice: three lines in two languages can be read three times."""
CLOSED = -1
ISSUANCE_SHEETS = 6
"""Issuer and whether it is voluntary, contact, purpose, notice, refusal, period."""


class Question:
    """Where the wearer is in it: `at` is a sheet, or CLOSED. `issued` is the `issuance.Issued`."""

    def __init__(self, manifest, issued, clock):
        self.at = CLOSED
        self.chosen = 0
        self.version = 0
        self._manifest = manifest
        self._issued = issued
        self._clock = clock
        self._since_s = 0
        self._shown = CLOSED - 1

    @property
    def first_group_sheet(self):
        """The sheet where the manifest begins: before it stands who asks, or that nobody does."""
        return 1 if self._issued.issuance is None else ISSUANCE_SHEETS

    @property
    def sum_sheet(self):
        """The last sheet."""
        return self.first_group_sheet + self._manifest.sheet_count

    def note_shown(self):
        """The display shows the sheet as it is now; goes on where nobody has pressed in time."""
        if self.at != CLOSED and self._clock.uptime_s - self._since_s >= WAIT_S:
            self._wait_no_longer()
        self._shown = self.at

    def press(self):
        """A short press; gives the groups (GROUP_...) that are agreed to by it, mostly none."""
        if self._shown != self.at:
            return 0
        if self.at == self.sum_sheet:
            groups = self.chosen
            self.close()
            return groups
        sheet = self._group_sheet()
        if sheet >= 0 and self._manifest.is_last_of_group(sheet):
            self.chosen |= self._manifest.sheet_group(sheet)
        self._go(self.at + 1)
        return 0

    def hold(self):
        """A long press: no to this group, or to all."""
        if self._group_sheet() >= 0:
            self._leave_group()
        else:
            self.close()

    def close(self):
        """Ask no more; nothing is chosen."""
        self._go(CLOSED)
        self.chosen = 0

    def _wait_no_longer(self):
        if self.at == self.sum_sheet:
            self.close()
        else:
            self._go(self.at + 1)

    def _leave_group(self):
        while not self._manifest.is_last_of_group(self._group_sheet()):
            self.at += 1
        self._go(self.at + 1)

    def _group_sheet(self):
        """The sheet of the manifest that this is; negative where it is none."""
        sheet = self.at - self.first_group_sheet
        return sheet if sheet < self._manifest.sheet_count else CLOSED

    def _go(self, sheet):
        if sheet != self.at:
            self.at = sheet
            self.version += 1
        self._since_s = self._clock.uptime_s
