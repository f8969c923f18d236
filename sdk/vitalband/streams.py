"""Raw samples: how the body of a block is read, when its samples were taken, and what is missing.

A block says the number of its first sample and the tick of the FIFO read that gave its last one (less the
nominal time of the samples of that read, or of later ones, that the next block has).
The read comes up to one sample period after that sample, and a little later again when the band is
busy, so a sample's time comes from its number: a line through the reads, its slope the nominal
rate until the reads span `RATE_BASE_MS`, the measured one after that.
"""

from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import Shape
from bandschema.enums import Encoding
from bandwire.errors import FrameError
from vitalband.clock import TICKS_MODULUS, ticks_between
from vitalband.rates import RATE_TOLERANCE
from vitalband.timeline import DRIFT_LIMIT_PPM
from vitalband.values import SampleGap, StreamDescriptor

RATE_BASE_MS = 60_000
"""Span of reads from which a rate is measured: an uncertain read of one 40 ms period is then below
0.1 % of it."""
NUMBER_MODULUS, SHORT_MODULUS = 1 << 32, 1 << 24
"""Of the number of a first sample in a plain block, and in a compressed one."""
READS_KEPT = 128
READS_NEAR = 9
"""Reads nearest to a sample by which it is placed, so that a wandering oscillator is followed."""


def plain_samples(body: bytes | memoryview, count: int, descriptor: StreamDescriptor) -> NDArray[np.int32]:
    """The (count, channels) samples of a plain body; raises `FrameError` when its length is wrong.

    Plain: samples in turn, channels in turn, each in the least whole bytes, little-endian.
    """
    channels, width = len(descriptor.channels), descriptor.channel_bytes
    if len(body) != count * channels * width:
        raise FrameError(
            f"sample_block: wanted {count} samples x {channels} channels x {width} B, got {len(body)} B"
        )
    octets = np.frombuffer(body, dtype=np.uint8).reshape(count, channels, width).astype(np.int32)
    samples = np.zeros((count, channels), dtype=np.int32)
    for index in range(width):
        samples |= octets[:, :, index] << (8 * index)
    if descriptor.is_signed:
        sign = 1 << (8 * width - 1)
        samples = (samples ^ sign) - sign
    return samples


def decode_samples(
    encoding: int, body: bytes | memoryview, count: int, descriptor: StreamDescriptor
) -> NDArray[np.int32]:
    """The samples of a block's body, or `FrameError` for an encoding that is not known."""
    if encoding != Encoding.PLAIN:
        raise FrameError(f"sample_block: encoding {encoding} is not known, 0 (plain) is")
    return plain_samples(body, count, descriptor)


def shape_of(descriptor: StreamDescriptor) -> Shape:
    """What a block needs to know of its stream."""
    return Shape(len(descriptor.channels), descriptor.sample_bits, descriptor.is_signed)


