"""What is scored: which recordings of which data set for which vital, and what others have published."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

SCENARIOS = "scenarios"
"""In place of a data set: those of the virtual band, as `bench_vitals.lives` has it live through them."""
ByBeats = Literal["whole recordings", "same moments"]

MAE = "mean absolute error, every reading"
MAE_SHOWN = "mean absolute error, as shown"
_RATES = (MAE, MAE_SHOWN, "shown and off by more than")
_OXYGEN = (
    "Arms, every reading",
    "Arms, as shown",
    "mean absolute error, every reading",
    "control: clock alone, Arms",
    "Arms, refitted line",
)
_SLEEP = (
    "sensitivity (sleep found), epochs with an answer",
    "specificity (wake found), epochs with an answer",
    "specificity at sensitivity 0.93",
    "accuracy, epochs with an answer",
    "kappa, wake, NREM, REM",
    "ROC area",
    "accuracy, all scored epochs",
)
_STEPS = ("walking error", "non-walking error", "balanced error", "false steps")

_TEMKO = "Temko, IEEE TBME 2017, table III"


@dataclass(frozen=True)
class Published:
    """A figure as its authors printed it, of the recordings of the task unless `of` says otherwise."""

    who: str
    measure: str
    value: float
    unit: str
    source: str


def _temko(who: str, value: float) -> Published:
    return Published(who, MAE, value, "/min", _TEMKO)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One table. `recordings` fits the names that are scored, `subject` the person in the names of files.

    `measures` are the beginnings of the figures that the table shows. `fit` is the name of the fit whose
    cross-validated figures belong here, `fit_figures` what their names have. `shortest_s` is to what a
    short recording is repeated. `by_beats`: the rate is the mean of a recording's intervals between beats,
    held against the strap's mean, of the whole recording or, its clock set, of the same moments.
    """

    name: str
    title: str
    vital: str
    dataset: str
    recordings: str = ".*"
    subject: str | None = None
    measures: Sequence[str]
    fit: str = ""
    fit_figures: str = ""
    published: Sequence[Published] = field(default_factory=tuple[Published, ...])
    shortest_s: float = 0.0
    by_beats: ByBeats | None = None
    notes: Sequence[str] = field(default_factory=tuple[str, ...])

    @property
    def guess(self) -> str:
        """By what name packages know what is asked."""
        return self.vital if self.by_beats is None else f"{self.vital} by beats, {self.by_beats}"

    def has(self, recording: str) -> bool:
        """Whether a recording is scored here."""
        return recording.partition("/")[0] == self.dataset and bool(re.search(self.recordings, recording))


_HOFFMAN_PERSON = r"hoffman_(\d+)"
_ONE_STAIRCASE = "All sessions of that study follow one staircase of oxygen: the clock is the row to beat."

