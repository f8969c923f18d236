"""The lane's end of the channel to the conductor, as in `docs/conductor.md`.

Whatever the firmware does that a tick, a pin or a byte depends on becomes one exchange here. An exchange
allocates nothing. All words of a reply are below 2^30, the status apart, which may be negative.
"""

from array import array
from gc import collect, mem_alloc, mem_free
from struct import pack_into

import micropython

try:
    from counters import pause, resume, take
except ImportError:
    # This lane counts no instructions.
    def pause():
        pass

    def resume():
        pass

    def take():
        return 0


PROTOCOL_VERSION = 2
HELLO = 1
WAIT = 2
SLEEP = 3
BUS_WRITE = 4
BUS_READ = 5
BUS_WRITE_READ = 6
BUS_SCAN = 7
UART_OPEN = 8
UART_SEND = 9
UART_RECEIVE = 10
PIN_MODE = 11
PIN_WRITE = 12
HEAP = 13
LOG = 14
EXIT = 15
FATAL = 16
COST = 17
PINS = 18
FLASH_SIZE = 19
FLASH_READ = 20
FLASH_PROGRAM = 21
FLASH_ERASE = 22
RADIO_CALL = 23
RADIO_EVENT = 24
RANDOM = 25

WAKE_ON_INPUT = 1
WAKE_ON_ROOM = 2
NO_TICK = 0xFFFFFFFF

RETURNED = 0
RESET = 1
WATCHDOG = 2

# Words of a reply.
STATUS = 0
TICKS_MS = 1
LOW = 2
INPUT_BYTES = 3
PIN_LEVELS = 4
PINS_CHANGED = 5
PAYLOAD_BYTES = 6

_REQUEST_BYTES = 16
_REPLY_BYTES = 28
_SHORT_PAYLOAD_BYTES = 20
_MAX_PAYLOAD_BYTES = 4096
_MEASURE_HEAP = 1
_COLLECT_FIRST = 2
_MEASURE_COST = 4
_RADIO_EVENTS = 8
_REPORTS = 7
_TICKS_MASK = 0x3FFFFFFF

reply = array("i", (0,) * 7)
unique_id = bytearray(8)
pin_listeners = []
"""Pins with an interrupt: `on_change(changed, levels)` of each is called when a pin has changed."""

on_radio_events = None
"""Called, if there is one, when the radio has events."""

code_bytes = 0
"""Heap that the code takes, measured before the firmware runs."""
ballast_bytes = 0
"""Heap that is kept from the firmware."""
boot_cause = 0
"""RESET or WATCHDOG, 0 when the band was switched on."""
report_cost = None
"""Reports what the firmware costs, on a lane that counts it."""

_requests = None
_replies = None
_wanted_flags = 0
_watchdog_ms = 0
_fed_at_ms = 0
_request = bytearray(_REQUEST_BYTES + _SHORT_PAYLOAD_BYTES)
_scratch = bytearray(8)


def open_channel(requests, replies, board):
    """Take the streams to and from the conductor, which may be one, and say hello."""
    global _requests, _replies, boot_cause
    _requests = requests
    _replies = replies
    boot_cause = exchange(HELLO, 0, 0, PROTOCOL_VERSION, board.encode(), unique_id)


@micropython.native
def exchange(operation, unit, argument, value, payload=None, into=None):
    """One request and its reply; gives the status. A payload of the reply goes into `into`."""
    pause()
    length = 0 if payload is None else byte_count(payload)
    pack_into("<BBHIII", _request, 0, operation, unit, argument, value, take(), length)
    _requests.write(_request, _REQUEST_BYTES)
    if length:
        _requests.write(payload)
    return _finish(into)


def exchange_short(operation, unit, argument, value, first, rest=None, into=None):
    """As `exchange`, with a payload of the byte `first` and the bytes `rest`: a register and its content."""
    pause()
    length = 1 if rest is None else 1 + byte_count(rest)
    pack_into("<BBHIIIB", _request, 0, operation, unit, argument, value, take(), length, first)
    _requests.write(_request, _REQUEST_BYTES + 1)
    if length > 1:
        _requests.write(rest)
    return _finish(into)


def exchange_vector(operation, unit, argument, value, vector):
    """As `exchange`, with a payload in several parts."""
    pause()
    length = 0
    for part in vector:
        length += byte_count(part)
    pack_into("<BBHIII", _request, 0, operation, unit, argument, value, take(), length)
    _requests.write(_request, _REQUEST_BYTES)
    for part in vector:
        if byte_count(part):
            _requests.write(part)
    return _finish(None)


@micropython.native
def _finish(into):
    global _wanted_flags
    if _replies.readinto(reply) != _REPLY_BYTES:
        # The conductor is gone: a firmware that catches Exception must not catch this.
        raise SystemExit(3)
    length = reply[PAYLOAD_BYTES]
    if length:
        _replies.readinto(into, length)
    # An interrupt handler may make an exchange of its own, which overwrites the reply.
    status = reply[STATUS]
    flags = reply[LOW] >> 16
    _wanted_flags |= flags & _REPORTS
    changed = reply[PINS_CHANGED]
    has_events = flags & _RADIO_EVENTS and on_radio_events is not None
    if _watchdog_ms and (reply[TICKS_MS] - _fed_at_ms) & _TICKS_MASK > _watchdog_ms:
        _bite()
    resume()
    if changed:
        levels = reply[PIN_LEVELS]
        for listener in pin_listeners:
            listener.on_change(changed, levels)
    if has_events:
        on_radio_events()
    return status


def watch(timeout_ms):
    """Reset the firmware when it is not fed for so long; for good."""
    global _watchdog_ms
    _watchdog_ms = timeout_ms
    feed()


def feed():
    """Let the watchdog's time begin anew."""
    global _fed_at_ms
    _fed_at_ms = reply[TICKS_MS]


def _bite():
    global _watchdog_ms
    _watchdog_ms = 0
    leave(WATCHDOG)


def byte_count(buffer):
    """Bytes of a buffer. A memoryview must be one of bytes: this port does not say how wide its items are."""
    # One type at a time: a tuple of types would be made anew at each call.
    return len(bytes(buffer)) if isinstance(buffer, array) else len(buffer)


def wait(until_ms, wake_on):
    """Wait for a tick, a pin, and what `wake_on` names; gives the room to send, if that was waited for.

    Then reports heap and cost, if that is wanted.
    """
    global _wanted_flags
    room_bytes = exchange(WAIT, wake_on, 0, until_ms)
    if _wanted_flags:
        flags = _wanted_flags
        _wanted_flags = 0
        pause()
        if flags & _MEASURE_HEAP:
            _report_heap(flags & _COLLECT_FIRST)
        if flags & _MEASURE_COST:
            report_cost()
    return room_bytes


def _report_heap(is_collected):
    if is_collected:
        collect()
    pack_into("<II", _scratch, 0, mem_alloc() - code_bytes - ballast_bytes, code_bytes)
    exchange(HEAP, 1 if is_collected else 0, 0, mem_free(), _scratch)


def log(text):
    """Add a line to the band's log."""
    exchange(LOG, 0, 0, 0, text[:_MAX_PAYLOAD_BYTES])


def fatal(text):
    """Report a traceback; the conductor ends this process."""
    exchange(FATAL, 0, 0, 0, text[-_MAX_PAYLOAD_BYTES:])


def bracket():
    """What leaving the simulation and entering it again takes by itself."""
    resume()
    pause()


def leave(reason):
    """Report the end of the firmware; the conductor ends this process."""
    exchange(EXIT, 0, reason, 0)
