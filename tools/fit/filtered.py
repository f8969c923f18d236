"""What a second table of predictors would gain for sensors that give a filter's output, not their counts.

Pulses of the recordings through four filters that wristbands have: band-passes of first and second order, a
low-pass of fourth order and a linear-phase band-pass. Tables in sixteenths and in 64ths are fitted to half of
these recordings, in turns as `fit.blocks` does, and told by the other half and by the pulse of flirt, which
comes filtered and which none of them saw.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, firwin, lfilter, sosfilt

from bandschema.blocks import ESCAPE
from bandschema.predictors import ORDER, PREDICTOR_COUNT, TABLES
from bench_codec.recordings import Group, Samples, load_groups
from fit.result import DataSet, Figure, Result

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_WINDOW = 200
"""Steps of a block of filtered pulse, about."""
_MOST_WINDOWS = 60
"""Of each filtered set and half, chosen at random, so that each recording's length counts little."""
_FINER = 16
"""Four bits more than the counts have; what filters on a chip give is unconfirmed."""
_ROUNDS = 40
_FIXED = 3
_LEAST_RATE_HZ = 50
_RECURSIVE = {
    "first order": (1, [0.5, 8], "bandpass"),
    "second order": (2, [0.5, 5], "bandpass"),
    "low-pass": (4, 5, "lowpass"),
}
_FILTERS = (*_RECURSIVE, "linear phase")
_SOURCES = (
    DataSet("troika", 12, "Zhang, Pi and Liu, IEEE TBME 62(2), 2015"),
    DataSet("bami1", 12, "Lee, Chung and Lee, IEEE Sensors Journal 19(3), 2018"),
    DataSet("max30102_raw", 3, "jdesbonnet/PPG_Tools"),
)


def _filtered(samples: Samples, rate_hz: float, kind: str) -> Whole:
    from_first = samples.astype(np.float64) - samples[0]
    if kind == "linear phase":
        taps = firwin(int(rate_hz) | 1, [0.7, 4], pass_zero=False, fs=rate_hz)
        through = lfilter(taps, 1, from_first, axis=0)
    else:
        order, band_hz, name = _RECURSIVE[kind]
        sections = butter(order, band_hz, name, output="sos", fs=rate_hz)
        through = sosfilt(sections, from_first, axis=0)
    return np.rint(_FINER * np.asarray(through)).astype(np.int64)


def _windows(recordings: list[Whole], random: np.random.Generator) -> Whole:
    """(windows, steps) of differences, each channel by itself."""
    parts = [np.zeros((0, _WINDOW), np.int64)]
    for samples in recordings:
        differences = np.diff(samples, axis=0)
        whole = len(differences) // _WINDOW * _WINDOW
        parts += [column.reshape(-1, _WINDOW) for column in differences[:whole].T]
    windows = np.concatenate(parts)
    return windows[random.permutation(len(windows))[:_MOST_WINDOWS]]


def _before(windows: Whole) -> Whole:
    """(windows, steps, 4): the differences before each, newest first; before the first they are like it."""
    longer = np.concatenate([np.repeat(windows[:, :1], ORDER, axis=1), windows], axis=1)
    return np.stack([longer[:, ORDER - lag : -lag] for lag in range(1, ORDER + 1)], axis=2)


def bits_of(windows: Whole, table: Whole, shift: int) -> float:
    """Mean bits of a residual by the best predictor and k of each window; weights in 2^-shift."""
    best, before = np.full(len(windows), np.inf), _before(windows)
    for weights in table:
        residuals = windows - ((before @ weights + (1 << shift - 1)) >> shift)
        folded = np.where(residuals < 0, -2 * residuals - 1, 2 * residuals)
        for k in range(1, 16):
            quotients = folded >> k
            bits = np.minimum(quotients, ESCAPE) + 1 + np.where(quotients >= ESCAPE, 32, k)
            best = np.minimum(best, bits.mean(axis=1))
    return float(best.mean())


