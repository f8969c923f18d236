"""The facade of the vital signs: samples in, readings in the table out. Pure: it has no clock.

The sampling task gives raw samples as they come and calls `step` every 2 s. What the parts expect of
one another:

MotionVital(table): `start()`, `forget()`, `on_motion(samples, count)`, `update(is_off)`, then
`motion_rms_mg` (rms of acceleration without its slow part, last 2 s), `jerk_mg` (mean change a sample over
three axes) and `activity_counts_q4` (activity counts of the last 2 s in 1/16, or NO_VALUE).
SleepVital(table): `start()`, `update(activity_counts_q4, heart_rate_raw, is_on_wrist)`; `heart_rate_raw` is
the reading in 0.1/min or NO_VALUE.
Where samples end for good, as a recording does, `MotionVital.finish()` and `SleepVital.flush()`, until it
gives False, tell what waits for later ones.
TemperatureVital(table): `start()`, `on_raw(raw_128)` in 1/128 C, `update(absence)`.
CoreTemperatureVital(table): `start()`, `update(heart_rate_raw, absence)`.
PressureVital(table): `forget()`, `on_cuff_reading(systolic_mmhg, diastolic_mmhg, age_s, now_s)`,
`update(now_s)`.

| state                    | optical       | temperature   | sleep         | motion          | cuff reading |
|--------------------------|---------------|---------------|---------------|-----------------|--------------|
| fault of the optics      | SENSOR_FAULT  | SENSOR_FAULT  | SENSOR_FAULT  | go on           | goes on      |
| no light came for 4 s    | STALE         | STALE         | STALE         | go on           | goes on      |
| contact not known yet    | STARTING      | STARTING      | STARTING      | go on           | goes on      |
| light and pad disagree   | LOW_CONFIDENCE| LOW_CONFIDENCE| LOW_CONFIDENCE| go on           | goes on      |
| off the wrist            | OFF_WRIST     | OFF_WRIST     | OFF_WRIST     | OFF_WRIST       | goes on      |
| weak contact             | WEAK_SIGNAL   | goes on       | by the epoch  | go on           | goes on      |

Without light nobody can tell whether it is skin that the thermometer touches, nor a table from a sleeper,
unless it is known otherwise (`is_known_worn`), as of a recording without light.
A part with a fault of its own is not updated: its readings are withheld with SENSOR_FAULT.
"""

from bandwire.catalogue import (
    INDEX_ACTIVITY,
    INDEX_ARM_POSTURE,
    INDEX_CORE_TEMPERATURE_ESTIMATE_C,
    INDEX_CUFF_AGE_S,
    INDEX_DIASTOLIC_MMHG,
    INDEX_ENMO_MG,
    INDEX_HEART_RATE_BPM,
    INDEX_PULSE_INTERVAL_MS,
    INDEX_PULSE_SHAPE_INDEX,
    INDEX_RESPIRATORY_RATE_BPM,
    INDEX_RMSSD_MS,
    INDEX_SKIN_TEMPERATURE_C,
    INDEX_SLEEP_STAGE,
    INDEX_SPO2_PERCENT,
    INDEX_STEPS,
    INDEX_SYSTOLIC_MMHG,
)
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_NONE,
    CAUSE_OFF_WRIST,
    CAUSE_SENSOR_FAULT,
    CAUSE_STALE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    CONTACT_OFF_WRIST,
    CONTACT_ON_WRIST,
    CONTACT_UNKNOWN,
    CONTACT_WEAK,
    NO_VALUE,
    PART_MOTION,
    PART_OPTICAL,
    PART_THERMOMETER,
    VALIDITY_VALID,
)
from dsp.rings import MotionRing, OpticalRing
from dsp.spectrum import Transformer
from dsp.workspace import Workspace
from vitals.beats import BeatsVital
from vitals.blood_pressure import PressureVital
from vitals.breathing import BreathingVital
from vitals.contact import ContactVital
from vitals.core_temperature import CoreTemperatureVital
from vitals.heart import HeartVital
from vitals.motion import MotionVital
from vitals.oxygen import OxygenVital
from vitals.sleep import SleepVital
from vitals.temperature import TemperatureVital

_STALE_STEPS = 2
"""Steps without a single optical sample after which optical readings are stale: 4 s, five FIFO reads."""

