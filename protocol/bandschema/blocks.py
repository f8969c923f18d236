"""Compressed blocks of samples: the format, stated by an encoder and a decoder that are short and exact.

A block holds `n` steps, from 1 to 1023, of a stream's channels. How many channels there are (1 to 8), how
many bits a sample has (1 to 24) and whether it is signed is known from the stream's descriptor. The frame
gives the head; all else lies in the frame's body, whose bits are taken from both of its ends:

    head  bits 0-9 n, bit 10 raw, bits 11-13 stream, bits 14-15 table of predictors
    up    from the first byte upwards, the most significant bit first:
          of each channel: predictor a (5 bits), shift k (5 bits, at most 24), and from the second
          channel on gain g (6 bits, two's complement)
          of each channel: x[0], as many bits as a sample has
          of steps 1 to n-1, channels in turn: the remainder, k bits of its channel
    down  from the last byte downwards, the least significant bit first:
          of steps 1 to n-1, channels in turn: the quotient q as q zeros and a one
    gap   between the two any number of zeros

    d[i] = x[i] - x[i-1]
    y[i] = d[i] - ((g * D[i] + 4) >> 3)      D: d of the channel before; of the first channel y = d
    r[1] = y[1]
    r[i] = y[i] - ((a1*y[i-1] + a2*y[i-2] + a3*y[i-3] + a4*y[i-4] + 8) >> 4)     y[<1] = y[1]
    u    = (r << 1) ^ (r >> 31)              u >> k is the quotient, the low k bits are the remainder

All of it is computed modulo 2^32 in two's complement; >> rounds down. A quotient (u unsigned) of 24 or
more is written as 24, and its remainder is then all of u in 32 bits, whatever k is.

A raw block has, after the head, the samples of all steps, channels in turn, each in the bits of a sample,
upwards; the rest of the last byte is zeros, and no byte follows. Its table does not count.

A block is good when it decodes by these rules, its bits do not overlap, its gap is zeros, and every sample
lies within the bits of a sample. Any predictor, gain and shift is valid, so a sender may be as simple or
as clever as it likes. Damage is not to be seen in a block: what carries its frame has the check. Whatever
the bytes, a decoder does at most 1023 x 8 samples of work, and refuses all that is not good.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bandschema.predictors import PREDICTOR_COUNT, TABLES
from bandwire.errors import FrameError, LocalError

MAX_STEPS = 1023
MAX_CHANNELS = 8
MAX_SAMPLE_BITS = 24
MAX_SHIFT = 24
MAX_STREAM_ID = 7
ESCAPE = 24
"""Quotient that says: the remainder is the whole number, in 32 bits."""
RAW = 0x400

Steps = Sequence[Sequence[int]]
"""Samples by step, then by channel."""


@dataclass(frozen=True)
class Shape:
    """What a stream's descriptor says of its samples; LocalError when it is out of range."""

    channel_count: int
    sample_bits: int
    is_signed: bool

    def __post_init__(self) -> None:
        if not 1 <= self.channel_count <= MAX_CHANNELS:
            raise LocalError(f"channel_count: wanted 1..{MAX_CHANNELS}, got {self.channel_count}")
        if not 1 <= self.sample_bits <= MAX_SAMPLE_BITS:
            raise LocalError(f"sample_bits: wanted 1..{MAX_SAMPLE_BITS}, got {self.sample_bits}")

    @property
    def lowest(self) -> int:
        """Smallest sample."""
        return -(1 << self.sample_bits - 1) if self.is_signed else 0

    @property
    def highest(self) -> int:
        """Largest sample."""
        return self.lowest + (1 << self.sample_bits) - 1

    def sample_of(self, bits: int) -> int:
        """The sample that `sample_bits` bits stand for."""
        return _signed(bits, self.sample_bits) if self.is_signed else bits


@dataclass(frozen=True)
class Choice:
    """What a sender chooses for one channel of a block; the gain of the first channel is not sent."""

    predictor: int = 0
    shift: int = 0
    gain: int = 0


