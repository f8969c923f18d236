"""When hosts may pair: while the wearer has opened the band to apps, by a passkey on the band's display.

| what happens                              | what the band does                                   |
|-------------------------------------------|------------------------------------------------------|
| opened, closed                            | makes bonds from then on, none any more              |
| a central says no hello for 2 s, and      | asks it to pair, or to encrypt by its keys: whoever  |
| reads nothing that wants encryption       | only subscribes is told to by nothing else           |
| a central pairs while opened              | shows a passkey until that ends, for 30 s at most    |
| a central pairs while closed              | lets it go                                           |
| the wearer refuses by the button, closes  | shows it no more, lets the central go                |
"""

from micropython import const

ASK_AFTER_MS = const(2_000)
"""Own choice: above what connecting and a hello take, so that the band's own host is not asked."""
SHOWN_MS = const(30_000)
"""The Security Manager's time-out: BLE_SM_TIMEOUT_MS of NimBLE's `ble_sm.c`."""

_TICKS_MASK = 0xFFFFFFFF


class HostPairing:
    """`advance` at each step of the link; a passkey to be shown is `radio.pairing.passkey`."""

    def __init__(self, radio, status):
        self._radio = radio
        self._status = status
        self._is_open = False
        self._is_showing = False
        self._has_asked = False
        self._connections = 0
        self._since_ms = 0

    def is_ready(self):
        """Whether the wearer has refused."""
        return self._is_showing and not self._radio.pairing.passkey

    def advance(self, now_ms, is_greeted):
        """Follow the connection; ms until the next step, -1 for none. OSError when the radio refuses."""
        radio = self._radio
        is_open = self._status.is_open_to_apps
        if is_open != self._is_open:
            radio.pairing.open(is_open)
            self._is_open = is_open
        if self._connections != radio.connections or radio.connection < 0:
            self._connections = radio.connections
            self._since_ms = now_ms
            self._has_asked = False
            self._hide()
        if radio.connection < 0:
            return -1
        if not is_open or self.is_ready():
            if self._is_showing or radio.pairing.is_asked:
                self._hide()
                radio.disconnect()
            return -1
        if radio.pairing.is_asked:
            self._show(now_ms)
        elapsed_ms = (now_ms - self._since_ms) & _TICKS_MASK
        if self._is_showing:
            return self._show_on(SHOWN_MS - elapsed_ms)
        if is_greeted or self._has_asked or radio.pairing.is_authenticated:
            return -1
        if elapsed_ms < ASK_AFTER_MS:
            return ASK_AFTER_MS - elapsed_ms
        self._has_asked = True
        radio.pairing.ask(radio.connection)
        return -1

    def _show(self, now_ms):
        radio = self._radio
        radio.pairing.is_asked = False
        self._has_asked = True
        radio.pairing.give_passkey(radio.connection)
        self._status.touch()
        self._is_showing = True
        self._since_ms = now_ms

    def _show_on(self, left_ms):
        if self._radio.pairing.is_over or left_ms <= 0:
            self._hide()
            return -1
        return left_ms

    def _hide(self):
        if self._is_showing:
            self._is_showing = False
            self._radio.pairing.passkey = 0
            self._status.touch()