TASKS = (
    Task(
        name="heart-troika",
        title="Heart rate on a treadmill, troika",
        vital="heart_rate_bpm",
        dataset="troika",
        measures=_RATES,
        fit="heart",
        fit_figures="troika",
        published=(
            _temko("no motion handling (whole data set)", 13.11),
            _temko("TROIKA", 2.34),
            _temko("Spectrap, looks ahead", 1.50),
            _temko("JOSS", 1.28),
            _temko("IMAT", 1.25),
            _temko("MC-SMD", 1.11),
            _temko("WFPV", 1.02),
            _temko("EEMD", 1.02),
            _temko("SpaMa", 0.89),
            _temko("WFPV+VD, looks ahead", 0.65),
        ),
        notes=(
            "BeliefPPG 0.3.1, run apart for it wants TensorFlow (1.9 GB): 1.84 /min of 96 % of the windows; "
            "what its weights were trained on is not said.",
        ),
    ),
    Task(
        name="heart-bami1",
        title="Heart rate on a treadmill, bami1",
        vital="heart_rate_bpm",
        dataset="bami1",
        measures=_RATES,
        fit="heart",
        fit_figures="bami1",
        notes=(
            "The reference lags the pulse by seconds; it is used as published.",
            "BeliefPPG 0.3.1, run apart: 2.25 /min of 99 % of the windows.",
        ),
    ),
    Task(
        name="heart-hoffman",
        title="Heart rate at rest, finger on a phone camera, hoffman",
        vital="heart_rate_bpm",
        dataset="hoffman",
        subject=_HOFFMAN_PERSON,
        measures=_RATES,
    ),
    Task(
        name="heart-welltory",
        title="Heart rate at rest, finger on a phone camera, whole recordings, welltory",
        vital="heart_rate_bpm",
        dataset="welltory",
        measures=_RATES,
        notes=("The strap is not aligned: the median of the readings shown is held against its mean.",),
    ),
    Task(
        name="beats-welltory",
        title="Heart rate at rest by beats, finger on a phone camera, whole recordings, welltory",
        vital="heart_rate_bpm",
        dataset="welltory",
        measures=(MAE, MAE_SHOWN),
        fit="beats",
        fit_figures="whole",
        by_beats="whole recordings",
        notes=(
            "The strap is not aligned, begins before the band's first reading and has beats where the band "
            "has none: what its mean over the band's moments is off its own mean no reading can mend.",
        ),
    ),
    Task(
        name="beats-aligned-welltory",
        title="Heart rate at rest by beats, finger on a phone camera, same moments as the strap, welltory",
        vital="heart_rate_bpm",
        dataset="welltory",
        measures=(MAE, MAE_SHOWN),
        fit="beats",
        fit_figures="same moments|intervals shown",
        by_beats="same moments",
        notes=(
            "The strap's clock is set to the offset at which its median distance from the band's readings is "
            "least: one number a recording, which flatters a little.",
        ),
    ),
    Task(
        name="rmssd-welltory",
        title="Variability between beats at rest (RMSSD), finger on a phone camera, welltory",
        vital="rmssd_ms",
        dataset="welltory",
        measures=(MAE, MAE_SHOWN, "bias, as shown"),
        fit="beats",
        fit_figures="RMSSD",
        notes=(
            "The strap is not aligned: whole recordings. Packages get the pulse at four times its rate and "
            "clean their intervals (clean_rr, correct_artifacts); upside down, NeuroKit2 scores 64 ms.",
        ),
    ),
    Task(
        name="breathing-hoffman",
        title="Breathing at rest, 32 s, finger on a phone camera, hoffman",
        vital="respiratory_rate_bpm",
        dataset="hoffman",
        subject=_HOFFMAN_PERSON,
        measures=_RATES,
        fit="respiration",
    ),
    Task(
        name="breathing-bidmc",
        title="Breathing in intensive care, 32 s, bidmc 01",
        vital="respiratory_rate_bpm",
        dataset="bidmc",
        measures=_RATES,
    ),
    Task(
        name="breathing-v102s",
        title="Breathing in intensive care, 32 s, wfdb_resp v102s",
        vital="respiratory_rate_bpm",
        dataset="wfdb_resp",
        recordings="v102s",
        measures=_RATES,
        notes=("The reference is breaths found in the recorded impedance, not annotated.",),
    ),
    Task(
        name="breathing-mixedsignals",
        title="Breathing in intensive care, 32 s, wfdb_resp mixedsignals",
        vital="respiratory_rate_bpm",
        dataset="wfdb_resp",
        recordings="mixedsignals",
        measures=_RATES,
        notes=(
            "The reference is breaths found in the recorded impedance, which its recorder cut off at both "
            "ends: 6 a minute, at a heart rate of 103.",
        ),
    ),
    Task(
        name="oxygen-oxiwear",
        title="Oxygen, red and infrared, one person's finger, oxiwear_spo2",
        vital="spo2_percent",
        dataset="oxiwear_spo2",
        recordings=r"oxiwear_spo2/\d{4}-",
        subject="(oxiwear)",
        measures=_OXYGEN,
        fit="oxygen",
        fit_figures="of the line",
        shortest_s=20.0,
        notes=(
            "Recordings of 3 to 6 s, repeated to 20 s for the band's windows.",
            "The standards ask Arms 4 % (ISO 80601-2-61, from memory) or 3.5 % (FDA, reflectance).",
        ),
    ),
    Task(
        name="oxygen-emotibit",
        title="Oxygen, red and infrared, one session, emotibit_spo2",
        vital="spo2_percent",
        dataset="emotibit_spo2",
        measures=_OXYGEN,
        notes=("93 to 98 % only: a constant does well, so nothing shows that changes are followed.",),
    ),
    Task(
        name="oxygen-max30102",
        title="Oxygen, red and infrared, two people, max30102_raw/cmu_bmedesign",
        vital="spo2_percent",
        dataset="max30102_raw",
        recordings="cmu_bmedesign",
        subject=r"cmu_bmedesign_([a-z]+)_",
        measures=_OXYGEN,
    ),
    Task(
        name="oxygen-hoffman",
        title="Oxygen trend, phone camera, hoffman",
        vital="spo2_percent",
        dataset="hoffman",
        subject=_HOFFMAN_PERSON,
        measures=_OXYGEN,
        fit="oxygen",
        fit_figures="camera|clock",
        published=(Published("CNN", "mean absolute error", 5.00, "%", "Hoffman et al. 2022"),),
        notes=(_ONE_STAIRCASE,),
    ),
    Task(
        name="steps-25hz",
        title="Steps, sensorwatch l2-25hz-bw4",
        vital="steps",
        dataset="sensorwatch",
        recordings="l2-25hz-bw4",
        measures=_STEPS,
        fit="steps",
        fit_figures="l2-25hz-bw4|false steps",
        published=(
            Published("threshold_bound_n", "balanced error", 21.61, "steps", "rieck/stepcounter-devel"),
            Published("threshold_bound_n", "walking error", 36.17, "steps", "rieck/stepcounter-devel"),
            Published("threshold_bound_n", "non-walking error", 7.06, "steps", "rieck/stepcounter-devel"),
        ),
        notes=("One wearer: the interval is over recordings.",),
    ),
    Task(
        name="steps-12hz",
        title="Steps, sensorwatch l2-12hz-bw2",
        vital="steps",
        dataset="sensorwatch",
        recordings="l2-12hz-bw2",
        measures=_STEPS,
        fit="steps",
        fit_figures="l2-12hz-bw2|12.5 to 25 Hz",
        published=(
            Published("best of the README", "balanced error", 13.58, "steps", "rieck/stepcounter-devel"),
        ),
        notes=("One wearer: the interval is over recordings.",),
    ),
    Task(
        name="sleep-walch",
        title="Sleep, activity counts and heart rate, walch",
        vital="sleep_stage",
        dataset="walch",
        measures=_SLEEP,
        fit="sleep",
        published=(
            Published("Walch et al.", "sensitivity (sleep found)", 0.93, "", "Sleep 42(12), 2019"),
            Published("Walch et al.", "specificity (wake found)", 0.596, "", "Sleep 42(12), 2019"),
            Published("Walch et al.", "accuracy", 0.90, "", "Sleep 42(12), 2019"),
        ),
    ),
    Task(
        name="temperature",
        title="Skin temperature, virtual band, against the model of what its thermometer touches",
        vital="skin_temperature_c",
        dataset=SCENARIOS,
        measures=(),
        notes=(
            "The model's chip has noise and steps of 1/128 °C, and no error of its own: a TMP117 is good for "
            "0.1 °C.",
        ),
    ),
    Task(
        name="cuff",
        title="Blood pressure: the wearer's cuff reading, virtual band",
        vital="systolic_mmhg",
        dataset=SCENARIOS,
        measures=(),
        notes=("No mmHg is made from light.",),
    ),
)
"""Every table."""
