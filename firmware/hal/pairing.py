"""How hosts pair with the radio: a passkey that this side shows, LE Secure Connections if the host has them.

What was read: MicroPython 1.25.0, docs/library/bluetooth.rst and extmod/nimble/modbluetooth_nimble.c, and
NimBLE's `ble_sm.c`. Nothing of this has run on a radio.
"""

import os

from hal.bonds import OUR_IRK

_IO_DISPLAY_ONLY = 0
_ACTION_DISPLAY = 3
_IRQ_ENCRYPTION_UPDATE = 28
_IRQ_GET_SECRET = 29
_IRQ_SET_SECRET = 30
_IRQ_PASSKEY_ACTION = 31
FIRST_IRQ = _IRQ_ENCRYPTION_UPDATE

_PASSKEYS = 1_000_000
_FAIR_CHANCES = 16 * _PASSKEYS
"""Of the numbers of 24 bits: as many for each passkey."""


class Pairing:
    """Security of the connection, with the keys in `bonds`.

    `is_authenticated`: it is encrypted, and whoever is there typed a passkey or has the keys of somebody who
    did. `is_asked`: a passkey is wanted for it; `is_over`: that pairing has ended. `passkey`: what it has to
    type, 0 for none: the wearer refuses by setting it so.

    A secret of a peer is kept in a connection only for which a passkey was given: a host that has neither
    keyboard nor display would else leave one, or take the place of one that typed. NimBLE forgets a peer's
    by itself when that pairs anew, and asks in a loop until it is forgotten: so it always may.
    """

    def __init__(self, ble, bonds):
        self.bonds = bonds
        self.is_authenticated = False
        self.is_asked = False
        self.is_over = False
        self.passkey = 0
        self._is_passkey_given = False
        self._ble = ble

    def set_up(self):
        """Whether this port can pair: others do not know the settings. No bond is made yet."""
        ble = self._ble
        return (
            try_config(ble, bond=False)
            and try_config(ble, mitm=True)
            and try_config(ble, io=_IO_DISPLAY_ONLY)
            and try_config(ble, le_secure=True)
        )

    def begin(self):
        """The connection has changed."""
        self.is_authenticated = False
        self.is_asked = False
        self.is_over = False
        self._is_passkey_given = False

    def open(self, is_open):
        """Make bonds from now on, or none."""
        self._ble.config(bond=is_open)

    def ask(self, connection):
        """Have the central pair, or encrypt by the keys that it has; OSError when the radio refuses."""
        self._ble.gap_pair(connection)

    def give_passkey(self, connection):
        """Draw the `passkey` that is wanted, and give it; OSError when the radio refuses.

        Never 0, which bumble, for one, fails on. By `os.urandom`: on an ESP32 true chance while the radio is
        on.
        """
        passkey = _passkey()
        self._is_passkey_given = True
        self._ble.gap_passkey(connection, _ACTION_DISPLAY, passkey)
        self.passkey = passkey

    def on_event(self, event, data):
        """Take an event of the connection, or one about a secret; gives the answer to it."""
        if event == _IRQ_GET_SECRET:
            return self.bonds.get(*data)
        if event == _IRQ_SET_SECRET:
            kind, key, value = data
            if value is not None and kind != OUR_IRK and not self._is_passkey_given:
                return False
            return self.bonds.set(kind, key, value)
        if event == _IRQ_PASSKEY_ACTION:
            self.is_asked = True
            self.is_over = False
        elif event == _IRQ_ENCRYPTION_UPDATE:
            self.is_authenticated = bool(data[1] and data[2])
            self.is_over = True
        return None


def try_config(ble, **setting):
    """Whether the port took a setting; it has to do without those that it does not know."""
    try:
        ble.config(**setting)
    except (OSError, ValueError):
        return False
    return True


def _passkey():
    while True:
        drawn = os.urandom(3)
        chance = drawn[0] | drawn[1] << 8 | drawn[2] << 16
        passkey = chance % _PASSKEYS
        if chance < _FAIR_CHANCES and passkey:
            return passkey
