"""Spectra, canceller, scores and tracker against their floating-point statements."""

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.vitals_training import heart_oracle
from bench.vitals_training.heart_oracle import Floats, Network, Windows
from dsp import heart_network, tables
from dsp.canceller import Canceller
from dsp.heart_rate import HeartRate
from dsp.rings import NOMINAL_RATIO_Q16, MotionRing, OpticalRing
from dsp.spectrum import Transformer
from dsp.tracker import RateTracker
from dsp.workspace import Workspace


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 40, 500, 2047]), st.sampled_from([9, 10]))
def test_powers_equal_those_of_a_floating_transform(seed: int, size: int, bits: int) -> None:
    random = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * random.uniform(0.01, 0.2) * np.arange(128))
    first = np.round(size * tone).astype(int)
    second = np.round(size * random.uniform(-1, 1, 128)).astype(int)
    transformer, taper = Transformer(Workspace()), array("h", tables.HANN_128_Q12)
    transformer.pair(array("h", first.tolist()), array("h", second.tolist()), 128, taper, bits, 100)
    powers = transformer.first_power[:100], transformer.second_power[:100]
    scale = 16 * 2.0**-transformer.scale_bits
    for signal, power in ((first, powers[0]), (second, powers[1])):
        exact = np.abs(np.fft.rfft(signal * np.hanning(128), 1 << bits)[:100] * scale) ** 2
        # Each of ten stages rounds, and a signal of size 3 enters in sixteenths: an error of 3 in the mean
        # square, of 4096 or more. A bound of eight times that is for 100 bins of any number of examples.
        assert np.abs(np.sqrt(np.array(power) / 4) - np.sqrt(exact)).max() < 24


def rings_of(pulse: Floats, acceleration: Floats) -> tuple[OpticalRing, MotionRing]:
    optical, motion = OpticalRing(3), MotionRing()
    for index in range(pulse.shape[0]):
        optical.push(array("i", [int(pulse[index])] * 3), 1)
    for index in range(acceleration.shape[1]):
        motion.push(array("h", [int(value) for value in acceleration[:, index]]), 1)
    return optical, motion


def moved_wearer(seed: int, samples: int = 200) -> tuple[Floats, Floats]:
    """Pulse counts and acceleration counts, both at 25 Hz, of somebody whose arm swings."""
    random = np.random.default_rng(seed)
    time_s = np.arange(samples) / 25
    swing = np.sin(2 * np.pi * random.uniform(0.6, 3) * time_s + random.uniform(0, 6))
    pulse = 800 * np.sin(2 * np.pi * random.uniform(0.8, 3) * time_s) + 600 * swing
    axes = random.uniform(-4000, 4000, 3)[:, None] * swing + 60 * random.standard_normal((3, samples))
    return np.round(130000 + pulse + 20 * random.standard_normal(samples)), np.round(axes)


class EvenMotionRing(MotionRing):
    """Acceleration that already comes at 25 Hz, for comparison without resampling."""

    def ratio_q16(self) -> int:
        return 1 << 16


@pytest.mark.parametrize("seed", range(6))
def test_canceller_equals_the_ridge_regression(seed: int) -> None:
    pulse, axes = moved_wearer(seed)
    optical, motion = rings_of(pulse, axes)
    motion.__class__ = EvenMotionRing
    room, counts = tuple(array("h", bytes(400)) for _ in range(3)), array("i", bytes(800))
    canceller = Canceller(200, Workspace(), 0, room)
    optical.take(0, 200, counts)
    canceller.load_pulse(counts)
    canceller.load_axes(motion)
    canceller.cancel()
    p = heart_oracle.differenced(pulse[None, None])
    exact = heart_oracle.cancelled(p, heart_oracle.differenced(axes[None] / 8192))[0, 0]
    scale = np.abs(np.array(canceller.pulse)).max() / np.abs(p).max()
    error = np.array(canceller.rest[:200]) / scale - exact
    # The spectra have a floor 30 dB below the pulse's band; the rounding of 11 bits must stay below it.
    assert np.sqrt((error**2).mean()) < 0.01 * np.sqrt((p**2).mean())