_OPTICAL_READINGS = (
    INDEX_HEART_RATE_BPM,
    INDEX_PULSE_INTERVAL_MS,
    INDEX_RMSSD_MS,
    INDEX_PULSE_SHAPE_INDEX,
    INDEX_RESPIRATORY_RATE_BPM,
    INDEX_SPO2_PERCENT,
)
_MOTION_READINGS = (INDEX_STEPS, INDEX_ACTIVITY, INDEX_ENMO_MG, INDEX_ARM_POSTURE)
_TEMPERATURE_READINGS = (INDEX_SKIN_TEMPERATURE_C, INDEX_CORE_TEMPERATURE_ESTIMATE_C)
_PRESSURE_READINGS = (INDEX_SYSTOLIC_MMHG, INDEX_DIASTOLIC_MMHG, INDEX_CUFF_AGE_S)
_SLEEP_READINGS = (INDEX_SLEEP_STAGE,)
_GROUPS = (_OPTICAL_READINGS, _MOTION_READINGS, _TEMPERATURE_READINGS, _PRESSURE_READINGS, _SLEEP_READINGS)


class Vitals:
    """All vital signs of one band with the optical front end `optical_stack`, written into `table`.

    `stepped_s` is the time of the last step, -1 before the first.
    """

    def __init__(self, optical_stack, table, oxygen_curve=None):
        """`oxygen_curve` is the maker's calibration, in place of the stack's own curve."""
        self.table = table
        self.optical = OpticalRing(optical_stack.channels)
        self.acceleration = MotionRing()
        self.motion = MotionVital(table)
        workspace = self.workspace = Workspace()
        self.contact = ContactVital(optical_stack, self.optical, workspace)
        transformer = Transformer(workspace)
        self.heart = HeartVital(optical_stack, self.optical, self.acceleration, transformer, table)
        self.beats = BeatsVital(optical_stack, self.optical, workspace, table)
        self.breathing = BreathingVital(transformer, table)
        self.oxygen = OxygenVital(optical_stack, self.optical, workspace, table, oxygen_curve)
        self.sleep = SleepVital(table)
        self.temperature = TemperatureVital(table)
        self.core = CoreTemperatureVital(table)
        self.pressure = PressureVital(table)
        self._has_oxygen = optical_stack.has_oxygen
        self.is_known_worn = False
        self.stepped_s = -1
        self._faulty_parts = 0
        self._steps_without_light = 0
        self._absence = CAUSE_STARTING

    def forget(self):
        """Nothing stays of the wearer: cuff reading and steps go too."""
        self.pressure.forget()
        self.motion.forget()
        self.start()

    def start(self):
        """Begin afresh: every reading withheld as starting, contact unknown; cuff reading and steps stay."""
        self._faulty_parts = 0
        self._steps_without_light = 0
        for readings in _GROUPS:
            self._withhold(readings, CAUSE_STARTING)
        self.table.set_contact(CONTACT_UNKNOWN)
        self.acceleration.clear()
        self.contact.start()
        self._forget_light()
        for vital in (self.motion, self.sleep, self.temperature, self.core):
            vital.start()

    def on_optical(self, samples, count):
        """Take `count` samples of the stack's interleaved channels (array('i'), 18-bit counts, 25 Hz)."""
        self.optical.push(samples, count)

    def on_motion(self, samples, count):
        """Take `count` samples x, y, z (array('h'), 8192 counts a g, nominal 26 Hz)."""
        self.acceleration.push(samples, count)
        self.motion.on_motion(samples, count)

    def on_skin_temperature(self, raw_128):
        """Take a temperature of the skin thermometer in 1/128 C."""
        self.temperature.on_raw(raw_128)

    def on_cuff_reading(self, systolic_mmhg, diastolic_mmhg, age_s, now_s):
        """Take the wearer's own cuff reading, `age_s` seconds old; False when a later one is kept."""
        return self.pressure.on_cuff_reading(systolic_mmhg, diastolic_mmhg, age_s, now_s)

    def on_fault(self, part, is_faulty):
        """Learn that a part (PART_...) failed or works again."""
        if is_faulty:
            self._faulty_parts |= 1 << part
        else:
            self._faulty_parts &= ~(1 << part)

    def step(self, now_s):
        """Bring every reading up to date; due every 2 s, 50 optical samples."""
        cause = self._cause_of_darkness()
        if cause == CAUSE_NONE:
            cause = self._cause_of_contact()
        is_worn = cause == CAUSE_WEAK_SIGNAL or self.is_known_worn
        self._absence = CAUSE_NONE if is_worn else cause
        self._step_motion()
        self._step_light(cause)
        self._step_temperature()
        self._step_sleep()
        self.pressure.update(now_s)
        self.stepped_s = now_s

    def _has_fault(self, part):
        return self._faulty_parts >> part & 1

    def _withhold(self, readings, cause):
        for index in readings:
            self.table.withhold(index, cause)

    def _step_motion(self):
        if self._has_fault(PART_MOTION):
            self.acceleration.clear()
            self.motion.start()
            self._withhold(_MOTION_READINGS, CAUSE_SENSOR_FAULT)
        else:
            self.acceleration.mark(self.optical.total)
            self.motion.update(self._absence == CAUSE_OFF_WRIST)

    def _step_light(self, cause):
        motion = self.motion if self.acceleration.is_live else None
        # Followed while contact is not known, too, so that the rate is there as soon as contact is.
        if self.optical.held:
            self.heart.update(motion)
        if cause == CAUSE_NONE:
            self.beats.update(motion, self.heart)
            self.heart.settle(motion, self.beats.rate.rate_tenths)
            self.breathing.update(motion, self.heart, self.beats)
            if self._has_oxygen:
                self.oxygen.update(motion)
        else:
            self._withhold(_OPTICAL_READINGS, cause)

    def _cause_of_darkness(self):
        """Why there are no optical samples to work on, or CAUSE_NONE."""
        if self.optical.take_fresh():
            self._steps_without_light = 0
        elif self._steps_without_light < _STALE_STEPS:
            self._steps_without_light += 1
        if self._has_fault(PART_OPTICAL):
            cause = CAUSE_SENSOR_FAULT
        elif self._steps_without_light >= _STALE_STEPS:
            cause = CAUSE_STALE
        else:
            return CAUSE_NONE
        self.contact.start()
        self.table.set_contact(CONTACT_UNKNOWN)
        self._forget_light()
        return cause

    def _cause_of_contact(self):
        """Why contact forbids an optical reading, or CAUSE_NONE."""
        pad_cc = NO_VALUE if self._has_fault(PART_THERMOMETER) else self.temperature.pad_cc()
        contact = self.contact.update(pad_cc, self.motion.is_still)
        self.table.set_contact(contact)
        if contact == CONTACT_UNKNOWN:
            return CAUSE_LOW_CONFIDENCE if self.contact.is_contradicted else CAUSE_STARTING
        if contact == CONTACT_OFF_WRIST:
            self._forget_light()
            return CAUSE_OFF_WRIST
        if contact == CONTACT_WEAK:
            self.oxygen.distrust()
            return CAUSE_WEAK_SIGNAL
        return CAUSE_NONE

    def _forget_light(self):
        """Old light must not leak into a new wearing: windows fill again from nothing."""
        self.optical.clear()
        self.heart.start()
        self.beats.start()
        self.breathing.start()
        self.oxygen.start()

    def _step_temperature(self):
        if self._has_fault(PART_THERMOMETER):
            self.table.withhold(INDEX_SKIN_TEMPERATURE_C, CAUSE_SENSOR_FAULT)
        else:
            self.temperature.update(self._absence)
        self.core.update(self._valid_rate(), self._absence)

    def _step_sleep(self):
        cause = CAUSE_SENSOR_FAULT if self._has_fault(PART_MOTION) else self._absence
        if cause != CAUSE_NONE:
            self.sleep.start()
            self._withhold(_SLEEP_READINGS, cause)
            return
        is_on_wrist = self.is_known_worn or self.table.contact == CONTACT_ON_WRIST
        self.sleep.update(self.motion.activity_counts_q4, self._valid_rate(), is_on_wrist)

    def _valid_rate(self):
        """The heart rate in 0.1 /min when it is a reading, else NO_VALUE."""
        is_valid = self.table.validity(INDEX_HEART_RATE_BPM) == VALIDITY_VALID
        return self.table.raw(INDEX_HEART_RATE_BPM) if is_valid else NO_VALUE
