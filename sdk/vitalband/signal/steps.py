"""Steps from the magnitude of wrist acceleration at 12.5 Hz. Oracle of the firmware's `dsp.steps`.

Candidates are local maxima of band-passed magnitude; eight features of the 6 s around each hop of 0.96 s
tell by one dot product how much a hop looks like walking; a walk counts once it has lasted. Every integer is
the firmware's; whole recordings at once, features by arrays; `dsp.step_features` says what each is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitalband.signal.integers import Integers, floor_root, log2_q8

WINDOW, HOP, BOX = 75, 12, 10
FEATURES = 8
CANDIDATE_LEVEL, REFRACTORY = 570, 3
FIRST_LAG, LAST_LAG = 4, 19
SIDE = 4
"""Hops on each side whose scores are averaged with a hop's own."""
MINIMUM_HOPS, MINIMUM_CANDIDATES = 10, 20
_IRREGULAR, _UNEVEN, _STRONG, _FAINT = 369, 185, 2957, 2551
_FILL_INTERVAL = 7
_LOGISTIC = (0, 22, 46, 71, 99, 128, 157, 185, 210, 234, 256)


@dataclass(frozen=True)
class Hops:
    """What a recording's hops look like: `features` (k, 8) in Q8, `candidates` (k,) with hidden steps."""

    features: Integers
    candidates: Integers


@dataclass
class _Candidates:
    """Places and heights, as far as they are known."""

    places: list[int]
    heights: list[int]

    def take(self, place: int, height: int) -> None:
        if self.places and place - self.places[-1] < REFRACTORY:
            if height > self.heights[-1]:
                self.places[-1], self.heights[-1] = place, height
        else:
            self.places.append(place)
            self.heights.append(height)


def band_passed(magnitude: Integers) -> Integers:
    """About 0.6 to 4 Hz of a magnitude in 1/1024 g (n,), in 1/10240 g: two samples less the mean of ten."""
    padded = np.concatenate([np.full(BOX, magnitude[0]), magnitude])
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(padded)])
    at = np.arange(BOX, len(padded))
    return 5 * (padded[at - 4] + padded[at - 5]) - (sums[at + 1] - sums[at + 1 - BOX])


def hops_of(magnitude: Integers) -> Hops:
    """Hops of a whole recording: magnitude (n,) in 1/1024 g at 12.5 Hz; none below 6 s."""
    if len(magnitude) < WINDOW:
        return Hops(np.zeros((0, FEATURES), np.int64), np.zeros(0, np.int64))
    h = band_passed(magnitude)
    difference = np.diff(magnitude, prepend=magnitude[0])
    found = _Candidates([], [])
    rows: list[Integers] = []
    counts: list[int] = []
    for seen in range(1, len(h) + 1):
        if seen >= 3:
            before, height, after = h[seen - 3 : seen]
            if height > CANDIDATE_LEVEL and height >= before and height > after:
                found.take(seen - 2, int(height))
        if seen > WINDOW and seen >= len(rows) * HOP + 45:
            _add_hop(h, difference, found, seen, rows, counts)
    while len(rows) * HOP < len(h):
        _add_hop(h, difference, found, len(h), rows, counts)
    return Hops(np.array(rows), np.array(counts))


