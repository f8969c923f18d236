"""Fits the camera oxygen trend of the band.

    (in tools) python -m bench.vitals_training.fit_camera_oxygen --data DIR

Four subjects, two hands each (Hoffman et al., npj Digit Med 5:146, 2022). Windows of 8 s every 2 s, the
features as the band computes them, relative to the mean of the wearer's own first minute; ridge; scores
leave one subject out. The pooled coefficients are what `dsp/oxygen.py` carries.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .heart_oracle import RATE_HZ, Floats, windows_of

CAMERA_RATE_HZ = 30.0
COUNTS_PER_LEVEL = 1024
SUBJECTS = ("100001", "100002", "100003", "100004")
HANDS = ("Left", "Right")
FIRST_WINDOWS = 27
"""Windows that end within the first minute: 8 to 60 s."""

RIDGE = 0.03


@dataclass(frozen=True)
class Session:
    """Features (n, 5) relative to the first minute and reference oxygen (n,), NaN outside 70-100 %."""

    subject: str
    features: Floats
    spo2_percent: Floats


def free_slopes(windows: Floats) -> Floats:
    """Slopes as `dsp.pulse_plain.free_slopes`: (..., 200) -> (..., 193)."""
    total = windows[..., 2:] + windows[..., 1:-1] + windows[..., :-2]
    slope = total[..., 5:] - total[..., :-5]
    summed = np.cumsum(np.pad(slope, [(0, 0)] * (slope.ndim - 1) + [(1, 0)]), axis=-1)
    mean = (summed[..., 25:] - summed[..., :-25]) / 25
    edges = [(0, 0)] * (slope.ndim - 1) + [(12, 12)]
    return slope - np.pad(mean, edges, mode="edge")


def ratio_of_ratios(above: Floats, below: Floats) -> Floats:
    """Total least squares over the last axis of two stacks of windows."""
    a, b = free_slopes(above), free_slopes(below)
    limit = np.maximum(np.abs(a).mean(axis=-1), np.abs(b).mean(axis=-1))[..., None] * 8
    a, b = np.clip(a, -limit, limit), np.clip(b, -limit, limit)
    aa, bb, ab = (a * a).sum(axis=-1), (b * b).sum(axis=-1), (a * b).sum(axis=-1)
    slope = (aa - bb + np.sqrt((aa - bb) ** 2 + 4 * ab**2)) / (2 * np.where(ab > 0, ab, np.nan))
    ratio = slope * below.mean(axis=-1) / above.mean(axis=-1)
    return np.clip(np.nan_to_num(ratio, nan=0.0), 0, 4)


def features_of(counts: Floats) -> Floats:
    """(3, n) red, green, blue counts at 25 Hz -> (windows, 5)."""
    windows = windows_of(counts)
    logs = np.log2(windows.mean(axis=-1))
    red, green, blue = windows[:, 0], windows[:, 1], windows[:, 2]
    return np.column_stack([logs, ratio_of_ratios(blue, green), ratio_of_ratios(red, green)])


def reference_of(path: Path, windows: int) -> Floats:
    """Median of the four working oximeters at the end of each window."""
    rows = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=(1, 2, 4, 5), encoding="utf-8-sig")
    rows[(rows < 50) | (rows > 100)] = np.nan
    second = np.minimum(8 + 2 * np.arange(windows), len(rows) - 1)
    median = np.nanmedian(rows, axis=1)[second]
    median[(median < 70) | (8 + 2 * np.arange(windows) >= len(rows))] = np.nan
    return median


def sessions(folder: Path) -> list[Session]:
    """All sessions, in the order of subjects and hands."""
    found: list[Session] = []
    for subject in SUBJECTS:
        for hand in HANDS:
            path = folder / "hoffman" / "ppg-csv" / hand / f"{subject}.csv"
            camera = np.genfromtxt(path, delimiter=",", skip_header=1).T * COUNTS_PER_LEVEL
            at = np.arange(0, camera.shape[1] - 1, CAMERA_RATE_HZ / RATE_HZ)
            counts = np.array([np.interp(at, np.arange(camera.shape[1]), row) for row in camera])
            features = features_of(np.round(counts))
            features = features - features[:FIRST_WINDOWS].mean(axis=0)
            reference = reference_of(folder / "hoffman" / "gt" / f"{subject}.csv", len(features))
            found.append(Session(subject, features, reference))
    return found


def fitted(parts: list[Session]) -> Floats:
    """Six numbers: oxygen at the first minute, and percent per unit of each feature."""
    x = np.concatenate([part.features for part in parts])
    y = np.concatenate([part.spo2_percent for part in parts])
    use = ~np.isnan(y)
    x, y = x[use], y[use]
    scale = x.std(axis=0)
    z = np.column_stack([np.ones(len(x)), x / scale])
    gram = z.T @ z / len(z) + RIDGE * np.diag([0.0] + [1.0] * x.shape[1])
    weights = np.linalg.solve(gram, z.T @ y / len(z))
    return np.concatenate([weights[:1], weights[1:] / scale])


def predicted(model: Floats, features: Floats) -> Floats:
    """Oxygen in percent, at most 100."""
    return np.minimum(model[0] + features @ model[1:], 100.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    everything = sessions(parser.parse_args().data)
    squares: list[float] = []
    for subject in SUBJECTS:
        model = fitted([session for session in everything if session.subject != subject])
        own = [session for session in everything if session.subject == subject]
        errors = np.concatenate([predicted(model, s.features) - s.spo2_percent for s in own])
        errors = errors[~np.isnan(errors)]
        squares.append(float(np.mean(errors**2)))
        mae = np.abs(errors).mean()
        print(f"{subject} left out: Arms {np.sqrt(squares[-1]):.2f}, MAE {mae:.2f}, n {len(errors)}")
    print(f"mean of subjects: Arms {np.sqrt(np.mean(squares)):.2f} %")
    pooled = fitted(everything)
    print("tenths of a percent:", [round(float(value) * 10, 1) for value in pooled])


if __name__ == "__main__":
    main()
