"""The part of MicroPython's `bluetooth` that the firmware uses: a GATT server on the conductor's radio, that
may be paired with.

Events come as interrupts do, after the reply that told of them, never nested. What `gatts_read` gives is a
bytearray of its own.
"""

from struct import unpack_from

import channel
from channel import RADIO_CALL, RADIO_EVENT, exchange

FLAG_WRITE_NO_RESPONSE = 0x04
FLAG_WRITE = 0x08
FLAG_NOTIFY = 0x10

_ACTIVE = 1
_CONFIG = 2
_ADVERTISE = 3
_DISCONNECT = 4
_REGISTER = 5
_SIZE = 6
_READ = 7
_NOTIFY = 8
_SET_BUFFER = 9
_WRITE = 10
_PAIR = 20
_PASSKEY = 21
_ANSWER = 22
_SECRET = 23
_SETTINGS = {"mtu": 1, "addr_mode": 2, "gap_name": 3, "bond": 4, "mitm": 5, "io": 6, "le_secure": 7}

_NO_INTERVAL = 0xFFFFFFFF
_IRQ_CENTRAL_CONNECT = 1
_IRQ_CENTRAL_DISCONNECT = 2
_IRQ_GATTS_INDICATE_DONE = 20
_IRQ_ENCRYPTION_UPDATE = 28
_IRQ_GET_SECRET = 29
_IRQ_SET_SECRET = 30
_IRQ_PASSKEY_ACTION = 31
_NO_BYTES = 0xFF
_EVENT_BYTES = 16
_LONG_UUID_BYTES = 16


def UUID(value):
    """A UUID of 16 bits, from a number, or of 128, from its usual text: its bytes, the lowest first."""
    if isinstance(value, int):
        return bytes((value & 0xFF, value >> 8))
    digits = value.replace("-", "")
    if len(digits) != 2 * _LONG_UUID_BYTES:
        raise ValueError("invalid UUID")
    return bytes(int(digits[at : at + 2], 16) for at in range(2 * _LONG_UUID_BYTES - 2, -1, -2))


def _call(call, argument, value, payload=None, into=None):
    status = exchange(RADIO_CALL, call, argument, value, payload, into)
    if status < 0:
        raise OSError(-status)
    return status


