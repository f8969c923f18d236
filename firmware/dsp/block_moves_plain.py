"""Reference kernels that move and clear, and what CPython runs; `dsp.block_moves_viper` must agree."""


def take_words(samples, source, count, at, first, offset):
    """Copy `count` values of 32 bits from source[first:] to samples[at:], `offset` added; not upwards."""
    for index in range(count):
        samples[at + index] = source[first + index] + offset


def take_halves(samples, source, count, at, first, offset):
    """The same with signed values of 16 bits."""
    for index in range(count):
        samples[at + index] = source[first + index] + offset


def clear(out, start, stop):
    """Zeros from byte `start` to `stop`."""
    for place in range(start, stop):
        out[place] = 0
