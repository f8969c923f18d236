"""Runs the firmware's vital signs on a recording that a chip gives, and reports each step's readings.

The chip is read as one stream of messages, each a header and what belongs to it; what is written to it are
reports. `bandsim.estimate.messages` is the host's side and says what they mean.
"""

from array import array
from struct import pack_into, unpack_from

from channel import BUS_READ, BUS_WRITE, NO_TICK, exchange, wait

from bandwire.catalogue import READING_COUNT
from dsp.optical_stack import OpticalStack, stack_named
from readings import ReadingTable
from vitals.engine import Vitals
from vitals.sleep import SleepVital

_ADDRESS = 0x33
_SETUP_BYTES = 32
_HEADER_BYTES = 16
_BLOCK_BYTES = 4080
_LIGHT, _ACCELERATION, _NO_ACCELERATION, _MOVES, _TEMPERATURE, _CUFF, _STEP, _EPOCH, _FINISH = range(1, 10)
_AFTER_STEP, _AFTER_EPOCH, _AT_THE_END, _AFTER_FLUSH, _DONE = range(1, 6)
_RED, _INFRARED, _GREEN, _BLUE = range(4)
_HAS_CONTACT_LEVEL, _HAS_OXYGEN, _IS_KNOWN_WORN, _HAS_EPOCHS = 1, 2, 4, 8
_EQUAL_RATES_Q16 = 65536
_REPORT_HEADER_BYTES = 16


def _read_into(buffer, count):
    status = exchange(BUS_READ, 0, _ADDRESS, count, None, buffer)
    if status != count:
        raise OSError("bytes of a recording wanted: %d, got %d" % (count, status))


class Runner:
    """The vital signs of the firmware, fed by messages."""

    def __init__(self):
        setup = bytearray(_SETUP_BYTES)
        _read_into(setup, _SETUP_BYTES)
        self._roles = tuple(setup[:4])
        self._channels = setup[4]
        self._flags = setup[5]
        if setup[6] != READING_COUNT:
            raise ValueError("readings of the host wanted: %d, got %d" % (READING_COUNT, setup[6]))
        self._header = bytearray(_HEADER_BYTES)
        self._words = array("i", bytes(_BLOCK_BYTES))
        self._axes = array("h", bytes(_BLOCK_BYTES))
        self._report = bytearray(_REPORT_HEADER_BYTES + 8 * READING_COUNT)
        self._table = ReadingTable()
        self._vitals = Vitals(self._stack(bytes(setup[12:]).rstrip(b"\x00").decode()), self._table)
        self._vitals.is_known_worn = bool(self._flags & _IS_KNOWN_WORN)
        self._vitals.acceleration.nominal_ratio_q16 = _EQUAL_RATES_Q16
        self._vitals.motion.set_rate(unpack_from("<I", setup, 8)[0])
        self._vitals.start()
        self._sleep_table = self._table
        self._sleep = self._vitals.sleep
        if self._flags & _HAS_EPOCHS:
            # A scorer of its own: that of the engine goes on with what the engine knows.
            self._sleep_table = ReadingTable()
            self._sleep = SleepVital(self._sleep_table)

    def _stack(self, name):
        """The named front end, with the channels of this recording in place of its own."""
        own = stack_named(name)
        if not self._channels:
            return own
        infrared = self._place(_INFRARED)
        pulses = self._pulses()
        contact = -1
        if self._flags & _HAS_CONTACT_LEVEL:
            contact = infrared if infrared >= 0 else pulses[0]
        return OpticalStack(
            own.name, self._place(_RED), infrared, self._place(_GREEN), self._place(_BLUE), pulses, contact,
            own.oxygen_curve, own.off_below, own.on_above, self._channels, bool(self._flags & _HAS_OXYGEN),
        )  # fmt: skip

    def _place(self, role):
        return self._roles.index(role) if role in self._roles else -1

    def _pulses(self):
        for role in (_GREEN, _INFRARED, _RED, _BLUE):
            places = tuple(place for place in range(self._channels) if self._roles[place] == role)
            if places:
                return places
        raise ValueError("roles of light wanted, got " + str(self._roles))

    def run(self):
        """Take messages until the last one."""
        handlers = (
            None, self._on_light, self._on_acceleration, self._on_no_acceleration, self._on_moves,
            self._on_temperature, self._on_cuff, self._on_step, self._on_epoch,
        )  # fmt: skip
        while True:
            _read_into(self._header, _HEADER_BYTES)
            kind, count, first, second, third = unpack_from("<HHiii", self._header, 0)
            if kind == _FINISH:
                break
            handlers[kind](count, first, second, third)
        self._vitals.motion.finish()
        self._tell(_AT_THE_END, self._table)
        while self._sleep.flush():
            self._tell(_AFTER_FLUSH, self._sleep_table)
        self._tell(_DONE, self._table)

    def _on_light(self, count, _first, _second, _third):
        _read_into(self._words, 4 * count * self._channels)
        self._vitals.on_optical(self._words, count)

    def _on_acceleration(self, count, _first, _second, _third):
        _read_into(self._axes, 6 * count)
        self._vitals.acceleration.push(self._axes, count)

    def _on_no_acceleration(self, _count, _first, _second, _third):
        self._vitals.acceleration.clear()

    def _on_moves(self, count, _first, _second, _third):
        _read_into(self._axes, 6 * count)
        self._vitals.motion.on_motion(self._axes, count)

    def _on_temperature(self, _count, raw_128, _second, _third):
        self._vitals.on_skin_temperature(raw_128)

    def _on_cuff(self, _count, systolic_mmhg, diastolic_mmhg, taken_s):
        self._vitals.on_cuff_reading(systolic_mmhg, diastolic_mmhg, 0, taken_s)

    def _on_step(self, _count, now_s, _second, _third):
        self._vitals.step(now_s)
        self._tell(_AFTER_STEP, self._table)

    def _on_epoch(self, _count, counts_q4, rate_q4, spread_q4):
        self._sleep.push_epoch(counts_q4, rate_q4, spread_q4)
        self._tell(_AFTER_EPOCH, self._sleep_table)

    def _tell(self, kind, table):
        report = self._report
        rate_tenths = self._vitals.heart.estimator.rate_tenths
        pack_into(
            "<BBHiii", report, 0, kind, table.contact, READING_COUNT, rate_tenths, self._sleep.epochs,
            self._sleep.waiting,
        )  # fmt: skip
        for index in range(READING_COUNT):
            pack_into(
                "<iBBBB", report, _REPORT_HEADER_BYTES + 8 * index, table.raw(index), table.validity(index),
                table.quality(index), table.cause(index), 0,
            )  # fmt: skip
        exchange(BUS_WRITE, 0, _ADDRESS, 0, report)


def run(_board):
    """What a lane runs in place of the firmware's own main program; stays when all is told."""
    Runner().run()
    while True:
        wait(NO_TICK, 0)
