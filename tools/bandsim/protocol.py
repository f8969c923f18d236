"""Messages between the conductor and a lane, as in `docs/conductor.md`.

The lane asks, the conductor answers; one answer for each request, in order. All numbers are little-endian.
"""

from enum import IntEnum, IntFlag
from struct import Struct

PROTOCOL_VERSION = 2

REQUEST = Struct("<BBHIII")
"""Operation, unit, argument, value, instructions since the reply before, payload length in bytes."""

REPLY = Struct("<iIIIIII")
"""Status, tick in ms, microseconds past the tick with flags above them, link bytes that wait, pin levels,
pins that changed, payload length in bytes."""

HEAP_PAYLOAD = Struct("<II")
"""Heap in use without the code, and the code's, in bytes."""

COST_WORDS = Struct("<8I")
COST_LINE = Struct("<24s5I")
"""The whole firmware's counts, then those of each task behind its name."""

REQUEST_BYTES = REQUEST.size
REPLY_BYTES = REPLY.size
MAX_PAYLOAD_BYTES = 4096

TICKS_MODULUS_MS = 1 << 30
"""Ticks wrap as `time.ticks_ms` does on MicroPython's 32-bit ports (MICROPY_PY_TIME_TICKS_PERIOD there)."""

NO_TICK = 0xFFFF_FFFF
"""As the value of WAIT: no time-out."""

FLASH_COUNT_SHIFT = 16
"""In the value of FLASH_READ the number of bytes stands above the offset."""

PIN_COUNT = 16
FLAGS_SHIFT = 16
"""Reply flags stand above the microseconds (0-999) in the same word."""


class Operation(IntEnum):
    """What a lane can ask for."""

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


class RadioCall(IntEnum):
    """What a lane asks of its radio: the `unit` of RADIO_CALL."""

    ACTIVE = 1
    CONFIG = 2
    ADVERTISE = 3
    DISCONNECT = 4
    REGISTER = 5
    SIZE = 6
    READ = 7
    NOTIFY = 8
    SET_BUFFER = 9
    WRITE = 10
    PAIR = 20
    PASSKEY = 21
    ANSWER = 22
    SECRET = 23


class RadioSetting(IntEnum):
    """What CONFIG sets: its `argument`."""

    MTU = 1
    ADDRESS_MODE = 2
    NAME = 3
    BOND = 4
    MITM = 5
    IO = 6
    LE_SECURE = 7


class RadioEvent(IntEnum):
    """What RADIO_EVENT tells: its status, as MicroPython numbers them (`_IRQ_...` of its documentation)."""

    NONE = 0
    CENTRAL_CONNECT = 1
    CENTRAL_DISCONNECT = 2
    GATTS_WRITE = 3
    GATTS_INDICATE_DONE = 20
    MTU_EXCHANGED = 21
    ENCRYPTION_UPDATE = 28
    GET_SECRET = 29
    SET_SECRET = 30
    PASSKEY_ACTION = 31


class Wake(IntFlag):
    """What ends a WAIT early: its `unit`. A changed pin always does."""

    ON_INPUT = 1
    ON_ROOM = 2


class ReplyFlag(IntFlag):
    """What the conductor wants of the lane next: HEAP, after a collection or without, and COST behind it; or
    RADIO_EVENT, as long as there is one.
    """

    MEASURE_HEAP = 1
    COLLECT_FIRST = 2
    MEASURE_COST = 4
    RADIO_EVENTS = 8


class ExitReason(IntEnum):
    """Why the firmware ends: the `argument` of EXIT."""

    RETURNED = 0
    RESET = 1
    WATCHDOG = 2
