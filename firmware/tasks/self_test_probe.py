"""Samples a sensor for the self-test: how many came in what time, their means and their spread.

What it measures stays here; the run tells what it makes of it. A chip that fails leaves its error behind.
"""

from hal.clock import elapsed_ms
from streams import CHANNEL_COUNT

_SETTLE_SAMPLES = 5
"""Samples after a start that are counted and not measured: 0.2 s for light and filters to settle."""
_MOST_DEVIATION = 2047
"""From the first sample, either way: so that 256 squares stay below 2^30."""


class Probe:
    """Starts the chip of a source (`tasks.sampling.Source`) by `arguments`, and uses its buffer."""

    def __init__(self, source, clock, *arguments):
        self.error = None
        self._source = source
        self._clock = clock
        self._count = 0
        self._measured = 0
        self._first = [0] * CHANNEL_COUNT
        self._sums = [0] * CHANNEL_COUNT
        self._squares = [0] * CHANNEL_COUNT
        try:
            self._driver = source.chip.start()
            if arguments:
                self._driver.start(*arguments)
            self._lost_before = self._driver.lost_samples
        except OSError as error:
            self.error = error
        self._started_at_ms = self._read_at_ms = clock.update()

    def read(self):
        """Take in what the FIFO holds."""
        if self.error is not None:
            return
        samples = self._source.samples
        self._read_at_ms = self._clock.update()
        try:
            count = self._driver.read_fifo_into(samples)
        except OSError as error:
            self.error = error
            return
        for index in range(count):
            if self._count + index >= _SETTLE_SAMPLES:
                self._measure(samples, index * CHANNEL_COUNT)
        self._count += count

    def rate_mhz(self):
        """Samples that the chip took, lost ones among them, by the band's clock: in mHz."""
        taken = self._count + self._driver.lost_samples - self._lost_before
        # The next sample is begun already: it counts as half done.
        halves = 2 * taken + 1 if taken else 0
        return halves * 500_000 // max(elapsed_ms(self._started_at_ms, self._read_at_ms), 1)

    def mean(self, channel):
        """Mean of a channel in counts."""
        return self._first[channel] + self._sums[channel] // max(self._measured, 1)

    def deviation(self):
        """Standard deviation of the channel with the largest, in counts; no more than about 2000 is told."""
        count = max(self._measured, 1)
        largest = 0
        for channel in range(CHANNEL_COUNT):
            mean = self._sums[channel] // count
            largest = max(largest, self._squares[channel] // count - mean * mean)
        return int(largest**0.5)

    def _measure(self, samples, at):
        for channel in range(CHANNEL_COUNT):
            value = samples[at + channel]
            if not self._measured:
                self._first[channel] = value
            away = min(max(value - self._first[channel], -_MOST_DEVIATION), _MOST_DEVIATION)
            self._sums[channel] += away
            self._squares[channel] += away * away
        self._measured += 1