def drift_ms(since_read_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much UTC and the band's clock may part between (n,) samples and their reads."""
    return np.abs(since_read_ms) * DRIFT_LIMIT_PPM * 1e-6


class SampleNumbers:
    """Whole numbers of the first samples of one stream's blocks in one boot, of which compressed ones tell
    24 bits.

    The number is taken that is nearest to what the ticks since the block before let expect, or since the
    boot where there is none before. Blocks come in about the order of their samples.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._last: tuple[int, int] | None = None

    def whole(
        self, numbers: NDArray[np.int64], is_short: NDArray[np.bool_], ticks_ms: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """(n,) whole numbers, modulo 2^32, of (n,) blocks; goes on from the blocks of the call before."""
        if is_short.any():
            before, before_ms = self._last or (0, 0)
            half = TICKS_MODULUS // 2
            elapsed_ms = (np.diff(ticks_ms, prepend=before_ms) + half) % TICKS_MODULUS - half
            if self._last is None:
                elapsed_ms[0] = ticks_ms[0]
            steps = np.diff(numbers, prepend=before) % SHORT_MODULUS
            turns = np.rint((elapsed_ms * self._rate_hz / 1000 - steps) / SHORT_MODULUS).astype(np.int64)
            found = before + np.cumsum(steps + SHORT_MODULUS * turns)
            # A whole number that came is right whatever the ticks say, and for those after it as well.
            came = np.where(is_short, 0, numbers - found)
            latest = np.maximum.accumulate(np.where(is_short, -1, np.arange(len(numbers))))
            numbers = (found + np.where(latest < 0, 0, came[latest])) % NUMBER_MODULUS
        self._last = int(numbers[-1]), int(ticks_ms[-1])
        return numbers


class SampleClock:
    """Gives the band ticks of every sample of one stream and boot; fed with FIFO reads in any order."""

    def __init__(self, rate_hz: float) -> None:
        self._nominal_period_ms = 1000.0 / rate_hz
        self._reads: deque[tuple[int, int]] = deque(maxlen=READS_KEPT)

    @property
    def period_ms(self) -> float:
        """Milliseconds from sample to sample: measured once the reads span long enough."""
        if len(self._reads) < 2:
            return self._nominal_period_ms
        (first_number, first_ticks), (last_number, last_ticks) = min(self._reads), max(self._reads)
        if last_ticks - first_ticks < RATE_BASE_MS or last_number <= first_number:
            return self._nominal_period_ms
        measured_ms = (last_ticks - first_ticks) / (last_number - first_number)
        is_credible = abs(measured_ms / self._nominal_period_ms - 1) <= RATE_TOLERANCE
        return measured_ms if is_credible else self._nominal_period_ms

    def add_read(self, last_sample: int, ticks_ms: int) -> int:
        """A FIFO read at `ticks_ms` gave sample number `last_sample` as its last.

        Gives the ticks without their wrap at 2^32, as counted from the first read on.
        """
        if self._reads:
            known_ms = self._reads[-1][1]
            ticks_ms = known_ms + ticks_between(known_ms, ticks_ms)
        self._reads.append((last_sample, ticks_ms))
        return ticks_ms

    def ticks_of(self, first_sample: int, count: int) -> NDArray[np.float64]:
        """Band ticks, in ms and without wrap, of `count` samples from number `first_sample` on."""
        period_ms = self.period_ms
        near = sorted(self._reads, key=lambda read: abs(read[0] - first_sample))[:READS_NEAR]
        start_ms = median(ticks - (number - first_sample) * period_ms for number, ticks in near)
        # The last sample lies between zero and one period before the read that gave it.
        return start_ms - period_ms / 2 + period_ms * np.arange(count, dtype=np.float64)

    @property
    def uncertainty_ms(self) -> float:
        """How far a sample's ticks may be off: half a period, for where it lay before its read."""
        return self.period_ms / 2


class BlockClock:
    """As `SampleClock`, for many blocks at once that come in the order of their samples, as from a store.

    A sample is placed by the last `READS_NEAR` reads, which for blocks of like size are the nearest ones.
    """

    def __init__(self, rate_hz: float) -> None:
        self._nominal_period_ms = 1000.0 / rate_hz
        self._numbers = np.empty(0, np.int64)
        self._reads_ms = np.empty(0, np.int64)

    def place(
        self, first_samples: NDArray[np.int64], counts: NDArray[np.int64], ticks_ms: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where (n,) blocks lie: their first sample's time less the tick of their own read, and their
        period, both in ms; goes on from the blocks of the call before."""
        known = len(self._numbers)
        reads_ms = self._unwrapped(ticks_ms)
        numbers = np.concatenate([self._numbers, first_samples + counts - 1])
        self._numbers, self._reads_ms = numbers[-READS_KEPT:], reads_ms[-READS_KEPT:]
        at = np.arange(known, len(numbers))
        period_ms = self._periods(numbers, reads_ms, at)
        near = at[:, np.newaxis] - np.arange(READS_NEAR)
        is_absent, near = near < 0, np.maximum(near, 0)
        numbers_away = numbers[near] - first_samples[:, np.newaxis]
        starts_ms = reads_ms[near] - numbers_away * period_ms[:, np.newaxis]
        # The median of those that there are: the first blocks have fewer reads before them.
        starts_ms[is_absent] = np.inf
        starts_ms.sort(axis=1)
        present, rows = READS_NEAR - is_absent.sum(axis=1), np.arange(len(at))
        middle_ms = (starts_ms[rows, (present - 1) // 2] + starts_ms[rows, present // 2]) / 2
        return middle_ms - period_ms / 2 - reads_ms[known:], period_ms

    def _unwrapped(self, ticks_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        before_ms = self._reads_ms[-1] if len(self._reads_ms) else ticks_ms[0]
        steps_ms = np.diff(ticks_ms, prepend=before_ms % TICKS_MODULUS)
        half = TICKS_MODULUS // 2
        steps_ms = (steps_ms + half) % TICKS_MODULUS - half
        return np.concatenate([self._reads_ms, before_ms + np.cumsum(steps_ms)])

    def _periods(
        self, numbers: NDArray[np.int64], reads_ms: NDArray[np.int64], at: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        oldest = np.maximum(at - READS_KEPT + 1, 0)
        span_ms, samples = reads_ms[at] - reads_ms[oldest], numbers[at] - numbers[oldest]
        measured_ms = span_ms / np.maximum(samples, 1)
        is_credible = np.abs(measured_ms / self._nominal_period_ms - 1) <= RATE_TOLERANCE
        is_measured = (span_ms >= RATE_BASE_MS) & (samples > 0) & is_credible
        return np.where(is_measured, measured_ms, self._nominal_period_ms)


class GapFinder:
    """Notices missing sample numbers of one stream, and which chunks fill a gap later."""

    def __init__(self, stream_id: int) -> None:
        self._stream_id = stream_id
        self._next: tuple[int, int] | None = None

    def gap_before(self, boot_id: int, first_sample: int, count: int) -> SampleGap | None:
        """The gap between the samples seen so far and these; None when they follow or fill in."""
        expected = self._next
        if expected is None or expected[0] != boot_id:
            self._next = (boot_id, first_sample + count)
            return None
        self._next = (boot_id, max(expected[1], first_sample + count))
        if first_sample <= expected[1]:
            return None
        return SampleGap(self._stream_id, boot_id, expected[1], first_sample - expected[1])
