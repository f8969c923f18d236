"""One run of the self-test: every part is tried once, and what is measured is told as a result.

A part that fails is a result and never the end of the run; every wait has its end. Nothing is sampled before
the wearer's press, and no sample and no reading leaves the band: only the results do. While the tests run,
the tasks of an agreement pause; they count the gap as they count any.

Limits, where no source is named, are choices of this design, wide enough for any sound part.
"""

from gc import collect, mem_free

from bandwire.frames import (
    KIND_SELF_TEST_RESULT,
    LOG_LEVEL_ERROR,
    NO_VALUE,
    OUTCOME_ENDED,
    OUTCOME_FAILED,
    OUTCOME_PASSED,
    OUTCOME_RUNNING,
    OUTCOME_SHOWN,
    OUTCOME_SKIPPED,
    OUTCOME_WAITING,
    PART_BUTTON,
    PART_DISPLAY,
    PART_FUEL_GAUGE,
    PART_MOTION,
    PART_MOTOR,
    PART_NONE,
    PART_OPTICAL,
    PART_STORAGE,
    PART_TASK,
    PART_THERMOMETER,
    SELF_TEST_BUTTON,
    SELF_TEST_CHARGE,
    SELF_TEST_CONVERSION,
    SELF_TEST_GRAVITY,
    SELF_TEST_HEAP,
    SELF_TEST_IDENTITY,
    SELF_TEST_LIGHT,
    SELF_TEST_NOISE,
    SELF_TEST_PATTERN,
    SELF_TEST_RATE,
    SELF_TEST_STORAGE,
    SELF_TEST_VIBRATION,
    SELF_TEST_VOLTAGE,
    SELF_TEST_WHOLE,
    UNIT_BYTE,
    UNIT_COUNT,
    UNIT_MILLIGRAVITY,
    UNIT_MILLIHERTZ,
    UNIT_MILLISECOND,
    UNIT_MILLIVOLT,
    UNIT_NONE,
    UNIT_PERCENT,
    pack_self_test_result_into,
)
from display.self_test_view import SelfTestView
from drivers import lsm6dso, max17048, max30101, tmp117
from drivers.registers import Registers
from drivers.ssd1306 import Ssd1306
from hal.clock import elapsed_ms
from hal.storage import Storage
from streams import CHANNEL_COUNT
from tasks.self_test_probe import Probe

PRESS_TIMEOUT_MS = 60_000
_READING_MS = 1500
"""The display is drawn once a second: a press before that was meant for another page."""
_TURN_MS = 200
"""Between two reads of the FIFOs: the optical one holds 32 samples, so that even 160 Hz is counted."""
_LIT_MS = 6000
"""150 optical samples: one sample more or less is 0.7 % of the rate."""
_DARK_MS = 2400
_VIBRATION_MS = 800

_RATE_TOLERANCE_PERCENT = 5
_LEAST_LIGHT_COUNTS = 1000
"""That the LEDs add on what covers the sensor, of 262,143."""
_MOST_DARK_NOISE_COUNTS = 64
_MOST_REST_NOISE_MG = 20
"""Ten times what the LSM6DSO's datasheet (DS12140 Rev 2, page 10) gives as typical at +-4 g: 2.0 mg RMS."""
_GRAVITY_MG = (900, 1100)
_CELL_MILLIVOLTS = (3000, 4350)
"""From where a lithium cell is empty to where the charger of one of 4.3 V must have stopped."""
_CHARGE_PERCENT = (0, 105)
_LEAST_HEAP_BYTES = 4 * 1024
_COUNTS_PER_G = 8192
_SLOTS = 2
_MEASURABLE_RAW_128 = (-40 * 128, 125 * 128)
"""-40 to 125 C; no more is told of a temperature."""


