"""Who is paired and who may be let in, and what the wearer is to see of it.

| who is kept                 | what the wearer may do by the button                                        |
|-----------------------------|-----------------------------------------------------------------------------|
| nobody                      | open the window: whoever pairs then is the owner                            |
| somebody, an owner allows   | open the window: whoever pairs then has the right that the owner stated     |
| somebody, nobody allows     | forget all, and with them all that the band keeps of the wearer             |

The button alone lets nobody in beside an owner, and forgetting all does not leave what was recorded: whoever
picks a band up can press as well as the wearer, and must not come to read by it.
"""

from micropython import const

from bandwire.frames import (
    HOST_RIGHT_OWNER,
    KIND_PAIRED_HOST,
    PAIRED_HOST_BYTES,
    REFUSAL_FORGOTTEN,
    pack_paired_host_into,
)
from bandwire.secure.pairing_window import WINDOW_MS

ALLOWED_S = const(300)
"""Own choice: the owner's phone is put away, the other taken out, the band's pages turned."""

NOTHING = const(0)
CODE = const(1)
BUTTON = const(2)

_NOT_ALLOWED = const(-1)


class PairedHosts:
    """What the link asks of display and button while a host pairs (`bandwire.seams.Wearer`), and the rule.

    `wanted` is what the wearer has to do now: NOTHING, read the `code` (6 digits) to the host, or press the
    BUTTON; `name` is what that host calls itself. `pairings` have ended so far. `has_news`: the link has
    something to say of it, whoever serves it clears that. `link` is set by whoever makes it.
    """

    def __init__(self, keys, window, core):
        self.keys = keys
        self.wanted = NOTHING
        self.code = ""
        self.name = ""
        self.pairings = 0
        self.has_news = False
        self.link = None
        self._window = window
        self._clock = core.clock
        self._status = core.status
        self._opened_s = 0
        self._allowed_s = _NOT_ALLOWED
        self._is_leaving = False
        self._frame = bytearray(PAIRED_HOST_BYTES)
        self._frame[1] = KIND_PAIRED_HOST

    def show_code(self, code, name):
        """See `Wearer`."""
        self._want(CODE, code, name)

    def ask_button(self, name):
        """See `Wearer`."""
        self._want(BUTTON, "", name)

    def end_pairing(self):
        """See `Wearer`."""
        self.pairings += 1
        self._want(NOTHING, "", "")

    def _want(self, wanted, code, name):
        self.wanted = wanted
        self.code = code
        self.name = name
        self._status.touch()

    @property
    def is_owner(self):
        """Whether the host that is connected has an owner's right."""
        return self.link.right == HOST_RIGHT_OWNER

    @property
    def is_allowed(self):
        """Whether an owner has allowed another host, not long ago."""
        allowed_s = self._allowed_s
        return allowed_s != _NOT_ALLOWED and self._clock.uptime_s - allowed_s < ALLOWED_S

    @property
    def may_open(self):
        """Whether the wearer may open the window."""
        return self.keys.has_room() and (not self.keys.count or self.is_allowed)

    @property
    def window_s(self):
        """Seconds that the window is open yet, 0 when it is closed."""
        if not self._window.is_open(self._now_ms()):
            return 0
        return max(WINDOW_MS // 1000 - (self._clock.uptime_s - self._opened_s), 1)

    def allow(self, right):
        """An owner allows a host with a right (`HOST_RIGHT_...`); False where there is no room for it."""
        if not self.keys.has_room():
            return False
        self.keys.next_right = right
        self._allowed_s = self._clock.uptime_s
        self._status.touch()
        return True

    def open_window(self):
        """The wearer lets one host in: an allowance is good for one window."""
        self._allowed_s = _NOT_ALLOWED
        self._opened_s = self._clock.uptime_s
        self._window.open(self._now_ms())
        self._status.touch()

    def answer(self, is_accepted):
        """The wearer lets the host in that pairs now, or not."""
        if is_accepted:
            self.link.accept_pairing(self._now_ms())
        else:
            self.link.decline_pairing()
        self.has_news = True

    def forget(self, number):
        """Forget a host; False when there is none of that number. One that is connected is let go.

        It is told first what became of its request: `let_go` does it.
        """
        if not self.keys.forget(number):
            return False
        self._is_leaving = self._is_leaving or self.link.slot == number - 1
        self._status.touch()
        return True

    def forget_all(self):
        """Forget all, and let the one go that is connected; let nobody in."""
        self._window.close()
        self._allowed_s = _NOT_ALLOWED
        self.keys.wipe()
        self._is_leaving = self.link.slot >= 0
        self._status.touch()
        self.let_go()

    def let_go(self):
        """End the connection of a host that was forgotten."""
        if self._is_leaving:
            self._is_leaving = False
            self.link.end_session(REFUSAL_FORGOTTEN)
            self.has_news = True

    def post_all(self):
        """Send who is paired, a frame for each."""
        keys = self.keys
        for slot in range(keys.slots):
            if keys.key_of(slot):
                end = pack_paired_host_into(
                    self._frame, 0, slot + 1, keys.count, keys.right_of(slot),
                    self.link.slot == slot, keys.name_of(slot),
                )  # fmt: skip
                self.link.post(self._frame, end)

    def _now_ms(self):
        """The link's clock."""
        return self._clock.ticks_high << 16 | self._clock.ticks_low