def _signed(value: int, bits: int) -> int:
    """The low `bits` bits of `value` as two's complement."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _mixed_in(gain: int, difference: int) -> int:
    return _signed(gain * difference + 4, 32) >> 3


class _History:
    """The last four y of a channel, newest first; before the first one they are like it."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._weights = weights
        self._last: list[int] = []

    def guess(self) -> int:
        """What the next y is taken for."""
        if not self._last:
            return 0
        terms = zip(self._weights, self._last, strict=True)
        return _signed(sum(weight * y for weight, y in terms) + 8, 32) >> 4

    def add(self, y: int) -> None:
        """The y that came."""
        self._last = [y, *self._last[:3]] if self._last else [y] * 4


class _Up:
    """Bits from the first byte upwards, as text of zeros and ones."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, value: int, bits: int) -> None:
        """The low `bits` bits of `value`."""
        if bits:
            self.text += format(value & (1 << bits) - 1, f"0{bits}b")


def encode_block(
    samples: Steps, shape: Shape, choices: Sequence[Choice], *, stream_id: int, table: int = 0
) -> tuple[int, bytes]:
    """Head and body of a block of all `samples`, in the fewest bytes that the choices allow.

    Raises LocalError for samples or choices that the format cannot hold.
    """
    head = _head(samples, shape, stream_id, table)
    _check_choices(choices, shape)
    up = _Up()
    for channel, choice in enumerate(choices):
        up.add(choice.predictor, 5)
        up.add(choice.shift, 5)
        up.add(choice.gain, 6 if channel else 0)
    for sample in samples[0]:
        up.add(sample, shape.sample_bits)
    down = ""
    histories = [_History(TABLES[table][choice.predictor]) for choice in choices]
    for number in range(1, len(samples)):
        before, step = samples[number - 1], samples[number]
        difference_before = 0
        for channel, choice in enumerate(choices):
            difference = step[channel] - before[channel]
            y = difference - _mixed_in(choice.gain, difference_before)
            # Within 2^28, so not to be wrapped: difference within 2^24, mix within 2^26, guess within 2^27.
            residual = y - histories[channel].guess()
            histories[channel].add(y)
            difference_before = difference
            folded = (residual << 1) ^ (residual >> 31)
            quotient = min(folded >> choice.shift, ESCAPE)
            up.add(folded, 32 if quotient == ESCAPE else choice.shift)
            down += "0" * quotient + "1"
    gap = "0" * (-(len(up.text) + len(down)) % 8)
    return head, _bytes(up.text + gap + down[::-1])


def encode_raw_block(samples: Steps, shape: Shape, *, stream_id: int) -> tuple[int, bytes]:
    """Head and body of a block whose samples are plain bits; LocalError as `encode_block`."""
    head = _head(samples, shape, stream_id, 0)
    up = _Up()
    for step in samples:
        for sample in step:
            up.add(sample, shape.sample_bits)
    return head | RAW, _bytes(up.text + "0" * (-len(up.text) % 8))


def _bytes(text: str) -> bytes:
    return int(text, 2).to_bytes(len(text) // 8, "big")


def _head(samples: Steps, shape: Shape, stream_id: int, table: int) -> int:
    if not 1 <= len(samples) <= MAX_STEPS:
        raise LocalError(f"block: wanted 1..{MAX_STEPS} steps, got {len(samples)}")
    for step in samples:
        if len(step) != shape.channel_count:
            raise LocalError(f"block: wanted {shape.channel_count} channels, got {len(step)}")
        if not shape.lowest <= min(step) <= max(step) <= shape.highest:
            raise LocalError(f"block: wanted samples of {shape.lowest}..{shape.highest}, got {list(step)}")
    if not 0 <= stream_id <= MAX_STREAM_ID:
        raise LocalError(f"stream_id: wanted 0..{MAX_STREAM_ID}, got {stream_id}")
    if table not in TABLES:
        raise LocalError(f"table: wanted one of {sorted(TABLES)}, got {table}")
    return len(samples) | stream_id << 11 | table << 14


def _check_choices(choices: Sequence[Choice], shape: Shape) -> None:
    if len(choices) != shape.channel_count:
        raise LocalError(f"block: wanted choices for {shape.channel_count} channels, got {len(choices)}")
    for choice in choices:
        is_good = 0 <= choice.predictor < PREDICTOR_COUNT and 0 <= choice.shift <= MAX_SHIFT
        if not is_good or not -32 <= choice.gain < 32:
            raise LocalError(f"block: wanted a 0..31, k 0..{MAX_SHIFT}, g -32..31, got {choice}")


class _Bits:
    """The bits of a body, taken from either end; FrameError when the two meet."""

    def __init__(self, body: bytes) -> None:
        self._bits = int.from_bytes(body, "big")
        self._left = 8 * len(body)

    def take(self, bits: int) -> int:
        """The next bits upwards."""
        self._left -= bits
        if self._left < 0:
            raise FrameError("compressed_block: the body is too short")
        value = self._bits >> self._left
        self._bits &= (1 << self._left) - 1
        return value

    def take_quotient(self) -> int:
        """The next zeros downwards, and the one that ends them."""
        window = self._bits & (1 << ESCAPE + 1) - 1
        if window == 0:
            raise FrameError(f"compressed_block: wanted a quotient of at most {ESCAPE}")
        quotient = (window & -window).bit_length() - 1
        self._bits >>= quotient + 1
        self._left -= quotient + 1
        return quotient

    def finish(self, most_bits_left: int) -> None:
        """Nothing may be left but zeros, and of these no more than so many."""
        if self._bits or self._left > most_bits_left:
            raise FrameError(f"compressed_block: {self._left} bits are left over")


def decode_block(head: int, body: bytes, shape: Shape) -> list[tuple[int, ...]]:
    """Samples by step, then by channel; FrameError for a body that is no good block."""
    steps, table = head & MAX_STEPS, head >> 14
    if steps == 0:
        raise FrameError("compressed_block: wanted at least one step, got none")
    bits = _Bits(body)
    if head & RAW:
        samples = [
            tuple(shape.sample_of(bits.take(shape.sample_bits)) for _ in range(shape.channel_count))
            for _ in range(steps)
        ]
        bits.finish(7)
        return samples
    if table not in TABLES:
        raise FrameError(f"compressed_block: table {table} is not known, {sorted(TABLES)} are")
    choices = [_take_choice(bits, channel) for channel in range(shape.channel_count)]
    samples = [tuple(shape.sample_of(bits.take(shape.sample_bits)) for _ in choices)]
    histories = [_History(TABLES[table][choice.predictor]) for choice in choices]
    for _ in range(1, steps):
        samples.append(_next_step(bits, choices, histories, samples[-1]))
    bits.finish(8 * len(body))
    for step in samples:
        if not shape.lowest <= min(step) <= max(step) <= shape.highest:
            raise FrameError(f"compressed_block: samples beyond {shape.lowest}..{shape.highest}: {step}")
    return samples


def _take_choice(bits: _Bits, channel: int) -> Choice:
    predictor, shift = bits.take(5), bits.take(5)
    if shift > MAX_SHIFT:
        raise FrameError(f"compressed_block: wanted a shift of at most {MAX_SHIFT}, got {shift}")
    return Choice(predictor, shift, _signed(bits.take(6), 6) if channel else 0)


def _next_step(
    bits: _Bits, choices: Sequence[Choice], histories: Sequence[_History], before: Sequence[int]
) -> tuple[int, ...]:
    step: list[int] = []
    difference = 0
    for choice, history, last in zip(choices, histories, before, strict=True):
        quotient = bits.take_quotient()
        folded = bits.take(32) if quotient == ESCAPE else (quotient << choice.shift) | bits.take(choice.shift)
        residual = (folded >> 1) ^ -(folded & 1)
        # Whole numbers here: guess, mix and sample are taken modulo 2^32, each of them from these.
        y = residual + history.guess()
        history.add(y)
        difference = y + _mixed_in(choice.gain, difference)
        step.append(_signed(last + difference, 32))
    return tuple(step)
