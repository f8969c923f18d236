"""Fits when a beat counts for variability, when variability is shown, and when an interval is.

Twenty-one short recordings are few, and what is not shown costs something too, or the strictest limits would
always win: a recording whose RMSSD is not shown counts as one that is 10 ms off, half of what naming the
others' mean errs by. Of a grid that cell is taken whose neighbourhood, itself included, costs least: a lucky
one does not win. Every channel with light counts, the channels of one recording as one. Less than 30 % of the
time is never taken for enough: of a minute that is some twenty beats.

An interval is shown where its rate is within a share of what the spectrum tells; one that is not shown counts
as 5 /min off. Truth is the strap's rate in the same 2 s, its clock set by its own intervals.

Each recording is left out in turn. Who made two of them is not published.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from scipy import ndimage

from fit.beats_parts import Floats, Phone, phones_of, rmssd_by
from fit.result import DataSet, Figure, Number, Result
from vitalband.analysis.agreement import BoolArray, bootstrap_interval
from vitalband.analysis.strap import ByBeats, beside_strap, mean_rate_bpm, strap_offset_s, strap_rate_bpm
from vitalband.signal.beats import Limits

_WELLTORY = DataSet("welltory", 21, "Neshitov et al., Sensors 21:6798, 2021, CC0; fingers on phone cameras")
APART = (0.10, 0.125, 0.15, 0.175, 0.20, 0.225, 0.25)
"""The sums of `dsp.variability` hold a quarter."""
LEAST = (0.4, 0.5, 0.6, 0.7, 0.8)
MOST = (1.3, 1.4, 1.6, 1.8, 2.0, 2.2)
"""Within those of a fair beat."""
COVERED = (0.3, 0.4, 0.5, 0.6, 0.7)
NOT_SHOWN_MS = 10.0
_AGREE_PERCENT = (5, 8, 10, 12, 15, 18, 20, 25, 30)
NOT_SHOWN_BPM = 5.0

_SHAPE = (len(APART), len(LEAST), len(MOST))
Choice = tuple[Limits, float]
"""Limits of a beat, and the share of the time that RMSSD must rest on."""


def costs_of(phones: Sequence[Phone]) -> tuple[Floats, Floats]:
    """Mean cost in ms of each cell of the grid for each phone, and its own channel's error where shown, else
    NaN: both (phones, apart, least, most, covered).
    """
    costs = np.empty((len(phones), *_SHAPE, len(COVERED)))
    errors = np.empty_like(costs)
    for row, phone in enumerate(phones):
        for cell, (apart, least, most) in enumerate(product(APART, LEAST, MOST)):
            rmssd_ms, covered = rmssd_by(phone, Limits(apart, least, most))
            error = np.abs(rmssd_ms - phone.rmssd_ms)[:, np.newaxis]
            shown = (covered[:, np.newaxis] >= np.array(COVERED)) & np.isfinite(error)
            place = (row, *np.unravel_index(cell, _SHAPE))
            costs[place] = np.where(shown, error, NOT_SHOWN_MS).mean(axis=0)
            errors[place] = np.where(shown, error, np.nan)[0]
    return costs, errors


def fitted_cell(costs: Floats) -> tuple[int, ...]:
    """The cell of the grid whose neighbourhood costs least, by costs (phones, *grid)."""
    around = ndimage.uniform_filter(costs.mean(axis=0), 3, mode="nearest")
    return tuple(int(place) for place in np.unravel_index(int(around.argmin()), around.shape))


def choice_of(cell: Sequence[int]) -> Choice:
    """What a cell of the grid stands for."""
    return Limits(APART[cell[0]], LEAST[cell[1]], MOST[cell[2]]), COVERED[cell[3]]


def shown_by(phone: Phone, percent: float) -> ByBeats:
    """The rates of a phone, shown where they are within so much of what the spectrum tells."""
    rates = phone.rates
    is_near = np.abs(rates.rate_bpm - phone.spectral_bpm) * 100 <= percent * phone.spectral_bpm
    return ByBeats(rates.time_s, rates.rate_bpm, is_near, rates.expected)


def agreement_cost(phone: Phone, percent: float) -> float:
    """Mean distance in /min of the readings due from the strap, of those not shown as it is fixed."""
    rates = shown_by(phone, percent)
    strap = strap_rate_bpm(phone.intervals_ms, strap_offset_s(phone.intervals_ms, rates), rates.time_s)
    apart = np.abs(strap - rates.rate_bpm)[rates.is_shown & np.isfinite(strap)]
    missing = rates.expected - int(rates.is_shown.sum())
    return (float(apart.sum()) + NOT_SHOWN_BPM * missing) / max(len(apart) + missing, 1)


def run(data: Path, _seed: int) -> Result:
    """The fit, and its figures; prints what each phone that was left out scores."""
    phones = phones_of(data)
    costs, errors = costs_of(phones)
    agreement = np.array([[agreement_cost(phone, percent) for percent in _AGREE_PERCENT] for phone in phones])
    rmssd: list[float] = []
    left_out: list[ByBeats] = []
    for place, phone in enumerate(phones):
        others = np.arange(len(phones)) != place
        cell = fitted_cell(costs[others])
        percent = _AGREE_PERCENT[int(agreement[others].mean(axis=0).argmin())]
        rmssd.append(float(errors[(place, *cell)]))
        left_out.append(shown_by(phone, percent))
        print(f"{phone.name}: RMSSD off by {rmssd[-1]:.1f} ms by {choice_of(cell)}, within {percent} %")
    limits, covered = choice_of(fitted_cell(costs))
    percent = _AGREE_PERCENT[int(agreement.mean(axis=0).argmin())]
    print(limits, covered, percent)
    return Result(
        name="beats",
        summary="When beats count for variability, and when it and intervals are shown, by",
        data=[_WELLTORY],
        protocol="each recording; which of them two are of one person is not published.",
        figures=_figures(phones, np.array(rmssd), left_out),
        numbers=[
            Number(
                "BEATS_APART_MILLI", round(limits.apart * 1000), "farthest from the usual interval, 1/1000"
            ),
            Number(
                "BEATS_LEAST_PERCENT", round(limits.least * 100), "least height and slope, % of the usual"
            ),
            Number("BEATS_MOST_PERCENT", round(limits.most * 100), "largest height and slope, the same"),
            Number(
                "BEATS_COVERED_PERCENT", round(covered * 100), "least share of time in intervals that count"
            ),
            Number("BEATS_AGREE_PERCENT", percent, "farthest from the rate of the spectrum, % of it"),
        ],
        notes=[
            "The detector of beats was made on the same recordings: the figures are a little optimistic. "
            "RMSSD is the oracle's, from which the band's is up to 2 ms away."
        ],
    )


def _figures(phones: Sequence[Phone], rmssd: Floats, rates: Sequence[ByBeats]) -> list[Figure]:
    truth_ms = np.array([phone.rmssd_ms for phone in phones])
    pairs = [beside_strap(phone.intervals_ms, shown) for phone, shown in zip(phones, rates, strict=True)]
    aligned = np.abs(np.diff(np.array(pairs), axis=1)[:, 0])
    truth_bpm = np.array([60_000 / phone.intervals_ms.mean() for phone in phones])
    whole = np.abs(np.array([mean_rate_bpm(shown) for shown in rates]) - truth_bpm)
    elsewhere = np.abs(np.array(pairs)[:, 1] - truth_bpm)
    is_known = np.array([shown.is_known for shown in rates])
    steps = sum(int(shown.is_shown.sum()) for shown in rates) / sum(shown.expected for shown in rates)
    return [
        _figure("RMSSD, mean error, shown", rmssd, np.isfinite(rmssd), "ms", truth_ms),
        _figure("heart rate by beats, mean error, shown, same moments", aligned, is_known, "/min", truth_bpm),
        _figure(
            "heart rate by beats, mean error, shown, whole recording", whole, is_known, "/min", truth_bpm
        ),
        _figure("the strap of those moments against the whole strap", elsewhere, is_known, "/min", truth_bpm),
        Figure("intervals shown", round(100 * steps, 1), "% of the readings due", len(phones), "recordings"),
    ]


def _figure(name: str, errors: Floats, shown: BoolArray, unit: str, truth: Floats) -> Figure:
    """Mean over recordings, its interval, and what naming the others' mean errs by."""
    kept = errors[shown]
    others = (truth.sum() - truth) / (len(truth) - 1)
    interval = bootstrap_interval([[error] for error in kept.tolist()], lambda drawn: float(np.mean(drawn)))
    assert interval is not None
    return Figure(
        name, round(float(kept.mean()), 2), unit, len(errors), "recordings", round(100 * float(shown.mean())),
        round(float(np.abs(others - truth).mean()), 2), (round(interval[0], 2), round(interval[1], 2)),
        "recordings",
    )  # fmt: skip