class BLE:
    """The radio, of which there is one."""

    def __init__(self):
        self._handler = None
        self._is_active = False
        self._is_telling = False
        self._event = bytearray(_EVENT_BYTES)
        channel.on_radio_events = self._tell

    def active(self, active=None):
        """Whether it is switched on; switch it."""
        if active is not None:
            _call(_ACTIVE, 0, 1 if active else 0)
            self._is_active = bool(active)
        return self._is_active

    def config(self, **settings):
        """Set `mtu`, `addr_mode`, `gap_name`, or how to pair; OSError for anything else."""
        for name, value in settings.items():
            number = _SETTINGS.get(name, 0)
            if isinstance(value, (int, bool)):
                _call(_CONFIG, number, int(value))
            else:
                _call(_CONFIG, number, 0, value.encode() if isinstance(value, str) else value)

    def irq(self, handler):
        """Call `handler(event, data)`."""
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        """Advertise every so often; None to stop."""
        if interval_us is None:
            _call(_ADVERTISE, 0, _NO_INTERVAL)
            return
        data = adv_data or b""
        _call(
            _ADVERTISE, 1 if connectable else 0, interval_us, bytes((len(data),)) + data + (resp_data or b"")
        )

    def gap_disconnect(self, conn_handle):
        """End a connection; False when there is none."""
        return _call(_DISCONNECT, conn_handle, 0) > 0

    def gap_pair(self, conn_handle):
        """Ask a central to pair."""
        _call(_PAIR, conn_handle, 0)

    def gap_passkey(self, conn_handle, action, passkey):
        """Give the passkey that `action` asked for; OSError when no pairing waits for one."""
        _call(_PASSKEY, conn_handle, passkey, bytes((action,)))

    def gatts_register_services(self, services):
        """Give the handles of the values of each service, in place of all services there were."""
        written = bytearray()
        count = 0
        for uuid, characteristics in services:
            _append(written, uuid, len(characteristics), 0)
            for characteristic in characteristics:
                _append(written, characteristic[0], characteristic[1] & 0xFF, characteristic[1] >> 8)
                count += 1
        handles = bytearray(2 * count)
        _call(_REGISTER, len(services), 0, written, handles)
        return _grouped(services, handles)

    def gatts_read(self, value_handle):
        """What clients wrote; a value that is put together is empty then."""
        value = bytearray(_call(_SIZE, value_handle, 0))
        _call(_READ, value_handle, len(value), None, value)
        return value

    def gatts_write(self, value_handle, data, send_update=False):
        """Put a value in place; send it to clients that have subscribed, if that is wanted.

        OSError with ENOMEM when it is in place, but there is no room to send it.
        """
        _call(_WRITE, value_handle, 1 if send_update else 0, data)

    def gatts_notify(self, conn_handle, value_handle, data):
        """Send a notification; OSError with ENOMEM as long as there is no room."""
        _call(_NOTIFY, value_handle, conn_handle, data)

    def gatts_set_buffer(self, value_handle, len, append=False):
        """Take values of so many bytes, one written behind the other if that is wanted."""
        _call(_SET_BUFFER, value_handle, len | (1 if append else 0) << 16)

    def _tell(self):
        if self._is_telling:
            return
        self._is_telling = True
        try:
            self._tell_all()
        finally:
            self._is_telling = False

    def _tell_all(self):
        event = self._event
        while True:
            number = exchange(RADIO_EVENT, 0, 0, 0, None, event)
            if not number:
                return
            if number in (_IRQ_GET_SECRET, _IRQ_SET_SECRET):
                self._tell_secret(number, event)
                continue
            if self._handler is None:
                continue
            if number in (_IRQ_CENTRAL_CONNECT, _IRQ_CENTRAL_DISCONNECT):
                handle, kind = unpack_from("<HB", event, 0)
                self._handler(number, (handle, kind, memoryview(event)[3:9]))
            elif number == _IRQ_GATTS_INDICATE_DONE:
                self._handler(number, unpack_from("<HHB", event, 0))
            elif number == _IRQ_ENCRYPTION_UPDATE:
                self._handler(number, unpack_from("<HBBBB", event, 0))
            elif number == _IRQ_PASSKEY_ACTION:
                self._handler(number, unpack_from("<HBI", event, 0))
            else:
                self._handler(number, unpack_from("<HH", event, 0))

    def _tell_secret(self, number, event):
        # The firmware's answer goes back, so that nothing is told meanwhile.
        kind, second, length = unpack_from("<3B", event, 0)
        if number == _IRQ_GET_SECRET:
            key = None if length == _NO_BYTES else memoryview(event)[3 : 3 + length]
            told = kind, second, key
        else:
            value = None
            if length != _NO_BYTES:
                value = bytearray(length)
                _call(_SECRET, 0, 0, None, value)
            told = kind, memoryview(event)[3 : 3 + second], value
        answer = self._handler(number, told) if self._handler is not None else None
        if number == _IRQ_SET_SECRET:
            _call(_ANSWER, 1 if answer else 0, 0)
        else:
            _call(_ANSWER, 0 if answer is None else 1, 0, answer)


def _append(written, uuid, first, second):
    written.append(len(uuid))
    written.extend(uuid)
    written.append(first)
    written.append(second)


def _grouped(services, handles):
    grouped = []
    at = 0
    for _, characteristics in services:
        count = len(characteristics)
        grouped.append(unpack_from("<%dH" % count, handles, at))
        at += 2 * count
    return tuple(grouped)
