"""One recording: what was recorded, at what rates, with what references, and how it becomes a stimulus."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bandsim.errors import RecordingError
from bandsim.physiology.course import UNKNOWN, Course, second_grid, steady_course
from bandsim.physiology.model import MODELLED, PhysiologyStimulus
from bandsim.recordings.beats import OFFLINE_BEATS, heart_rate_offline
from bandsim.recordings.recorded_pulse import RecordedPulse
from bandsim.recordings.recorded_wearer import RecordedWearer
from bandsim.recordings.waveform import Waveform
from bandsim.stimulus import FULL_SCALE_COUNTS, OPTICAL_STACKS, FloatArray, Wearer

SHORTEST_S = 60.0
"""A recording shorter than this is repeated: the band's algorithms need windows of up to a minute."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What one recording holds.

    `ppg` is `(n, c)` at `ppg_rate_hz` with the names `ppg_channels`. `ppg_is_counts`: the values are
    counts of the optical stack's own channels (18 bits) and reach the chip as they are, an absent
    green repeating the infrared; else the first channel is a bare pulse, and red, infrared and
    green are made from it at the modelled levels and the ratio of the modelled SpO2.
    `accel_g` is `(m, 3)`; `skin_temperature_c` and `movement_g` are `(k, 2)` rows of time and value.
    `activity_counts` are `(k, 2)` rows of time and count of a recording without its acceleration.
    `references` are `(k, 2)` rows by the names of `Truth`; those that `windows_s` names are means over so
    many seconds, their times the middles. `breaths_s` and `beat_intervals_ms` are what rates were made of.
    `sources` says where each channel (`optical`, `acceleration`, `skin_temperature`) and each reference
    came from.
    """

    name: str
    title: str
    duration_s: float
    sources: Mapping[str, str]
    optical_stack: str = "max30101"
    ppg: FloatArray | None = None
    ppg_rate_hz: float = 0.0
    ppg_channels: tuple[str, ...] = ()
    ppg_is_counts: bool = False
    accel_g: FloatArray | None = None
    accel_rate_hz: float = 0.0
    skin_temperature_c: FloatArray | None = None
    movement_g: FloatArray | None = None
    activity_counts: FloatArray | None = None
    references: Mapping[str, FloatArray] = field(default_factory=dict)
    windows_s: Mapping[str, float] = field(default_factory=dict)
    breaths_s: FloatArray | None = None
    beat_intervals_ms: FloatArray | None = None

    def with_heart_rate(self) -> "Recording":
        """Give the recording with a heart rate reference: its own, else offline beat detection."""
        if "heart_rate_bpm" in self.references or self.ppg is None:
            return self
        rows = heart_rate_offline(self._pulse(self.ppg), self.ppg_rate_hz)
        return replace(
            self,
            references={**self.references, "heart_rate_bpm": rows},
            sources={**self.sources, "heart_rate_bpm": f"recorded: {OFFLINE_BEATS}"},
        )

    def to_stimulus(self, model_seed: int) -> Wearer:
        """Give the recording as a wearer; the model fills absent channels, driven by the references.

        Shorter than `SHORTEST_S` it is repeated, and the provenance says so.
        """
        whole = self.with_heart_rate().lasting(SHORTEST_S)
        pulse = None
        if whole.ppg is not None and not whole.ppg_is_counts:
            pulse = RecordedPulse(
                whole._pulse(whole.ppg), whole.ppg_rate_hz, whole.references.get("heart_rate_bpm")
            )
        model = PhysiologyStimulus(
            whole._course(),
            model_seed,
            optical_stack=whole.optical_stack,
            pulse=pulse,
            has_artefact=whole.ppg is None,
            has_breathing=whole.ppg is None,
        )
        return RecordedWearer(
            model,
            optical=whole._counts(),
            acceleration=None if whole.accel_g is None else Waveform(whole.accel_g, whole.accel_rate_hz),
            skin_temperature_c=whole.skin_temperature_c,
            references=whole.references,
            sources=whole.sources,
            has_recorded_pulse=whole.ppg is not None,
        )

    def drive(self, course: Course, model_seed: int, *, start_s: float) -> Wearer:
        """Give a modelled wearer whose pulse is this recording's, from its second `start_s` on.

        Breathing is modelled in height and baseline only: the recording's rhythm stays its own.
        Raises RecordingError when the recording has no bare pulse or ends before the course.
        """
        whole = self.with_heart_rate()
        if whole.ppg is None or whole.ppg_is_counts:
            raise RecordingError(f"{self.name}: wanted a recording of a bare pulse, got none")
        if start_s + course.duration_s > self.duration_s:
            wanted = f"{course.duration_s:g} s from second {start_s:g}"
            raise RecordingError(f"{self.name}: wanted {wanted}, got {self.duration_s:g} s in all")
        pulse = RecordedPulse(
            whole._pulse(whole.ppg),
            whole.ppg_rate_hz,
            whole.references["heart_rate_bpm"],
            start_s=start_s,
            is_steadied=True,
        )
        model = PhysiologyStimulus(course, model_seed, pulse=pulse)
        sources = {
            "optical": f"{whole.sources['optical']}, breathing and artefacts",
            "heart_rate_bpm": whole.sources["heart_rate_bpm"],
            "respiratory_rate_bpm": f"{MODELLED} (height and baseline; the rhythm is the recording's)",
        }
        return RecordedWearer(model, sources=sources)

    def _pulse(self, ppg: FloatArray) -> FloatArray:
        """Give the channel that shows the pulse best: green, then infrared, then the first."""
        for channel in ("green", "infrared"):
            if channel in self.ppg_channels:
                return ppg[:, self.ppg_channels.index(channel)]
        return ppg[:, 0]

    def _counts(self) -> Waveform | None:
        if self.ppg is None or not self.ppg_is_counts:
            return None
        columns = {name: self.ppg[:, k] for k, name in enumerate(self.ppg_channels)}
        columns.setdefault("green", columns.get("infrared", self.ppg[:, 0]))
        ordered = np.column_stack([columns[name] for name in OPTICAL_STACKS[self.optical_stack]])
        return Waveform(np.clip(ordered, 0.0, float(FULL_SCALE_COUNTS)), self.ppg_rate_hz)

    def _course(self) -> Course:
        steady = steady_course(self.duration_s)
        times_s = second_grid(self.duration_s)
        driven: dict[str, FloatArray] = {}
        for name in ("heart_rate_bpm", "respiratory_rate_bpm", "spo2_percent"):
            rows = self.references.get(name)
            if rows is not None and len(rows):
                driven[name] = np.interp(times_s, rows[:, 0], rows[:, 1])
        if self.movement_g is not None:
            held = np.searchsorted(self.movement_g[:, 0], times_s, side="right") - 1
            driven["movement_g"] = np.where(held >= 0, self.movement_g[np.maximum(held, 0), 1], 0.0)
        moved = self.movement_g is not None or self.accel_g is not None
        return replace(
            steady,
            **driven,
            activity=np.full_like(steady.activity, UNKNOWN) if moved else steady.activity,
            sleep_stage=np.full_like(steady.sleep_stage, UNKNOWN),
        )

    def lasting(self, shortest_s: float) -> "Recording":
        """Give the recording, repeated until it lasts so long: see `Waveform.repeated` for the joints."""
        copies = int(np.ceil(shortest_s / self.duration_s))
        if copies <= 1:
            return self

        def repeated(samples: FloatArray | None, rate_hz: float) -> FloatArray | None:
            return None if samples is None else Waveform(samples, rate_hz).repeated(shortest_s).samples

        def tiled(rows: FloatArray) -> FloatArray:
            return np.concatenate([rows + np.array([k * self.duration_s, 0.0]) for k in range(copies)])

        return replace(
            self,
            duration_s=copies * self.duration_s,
            ppg=repeated(self.ppg, self.ppg_rate_hz),
            accel_g=repeated(self.accel_g, self.accel_rate_hz),
            references={
                name: rows if len(rows) == 1 else tiled(rows) for name, rows in self.references.items()
            },
            sources={**self.sources, "length": f"repeated: {self.duration_s:g} s, {copies} times over"},
        )
