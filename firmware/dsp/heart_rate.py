"""Heart rate every 2 s from 8 s of pulse channels and of acceleration, causal, in motion and at rest.

Window of 100 values at 12.5 Hz: differences, motion canceller, tapered spectra of 512 points (bins of
1.4648 /min), log2 spectra relative to their band (0.34 to 5.9 Hz), meaned over the channels before the
logarithm, one small network that scores each of the bins 27 to 143 (39.6 to 209.5 /min) from spectrum
values around the bin, its double and its half, and a tracker, whose reading leads by its own slope.
At rest, where beats make a settled run (`dsp.beat_rate`), theirs is the rate: `HeartRate.settle`.
Delay: about 3 s, half the window less what the taper and the slope lead; 4 s by beats. Widths: see the
parts; spectra int16 in 1/256 of log2. The same method in floating point is `vitalband.signal.heart`, the
oracle of the tests.
"""

import sys
from array import array

from dsp.canceller import Canceller
from dsp.fitted import HEART_B1, HEART_HIDDEN, HEART_SHIFT, HEART_W1, HEART_W2
from dsp.fixed import isqrt, log2_q8
from dsp.rom import table
from dsp.spectrum import SAMPLE_GAIN_BITS, SHARE_ONE, add_band_shares, band_mean, blend, log_levels
from dsp.tables import HEART_READING_KERNEL_Q14, HEART_STATE_KERNEL_Q14, HEART_TAPER_Q12, TILT_Q8, ZEROS_100
from dsp.tracker import RateTracker

if sys.implementation.name == "micropython":
    from dsp.network_viper import score_bins
else:
    from dsp.network_plain import score_bins

WINDOW = 200
"""Samples at 25 Hz."""

FIRST_BIN = 27
BINS = 117
_POINTS = 100
_FFT_BITS = 9
_SPECTRUM_BINS = 240
_BAND_FROM = 14
_SCORES_AT = 256
"""Word of the workspace behind those of the tracker."""

_PULSE, _CANCELLED, _MOTION, _PULSE_AVERAGE, _MOTION_AVERAGE = range(5)

# Channel, multiple of the bin in halves, offsets in bins: the network's inputs in its order.
_TAPS = (
    (_CANCELLED, 2, (0, -2, 2, -4, 4, -7, 7, -11, 11)),
    (_PULSE, 2, (0, -5, 5)),
    (_MOTION, 2, (0, -3, 3, -7, 7)),
    (_CANCELLED, 4, (0, -5, 5)),
    (_MOTION, 4, (0,)),
    (_CANCELLED, 1, (0,)),
    (_MOTION, 1, (0,)),
    (_PULSE_AVERAGE, 2, (0,)),
    (_MOTION_AVERAGE, 2, (0,)),
)
_STATE_GAIN_Q8 = 92
"""0.25 of a nat in log2."""

_READING_GAIN_Q8 = 259
"""0.7 of a nat in log2."""

_JUMP_Q14 = 2
"""Chance of a jump a window, 1.2e-4."""

_LEAD_WINDOWS = 5
_LEAD_Q8 = 3
"""Of the change over so many windows, 10 s: an eighth of a second of the slope."""

_REST_LEVEL_Q8 = -5 << 8
"""256 log2 of g: 31 mg, below which beats tell the rate if they can. Treadmills begin at 100 mg; a wrist that
lies has 4 mg."""

_SETTLED_PERCENT = 80
"""Confidence when beats and spectrum agree."""

_AGREEING_SHARE = 8
"""They do within an eighth of the rate: the spectrum loses its hold that far before it finds another."""

_FLOOR = SHARE_ONE >> 10
_TAPER_ROOT_Q8 = 3091
"""256 sqrt(2 * sum of the taper's squares)."""

_LEVEL_FLOOR = 131
"""1e-3 g in 1/16 counts of 8192 a g."""


def _flat_taps():
    taps = array("h")
    for channel, halves, offsets in _TAPS:
        for offset in offsets:
            taps.append(halves)
            taps.append(channel * _SPECTRUM_BINS + offset)
            taps.append((channel + 1) * _SPECTRUM_BINS - 1)
    return taps