def count_steps(hops: Hops, weights: Integers, bias: int) -> int:
    """Steps of a whole recording by weights (8,) and bias with 16 fraction bits."""
    if not len(hops.features):
        return 0
    scores = (bias + hops.features @ weights) >> 8
    padded = np.concatenate([np.full(2 * SIDE, scores[0]), scores, np.full(SIDE, scores[-1])])
    counts = np.concatenate([np.zeros(SIDE, np.int64), hops.candidates])
    sums = np.convolve(padded, np.ones(2 * SIDE + 1, np.int64), "valid")
    total = run_hops = run_candidates = pending = 0
    # The first hop fills the averages but counts none.
    for score, count in zip(sums[1:] // (2 * SIDE + 1), counts[1:], strict=True):
        gate = gate_q8(int(score))
        if gate == 0:
            run_hops = run_candidates = pending = 0
            continue
        run_hops += 1
        run_candidates += int(count)
        pending += int(count) * gate
        if run_hops >= MINIMUM_HOPS or run_candidates >= MINIMUM_CANDIDATES:
            total += pending
            pending = 0
    return (total + 128) >> 8


def gate_q8(score_q8: int) -> int:
    """256 * clip((logistic(score) - 0.2) / 0.6, 0, 1), by a table of steps of 0.25 logits."""
    place = score_q8 + 355
    if place <= 0:
        return 0
    if place >= 710:
        return 256
    cell, rest = place * 10 // 710, place * 10 % 710
    return _LOGISTIC[cell] + (_LOGISTIC[cell + 1] - _LOGISTIC[cell]) * rest // 710


def _add_hop(
    h: Integers, difference: Integers, found: _Candidates, seen: int, rows: list[Integers], counts: list[int]
) -> None:
    hop_start = len(rows) * HOP
    start = min(max(0, hop_start + HOP // 2 - WINDOW // 2), seen - WINDOW)
    places = np.array(found.places, np.int64)
    inside = places >= start
    counts.append(_count(places, inside, hop_start))
    window = slice(start, start + WINDOW)
    heights = np.array(found.heights, np.int64)[inside]
    rows.append(_features(h[window], difference[window], places[inside], heights))


def _count(places: Integers, inside: NDArray[np.bool], hop_start: int) -> int:
    """Candidates of the hop; in regular quick walking a gap hides one more step."""
    intervals = np.sort(np.diff(places[inside]))
    median = int(intervals[len(intervals) // 2]) if len(intervals) > 3 else 0
    of_hop = (places >= hop_start) & (places < hop_start + HOP)
    gaps = 10 * np.diff(places, prepend=-WINDOW)
    hidden = (0 < median <= _FILL_INTERVAL) & (gaps >= 16 * median) & (gaps <= 25 * median)
    return int(of_hop.sum() + (of_hop & hidden).sum())


def _features(h: Integers, difference: Integers, places: Integers, heights: Integers) -> Integers:
    deviation = h - h.sum() // WINDOW
    most = max(1, int(np.abs(deviation).max()))
    shift = max(0, most.bit_length() - 8)
    scaled = deviation >> shift
    power = int((scaled**2).sum()) + 1
    square = power // WINDOW + 1
    deviation_16 = int(floor_root(np.array(square << 8)))
    spread = int(log2_q8(np.array(deviation_16))) + (shift << 8) - 1024
    best = max(
        int(scaled[:-lag] @ scaled[lag:]) * WINDOW // (WINDOW - lag) for lag in range(FIRST_LAG, LAST_LAG + 1)
    )
    rough = np.clip(difference * 10 >> (shift + 1), -1023, 1023)
    rough_16 = int(floor_root(np.array(int((rough**2).sum()) // WINDOW << 8)))
    return np.array(
        [
            (best << 6) // (power >> 2) if power >= 4 else 0,
            _irregularity(places),
            len(places) << 4,
            (((int((scaled**3).sum()) // WINDOW << 4) // deviation_16) << 8) // square,
            (rough_16 << 8) // deviation_16,
            _unevenness(heights),
            max(0, spread - _STRONG),
            min(0, spread - _FAINT),
        ]
    )


def _irregularity(places: Integers) -> int:
    if len(places) <= 3:
        return _IRREGULAR
    return int(np.abs(np.diff(log2_q8(np.diff(places)))).sum()) // (len(places) - 2)


def _unevenness(heights: Integers) -> int:
    if len(heights) <= 2:
        return _UNEVEN
    logs = log2_q8(heights)
    squares = int(((logs - logs.sum() // len(logs)) ** 2).sum())
    return int(floor_root(np.array(squares // len(logs))))
