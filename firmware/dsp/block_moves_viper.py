"""Fast kernels of `dsp.block_encoder` that move and clear; the same results as `dsp.block_moves_plain`."""

import micropython


@micropython.viper
def take_words(samples: ptr32, source: ptr32, count: int, at: int, first: int, offset: int):  # noqa: F821
    # Where to and where from are in registers. Of a sum its low 32 bits are kept, which need no sign idiom.
    samples = ptr32(int(samples) + 4 * at)  # noqa: F821
    source = ptr32(int(source) + 4 * first)  # noqa: F821
    while count:
        samples[0] = int(source[0]) + offset
        samples = ptr32(int(samples) + 4)  # noqa: F821
        source = ptr32(int(source) + 4)  # noqa: F821
        count -= 1


@micropython.viper
def take_halves(samples: ptr32, source: ptr16, count: int, at: int, first: int, offset: int):  # noqa: F821
    samples = ptr32(int(samples) + 4 * at)  # noqa: F821
    source = ptr16(int(source) + 2 * first)  # noqa: F821
    offset -= 0x8000
    while count:
        samples[0] = (int(source[0]) ^ 0x8000) + offset
        samples = ptr32(int(samples) + 4)  # noqa: F821
        source = ptr16(int(source) + 2)  # noqa: F821
        count -= 1


@micropython.viper
def clear(out: ptr8, start: int, stop: int):  # noqa: F821
    # By words where they are aligned, which all chips can write.
    stop += int(out)
    out = ptr8(int(out) + start)  # noqa: F821
    start = 0
    while int(out) < stop and int(out) & 3:
        out[0] = start
        out = ptr8(int(out) + 1)  # noqa: F821
    words = ptr32(int(out))  # noqa: F821
    while int(words) + 4 <= stop:
        words[0] = start
        words = ptr32(int(words) + 4)  # noqa: F821
    out = ptr8(int(words))  # noqa: F821
    while int(out) < stop:
        out[0] = start
        out = ptr8(int(out) + 1)  # noqa: F821