class HeartRate:
    """Streaming estimator; allocates nothing after construction.

    After `step`: `rate_tenths` (1/min in tenths), `confidence` 0-100 (ranked, not a probability),
    `scores`, `level_q8` (of motion, 256 log2 of g).
    """

    def __init__(self, transformer):
        workspace = transformer.workspace
        self.rate_tenths = 0
        self.confidence = 0
        self.level_q8 = 0
        self.scores = workspace.wide_words(_SCORES_AT, BINS)
        self.spectra = array("h", bytes(2 * 5 * _SPECTRUM_BINS))
        self._transformer = transformer
        # Differenced axes lie where the spectra of the pulse come to lie when they are done with.
        places = memoryview(self.spectra)
        axes = tuple(places[_POINTS * axis : _POINTS * (axis + 1)] for axis in range(3))
        self._canceller = Canceller(_POINTS, workspace, 2 * _SPECTRUM_BINS, axes)
        # The motion's is done with when the pulse's begins.
        self._motion_power = self._pulse_shares = workspace.narrow_words(0, _SPECTRUM_BINS)
        self._cancelled_shares = workspace.narrow_words(_SPECTRUM_BINS, _SPECTRUM_BINS)
        self._taper = table("h", HEART_TAPER_Q12)
        self._tilt = table("h", TILT_Q8)
        self._zeros = table("h", ZEROS_100)
        self._weights = table("b", HEART_W1)
        self._bias = table("i", HEART_B1)
        self._mix = table("h", HEART_W2)
        self._taps = _flat_taps()
        self._inputs = workspace.wide_words(_SCORES_AT + BINS, len(self._taps) // 3 + 3)
        self._places_q8 = array("i", bytes(4 * _LEAD_WINDOWS))
        self._steps = 0
        self._tracker = RateTracker(
            workspace,
            BINS,
            HEART_STATE_KERNEL_Q14,
            _STATE_GAIN_Q8,
            _JUMP_Q14,
            HEART_READING_KERNEL_Q14,
            _READING_GAIN_Q8,
        )
        self._is_first = 1

    def start(self):
        """Forget the past."""
        self.rate_tenths = 0
        self.confidence = 0
        self._steps = 0
        self._tracker.start()

    def step(self, optical, channels, motion):
        """Take the newest 8 s of channels of an OpticalRing and of a MotionRing (None: no acceleration)."""
        if motion is None:
            self._canceller.load_no_axes()
        else:
            self._canceller.load_axes(motion)
        self.level_q8 = self._take_motion_spectrum()
        for place in range(len(channels)):
            self._canceller.load_pulse(optical, channels[place])
            if motion is None:
                self._canceller.copy_pulse()
            else:
                self._canceller.cancel()
            self._add_pulse_spectra(place > 0)
        floor = _FLOOR * len(channels)
        self._put_levels(self._pulse_shares, floor, _PULSE)
        self._put_levels(self._cancelled_shares, floor, _CANCELLED)
        self._average()
        self._score()
        self._tracker.step(self.scores)
        self.confidence = self._tracker.share_percent
        # One bin is 12.5 / 512 * 600 tenths of 1/min: 1875 / 128.
        self.rate_tenths = (((FIRST_BIN << 8) + self._led_place_q8()) * 1875 + 16384) >> 15

    def settle(self, beat_rate_tenths, valid_percent):
        """Take the rate of the beats of the last 8 s, 0 if unknown, after `step`: it is better at rest.

        Where they disagree with a spectrum that is sure of itself, its rate stays, but is not sure any more.
        """
        if beat_rate_tenths == 0 or self.level_q8 > _REST_LEVEL_Q8:
            return
        apart_tenths = abs(beat_rate_tenths - self.rate_tenths)
        if apart_tenths * _AGREEING_SHARE <= beat_rate_tenths:
            self.rate_tenths = beat_rate_tenths
            self.confidence = max(self.confidence, _SETTLED_PERCENT)
        elif self.confidence >= valid_percent:
            self.confidence = valid_percent - 1
        else:
            self.rate_tenths = beat_rate_tenths

    def _led_place_q8(self):
        """The reading, and some of its change over the last windows: of the first one if there are fewer."""
        place_q8 = self._tracker.place_q8
        at = self._steps % _LEAD_WINDOWS
        before = self._places_q8[at if self._steps >= _LEAD_WINDOWS else 0] if self._steps else place_q8
        self._places_q8[at] = place_q8
        self._steps += 1
        return place_q8 + ((place_q8 - before) * _LEAD_Q8 >> 8)

    def _add_pulse_spectra(self, has_others):
        signals = self._canceller
        transformer = self._transformer
        transformer.pair(signals.pulse, signals.rest, _POINTS, self._taper, _FFT_BITS, _SPECTRUM_BINS)
        # Both over the band mean before cancelling: what the canceller took is seen as missing.
        mean = band_mean(transformer.first_power, _BAND_FROM, _SPECTRUM_BINS)
        add_band_shares(transformer.first_power, mean, _SPECTRUM_BINS, self._pulse_shares, has_others)
        add_band_shares(transformer.second_power, mean, _SPECTRUM_BINS, self._cancelled_shares, has_others)

    def _take_motion_spectrum(self):
        """Motion spectrum; gives the level of motion, 256 log2 of g."""
        signals = self._canceller
        axes = signals.axes
        power = self._motion_power
        self._transformer.sum_of_pair(
            axes[0], axes[1], _POINTS, self._taper, _FFT_BITS, _SPECTRUM_BINS, power, False
        )
        self._transformer.sum_of_pair(
            axes[2], self._zeros, _POINTS, self._taper, _FFT_BITS, _SPECTRUM_BINS, power, True
        )
        mean = band_mean(power, _BAND_FROM, _SPECTRUM_BINS)
        self._put_levels(power, mean >> 10, _MOTION)
        amplitude = (isqrt(mean) << 8) // _TAPER_ROOT_Q8
        # In 1/16 counts: undo the transform's halvings, its gain and the scaling of the axes.
        up = self._transformer.scale_bits - signals.axes_up - SAMPLE_GAIN_BITS + 4
        amplitude = min(amplitude, 8191) << min(up, 14) if up >= 0 else amplitude >> -up
        return log2_q8(amplitude + _LEVEL_FLOOR) - (17 << 8)

    def _put_levels(self, power, floor, channel):
        offset = channel * _SPECTRUM_BINS
        log_levels(power, _SPECTRUM_BINS, floor, self._tilt, _BAND_FROM, self.spectra, offset)

    def _average(self):
        bins = _SPECTRUM_BINS
        blend(self.spectra, _PULSE * bins, self.spectra, _PULSE_AVERAGE * bins, bins, self._is_first)
        blend(self.spectra, _MOTION * bins, self.spectra, _MOTION_AVERAGE * bins, bins, self._is_first)
        self._is_first = 0

    def _score(self):
        score_bins(
            self._inputs, self._weights, self.spectra, self._taps, len(self._taps) // 3, self.level_q8,
            FIRST_BIN, BINS, self._bias, self._mix, HEART_SHIFT, HEART_HIDDEN, self.scores,
        )  # fmt: skip
