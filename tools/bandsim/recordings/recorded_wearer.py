"""A wearer of whom some channels were recorded; the model gives the rest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bandsim.physiology.blocks import BlockCache
from bandsim.physiology.model import PhysiologyStimulus
from bandsim.physiology.noise import stream
from bandsim.recordings.references import known
from bandsim.recordings.waveform import Waveform
from bandsim.stimulus import Battery, FloatArray, Truth

_OF_PULSE = ("heart_rate_bpm", "respiratory_rate_bpm")
_OF_MOTION = ("steps", "activity")


class RecordedWearer:
    """Recorded channels where there are any, the model's elsewhere, and a truth to match.

    A vital has the recording's reference; without one, the model's value where the model made what
    shows it, and None where a recording shows it without saying what it was.
    """

    def __init__(
        self,
        model: PhysiologyStimulus,
        *,
        optical: Waveform | None = None,
        acceleration: Waveform | None = None,
        skin_temperature_c: FloatArray | None = None,
        references: Mapping[str, FloatArray] | None = None,
        sources: Mapping[str, str],
        has_recorded_pulse: bool = False,
    ) -> None:
        self._model = model
        self._optical = None if optical is None else _blocks(optical)
        self._acceleration = None if acceleration is None else _blocks(acceleration)
        self._skin = skin_temperature_c
        self._references = references or {}
        self._sources = sources
        self._has_recorded_pulse = has_recorded_pulse

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self._model.duration_s

    @property
    def optical_stack(self) -> str:
        """Which optical front end it feeds."""
        return self._model.optical_stack

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where each channel and each reference comes from."""
        unknown = dict.fromkeys(self._not_modelled(), "none")
        return {**self._model.provenance, **unknown, **self._sources}

    def optical(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` optical counts in the order of the stack's channels."""
        if self._optical is None:
            return self._model.optical(start_s, count, rate_hz)
        return self._optical.rows(start_s, count, rate_hz)

    def acceleration_g(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` accelerations in g."""
        if self._acceleration is None:
            return self._model.acceleration_g(start_s, count, rate_hz)
        return self._acceleration.rows(start_s, count, rate_hz)

    def skin_temperature_c(self, t_s: float) -> float:
        """Give the recorded skin temperature, else the model's."""
        if self._skin is None:
            return self._model.skin_temperature_c(t_s)
        return float(np.interp(t_s, self._skin[:, 0], self._skin[:, 1]))

    def battery(self, t_s: float) -> Battery:
        """Give the model's battery."""
        return self._model.battery(t_s)

    def truth(self, t_s: float) -> Truth:
        """Give the references, and the model's values for what the model made."""
        changes: dict[str, Any] = dict.fromkeys(self._not_modelled())
        if self._skin is not None:
            changes["skin_temperature_c"] = self.skin_temperature_c(t_s)
        for name, rows in self._references.items():
            changes[name] = known(name, rows, t_s)
        return replace(self._model.truth(t_s), **changes)

    def _not_modelled(self) -> list[str]:
        names = [*_OF_PULSE] if self._has_recorded_pulse else []
        names += ["spo2_percent"] if self._optical is not None else []
        names += _OF_MOTION if self._acceleration is not None else []
        return names


def _blocks(waveform: Waveform) -> BlockCache:
    return BlockCache(
        lambda times_s, rate_hz, _random: waveform.at(times_s, rate_hz),
        lambda *keys: stream(0, "recorded", *keys),
    )