@pytest.mark.parametrize("seed", range(3))
def test_spectra_equal_the_floating_ones(seed: int) -> None:
    pulse, axes = moved_wearer(seed)
    optical, motion = rings_of(pulse, axes)
    motion.__class__ = EvenMotionRing
    estimator = HeartRate(Transformer(Workspace()))
    estimator.step(optical, 0, motion)
    exact = heart_oracle.features(pulse[None], axes / 8192).spectra[0]
    error = np.array(estimator.spectra).reshape(5, 300) / 256 - exact
    # Weights were tried with inputs rounded to 1/8 of log2 without loss.
    assert np.abs(error[:, heart_oracle.BAND_FROM :]).mean() < 0.05
    assert np.abs(error[:, heart_oracle.BAND_FROM :]).max() < 0.6


def carried_network() -> Network:
    """The band's weights as floating numbers."""
    w1 = np.frombuffer(heart_network.W1, "i1").reshape(heart_network.HIDDEN, heart_network.INPUTS).T
    b1 = np.frombuffer(heart_network.B1, "<i4") / 256
    return Network(
        w1.astype(float), b1, np.frombuffer(heart_network.W2, "<i2") / 2.0 ** (heart_network.SHIFT + 8)
    )


@pytest.mark.parametrize("seed", range(3))
def test_scores_and_rate_equal_those_of_the_oracle(seed: int) -> None:
    pulse, axes = moved_wearer(seed)
    optical, motion = rings_of(pulse, axes)
    motion.__class__ = EvenMotionRing
    estimator = HeartRate(Transformer(Workspace()))
    estimator.step(optical, 0, motion)
    spectra = np.array(estimator.spectra).reshape(1, 5, 300) / 256
    level = heart_oracle.features(pulse[None], axes / 8192).level
    scores = carried_network().scores(heart_oracle.gathered(Windows(spectra, level)))
    # Level comes by an integer logarithm within 1/64, the hidden units are cut to integers.
    assert np.abs(np.array(estimator.scores) / 256 - scores[0]).max() < 0.3
    rates, _ = heart_oracle.track(scores)
    assert abs(estimator.rate_tenths / 10 - rates[0]) < 0.5


def test_tracker_follows_the_floating_filter() -> None:
    random = np.random.default_rng(4)
    centre = 40 + np.cumsum(random.normal(0, 1.2, 60))
    scores = -0.5 * ((np.arange(117) - centre[:, None]) / 4) ** 2 + random.normal(0, 0.7, (60, 117))
    tracker = RateTracker(
        Workspace(), 117, tables.HEART_STATE_KERNEL_Q14, 111, 2, tables.HEART_READING_KERNEL_Q14, 259
    )
    rates, confidences = heart_oracle.track(scores)
    errors, shares = [], []
    for row, rate, confidence in zip(scores, rates, confidences, strict=True):
        tracker.step(array("i", np.round(row * 256).astype(int).tolist()))
        errors.append(abs((27 + tracker.place_q8 / 256) * heart_oracle.BPM_PER_BIN - rate))
        shares.append(abs(tracker.share_percent - 100 * confidence))
    # Where two bins tie for the best, rounding may choose the other one, and count the share around it.
    assert np.mean(errors) < 0.2
    assert max(errors) < 3
    assert np.mean(shares) < 2


def test_acceleration_keeps_time_with_light_when_its_clock_is_off() -> None:
    optical, motion = OpticalRing(3), MotionRing()
    rate_hz = 27.3  # 5 % fast
    sent = 0
    for step in range(1, 21):
        for _ in range(50):
            optical.push(array("i", [1000] * 3), 1)
        while sent < step * 2 * rate_hz:
            value = round(3000 * np.sin(2 * np.pi * 0.5 * sent / rate_hz))
            motion.push(array("h", [value] * 3), 1)
            sent += 1
        motion.mark(optical.total)
    assert abs(motion.ratio_q16() / 65536 - rate_hz / 25) < 0.01
    assert abs(motion.ratio_q16() - NOMINAL_RATIO_Q16) > 1000
    out = array("h", bytes(400))
    motion.take(0, 200, out)
    newest_s = (sent - 1) / rate_hz
    exact = 3000 * np.sin(2 * np.pi * 0.5 * (newest_s - np.arange(199, -1, -1) / 25))
    # One sample of error in the counted rate over 40 s, and chords instead of arcs.
    assert np.abs(np.array(out) - exact).max() < 400


def test_no_acceleration_leaves_the_pulse_alone() -> None:
    pulse, _ = moved_wearer(1)
    optical, _ = rings_of(pulse, np.zeros((3, 0)))
    estimator = HeartRate(Transformer(Workspace()))
    estimator.step(optical, 0, None)
    assert estimator.spectra[:300] == estimator.spectra[300:600]
