"""Whether the shape of the pulse tells that a blood pressure should be measured again.

    (in tools) python -m bench.pulse_shape --data DIR

The hint would be: the shape has left the range that it had at the last cuff reading. Repeat visits are those
records of `usc_ppg_bp` whose age, sex, diagnosis, treatment and heart rate are equal: inferred, for the set
names no persons. It helps if the change of shape is larger where the cuff's reading changed.
"""

import argparse
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandsim.recordings import load_recording

Floats = NDArray[np.float64]

FEATURES = ("interval", "rise", "width 25 %", "width 50 %", "width 75 %", "area before the peak", "skewness")
CHANGED_MMHG = 10
"""A systolic change of this much or more is one that somebody should know of; choice of this project."""

PART_S = 10
DRAWS = 20_000
_SIGNALS, _TABLE = "PPG signal_csv", "information_subj.md"
_PERSON = ("Age", "Gender", "Diagnosed", "Treatment", "Heart Rate")


@dataclass(frozen=True)
class Visit:
    """One record: who it may be of, the cuff's reading, and the shapes (parts, features) of 10 s each."""

    person: tuple[str, ...]
    systolic_mmhg: float
    shapes: Floats


def _feet(signal: Floats, rate_hz: float) -> list[int]:
    """Minima before the steep rises."""
    slope = np.gradient(signal)
    steep = 0.5 * float(np.quantile(slope, 0.99))
    tops: list[int] = []
    for place in np.flatnonzero(slope > steep):
        if not tops or place - tops[-1] > 0.35 * rate_hz:
            tops.append(int(place))
        elif slope[place] > slope[tops[-1]]:
            tops[-1] = int(place)
    starts = [max(0, top - int(0.3 * rate_hz)) for top in tops]
    return [start + int(np.argmin(signal[start : top + 1])) for start, top in zip(starts, tops, strict=True)]


def _shape_of_pulse(wave: Floats, rate_hz: float) -> Floats | None:
    """The features of one pulse from foot to foot, None when it is none."""
    count = len(wave)
    level = wave - np.linspace(wave[0], wave[-1], count)
    if not 0.35 * rate_hz < count < 1.6 * rate_hz or level.max() <= 0:
        return None
    level = np.maximum(level, 0) / level.max()
    peak = int(np.argmax(level))
    if not 0.05 * rate_hz <= peak <= 0.6 * count:
        return None
    widths = [float(np.count_nonzero(level > share)) / rate_hz for share in (0.25, 0.5, 0.75)]
    weight, place = level / level.sum(), np.arange(count) / count
    middle = float(weight @ place)
    spread = float(np.sqrt(weight @ (place - middle) ** 2))
    skewness = float(weight @ ((place - middle) / spread) ** 3)
    before = float(weight[: peak + 1].sum())
    return np.array([count / rate_hz, peak / rate_hz, *widths, before, skewness])


def shapes_of(signal: Floats, rate_hz: float) -> Floats:
    """Median shape of each 10 s: (parts, features); parts without three pulses are left out."""
    kernel = np.ones(3) / 3
    smooth = np.convolve(signal, kernel, "same")
    found: list[Floats] = []
    length = int(PART_S * rate_hz)
    for start in range(0, len(smooth) - length + 1, length):
        part = smooth[start : start + length]
        feet = _feet(part, rate_hz)
        pulses = [_shape_of_pulse(part[a:b], rate_hz) for a, b in pairwise(feet)]
        known = [pulse for pulse in pulses if pulse is not None]
        if len(known) >= 3:
            found.append(np.median(np.array(known), axis=0))
    return np.array(found).reshape(-1, len(FEATURES))


def visits(data: Path) -> list[Visit]:
    """Every record that has shapes."""
    lines = (data / "usc_ppg_bp" / _TABLE).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if "|" in line]
    columns = rows[0]
    found: list[Visit] = []
    for row in (row for row in rows if row[0].startswith("PPG_subj_")):
        recording = load_recording(f"usc_ppg_bp/{row[0].removeprefix('PPG_subj_')}", data)
        if recording.ppg is None:
            continue
        shapes = shapes_of(recording.ppg[:, 0], recording.ppg_rate_hz)
        person = tuple(row[columns.index(name)] for name in _PERSON)
        if len(shapes) >= 3:
            found.append(Visit(person, float(row[columns.index("Systolic BP")]), shapes))
    return found


def distance(first: Visit, second: Visit, scale: Floats) -> float:
    """How far the second's mean shape is from the first's, in spreads of the first's own parts."""
    own = np.maximum(first.shapes.std(axis=0), 0.1 * scale)
    change = (second.shapes.mean(axis=0) - first.shapes.mean(axis=0)) / own
    return float(np.sqrt(np.mean(change**2)))


def area_under_curve(scores: Floats, is_changed: NDArray[np.bool_]) -> float:
    """Chance that a changed pair has the larger score than an unchanged one."""
    high, low = scores[is_changed][:, np.newaxis], scores[~is_changed][np.newaxis]
    return float(np.mean((high > low) + 0.5 * (high == low)))


def by_chance(scores: Floats, is_changed: NDArray[np.bool_], seed: int) -> float:
    """Share of shuffles whose area is as large."""
    random = np.random.default_rng(seed)
    area = area_under_curve(scores, is_changed)
    areas = [area_under_curve(scores, random.permutation(is_changed)) for _ in range(DRAWS)]
    return float(np.mean(np.array(areas) >= area - 1e-9))


def interval_of(scores: Floats, is_changed: NDArray[np.bool_], seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the area, pairs drawn anew."""
    random = np.random.default_rng(seed)
    areas: list[float] = []
    while len(areas) < DRAWS // 10:
        drawn = random.integers(0, len(scores), len(scores))
        if 0 < np.count_nonzero(is_changed[drawn]) < len(drawn):
            areas.append(area_under_curve(scores[drawn], is_changed[drawn]))
    low, high = np.quantile(areas, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    everything = visits(options.data)
    scale = np.array([visit.shapes.mean(axis=0) for visit in everything]).std(axis=0)
    pairs = [pair for pair in combinations(everything, 2) if pair[0].person == pair[1].person]
    others = [pair for pair in combinations(everything, 2) if pair[0].person != pair[1].person]
    scores = np.array([distance(*pair, scale) for pair in pairs])
    strangers = float(np.median([distance(*pair, scale) for pair in others]))
    changes = np.array([abs(one.systolic_mmhg - two.systolic_mmhg) for one, two in pairs])
    is_changed = changes >= CHANGED_MMHG
    area = area_under_curve(scores, is_changed)
    low, high = interval_of(scores, is_changed, options.seed)
    first, second = (np.argsort(np.argsort(values)).astype(np.float64) for values in (scores, changes))
    together = float(np.mean((first - first.mean()) * (second - second.mean()))) / float(first.var())
    persons = {visit.person for visit in everything}
    print(f"{len(everything)} records, {len(persons)} persons, {len(pairs)} pairs of visits (inferred)")
    print(f"systolic change of {CHANGED_MMHG} mmHg and more: {np.count_nonzero(is_changed)} pairs")
    print(f"shape moved, median: {np.median(scores):.1f} own spreads; between strangers {strangers:.1f}")
    print(f"area under the curve: {area:.2f} (95 % {low:.2f} to {high:.2f}); a hint at random: 0.50")
    print(f"as large by chance: {by_chance(scores, is_changed, options.seed):.2f}")
    print(f"rank correlation with the change: {together:+.2f}")


if __name__ == "__main__":
    main()
