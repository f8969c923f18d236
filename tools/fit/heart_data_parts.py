"""Recordings for the fit of the heart rate, and variants of them: other rates, limb motion, quiet wearers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.signal import butter, sosfilt

from vitalband.signal.heart import HOP, RATE_HZ, TAPER_LEAD_S, WINDOW, Floats

BAMI_COUNTS_PER_G = 4096.0
"""Inferred from gravity, which reads about 4250 counts."""

LAG_S = dict(
    zip(
        [f"bami1_{number:02d}" for number in range(1, 13)],
        (2.5, 3.5, 3.0, 2.0, 8.5, 2.5, 3.0, 4.5, 3.0, 2.0, 2.0, 2.5),
        strict=True,
    )
)
"""Lag of the pulse behind the reference, by out-of-fold estimates; for labels, never scores."""

_OTHER_LAG_S = {"troika": 0.5}


@dataclass(frozen=True)
class Recording:
    """`pulse` (c, n), `acceleration_g` (3, n) at 25 Hz, `reference_bpm` a window of 8 s every 2 s."""

    name: str
    group: str
    pulse: Floats
    acceleration_g: Floats
    reference_bpm: Floats


def block_average(samples: Floats, factor: int) -> Floats:
    """(channels, n) -> (channels, n // factor): causal reduction of the rate."""
    count = samples.shape[1] // factor
    return samples[:, : count * factor].reshape(len(samples), count, factor).mean(axis=2)


def window_count(samples: int) -> int:
    """Whole windows in so many samples at 25 Hz."""
    return (samples - WINDOW) // HOP + 1


def troika(folder: Path) -> Iterator[Recording]:
    """The 12 recordings of Zhang, Pi and Liu, IEEE TBME 62(2), 2015."""
    for path in sorted((folder / "troika").glob("DATA_*_TYPE0?.mat")):
        signal = loadmat(path)["sig"]
        trace = loadmat(path.with_name(path.stem + "_BPMtrace.mat"))["BPM0"].ravel().astype(float)
        pulse, acceleration = block_average(signal[1:3], 5), block_average(signal[3:6], 5)
        reference = trace[: window_count(pulse.shape[1])]
        yield Recording(f"troika_{int(path.name[5:7]):02d}", "troika", pulse, acceleration, reference)


def bami1(folder: Path) -> Iterator[Recording]:
    """The 12 subjects of Lee et al., IEEE Sensors J 19(3), 2018."""
    for subject in range(1, 13):
        content = loadmat(folder / "bami1" / f"Subject_{subject}.mat")
        pulse = block_average(content["sigPPG"].astype(float), 2)
        acceleration = block_average(content["sigAcc"].astype(float) - 32768, 2) / BAMI_COUNTS_PER_G
        time_s, bpm = content["timeECG"].ravel(), content["bpmECG"].ravel()
        starts = 2 * np.arange(window_count(pulse.shape[1]))
        reference = np.array([bpm[(time_s >= start) & (time_s < start + 8)].mean() for start in starts])
        yield Recording(f"bami1_{subject:02d}", "bami1", pulse, acceleration, reference)


def relabelled(recording: Recording) -> Recording:
    """The recording with its reference moved to the time of the pulse that a window's spectrum shows."""
    centre_s = 2 * np.arange(len(recording.reference_bpm)) + 4.0
    lag_s = LAG_S.get(recording.name, _OTHER_LAG_S.get(recording.group, 0.0)) - TAPER_LEAD_S
    return replace(recording, reference_bpm=np.interp(centre_s - lag_s, centre_s, recording.reference_bpm))


def stretched(recording: Recording, factor: float) -> Recording:
    """The recording played `factor` times as fast."""
    length = recording.pulse.shape[1]
    count = int(length / factor) - 1
    at, grid = np.arange(count) * factor, np.arange(length)
    centre_s = 2 * np.arange(len(recording.reference_bpm)) + 4.0
    new_centre_s = (2 * np.arange(window_count(count)) + 4) * factor
    return replace(
        recording,
        pulse=np.array([np.interp(at, grid, row) for row in recording.pulse]),
        acceleration_g=np.array([np.interp(at, grid, row) for row in recording.acceleration_g]),
        reference_bpm=factor * np.interp(new_centre_s, centre_s, recording.reference_bpm),
    )


def _swing(length: int, random: np.random.Generator) -> Floats:
    time_s = np.arange(length) / RATE_HZ
    start_hz = np.exp(random.uniform(np.log(0.4), np.log(3.0)))
    phase = 2 * np.pi * np.cumsum(start_hz * np.exp(np.cumsum(random.normal(0, 0.01, length)))) / RATE_HZ
    sizes = random.random(3) * [1, 0.8, 0.5]
    shifts = random.uniform(0, 2 * np.pi, 3)
    out = np.zeros(length)
    for order, (size, shift) in enumerate(zip(sizes, shifts, strict=True), start=1):
        out += size * np.sin(order * phase + shift)
    return out * (1 + 0.5 * np.sin(2 * np.pi * random.uniform(0.02, 0.2) * time_s))


def _unrest(length: int, random: np.random.Generator) -> Floats:
    low_hz = random.uniform(0.2, 1.0)
    band = [low_hz, low_hz + random.uniform(0.8, 3.5)]
    sos = butter(2, band, "band", output="sos", fs=RATE_HZ)
    filtered: Floats = np.asarray(sosfilt(sos, random.standard_normal(length + 100)))
    return filtered[100:]


def limb_motion(length: int, random: np.random.Generator) -> Floats:
    """Bouts of swinging or irregular movement of one limb, with rests between."""
    out = np.zeros(length)
    start = int(random.integers(0, 250))
    while start < length:
        count = min(int(random.integers(100, 800)), length - start)
        bout = (_swing if random.random() < 0.5 else _unrest)(count, random)
        edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / RATE_HZ)
        out[start : start + count] = bout / (bout.std() + 1e-6) * np.exp(random.normal(0, 0.5)) * edge
        start += count + int(random.integers(25, 300))
    return out


