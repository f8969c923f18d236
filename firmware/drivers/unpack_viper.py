"""Fast kernels of `drivers.unpack`: the same results as `drivers.unpack_plain`, tested against it.

The signed numbers are put together from bytes and stored as 16 bits, so no load has a sign to lose.
"""

import micropython


@micropython.viper
def unpack_optical(source: ptr8, samples: ptr32, count: int):
    """See `drivers.unpack`."""
    at = 0
    for index in range(count):
        samples[index] = (source[at] << 16 | source[at + 1] << 8 | source[at + 2]) & 0x3FFFF
        at += 3


@micropython.viper
def unpack_motion(source: ptr8, samples: ptr16, words: int) -> int:
    """See `drivers.unpack`."""
    at = 0
    to = 0
    for _ in range(words):
        if source[at] >> 3 == 2:
            samples[to] = source[at + 1] | source[at + 2] << 8
            samples[to + 1] = source[at + 3] | source[at + 4] << 8
            samples[to + 2] = source[at + 5] | source[at + 6] << 8
            to += 3
        at += 7
    return to // 3
