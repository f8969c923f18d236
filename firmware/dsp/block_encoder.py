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
    from dsp.block_viper import close_gap, fold, gain_sums, lags, open_body, pack, pick, pick_gain, write
else:
    from dsp.block_moves_plain import clear, take_halves, take_words
    from dsp.block_plain import close_gap, fold, gain_sums, lags, open_body, pack, pick, pick_gain, write

MOST_SAMPLE_BITS = 18
STATISTICS_STEPS = 128
"""Steps that predictor and gain are chosen by."""
_PREDICTORS = 32
_LAGS = 5
_CHANNELS_A_PIECE = 3
"""Channels whose choices are one piece of work."""
_RAW = 0x400


class BlockEncoder:
    """Encodes blocks of one stream, in bounded pieces of work. Allocates nothing after construction.

    `capacity` steps wait at most (1023). `folded` are capacity x channels words, at least 5, used within one
    piece of work only, which may be shared; `table` and `energies` are those of `bandwire.predictors`, the
    latter as 16-bit integers.
    """

    def __init__(self, channels, sample_bits, is_signed, capacity, folded, table, energies):
        if not 1 <= sample_bits <= MOST_SAMPLE_BITS:
            raise ValueError("sample_bits: wanted 1..%d, got %d" % (MOST_SAMPLE_BITS, sample_bits))
        words = max(channels * capacity, _LAGS)
        if words > len(folded):
            raise ValueError("folded: wanted %d words, got %d" % (words, len(folded)))
        self.steps = 0
        self.taken = 0
        self.head = 0
        self._channels = channels
        self._bits = sample_bits
        self._offset = 1 << (sample_bits - 1) if is_signed else 0
        self._samples = array("i", bytes(4 * capacity * channels))
        choices = array("i", (4, 0, 0) * channels)
        state = array("i", bytes(12))
        # Together, since to look up one of our names takes some 160 instructions.
        self._parts = (self._samples, folded, channels, choices, state, table, energies)
        self._gain_turn = 0
        self._seen = 0
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

    @micropython.native
    def begin(self):
        """Begin a block of the steps that are here, at least one."""
        steps = self.steps
        last = self._channels - 1
        self._seen = min(steps, STATISTICS_STEPS) * self._channels
        self._block_steps = steps
        self._next_channel = last if steps > 1 else -1
        self._gain_turn = 1 if self._gain_turn >= last else self._gain_turn + 1

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
        channel = self._next_channel
        if channel < 0:
            return self._finish(out, start, stop)
        seen = self._seen
        gain_turn = self._gain_turn
        samples, folded, channels, choices, _, table, energies = self._parts
        last = channel - _CHANNELS_A_PIECE
        while channel >= 0 and channel > last:
            if channel == gain_turn:
                gain_sums(samples, channel, seen, channels, choices, table, folded)
                pick_gain(folded, channel, choices)
            lags(samples, channel, seen, channels, choices, folded)
            pick(energies, _PREDICTORS, channel, folded, choices)
            channel -= 1
        self._next_channel = channel
        return 0

    @micropython.native
    def _finish(self, out, start, stop):
        """Write the block by the choices made; what did not fit moves to the front."""
        samples, folded, channels, choices, state, table, _ = self._parts
        bits = self._bits
        offset = self._offset
        count = self._block_steps
        for channel in range(channels):
            fold(samples, channel, folded, count * channels, channels, choices, table)
        clear(out, start, stop)
        open_body(out, start, samples, choices, channels, bits, offset, state)
        head = taken = write(choices, folded, channels, count * channels, out, stop, state)
        end = stop
        gap = state[1]
        if gap:
            close_gap(out, state[0], stop, gap)
            end -= gap
        room = (stop - start) * 8
        step_bits = channels * bits
        if taken * step_bits <= room:
            plain_steps = min(count, room // step_bits)
            plain_end = start + (plain_steps * step_bits + 7) // 8
            if plain_steps > taken or plain_end < end:
                taken = plain_steps
                head = _RAW | plain_steps
                end = pack(out, samples, plain_steps * channels, bits, offset, start)
        left = self.steps - taken
        if left:
            take_words(samples, samples, left * channels, 0, taken * channels, 0)
        self.steps = left
        self.taken = taken
        self.head = head
        self._block_steps = 0
        return end