def shaken(recording: Recording, random: np.random.Generator) -> Recording:
    """Two movements seen by acceleration and pulse, and a weaker one seen by the pulse only."""
    sos = butter(2, 0.5, "highpass", output="sos", fs=RATE_HZ)
    pulse: Floats = np.asarray(sosfilt(sos, recording.pulse, axis=1))
    acceleration, length = recording.acceleration_g.copy(), recording.pulse.shape[1]
    sources = [limb_motion(length, random) for _ in range(3)]
    strength_g = np.exp(random.uniform(np.log(0.05), np.log(0.8)))
    for axis in range(3):
        for source in sources[:2]:
            acceleration[axis] += strength_g * random.normal(0, 0.7) * source
    typical = np.median(np.abs(pulse), axis=1) * 1.4826
    for source, share in zip(sources, (1, 1, 0.35), strict=True):
        size = np.exp(random.uniform(np.log(0.3), np.log(3.0))) * share
        response = np.zeros(12)
        response[random.integers(0, 10, 3)] = random.normal(0, 0.7, 3)
        felt = np.convolve(source + random.normal(0, 0.2) * np.abs(source), response)[:length]
        felt = (felt - felt.mean()) / (felt.std() + 1e-6)
        for channel in range(len(pulse)):
            pulse[channel] += size * typical[channel] * random.uniform(0.5, 1.5) * felt
    return replace(recording, pulse=pulse, acceleration_g=acceleration)


def quiet(number: int, random: np.random.Generator, windows: int = 150) -> Recording:
    """A modelled still wearer at 40 to 205 /min: nothing else teaches rest, or no accelerometer."""
    length = WINDOW + HOP * (windows - 1)
    time_s = np.arange(length) / RATE_HZ
    middle = np.exp(random.uniform(np.log(42), np.log(200)))
    wander = 0.06 * np.sin(2 * np.pi * time_s / random.uniform(60, 300) + random.uniform(0, 6))
    breathing_hz = random.uniform(0.15, 0.4)
    sway = random.uniform(0, 0.03) * np.sin(2 * np.pi * breathing_hz * time_s)
    rate_bpm = np.clip(middle * (1 + wander + sway), 40, 207)
    phase = 2 * np.pi * np.cumsum(rate_bpm / 60) / RATE_HZ
    sizes = np.array([1, random.uniform(0.2, 0.7), random.uniform(0, 0.35), random.uniform(0, 0.15)])
    pulse = np.zeros(length)
    for order, size in enumerate(sizes, start=1):
        pulse += size * np.sin(order * phase + random.uniform(0, 6))
    pulse = pulse * (1 + random.uniform(0, 0.2) * np.sin(2 * np.pi * breathing_hz * time_s))
    pulse = pulse + random.uniform(0, 2) * np.sin(2 * np.pi * breathing_hz * time_s)
    pulse = pulse + np.exp(random.uniform(np.log(0.01), np.log(0.5))) * random.standard_normal(length)
    noise_g = 0.0 if number % 3 == 0 else np.exp(random.uniform(np.log(3e-4), np.log(5e-3)))
    acceleration = noise_g * random.standard_normal((3, length))
    centres = WINDOW // 2 + HOP * np.arange(windows)
    smooth = np.convolve(rate_bpm, np.ones(WINDOW) / WINDOW, "same")
    return Recording(f"quiet_{number}", "quiet", pulse[None], acceleration, smooth[centres])
