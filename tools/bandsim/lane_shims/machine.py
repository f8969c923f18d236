"""The part of MicroPython's `machine` that the firmware uses, on the conductor's channel.

On a board all this is C. What the firmware calls pauses the count of its instructions first, and has a small
frame: one of more than 11 words is taken from the heap before its first line runs.
"""

from time import ticks_add

import channel
from channel import exchange, exchange_short, exchange_vector, pause, reply


class I2C:
    """The bus of the virtual band: every transfer is one exchange, and a refused one an OSError."""

    def __init__(self, id, *, scl=None, sda=None, freq=400000):
        self._id = id

    def readfrom_mem_into(self, addr, memaddr, buf):
        """Fill `buf` from a register on."""
        pause()
        self._read_register(addr, memaddr, buf)

    def _read_register(self, addr, memaddr, buf):
        status = exchange_short(
            channel.BUS_WRITE_READ, self._id, addr, channel.byte_count(buf), memaddr, None, buf
        )
        if status < 0:
            raise OSError(-status)

    def writeto_mem(self, addr, memaddr, buf):
        """Write `buf` from a register on."""
        pause()
        self._write_register(addr, memaddr, buf)

    def _write_register(self, addr, memaddr, buf):
        status = exchange_short(channel.BUS_WRITE, self._id, addr, 0, memaddr, buf)
        if status < 0:
            raise OSError(-status)

    def readfrom_into(self, addr, buf, stop=True):
        """Fill `buf`."""
        status = exchange(channel.BUS_READ, self._id, addr, channel.byte_count(buf), None, buf)
        if status < 0:
            raise OSError(-status)

    def writeto(self, addr, buf, stop=True):
        """Write `buf`; gives how many bytes were acknowledged."""
        status = exchange(channel.BUS_WRITE, self._id, addr, 0, buf)
        if status < 0:
            raise OSError(-status)
        return status

    def writevto(self, addr, vector, stop=True):
        """Write several buffers as one transfer; gives how many bytes were acknowledged."""
        pause()
        return self._write_parts(addr, vector)

    def _write_parts(self, addr, vector):
        status = exchange_vector(channel.BUS_WRITE, self._id, addr, 0, vector)
        if status < 0:
            raise OSError(-status)
        return status

    def scan(self):
        """Addresses that answer."""
        found = bytearray(128)
        count = exchange(channel.BUS_SCAN, self._id, 0, 0, None, found)
        return list(found[:count])


class Pin:
    """A pin; its level comes with every reply, so reading it costs nothing."""

    IN = 0
    OUT = 1
    PULL_UP = 1
    PULL_DOWN = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    _BOTH_EDGES = 3

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._id = id
        self._handler = None
        self._trigger = 0
        self._last_level = reply[channel.PIN_LEVELS] >> id & 1
        if mode >= 0:
            self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        """Set direction and level."""
        if mode >= 0 and exchange(channel.PIN_MODE, self._id, 0, 1 if mode == Pin.OUT else 0) < 0:
            raise ValueError("invalid pin")
        if value is not None:
            self.value(value)

    def value(self, level=None):
        """The level, or set it."""
        if level is None:
            return reply[channel.PIN_LEVELS] >> self._id & 1
        exchange(channel.PIN_WRITE, self._id, 0, 1 if level else 0)
        return None

    def irq(self, handler=None, trigger=_BOTH_EDGES):
        """Call `handler(pin)` at the edges that `trigger` names."""
        self._handler = handler
        self._trigger = trigger
        self._last_level = self.value()
        if handler is None:
            if self in channel.pin_listeners:
                channel.pin_listeners.remove(self)
        elif self not in channel.pin_listeners:
            channel.pin_listeners.append(self)

    def on_change(self, changed, levels):
        """Look at what has changed; a level that is as before went there and back."""
        if not changed >> self._id & 1:
            return
        before = self._last_level
        level = levels >> self._id & 1
        self._last_level = level
        seen = Pin._BOTH_EDGES
        if before != level:
            seen = Pin.IRQ_RISING if level else Pin.IRQ_FALLING
        if seen & self._trigger:
            self._handler(self)


class UART:
    """The link to the host. A write may take fewer bytes than it was given, or none: then it gives None."""

    def __init__(self, id, baudrate=9600, *, rxbuf=256, tx=None, rx=None):
        exchange(channel.UART_OPEN, id, rxbuf, baudrate)
        self._id = id

    def any(self):
        """Bytes that wait."""
        return reply[channel.INPUT_BYTES]

    def readinto(self, buf, nbytes=-1):
        """Bytes read into `buf`, or None when there are none."""
        if not reply[channel.INPUT_BYTES]:
            return None
        pause()
        return self._receive(buf, nbytes)

    def _receive(self, buf, nbytes):
        count = channel.byte_count(buf)
        if 0 <= nbytes < count:
            count = nbytes
        return exchange(channel.UART_RECEIVE, self._id, 0, count, None, buf) or None

    def write(self, buf):
        """Bytes taken, or None when the port takes none."""
        pause()
        return self._send(buf)

    def _send(self, buf):
        return exchange(channel.UART_SEND, self._id, 0, 0, buf) or None


class WDT:
    """The watchdog: its time passes in exchanges, so it sees a hang that lets time pass, and no other."""

    def __init__(self, id=0, timeout=5000):
        channel.watch(timeout)

    def feed(self):
        """Say that the firmware goes on."""
        channel.feed()


PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3


def reset_cause():
    """Why the band booted."""
    return (PWRON_RESET, HARD_RESET, WDT_RESET)[channel.boot_cause]


def unique_id():
    """Eight bytes that tell one virtual band from another."""
    return bytes(channel.unique_id)


def reset():
    """Boot again; does not return."""
    channel.leave(channel.RESET)


def lightsleep(time_ms=None):
    """Sleep until a pin changes or the time is over."""
    until_ms = channel.NO_TICK if time_ms is None else ticks_add(reply[channel.TICKS_MS], time_ms)
    channel.wait(until_ms, 0)
