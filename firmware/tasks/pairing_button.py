"""What the button means while hosts are paired, let in or forgotten.

| what the wearer sees        | short press                        | long press                    |
|-----------------------------|------------------------------------|-------------------------------|
| a code, and a host's name   | refuses that host                  | the same, agreement withdrawn |
| if the host shows a tick    | lets that host in                  | refuses, agreement withdrawn  |
| may a host be let in        | opens the window                   | agreement withdrawn           |
| forget all hosts, asked     | asks once more                     | agreement withdrawn           |
| the same, asked once more   | forgets all, agreement withdrawn,  | agreement withdrawn           |
|                             | all that is recorded is erased     |                               |
"""

from bandwire.frames import LOSS_CAUSE_WIPED
from paired_hosts import BUTTON, CODE


class PairingButton:
    """Joins button, pages and hosts; each method says whether the press was meant for it."""

    def __init__(self, screen, consent, haptics, outbox):
        self._screen = screen
        self._hosts = screen.hosts_view.hosts
        self._consent = consent
        self._haptics = haptics
        self._outbox = outbox

    def take_press(self):
        """The wearer pressed the button; whether that was an answer."""
        screen = self._screen
        if screen.is_showing_code():
            self._answer(screen.code_view.shown)
        elif screen.is_asking_for_hosts():
            self._turn()
        else:
            return False
        return True

    def take_hold(self):
        """The wearer held the button: whoever pairs now is refused."""
        if self._screen.is_showing_code():
            self._hosts.answer(False)

    def _answer(self, shown):
        """What the display has not shown yet nobody can have answered."""
        if shown == CODE:
            self._hosts.answer(False)
        elif shown == BUTTON:
            self._hosts.answer(True)
            self._haptics.pulse(1)

    def _turn(self):
        view = self._screen.hosts_view
        if self._hosts.may_open:
            self._hosts.open_window()
            view.end_question()
            self._haptics.pulse(1)
        elif view.is_asking_again:
            view.end_question()
            self._forget_all()
            self._haptics.pulse(2)
        else:
            view.ask_again()

    def _forget_all(self):
        """Erase before the keys go: power that is lost in between leaves nothing to be read by a new host."""
        self._consent.withdraw()
        outbox = self._outbox
        if outbox.log.holds_wearer_data():
            outbox.wipe(LOSS_CAUSE_WIPED)
        self._hosts.forget_all()
        self._screen.show_manifest()
