"""The radio: GATT services over MicroPython's `bluetooth`, one central at a time.

What ports lack is done without: an MTU of one's own or an address that changes is asked for, and left as it
is where that is refused, as zephyr's port is said to do; nothing of this has run on a radio.
"""

import os
from errno import ENOMEM, ENOTCONN

from hal.bonds import Bonds
from hal.pairing import FIRST_IRQ, Pairing, try_config

NO_CONNECTION = -1
LEAST_MTU = 23
"""The default of ATT on Low Energy."""
_NOT_NOW = (ENOMEM, ENOTCONN)
_NAME = b"Vitalband"
"""Of every band; advertising has room for its first letters."""
_RECEIVE_BYTES = 512
_UUID_BYTES = 16
_RESOLVABLE_PRIVATE_ADDRESS = 2
_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_WRITE = 3
_IRQ_GATTS_INDICATE_DONE = 20
_IRQ_MTU_EXCHANGED = 21
_IRQ_ENCRYPTION_UPDATE = 28
_IRQ_PASSKEY_ACTION = 31

# Numbers of the Bluetooth SIG's list of assigned numbers, as bumble's `AdvertisingData` names them.
_FLAGS_AND_LIST_OF_128_BIT_UUIDS = b"\x02\x01\x06\x11\x07"
_DATA_OF_128_BIT_UUID = 0x21
_SHORTENED_LOCAL_NAME = b"\x04\x08" + _NAME[:3]


