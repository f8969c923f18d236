"""The one list of readings: what the band measures, shows and sends.

The display pages, the frames of vitals, the manifest, the SDK's typed readings and the CSV columns
all come from this list. Raw values on the wire are integers; `value = raw * scale`.
"""

from dataclasses import dataclass
from fractions import Fraction

from bandschema.enums import Group, Page, Reading, Recipient, Unit

NO_VALUE = -(1 << 30)
"""Raw value of a reading that has none: the smallest small integer of a 32-bit MicroPython."""

JOURNAL_RETENTION_H = 72
"""Hours that the band has power: so long at most the journal keeps vitals and samples."""

CUFF_RETENTION_H = 24
"""The band itself shows a cuff reading until it expires; frames with it stay in the journal after that."""

SLEEP_DELAY_S = 300
"""How long after the end of a 30 s epoch its sleep stage is told: what follows helps to tell it."""

_ALL = Recipient.WEARER | Recipient.HOST


@dataclass(frozen=True, kw_only=True)
class ReadingSpec:
    """One reading.

    `scale` turns raw counts into `unit`; `minimum` and `maximum` bound the raw value of a valid
    reading; `interval_ms` is how often it is computed; `retention_h` how long the band keeps it at most;
    `agreement_milli` published 95 % limits of agreement in thousandths of `unit`, 0 when there are none.
    """

    reading: Reading
    unit: Unit
    scale: Fraction = Fraction(1)
    minimum: int
    maximum: int
    group: Group
    page: Page
    interval_ms: int
    retention_h: int = JOURNAL_RETENTION_H
    agreement_milli: int = 0
    recipients: Recipient = _ALL
    name_en: str
    name_zh: str
    doc: str

    @property
    def name(self) -> str:
        """Name in the schema, the SDK and every column: `heart_rate_bpm`."""
        return self.reading.name.lower()


_TENTH = Fraction(1, 10)
_HUNDREDTH = Fraction(1, 100)

