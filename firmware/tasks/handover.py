"""Lets the wearer have the band wiped for another one: asks twice, marks it, and resets.

| state      | what happens                            | then                                          |
|------------|-----------------------------------------|-----------------------------------------------|
| idle       | held, while the page asks               | asked by the wearer, for `OWN_ASK_S`          |
| idle       | a host commands it                      | asked by a host, for `HOST_ASK_S`             |
| asked      | short press, after `_LEAST_READ_S`      | confirmed: the agreement is withdrawn         |
| asked      | held, time over, covered by another view| idle; a host is told that it was refused      |
| confirmed  | the mark is kept, no host is known      | reset: the start erases (`tasks.wiping`)      |
| confirmed  | the mark is kept, one in a secure       | marked: it is told that it is forgotten       |
|            | session                                 |                                               |
| marked     | `_TELL_MS` are over                     | reset                                         |
| confirmed  | the medium does not take the mark       | a fault of the storage, tried again           |

Holding the button withdraws the agreement here too, as it does everywhere.
"""

from bandwire.frames import (
    EVENT_KIND_WIPE_REFUSED,
    KIND_HANDOVER,
    PAGE_HANDOVER,
    PART_DISPLAY,
    PART_STORAGE,
    RESULT_BUSY,
    RESULT_NOT_AVAILABLE,
    RESULT_OK,
    pack_handover_into,
)
from display.handover_view import HOST_WANTS, NOT_CONFIRMING, WEARER_CONFIRMS

OWN_ASK_S = 10
HOST_ASK_S = 60
"""Own choices: the wearer is there; whom a host asks may have to look first."""
_LEAST_READ_S = 2
"""A press before the page can have been read means nothing: the display follows within a second."""
_TELL_MS = 500
"""Own choice: several intervals of a connection on the air, and no wait that a wearer notices."""
_LOOK_MS = 1000
_IDLE_MS = 60_000


class HandoverTask:
    """The question, and the mark. `core` is the band's `Core`; `reset()` boots again and does not return."""

    BUDGET_PER_2_S = 10_000

    def __init__(self, screen, consent, core, hosts, reset):
        self.name = "handover"
        self.part = PART_STORAGE
        self.is_confirmed = False
        self._is_marked = False
        self._is_asked = False
        self._screen = screen
        self._view = screen.handover_view
        self._consent = consent
        self._handover = core.handover
        self._core = core
        self._hosts = hosts
        self._reset = reset
        self._asked_s = 0

    def begin(self):
        """A host wants a wipe; gives a `RESULT_...`. Nothing is erased before the wearer's press.

        Whatever right a session has to want one is checked by whoever calls this.
        """
        if self._core.status.has_fault(PART_DISPLAY):
            return RESULT_NOT_AVAILABLE
        if self._view.confirming or self._screen.is_covered or self.is_confirmed:
            return RESULT_BUSY
        self._ask(HOST_WANTS)
        return RESULT_OK

    def send_receipt(self):
        """Send how often the band was handed over, and the receipt of the last wipe."""
        handover, outbox = self._handover, self._core.outbox
        end = pack_handover_into(
            outbox.buffer, 0, handover.count, handover.wiped_unix_s, 1 if handover.is_worn else 0
        )
        outbox.send(KIND_HANDOVER, end)

    def take_press(self):
        """A short press: True when it was one for the question."""
        if not self._is_shown():
            return False
        if self._core.status.has_fault(PART_DISPLAY):
            self._refuse()  # what was not shown, nobody confirms
        elif self._core.clock.uptime_s - self._asked_s >= _LEAST_READ_S:
            self.is_confirmed = True
            self._let_go()
            self._consent.withdraw()
        return True

    def take_hold(self, was_asking):
        """The button was held, while the page asked for that or not."""
        if self._view.confirming:
            self._refuse()
        elif was_asking:
            self._ask(WEARER_CONFIRMS)

    def is_ready(self):
        """Whether there is a new question, or the wearer has just confirmed."""
        return self._is_asked or (self.is_confirmed and not self._is_marked)

    def start(self, _now_ms):
        """The question keeps its state over restarts of the task."""

    def step(self, _now_ms):
        """End a question that nobody answers; mark a wipe that is confirmed, and reset."""
        if self.is_confirmed:
            return self._go()
        self._is_asked = False
        if not self._view.confirming:
            return _IDLE_MS
        limit_s = HOST_ASK_S if self._view.confirming == HOST_WANTS else OWN_ASK_S
        if not self._is_shown() or self._core.clock.uptime_s - self._asked_s >= limit_s:
            self._refuse()
        return _LOOK_MS

    def _go(self):
        """Mark the wipe; reset, but let the host that is connected hear before that it is forgotten."""
        if not self._is_marked:
            utc, clock = self._core.utc, self._core.clock
            self._handover.begin_wipe(utc.unix_s_at(clock.uptime_s) if utc.is_told else 0)
            self._is_marked = True
            if self._hosts.link.slot >= 0:
                self._hosts.forget_all()
                return _TELL_MS
        self._reset()
        return _IDLE_MS

    def _is_shown(self):
        return self._view.confirming != NOT_CONFIRMING and self._screen.view is self._view

    def _ask(self, who):
        self._view.confirming = who
        self._is_asked = True
        self._asked_s = self._core.clock.uptime_s
        self._screen.cover(self._view)

    def _refuse(self):
        was_wanted_by = self._view.confirming
        self._let_go()
        # A press that comes too late must not be one on the manifest, and agree.
        self._screen.show_page(PAGE_HANDOVER)
        if was_wanted_by == HOST_WANTS:
            self._core.outbox.send_event(EVENT_KIND_WIPE_REFUSED)

    def _let_go(self):
        self._view.confirming = NOT_CONFIRMING
        self._view.end_question()
        self._screen.uncover(self._view)