class Radio:
    """Notifications to the central, and what it wrote. Interrupts set plain attributes; nothing ever waits.

    `connection` is its handle or NO_CONNECTION, `connections` how many there have been, `mtu` that of the
    connection. `has_input`: `read` has something. `has_news`: the connection has changed; who looks clears
    it. `is_private_address`: this port has taken the wish for an address that changes. `pairing` is None on
    a port that cannot pair. `on_indicated(handle)` is called when a central has confirmed an indication.
    """

    def __init__(self, module, bonds):
        self.connection = NO_CONNECTION
        self.connections = 0
        self.mtu = LEAST_MTU
        self.has_input = False
        self.has_news = False
        self.on_indicated = None
        self._module = module
        self._ble = module.BLE()
        self.pairing = Pairing(self._ble, bonds)
        # NimBLE asks for the key of its address while it starts, and takes one that all have for want of it.
        self._ble.irq(self._on_event)
        try:
            self._ble.active(True)
        except OSError:
            self._ble.irq(None)  # else it would hold all this for good
            raise
        self.is_private_address = try_config(self._ble, addr_mode=_RESOLVABLE_PRIVATE_ADDRESS)
        if not self.pairing.set_up():
            self.pairing = None
        self._advertised = b""
        self._own = ()
        self._from_band = 0
        self._to_band = 0

    @property
    def can_encrypt(self):
        """Whether this port can pair."""
        return self.pairing is not None

    @property
    def bonds(self):
        """The keys of paired hosts, None where this port cannot pair."""
        return None if self.pairing is None else self.pairing.bonds

    @property
    def is_private(self):
        """Whether the wearer's readings may be sent: where ports can pair, to whoever is authenticated."""
        return self.pairing is None or self.pairing.is_authenticated

    def serve(self, own, most_mtu):
        """Offer one's own service: UUIDs of it and of two values, one that is notified, one written."""
        ble = self._ble
        try_config(ble, mtu=most_mtu)
        try_config(ble, gap_name=_NAME)
        self._own = own
        self._advertised = _FLAGS_AND_LIST_OF_128_BIT_UUIDS + bytes(self._module.UUID(own[0]))
        self.offer(())

    def offer(self, services):
        """Offer these beside one's own, in place of all before; gives the handles of each one's values.

        A service is its UUID and its values, a value its UUID and flags. Nobody may be connected; it is not
        advertised from then on. OSError when the radio refuses.
        """
        module = self._module
        ble = self._ble
        ble.gap_advertise(None)
        service, from_band, to_band = self._own
        written = module.FLAG_WRITE | module.FLAG_WRITE_NO_RESPONSE
        values = (from_band, module.FLAG_NOTIFY), (to_band, written)
        wanted = [_service(module.UUID, service, values)]
        wanted.extend([_service(module.UUID, uuid, values) for uuid, values in services])
        handles = ble.gatts_register_services(wanted)
        self._from_band, self._to_band = handles[0]
        ble.gatts_set_buffer(self._to_band, _RECEIVE_BYTES, True)
        return handles[1:]

    def draw(self, count):
        """`count` bytes by chance, for what is said to everybody: no keys."""
        return os.urandom(count)

    def advertise(self, interval_us, token):
        """Be found, every so often, by one's service and with a token; None to be found no more.

        Where the port can, the address is a fresh one each time. OSError when the radio refuses.
        """
        if interval_us is None:
            self._ble.gap_advertise(None)
        else:
            data = self._advertised[-_UUID_BYTES:] + token
            answer = bytes((len(data) + 1, _DATA_OF_128_BIT_UUID)) + data + _SHORTENED_LOCAL_NAME
            self._ble.gap_advertise(interval_us, self._advertised, resp_data=answer)

    def disconnect(self):
        """Let the central go, if there is one."""
        if self.connection != NO_CONNECTION:
            self._ble.gap_disconnect(self.connection)

    def read(self):
        """All that was written since the last read; an empty value when there is nothing."""
        self.has_input = False
        return self._ble.gatts_read(self._to_band)

    def value(self, handle):
        """What was last put in place of a value."""
        return self._ble.gatts_read(handle)

    def put(self, handle, data, is_sent):
        """Put a value in place, and send it to the central if that has subscribed to it and `is_sent`.

        False when there was no room to send it, as far as the stack tells: NimBLE's does not.
        """
        try:
            self._ble.gatts_write(handle, data, is_sent)
        except OSError as error:
            if error.errno in _NOT_NOW:
                return False
            raise
        return True

    def notify(self, data):
        """Send a notification; False when the radio has no room now, or its central has gone."""
        connection = self.connection
        if connection == NO_CONNECTION:
            return False
        try:
            self._ble.gatts_notify(connection, self._from_band, data)
        except OSError as error:
            if error.errno in _NOT_NOW:
                return False
            raise
        return True

    def _on_event(self, event, data):
        if event == _IRQ_GATTS_WRITE:
            self.has_input = True
        elif event == _IRQ_CENTRAL_CONNECT:
            # What one before it wrote may still be there: whole records, which no new session takes.
            self.connection = data[0]
            self.connections += 1
            self.mtu = LEAST_MTU
            self._on_change()
        elif event == _IRQ_CENTRAL_DISCONNECT and data[0] == self.connection:
            self.connection = NO_CONNECTION
            self._on_change()
        elif event == _IRQ_GATTS_INDICATE_DONE and data[0] == self.connection:
            if data[2] == 0 and self.on_indicated is not None:
                self.on_indicated(data[1])
        elif event == _IRQ_MTU_EXCHANGED and data[0] == self.connection:
            self.mtu = data[1]
        elif event >= FIRST_IRQ and self.pairing is not None:
            if event in (_IRQ_ENCRYPTION_UPDATE, _IRQ_PASSKEY_ACTION):
                if data[0] != self.connection:
                    return None
                self.has_news = True
            return self.pairing.on_event(event, data)
        return None

    def _on_change(self):
        self.has_news = True
        if self.pairing is not None:
            self.pairing.begin()


def open_radio(folder):
    """The radio, or None on a port that has none, or where it does not start."""
    try:
        import bluetooth

        return Radio(bluetooth, Bonds(folder))
    except (ImportError, OSError):
        return None


def _service(uuid_of, uuid, values):
    return uuid_of(uuid), [(uuid_of(value), flags) for value, flags in values]
