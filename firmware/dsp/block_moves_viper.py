"""Fast kernels of `dsp.block_encoder` that move and clear; the same results as `dsp.block_moves_plain`."""

import micropython


@micropython.viper
def take_words(samples: ptr32, source: ptr32, count: int, at: int, first: int, offset: int):
    # Where to and where from are in registers. Of a sum its low 32 bits are kept, which need no sign idiom.
    samples = ptr32(int(samples) + 4 * at)
    source = ptr32(int(source) + 4 * first)
    while count:
        samples[0] = int(source[0]) + offset
        samples = ptr32(int(samples) + 4)
        source = ptr32(int(source) + 4)
        count -= 1


@micropython.viper
def take_halves(samples: ptr32, source: ptr16, count: int, at: int, first: int, offset: int):
    samples = ptr32(int(samples) + 4 * at)
    source = ptr16(int(source) + 2 * first)
    offset -= 0x8000
    while count:
        samples[0] = (int(source[0]) ^ 0x8000) + offset
        samples = ptr32(int(samples) + 4)
        source = ptr16(int(source) + 2)
        count -= 1


@micropython.viper
def clear(out: ptr8, start: int, stop: int):
    # By words where they are aligned, which all chips can write.
    stop += int(out)
    out = ptr8(int(out) + start)
    start = 0
    while int(out) < stop and int(out) & 3:
        out[0] = start
        out = ptr8(int(out) + 1)
    words = ptr32(int(out))
    while int(words) + 4 <= stop:
        words[0] = start
        words = ptr32(int(words) + 4)
    out = ptr8(int(words))
    while int(out) < stop:
        out[0] = start
        out = ptr8(int(out) + 1)
