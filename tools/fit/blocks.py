"""Fits the predictors of compressed blocks anew, and asks whether they would be better than the format's.

Windows of the differences of the fitting half of all recordings, the channel before taken off by least
squares; each window goes to the predictor that leaves least of it, and each predictor is fitted to the
windows that came to it, weighted so that the sum of the logarithms of what is left falls, in turns, from the
table of the format on. Each group of recordings weighs the same. Both tables are then told by the bits of
whole records of the other half, by the band's own encoder. The first three predictors stay: differences as
they are, and polynomials of first and second order.
"""

from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandschema.emit.predictors import energy_factors
from bandschema.predictors import PREDICTOR_COUNT, TABLES
from bench_codec import sender
from bench_codec.recordings import Group, Samples, counted, load_groups
from bench_codec.sizes import coded_and_whole_bits
from fit.result import DataSet, Figure, Result

Floats = NDArray[np.float64]

_WINDOW = 120
_LAGS = 5
_FIXED = 3
_ROUNDS = 40
_BOLDEST = 124
"""Most that the sizes of a predictor's weights may sum to: the encoder's sums keep within 30 bits."""
_ROUNDING_NOISE = 1 / 12
_SOURCES = (
    DataSet("troika", 12, "Zhang, Pi and Liu, IEEE TBME 62(2), 2015"),
    DataSet("bami1", 12, "Lee, Chung and Lee, IEEE Sensors Journal 19(3), 2018"),
    DataSet("max30102_raw", 46, "jdesbonnet/PPG_Tools, alsementsov"),
    DataSet("emotibit_spo2", 1, "EmotiBit/EmotiBit_Brainflow_SpO2_Algorithm"),
)


def _mixed(window: Floats, channel: int) -> Floats:
    if channel == 0:
        return window[:, 0]
    before, own = np.diff(window[:, channel - 1]), np.diff(window[:, channel])
    square = float(before @ before)
    gain = np.clip(np.rint(8 * float(before @ own) / square), -32, 31) if square > 0 else 0.0
    return window[:, channel] - gain / 8 * window[:, channel - 1]


def _lags_of(samples: Samples) -> list[Floats]:
    """Autocorrelation, lags 0 to 4, of every window and channel of a recording; flat ones left out."""
    differences = np.diff(samples.astype(np.float64), axis=0)
    ramp = np.minimum(np.arange(_WINDOW) + 1, 8) / 8
    rows: list[Floats] = []
    for start in range(0, len(differences) - _WINDOW + 1, _WINDOW):
        window = differences[start : start + _WINDOW]
        for channel in range(window.shape[1]):
            y = _mixed(window, channel) * ramp * ramp[::-1]
            row = np.array([float(y[lag:] @ y[: _WINDOW - lag]) for lag in range(_LAGS)])
            row[0] += _WINDOW * _ROUNDING_NOISE
            if row[0] > 2 * _WINDOW * _ROUNDING_NOISE:
                rows.append(row)
    return rows


def _factors(table: Floats) -> Floats:
    rows = [[int(weight) for weight in predictor] for predictor in table]
    return np.array([energy_factors((a, b, c, d)) for a, b, c, d in rows], np.float64)


def refined(table: Floats, lags: Floats, weights: Floats) -> Floats:
    """The table after the turns, the best of all turns; `lags` (n, 5), `weights` (n,)."""
    table, best, least = table.copy(), table.copy(), np.inf
    toeplitz = np.abs(np.arange(4)[:, np.newaxis] - np.arange(4))
    for _ in range(_ROUNDS):
        energies = np.maximum(lags @ _factors(table).T, 1e-9)
        nearest, left = energies.argmin(axis=1), energies.min(axis=1)
        cost = float(weights @ np.log2(left))
        if cost < least:
            least, best = cost, table.copy()
        for number in range(_FIXED, PREDICTOR_COUNT):
            mine = nearest == number
            if mine.sum() < 4:
                continue
            share = (weights / left)[mine]
            matrix = (share[:, np.newaxis, np.newaxis] * lags[mine][:, toeplitz]).sum(axis=0)
            right = (share[:, np.newaxis] * lags[mine][:, 1:]).sum(axis=0)
            wanted = np.rint(16 * np.linalg.solve(matrix, right))
            if np.abs(wanted).sum() <= _BOLDEST:
                table[number] = wanted
    return best


def _whole_bits(groups: list[Group], table: Floats) -> float:
    """Mean of the groups' bits a sample of whole records, by these predictors."""
    sender.use_predictors(
        array("i", [int(weight) & 255 for row in table for weight in row]),
        array("h", [int(factor) for row in _factors(table) for factor in row]),
    )
    return float(np.mean([coded_and_whole_bits(group, sender.ONE_PACKET)[1] for group in groups]))


def run(data: Path, _seed: int) -> Result:
    """The fit, and what either table takes on what it was not fitted on; prints the table that was fitted."""
    groups = counted(load_groups(data))
    rows = [[row for samples in group.fitted for row in _lags_of(samples)] for group in groups]
    weights = np.concatenate([np.full(len(part), 1 / len(part)) for part in rows])
    table = np.array(TABLES[0], np.float64)
    anew = refined(table, np.array([row for part in rows for row in part]), weights)
    print("\n".join(str(tuple(int(weight) for weight in predictor)) for predictor in anew))
    figures = [
        Figure(
            f"whole records by {name}", round(_whole_bits(groups, chosen), 3), "bits a sample", n, "groups"
        )
        for name, chosen in (("the table of the format", table), ("one fitted anew", anew))
        for n in (len(groups),)
    ]
    _whole_bits(groups[:1], table)
    return Result(
        name="blocks",
        summary="Whether predictors of compressed blocks would be better for a new fit, by",
        data=_SOURCES,
        protocol="every second recording is fitted on, the others are told of; one session is cut in halves.",
        figures=figures,
        notes=["A table once given out never changes: what is fitted here is compared, not used."],
    )