READINGS: tuple[ReadingSpec, ...] = (
    ReadingSpec(
        reading=Reading.HEART_RATE_BPM,
        unit=Unit.PER_MINUTE,
        scale=_TENTH,
        minimum=250,
        maximum=2400,
        group=Group.PULSE,
        page=Page.HEART,
        interval_ms=2000,
        name_en="Heart rate",
        name_zh="心率",
        doc="Heart rate from the optical pulse, over the last 8 s.",
    ),
    ReadingSpec(
        reading=Reading.PULSE_INTERVAL_MS,
        unit=Unit.MILLISECOND,
        minimum=300,
        maximum=2000,
        group=Group.PULSE,
        page=Page.HEART,
        interval_ms=2000,
        name_en="Interval",
        name_zh="心跳间隔",
        doc="Mean interval of the beats of the last 2 s, at rest, without those that cannot be trusted.",
    ),
    ReadingSpec(
        reading=Reading.RMSSD_MS,
        unit=Unit.MILLISECOND,
        scale=_TENTH,
        minimum=0,
        maximum=8000,
        group=Group.PULSE,
        page=Page.HEART,
        interval_ms=2000,
        name_en="RMSSD",
        name_zh="心率变异",
        doc="Root mean square of differences between successive beat intervals, at rest, over up to 5 min.",
    ),
    ReadingSpec(
        reading=Reading.PULSE_SHAPE_INDEX,
        unit=Unit.NONE,
        scale=_TENTH,
        minimum=0,
        maximum=1000,
        group=Group.PULSE,
        page=Page.HEART,
        interval_ms=2000,
        name_en="Pulse form",
        name_zh="脉形",
        doc="How long the pulse rises, in hundredths of the interval between beats, at rest; for research.",
    ),
    ReadingSpec(
        reading=Reading.RESPIRATORY_RATE_BPM,
        unit=Unit.PER_MINUTE,
        scale=_TENTH,
        minimum=40,
        maximum=600,
        group=Group.BREATHING,
        page=Page.BREATHING,
        interval_ms=2000,
        name_en="Breathing",
        name_zh="呼吸",
        doc="Breaths a minute from the modulation of the pulse, at rest, over the last 32 s.",
    ),
    ReadingSpec(
        reading=Reading.SPO2_PERCENT,
        unit=Unit.PERCENT,
        scale=_TENTH,
        minimum=500,
        maximum=1000,
        group=Group.OXYGEN,
        page=Page.OXYGEN,
        interval_ms=2000,
        name_en="Oxygen",
        name_zh="血氧",
        doc="Oxygen saturation by the red / infrared ratio; uncalibrated unless the maker gave a curve.",
    ),
    ReadingSpec(
        reading=Reading.SKIN_TEMPERATURE_C,
        unit=Unit.DEGREE_CELSIUS,
        scale=_HUNDREDTH,
        minimum=0,
        maximum=5000,
        group=Group.TEMPERATURE,
        page=Page.TEMPERATURE,
        interval_ms=2000,
        name_en="Skin temp",
        name_zh="皮肤温度",
        doc="Temperature of the skin under the band; not body temperature.",
    ),
    ReadingSpec(
        reading=Reading.CORE_TEMPERATURE_ESTIMATE_C,
        unit=Unit.DEGREE_CELSIUS,
        scale=_HUNDREDTH,
        minimum=3000,
        maximum=4500,
        group=Group.TEMPERATURE,
        page=Page.TEMPERATURE,
        interval_ms=2000,
        agreement_milli=630,
        name_en="Core est.",
        name_zh="体温估计",
        doc="Core temperature from heart rate (Buller 2013, +-0.63 C at work in heat); doubtful by nature.",
    ),
    ReadingSpec(
        reading=Reading.SYSTOLIC_MMHG,
        unit=Unit.MILLIMETRE_OF_MERCURY,
        minimum=50,
        maximum=280,
        group=Group.BLOOD_PRESSURE,
        page=Page.BLOOD_PRESSURE,
        interval_ms=2000,
        retention_h=CUFF_RETENTION_H + JOURNAL_RETENTION_H,
        name_en="Systolic",
        name_zh="收缩压",
        doc="Systolic pressure of the wearer's last cuff reading; never computed from light.",
    ),
    ReadingSpec(
        reading=Reading.DIASTOLIC_MMHG,
        unit=Unit.MILLIMETRE_OF_MERCURY,
        minimum=30,
        maximum=200,
        group=Group.BLOOD_PRESSURE,
        page=Page.BLOOD_PRESSURE,
        interval_ms=2000,
        retention_h=CUFF_RETENTION_H + JOURNAL_RETENTION_H,
        name_en="Diastolic",
        name_zh="舒张压",
        doc="Diastolic pressure of the wearer's last cuff reading; never computed from light.",
    ),
    ReadingSpec(
        reading=Reading.CUFF_AGE_S,
        unit=Unit.SECOND,
        minimum=0,
        maximum=31_536_000,
        group=Group.BLOOD_PRESSURE,
        page=Page.BLOOD_PRESSURE,
        interval_ms=2000,
        retention_h=CUFF_RETENTION_H + JOURNAL_RETENTION_H,
        name_en="Cuff age",
        name_zh="测量时间",
        doc="Seconds since the wearer's last cuff reading was taken.",
    ),
    ReadingSpec(
        reading=Reading.STEPS,
        unit=Unit.COUNT,
        minimum=0,
        maximum=1_000_000,
        group=Group.MOTION,
        page=Page.MOTION,
        interval_ms=2000,
        name_en="Steps",
        name_zh="步数",
        doc="Steps since consent or the band's last start, whichever came later.",
    ),
    ReadingSpec(
        reading=Reading.ACTIVITY,
        unit=Unit.NONE,
        minimum=0,
        maximum=3,
        group=Group.MOTION,
        page=Page.MOTION,
        interval_ms=2000,
        name_en="Activity",
        name_zh="活动",
        doc="Activity: 0 still, 1 light, 2 walk, 3 run.",
    ),
    ReadingSpec(
        reading=Reading.ENMO_MG,
        unit=Unit.MILLIGRAVITY,
        minimum=0,
        maximum=6000,
        group=Group.MOTION,
        page=Page.MOTION,
        interval_ms=2000,
        name_en="Movement",
        name_zh="活动量",
        doc="ENMO: mean of max(|a| - 1 g, 0) over the last 2 s, |a| at 12.5 Hz; means of means stay ENMO.",
    ),
    ReadingSpec(
        reading=Reading.ARM_POSTURE,
        unit=Unit.NONE,
        minimum=0,
        maximum=2,
        group=Group.MOTION,
        page=Page.MOTION,
        interval_ms=2000,
        name_en="Arm",
        name_zh="手臂",
        doc="Forearm of a resting arm: 0 hanging, 1 level within 30 degrees, 2 raised.",
    ),
    ReadingSpec(
        reading=Reading.SLEEP_STAGE,
        unit=Unit.NONE,
        minimum=0,
        maximum=3,
        group=Group.SLEEP,
        page=Page.SLEEP,
        interval_ms=30_000,
        name_en="Sleep",
        name_zh="睡眠",
        doc="Sleep stage of the 30 s up to 5 min ago: 0 wake, 1 NREM, 2 REM, 3 asleep, stage unknown.",
    ),
    ReadingSpec(
        reading=Reading.BATTERY_PERCENT,
        unit=Unit.PERCENT,
        minimum=0,
        maximum=100,
        group=Group.DEVICE,
        page=Page.STATUS,
        interval_ms=10_000,
        name_en="Battery",
        name_zh="电量",
        doc="State of charge of the band's battery.",
    ),
)

BY_READING: dict[Reading, ReadingSpec] = {spec.reading: spec for spec in READINGS}