class SelfTestRun:
    """A task that is a generator: each of its steps is one part of the run."""

    BUDGET_PER_2_S = 8_000_000

    def __init__(self, door, run_id):
        self.name = "self test"
        self.part = PART_NONE
        self._door = door
        self._core = door.core
        self._run_id = run_id
        self._view = SelfTestView(door.core.clock)
        self._asked_at_ms = 0
        self._is_pressed = False
        self._is_ended = False
        self._has_begun = False
        self._failures = 0
        self._dead_parts = 0
        self._steps = self._run()

    def take_press(self):
        """The wearer agrees to the run; a press before the page can have been read means nothing."""
        if self._waited_ms() >= _READING_MS:
            self._is_pressed = True

    def end(self):
        """End before the end: the wearer or the host wants it so."""
        self._is_ended = True

    def is_ready(self):
        """Whether the wearer or the host has just said something."""
        return self._is_ended or (self._is_pressed and not self._has_begun)

    def start(self, now_ms):
        """Ask for the press."""
        self._asked_at_ms = now_ms
        self._door.screen.cover(self._view)
        self._tell(SELF_TEST_WHOLE, PART_NONE, OUTCOME_WAITING)

    def step(self, _now_ms):
        """Do the next part of the run; when it is over, this was the last step."""
        if self._is_ended:
            return self._finish(OUTCOME_ENDED)
        try:
            return next(self._steps)
        except StopIteration:
            return self._finish(OUTCOME_FAILED if self._failures else OUTCOME_PASSED)
        except Exception as error:  # noqa: BLE001 - whatever fails, the band goes on as before the run
            text = self.name + ": " + type(error).__name__
            self._core.outbox.send_log(LOG_LEVEL_ERROR, PART_TASK, text.encode())
            self._failures += 1
            return self._finish(OUTCOME_FAILED)

    def _finish(self, outcome):
        self._steps.close()
        self._door.screen.uncover(self._view)
        if self._has_begun:
            self._door.collection.go_on()
        self._tell(SELF_TEST_WHOLE, PART_NONE, outcome, UNIT_COUNT, self._failures, NO_VALUE, 0)
        self._door.let_go()
        return 0

    def _run(self):
        while not self._is_pressed:
            left_ms = PRESS_TIMEOUT_MS - self._waited_ms()
            if left_ms <= 0:
                self._judge_press(NO_VALUE)
                return
            yield left_ms
        self._has_begun = True
        self._door.collection.pause()
        self._judge_press(self._waited_ms())
        self._tell(SELF_TEST_WHOLE, PART_NONE, OUTCOME_RUNNING)
        self._view.show_running()
        self._test_identities()
        self._test_battery()
        self._test_storage()
        collect()
        self._judge(SELF_TEST_HEAP, PART_TASK, UNIT_BYTE, mem_free(), _LEAST_HEAP_BYTES, NO_VALUE)
        yield _TURN_MS
        yield from self._sample()
        yield from self._vibrate()

    def _judge_press(self, waited_ms):
        self._judge(SELF_TEST_BUTTON, PART_BUTTON, UNIT_MILLISECOND, waited_ms, NO_VALUE, PRESS_TIMEOUT_MS)

    def _waited_ms(self):
        return elapsed_ms(self._asked_at_ms, self._core.clock.now_ms)

    # Chips

    def _test_identities(self):
        bus = self._door.chips.bus
        self._test_identity(bus, PART_OPTICAL, max30101.IDENTITY)
        self._test_identity(bus, PART_MOTION, lsm6dso.IDENTITY)
        self._test_identity(bus, PART_THERMOMETER, tmp117.IDENTITY)
        self._test_identity(bus, PART_FUEL_GAUGE, max17048.IDENTITY)
        try:
            Ssd1306(bus)
        except OSError as error:
            self._fail(SELF_TEST_IDENTITY, PART_DISPLAY, error)
        else:
            # Nothing can be read from the display: that it answers is all there is to know.
            self._tell(SELF_TEST_IDENTITY, PART_DISPLAY, OUTCOME_PASSED)

    def _test_identity(self, bus, part, identity):
        wanted = identity[4]
        try:
            found = Registers(bus, identity[0]).read_identity(identity)
        except OSError as error:
            self._fail(SELF_TEST_IDENTITY, part, error)
            self._dead_parts |= 1 << part
            return
        self._judge(SELF_TEST_IDENTITY, part, UNIT_NONE, found, wanted, wanted)
        if found != wanted:
            self._dead_parts |= 1 << part

    def _test_battery(self):
        if self._is_dead(PART_FUEL_GAUGE, SELF_TEST_VOLTAGE):
            return
        try:
            gauge = self._door.chips.gauge.start()
            millivolts = gauge.read_millivolts()
            percent = gauge.read_percent_256() >> 8
        except OSError as error:
            self._fail(SELF_TEST_VOLTAGE, PART_FUEL_GAUGE, error)
            return
        self._judge(SELF_TEST_VOLTAGE, PART_FUEL_GAUGE, UNIT_MILLIVOLT, millivolts, *_CELL_MILLIVOLTS)
        self._judge(SELF_TEST_CHARGE, PART_FUEL_GAUGE, UNIT_PERCENT, percent, *_CHARGE_PERCENT)

    def _test_storage(self):
        """Both slots are written, and each is read back."""
        storage = self._core.storage
        good = 0
        try:
            for _ in range(_SLOTS):
                storage.write()
                kept = Storage(storage.folder)
                is_same = (kept.boot_id, kept.consent_groups) == (storage.boot_id, storage.consent_groups)
                good += 1 if is_same and kept.consent_digest == storage.consent_digest else 0
        except OSError as error:
            self._fail(SELF_TEST_STORAGE, PART_STORAGE, error)
        else:
            self._judge(SELF_TEST_STORAGE, PART_STORAGE, UNIT_COUNT, good, _SLOTS, _SLOTS)

    # Sensors

    def _sample(self):
        """Rates, light and noise; the display shows its pattern meanwhile."""
        self._view.show_pattern()
        self._tell(SELF_TEST_PATTERN, PART_DISPLAY, OUTCOME_RUNNING)
        optical, motion = self._door.collection.sources
        clock = self._core.clock
        thermometer = self._start_conversions()
        lit = Probe(optical, clock)
        still = Probe(motion, clock)
        yield from _read((lit, still), _LIT_MS)
        self._judge_rate(lit, optical.row)
        self._judge_rate(still, motion.row)
        self._judge_rest(still)
        self._judge_conversion(thermometer)
        dark = Probe(optical, clock, 0)
        yield from _read((dark,), _DARK_MS)
        self._judge_light(lit, dark)
        if self._core.status.has_fault(PART_DISPLAY):
            self._fail(SELF_TEST_PATTERN, PART_DISPLAY)
        else:
            self._tell(SELF_TEST_PATTERN, PART_DISPLAY, OUTCOME_SHOWN)
        self._view.show_running()

    def _judge_rate(self, probe, row):
        if self._is_dead(row.part, SELF_TEST_RATE):
            return
        if probe.error is not None:
            self._fail(SELF_TEST_RATE, row.part, probe.error)
            return
        wanted_mhz = row.rate_hz * 1000
        room_mhz = wanted_mhz * _RATE_TOLERANCE_PERCENT // 100
        limits = wanted_mhz - room_mhz, wanted_mhz + room_mhz
        self._judge(SELF_TEST_RATE, row.part, UNIT_MILLIHERTZ, probe.rate_mhz(), *limits)

    def _judge_rest(self, probe):
        """The band lies still: gravity is all that there is to feel."""
        if self._is_dead(PART_MOTION, SELF_TEST_GRAVITY) or probe.error is not None:
            return
        # Eighths of counts keep the sum of the squares below 2^30.
        eighths = sum((probe.mean(channel) >> 3) ** 2 for channel in range(CHANNEL_COUNT)) ** 0.5
        milligravity = int(eighths * 8 * 1000 / _COUNTS_PER_G)
        self._judge(SELF_TEST_GRAVITY, PART_MOTION, UNIT_MILLIGRAVITY, milligravity, *_GRAVITY_MG)
        noise = probe.deviation() * 1000 // _COUNTS_PER_G
        self._judge(SELF_TEST_NOISE, PART_MOTION, UNIT_MILLIGRAVITY, noise, NO_VALUE, _MOST_REST_NOISE_MG)

    def _judge_light(self, lit, dark):
        if self._is_dead(PART_OPTICAL, SELF_TEST_LIGHT) or lit.error is not None:
            return
        if dark.error is not None:
            self._fail(SELF_TEST_NOISE, PART_OPTICAL, dark.error)
            return
        counts = min(lit.mean(channel) - dark.mean(channel) for channel in range(CHANNEL_COUNT))
        self._judge(SELF_TEST_LIGHT, PART_OPTICAL, UNIT_COUNT, counts, _LEAST_LIGHT_COUNTS, NO_VALUE)
        noise = dark.deviation()
        self._judge(SELF_TEST_NOISE, PART_OPTICAL, UNIT_COUNT, noise, NO_VALUE, _MOST_DARK_NOISE_COUNTS)

    def _start_conversions(self):
        """The thermometer's driver, or the error in its place."""
        try:
            return self._door.chips.thermometer.start()
        except OSError as error:
            return error

    def _judge_conversion(self, thermometer):
        """A temperature is a reading of the wearer's: whether one came is told, which one is not."""
        if self._is_dead(PART_THERMOMETER, SELF_TEST_CONVERSION):
            return
        try:
            if isinstance(thermometer, OSError):
                raise thermometer
            raw_128 = thermometer.read_raw()
        except OSError as error:
            self._fail(SELF_TEST_CONVERSION, PART_THERMOMETER, error)
            return
        if _MEASURABLE_RAW_128[0] <= raw_128 <= _MEASURABLE_RAW_128[1]:
            self._tell(SELF_TEST_CONVERSION, PART_THERMOMETER, OUTCOME_PASSED)
        else:
            self._fail(SELF_TEST_CONVERSION, PART_THERMOMETER)

    def _vibrate(self):
        self._tell(SELF_TEST_VIBRATION, PART_MOTOR, OUTCOME_RUNNING)
        self._door.haptics.pulse(1, _VIBRATION_MS)
        yield _VIBRATION_MS + _TURN_MS
        self._tell(SELF_TEST_VIBRATION, PART_MOTOR, OUTCOME_SHOWN)

    # Results

    def _is_dead(self, part, test):
        """Whether a part is not there or another one; its test is told as skipped then."""
        is_dead = bool(self._dead_parts >> part & 1)
        if is_dead:
            self._tell(test, part, OUTCOME_SKIPPED)
        return is_dead

    def _judge(self, test, part, unit, value, lower, upper):
        """Tell a value; it passes within its limits, of which NO_VALUE is none, and is none itself."""
        is_good = value != NO_VALUE and value >= lower and (upper == NO_VALUE or value <= upper)
        self._failures += 0 if is_good else 1
        self._tell(test, part, OUTCOME_PASSED if is_good else OUTCOME_FAILED, unit, value, lower, upper)

    def _fail(self, test, part, error=None):
        """Tell a failure, with its errno when there is one."""
        self._failures += 1
        errno = error.args[0] if error is not None and error.args else 0
        errno = errno if isinstance(errno, int) else 0
        self._tell(test, part, OUTCOME_FAILED, UNIT_NONE, NO_VALUE, NO_VALUE, NO_VALUE, errno)

    def _tell(
        self, test, part, outcome, unit=UNIT_NONE, value=NO_VALUE, lower=NO_VALUE, upper=NO_VALUE, errno=0
    ):
        outbox = self._core.outbox
        end = pack_self_test_result_into(
            outbox.buffer, 0, self._run_id, test, part, outcome, unit, value, lower, upper, errno
        )
        outbox.send(KIND_SELF_TEST_RESULT, end)


def _read(probes, duration_ms):
    """Read for so long, turn by turn."""
    for _ in range(duration_ms // _TURN_MS):
        yield _TURN_MS
        for probe in probes:
            probe.read()