def fitted(parts: list[Whole], shift: int, random: np.random.Generator) -> Whole:
    """A table from the windows of each part, which weigh the same, from predictors of single windows on."""
    windows, unit = np.concatenate(parts), 1 << shift
    weights = np.concatenate([np.full(len(part), 1 / len(part)) for part in parts])
    before, now = _before(windows)[:, ORDER:].astype(np.float64), windows[:, ORDER:].astype(np.float64)
    matrices, rights = np.einsum("nti,ntj->nij", before, before), np.einsum("nti,nt->ni", before, now)
    squares = (now * now).sum(axis=1) + _WINDOW / 12
    # A ridge of rounding's own size, so that still windows have a solution too.
    own = np.linalg.solve(matrices + _WINDOW / 12 * np.eye(ORDER), rights[..., np.newaxis])[..., 0]
    chosen = random.permutation(len(own))[: PREDICTOR_COUNT - _FIXED]
    table = np.rint(unit * np.concatenate([np.array(TABLES[0][:_FIXED]) / 16, own[chosen]])) / unit
    best, least = table.copy(), np.inf
    for _ in range(_ROUNDS):
        energies = squares[:, np.newaxis] - 2 * rights @ table.T
        energies += np.einsum("ki,nij,kj->nk", table, matrices, table)
        energies = np.maximum(energies, 1e-9)
        nearest, left = energies.argmin(axis=1), energies.min(axis=1)
        cost = float(weights @ np.log2(left))
        if cost < least:
            least, best = cost, table.copy()
        for number in range(_FIXED, len(table)):
            mine = nearest == number
            if mine.sum() >= ORDER:
                share = (weights / left)[mine]
                matrix = np.tensordot(share, matrices[mine], 1)
                table[number] = np.rint(unit * np.linalg.solve(matrix, share @ rights[mine])) / unit
    return np.rint(unit * best).astype(np.int64)


def _kinds(groups: list[Group]) -> Iterator[tuple[list[Whole], list[Whole]]]:
    for group in groups:
        if "PPG" in group.name and group.rate_hz >= _LEAST_RATE_HZ:
            for kind in _FILTERS:
                halves = (group.fitted, group.reported)
                first, second = ([_filtered(each, group.rate_hz, kind) for each in half] for half in halves)
                yield first, second


def run(data: Path, seed: int) -> Result:
    """The fit, and what each table takes on what it was not fitted on; prints the table in 64ths."""
    random, groups = np.random.default_rng(seed), load_groups(data)
    halves = [(_windows(a, random), _windows(b, random)) for a, b in _kinds(groups)]
    (pulse,) = (group for group in groups if "BVP" in group.name)
    flirt = _windows([each.astype(np.int64) for each in pulse.reported], random)
    tables = {"the table of the format": (np.array(TABLES[0], np.int64), 4)}
    for name, shift in (("one in sixteenths", 4), ("one in 64ths", 6)):
        tables[name] = (fitted([first for first, _ in halves], shift, random), shift)
    print("\n".join(str(tuple(row)) for row in tables["one in 64ths"][0].tolist()))
    figures: list[Figure] = []
    for name, (table, shift) in tables.items():
        told = float(np.mean([bits_of(second, table, shift) for _, second in halves]))
        unit = "bits a residual"
        figures.append(
            Figure(
                f"flirt's pulse by {name}",
                round(bits_of(flirt, table, shift), 2),
                unit,
                len(flirt),
                "windows",
            )
        )
        figures.append(
            Figure(f"filtered pulses by {name}", round(told, 2), unit, len(halves), "filtered sets")
        )
    return Result(
        name="filtered",
        summary="What a second table of predictors would gain where a sensor filters, by",
        data=_SOURCES,
        protocol="every second recording is fitted on, the others are told of; nothing is fitted on flirt.",
        figures=figures,
        notes=["No such table is part of the format: the band's sensors give raw counts."],
    )
