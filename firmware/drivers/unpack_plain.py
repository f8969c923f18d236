"""Reference kernels of `drivers.unpack`, and what CPython runs; `drivers.unpack_viper` must agree."""


def unpack_optical(source, samples, count):
    """See `drivers.unpack`."""
    for index in range(count):
        at = 3 * index
        samples[index] = (source[at] << 16 | source[at + 1] << 8 | source[at + 2]) & 0x3FFFF


def unpack_motion(source, samples, words):
    """See `drivers.unpack`."""
    taken = 0
    for index in range(words):
        at = 7 * index
        if source[at] >> 3 != 2:
            continue
        for axis in range(3):
            low = at + 1 + 2 * axis
            samples[3 * taken + axis] = ((source[low] | source[low + 1] << 8) ^ 0x8000) - 0x8000
        taken += 1
    return taken
