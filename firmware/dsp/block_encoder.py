"""Compresses samples into the body of a `compressed_block` frame; `bandschema.blocks` states the format.

The sender's rule, for each channel from the last to the first: the gain on the channel before, of one
channel a block, by least squares on both channels' differences after the predictor that this one had last;
the predictor that leaves least energy of up to 128 steps, by their autocorrelation; the shift for the sum of
residuals. Then steps are written until one does not fit; what is left waits for the next block. Plain bits,
if these hold more steps or take fewer bytes.

Sums keep within 30 bits for samples of up to 18 bits, which this encoder takes; the format allows 24.
"""

import sys
from array import array

import micropython

if sys.implementation.name == "micropython":
    from dsp.block_moves_viper import clear, take_halves, take_words
    from dsp.block_viper import (
        best_gain,
        close_gap,
        fold,
        halvings,
        lags,
        mixed_size,
        pack,
        pick,
        put,
        shift_for,
        size,
        write,
    )
else:
    from dsp.block_moves_plain import clear, take_halves, take_words
    from dsp.block_plain import (
        best_gain,
        close_gap,
        fold,
        halvings,
        lags,
        mixed_size,
        pack,
        pick,
        put,
        shift_for,
        size,
        write,
    )

MOST_SAMPLE_BITS = 18
STATISTICS_STEPS = 128
"""Steps that predictor and gain are chosen by."""
_PREDICTORS = 32
_RAW = 0x400


class BlockEncoder:
    """Encodes blocks of one stream, in bounded pieces of work. Allocates nothing after construction.

    `capacity` steps wait at most (1023). `folded` are capacity x channels words, used within one piece of
    work only, which may be shared; `table` and `energies` are those of
    `bandwire.predictors`, the latter as 16-bit integers.
    """

    def __init__(self, channels, sample_bits, is_signed, capacity, folded, table, energies):
        if not 1 <= sample_bits <= MOST_SAMPLE_BITS:
            raise ValueError("sample_bits: wanted 1..%d, got %d" % (MOST_SAMPLE_BITS, sample_bits))
        if not 1 <= channels * capacity <= len(folded):
            raise ValueError("folded: wanted %d words, got %d" % (channels * capacity, len(folded)))
        self.steps = 0
        self.capacity = capacity
        self.taken = 0
        self.head = 0
        self._channels = channels
        self._bits = sample_bits
        self._offset = 1 << (sample_bits - 1) if is_signed else 0
        self._samples = array("i", bytes(4 * capacity * channels))
        self._folded = folded
        self._table = table
        self._energies = energies
        self._sums = array("i", bytes(20))
        self._state = array("i", bytes(24))
        self._shifts = array("i", bytes(4 * channels))
        self._gains = array("i", bytes(4 * channels))
        self._predictors = array("i", (1 for _ in range(channels)))
        self._sizes = array("i", bytes(4 * channels))
        self._gain_turn = 0
        self._block_steps = 0
        self._next_channel = 0

    def forget(self):
        """Let go of all samples, and of a block that is begun."""
        samples = self._samples
        for place in range(len(samples)):
            samples[place] = 0
        self.steps = 0
        self._block_steps = 0

    @micropython.native
    def add(self, source, first, count):
        """Take `count` steps from value `first` of an array on: "h" for signed ones of 16 bits, else "i"."""
        channels = self._channels
        at = self.steps * channels
        if self._bits > 16 or not self._offset:
            take_words(self._samples, source, count * channels, at, first, self._offset)
        else:
            take_halves(self._samples, source, count * channels, at, first, self._offset)
        self.steps += count

    def begin(self):
        """Begin a block of the steps that are here, at least one."""
        self._block_steps = self.steps
        self._next_channel = self._channels - 1

    def begin_in_haste(self):
        """Begin one anew by the choices of the block before: the next piece of work writes it."""
        self._block_steps = self.steps
        self._next_channel = -1

    @property
    def is_open(self):
        """Whether a block is begun and not yet written."""
        return self._block_steps > 0

    @micropython.native
    def advance(self, out, start, stop):
        """One piece of work on the block; when it was the last one, the end of the body, else 0.

        The body lies in out[start:end], at most up to `stop`; then `head` is its head but for the stream,
        and `taken` the steps in it, which are gone from here.
        """
        if self._next_channel >= 0 and self._block_steps > 1:
            self._choose(self._next_channel)
            self._next_channel -= 1
            return 0
        count = self._block_steps
        end = self._write(out, start, stop, count) if count > 1 else stop
        plain_steps = min(count, (stop - start) * 8 // (self._channels * self._bits))
        plain_end = start + (plain_steps * self._channels * self._bits + 7) // 8
        if count == 1 or plain_steps > self.taken or (plain_steps == self.taken and plain_end < end):
            self.taken = plain_steps
            self.head = _RAW | plain_steps
            flip = self._offset
            end = pack(out, self._samples, plain_steps * self._channels, self._bits, flip, start)
        self._leave()
        return end

    @micropython.native
    def _choose(self, channel):
        """Predictor of a channel, and its gain when it is its turn."""
        # One name a line: on the image an assignment of several makes a tuple.
        samples = self._samples
        channels = self._channels
        sizes = self._sizes
        stop = min(self._block_steps, STATISTICS_STEPS) * channels
        if channel == channels - 1:
            sizes[channel] = size(samples, channel, stop, channels)
            self._gain_turn = 1 if self._gain_turn >= channel else self._gain_turn + 1
        largest = sizes[channel]
        if channel:
            sizes[channel - 1] = size(samples, channel - 1, stop, channels)
            if channel == self._gain_turn:
                shift = halvings(largest | sizes[channel - 1], 8)
                at = 4 * self._predictors[channel]
                self._gains[channel] = best_gain(samples, channel, stop, channels, self._table, at, shift)
            if self._gains[channel]:
                largest = mixed_size(samples, channel, stop, channels, self._gains[channel])
        lags(samples, channel, stop, channels, self._gains[channel], halvings(largest, 11), self._sums)
        self._predictors[channel] = pick(self._sums, self._energies, _PREDICTORS)

    @micropython.native
    def _write(self, out, start, stop, count):
        samples = self._samples
        channels = self._channels
        state = self._state
        bits = self._bits
        shifts = self._shifts
        clear(out, start, stop)
        state[0] = start
        state[1] = state[2] = 0
        state[3] = stop - 1
        for channel in range(channels):
            gain = self._gains[channel]
            at = 4 * self._predictors[channel]
            total = fold(samples, channel, self._folded, count * channels, channels, gain, self._table, at)
            shift = shift_for(total, count - 1)
            shifts[channel] = shift
            put(out, state, at << 3 | shift, 10)
            if channel:
                put(out, state, gain, 6)
        for channel in range(channels):
            put(out, state, samples[channel] ^ self._offset, bits)
        self.taken = self.head = write(out, self._folded, shifts, channels, count * channels, state)
        gap = state[5]
        if gap:
            close_gap(out, state[4], stop, gap)
        return stop - gap

    @micropython.native
    def _leave(self):
        """The steps that were taken are gone; the others move to the front."""
        left = self.steps - self.taken
        channels = self._channels
        take_words(self._samples, self._samples, left * channels, 0, self.taken * channels, 0)
        self.steps = left
        self._block_steps = 0
