"""Spectra, canceller, scores and tracker against their floating-point statements."""

from array import array

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp import fitted, tables
from dsp.canceller import Canceller
from dsp.heart_rate import HeartRate
from dsp.rings import NOMINAL_RATIO_Q16, MotionRing, OpticalRing
from dsp.spectrum import Transformer
from dsp.tracker import RateTracker
from dsp.workspace import Workspace
from vitalband.signal import heart as oracle
from vitalband.signal.heart import Floats, Network, Windows


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 40, 500, 2047]), st.sampled_from([8, 9]))
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
    """Rings of pulse (channels, n) and acceleration (3, n), both at 25 Hz."""
    optical, motion = OpticalRing(len(pulse)), EvenMotionRing()
    push(optical, motion, pulse, acceleration)
    return optical, motion


def push(optical: OpticalRing, motion: MotionRing, pulse: Floats, acceleration: Floats) -> None:
    for column in pulse.T:
        optical.push(array("i", [int(value) for value in column]), 1)
    for column in acceleration.T:
        motion.push(array("h", [int(value) for value in column]), 1)


def moved_wearer(seed: int, samples: int = 200, channels: int = 1) -> tuple[Floats, Floats]:
    """Pulse counts (channels, n) and acceleration counts (3, n), at 25 Hz, of somebody whose arm swings."""
    random = np.random.default_rng(seed)
    time_s = np.arange(samples) / 25
    swing = np.sin(2 * np.pi * random.uniform(0.6, 3) * time_s + random.uniform(0, 6))
    pulse = 800 * np.sin(2 * np.pi * random.uniform(0.8, 3) * time_s) + 600 * swing
    axes = random.uniform(-4000, 4000, 3)[:, None] * swing + 60 * random.standard_normal((3, samples))
    gains = np.exp(random.uniform(-2, 2, channels))[:, None]
    noise = 20 * random.standard_normal((channels, samples))
    return np.clip(np.round(130000 + gains * (pulse + noise)), 0, 262143), np.round(axes)


class EvenMotionRing(MotionRing):
    """Acceleration that already comes at 25 Hz, for comparison without resampling."""

    def ratio_q16(self) -> int:
        return 1 << 16


SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=25)
@given(SEEDS)
def test_canceller_equals_the_ridge_regression(seed: int) -> None:
    pulse, axes = moved_wearer(seed)
    optical, motion = rings_of(pulse, axes)
    canceller = Canceller(100, Workspace(), 0, tuple(array("h", bytes(200)) for _ in range(3)))
    canceller.load_axes(motion)
    canceller.load_pulse(optical, 0)
    canceller.cancel()
    p = oracle.differenced(oracle.halved(pulse[None]))
    exact = oracle.cancelled(p, oracle.differenced(oracle.halved(axes[None] / 8192)))[0, 0]
    scale = np.abs(np.array(canceller.pulse)).max() / np.abs(p).max()
    error = np.array(canceller.rest[:100]) / scale - exact
    # The spectra have a floor 30 dB below the pulse's band; the rounding of 11 bits must stay below it.
    assert np.sqrt((error**2).mean()) < 0.015 * np.sqrt((p**2).mean())


@settings(max_examples=25)
@given(SEEDS, st.integers(1, 3))
def test_spectra_equal_the_floating_ones(seed: int, channels: int) -> None:
    pulse, axes = moved_wearer(seed, channels=channels)
    optical, motion = rings_of(pulse, axes)
    estimator = HeartRate(Transformer(Workspace()))
    estimator.step(optical, tuple(range(channels)), motion)
    exact = oracle.features(pulse, axes / 8192).spectra[0]
    error = np.array(estimator.spectra).reshape(5, 240) / 256 - exact
    # Weights were tried with inputs rounded to 1/8 of log2 without loss.
    assert np.abs(error[:, oracle.BAND_FROM :]).mean() < 0.08
    assert np.abs(error[:, oracle.BAND_FROM :]).max() < 1


def carried_network() -> Network:
    """The band's weights as floating numbers."""
    w1 = np.frombuffer(fitted.HEART_W1, "i1").reshape(fitted.HEART_HIDDEN, oracle.INPUTS).T
    w2 = np.frombuffer(fitted.HEART_W2, "<i2") / 2.0 ** (fitted.HEART_SHIFT + 8)
    return Network(w1.astype(float), np.frombuffer(fitted.HEART_B1, "<i4") / 256, w2)


@settings(max_examples=10)
@given(SEEDS, st.integers(1, 3))
def test_scores_and_rates_equal_those_of_the_oracle(seed: int, channels: int) -> None:
    pulse, axes = moved_wearer(seed, 200 + 50 * 7, channels)
    optical, motion = rings_of(pulse[:, :150], axes[:, :150])
    estimator = HeartRate(Transformer(Workspace()))
    level = oracle.features(pulse, axes / 8192).level
    scores, rates = [], []
    for window in range(8):
        fresh = slice(150 + 50 * window, 200 + 50 * window)
        push(optical, motion, pulse[:, fresh], axes[:, fresh])
        estimator.step(optical, tuple(range(channels)), motion)
        spectra = np.array(estimator.spectra).reshape(1, 5, 240) / 256
        scores.append(
            carried_network().scores(oracle.gathered(Windows(spectra, level[window : window + 1])))[0]
        )
        # Level comes by an integer logarithm within 1/64, the hidden units are cut to integers.
        assert np.abs(np.array(estimator.scores) / 256 - scores[-1]).max() < 0.3
        rates.append(estimator.rate_tenths / 10)
    # Where two bins tie for the best, rounding may choose the other one.
    assert np.median(np.abs(np.array(rates) - oracle.track(np.array(scores))[0])) < 0.5


@given(st.lists(st.integers(0, 116 * 256), min_size=1, max_size=20))
def test_the_rate_leads_by_the_slope_of_the_last_windows(places_q8: list[int]) -> None:
    estimator = HeartRate(Transformer(Workspace()))
    exact = oracle.led(np.array(places_q8) / 256 * oracle.BPM_PER_BIN)
    for place_q8, wanted in zip(places_q8, exact, strict=True):
        estimator._tracker.place_q8 = place_q8
        # The lead is floored to 1/256 of a bin.
        assert abs(estimator._led_place_q8() / 256 * oracle.BPM_PER_BIN - wanted) < 0.01


def test_tracker_follows_the_floating_filter() -> None:
    random = np.random.default_rng(4)
    centre = 40 + np.cumsum(random.normal(0, 1.2, 60))
    scores = -0.5 * ((np.arange(117) - centre[:, None]) / 4) ** 2 + random.normal(0, 0.7, (60, 117))
    tracker = RateTracker(
        Workspace(), 117, tables.HEART_STATE_KERNEL_Q14, 92, 2, tables.HEART_READING_KERNEL_Q14, 259
    )
    rates, confidences = oracle.track(scores)
    places, shares = [], []
    for row, confidence in zip(scores, confidences, strict=True):
        tracker.step(array("i", np.round(row * 256).astype(int).tolist()))
        places.append((27 + tracker.place_q8 / 256) * oracle.BPM_PER_BIN)
        shares.append(abs(tracker.share_percent - 100 * confidence))
    errors = np.abs(oracle.led(np.array(places)) - rates)
    # Where two bins tie for the best, rounding may choose the other one, and count the share around it.
    assert np.mean(errors) < 0.2
    assert errors.max() < 3
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
    estimator.step(optical, (0,), None)
    assert estimator.spectra[:240] == estimator.spectra[240:480]
