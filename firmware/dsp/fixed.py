"""Integer helpers of the signal processing: bits, square root, logarithm, median."""


def bit_length(value):
    """Bits of a value from 0 on; 0 for 0."""
    bits = 0
    while value:
        value >>= 1
        bits += 1
    return bits


def shift_to(bits, peak, most_up):
    """Power of two that brings `peak` to so many bits, at most `most_up`, negative is down; 0 for 0."""
    return min(bits - bit_length(peak), most_up) if peak else 0


def isqrt(value):
    """Floor of the square root of 0 <= value < 2^30 (Newton's method)."""
    if value <= 0:
        return 0
    root = 1 << ((bit_length(value) + 1) >> 1)
    while True:
        better = (root + value // root) >> 1
        if better >= root:
            return root
        root = better


def log2_q8(value):
    """256 * log2(value) for 1 <= value < 2^30, within 5; 0 below 1.

    log2(1 + f) is taken as f + 0.34 f (1 - f), the parabola through 0, 1 and the middle.
    """
    if value < 1:
        return 0
    whole = bit_length(value) - 1
    fraction = (value << 8 >> whole if whole <= 8 else value >> (whole - 8)) - 256
    return (whole << 8) + fraction + ((fraction * (256 - fraction) * 88) >> 16)


def log2_q10(value):
    """1024 * log2(value) for 1 <= value < 2^30, within 2 below; a bit of the fraction each squaring."""
    whole = bit_length(value) - 1
    mantissa = value << 14 >> whole if whole <= 14 else value >> (whole - 14)
    result = whole
    for _ in range(10):
        mantissa = mantissa * mantissa >> 14
        result <<= 1
        if mantissa >> 15:
            mantissa >>= 1
            result += 1
    return result


def median(values, count, scratch):
    """Middle (the upper of two) of the first `count` values, by insertion into `scratch`, maybe `values`."""
    for index in range(count):
        value = values[index]
        place = index
        while place > 0 and scratch[place - 1] > value:
            scratch[place] = scratch[place - 1]
            place -= 1
        scratch[place] = value
    return scratch[count >> 1]
