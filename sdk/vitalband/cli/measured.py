"""What was measured of a band's clock and of its sensors' rates, as `vitalband info` tells it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bandschema.enums import StreamId
from vitalband.client import Band
from vitalband.rates import MeasuredRate
from vitalband.store import StoreReader
from vitalband.timeline import DRIFT_LIMIT_PPM
from vitalband.transport.replay import ReplayTransport
from vitalband.values import TimeStatus


@dataclass(frozen=True, slots=True)
class StreamRate:
    """A stream's chip: the nominal rate and the one that its blocks tell."""

    stream: StreamId
    nominal_hz: float
    measured: MeasuredRate


@dataclass(frozen=True, slots=True)
class Measured:
    """The clock of one boot of a band, and the rates of the streams that a store holds."""

    time: TimeStatus
    rates: tuple[StreamRate, ...]

    def document(self) -> dict[str, Any]:
        """As JSON; a drift is null before the first exchange, and `boot_id` then too."""
        return {
            "clock": {
                "boot_id": self.time.boot_id,
                "exchanges": self.time.exchanges,
                "drift_ppm": self.time.drift_ppm,
                "drift_uncertainty_ppm": self.time.drift_uncertainty_ppm,
            },
            "stream_rates": [
                {
                    "stream": rate.stream.name.lower(),
                    "nominal_rate_hz": rate.nominal_hz,
                    "measured_rate_hz": rate.measured.rate_hz,
                    "measured_rate_uncertainty_hz": rate.measured.uncertainty_hz,
                    "span_s": rate.measured.span_s,
                }
                for rate in self.rates
            ],
        }

    def facts(self) -> list[tuple[str, str]]:
        """As names and values for a person."""
        return [*_drift_facts(self.time), *map(_rate_fact, self.rates)]


def measured_of(band: Band, store: Path | None) -> Measured:
    """What the store tells of this band, or the recording that is replayed; without either, the clock alone
    by the exchanges of this connection. `StoreError` when the store does not know the band."""
    path = band.transport.path if isinstance(band.transport, ReplayTransport) else store
    if path is None:
        return Measured(band.time_status, ())
    with StoreReader(path, band.band_id) as reader:
        return Measured(_told_best(reader.time_status(), band.time_status), _rates(reader))


def _told_best(stored: TimeStatus, live: TimeStatus) -> TimeStatus:
    return stored if stored.exchanges >= live.exchanges else live


def _rates(reader: StoreReader) -> tuple[StreamRate, ...]:
    found: list[StreamRate] = []
    for stream in StreamId:
        descriptor, measured = reader.stream_descriptor(stream), reader.stream_rate(stream)
        if descriptor is not None and measured is not None:
            found.append(StreamRate(stream, descriptor.rate_hz, measured))
    return tuple(found)


def _drift_facts(time: TimeStatus) -> list[tuple[str, str]]:
    if time.drift_ppm is None or time.drift_uncertainty_ppm is None:
        return []
    by = f"({time.exchanges} exchanges of boot {time.boot_id})"
    if time.drift_uncertainty_ppm >= DRIFT_LIMIT_PPM:
        return [("clock drift", f"not measured yet, within ± {DRIFT_LIMIT_PPM:g} ppm {by}")]
    way = "fast" if time.drift_ppm < 0 else "slow"
    drift = f"{abs(time.drift_ppm):.1f} ± {time.drift_uncertainty_ppm:.1f} ppm"
    return [("clock drift", f"{way} by {drift} {by}")]


def _rate_fact(rate: StreamRate) -> tuple[str, str]:
    measured = rate.measured
    told = f"{measured.rate_hz:.3f} ± {measured.uncertainty_hz:.3f} Hz over {measured.span_s:.0f} s"
    return f"{rate.stream.name.lower()} rate", f"{told}, nominal {rate.nominal_hz:g} Hz"
