"""Integer helpers of the motion, sleep and temperature processing: square root and logarithm."""


def isqrt(value):
    """Floor of the square root of 0 <= value < 2^30 (Newton's method)."""
    if value <= 0:
        return 0
    bits = 0
    rest = value
    while rest:
        rest >>= 1
        bits += 1
    root = 1 << ((bits + 1) >> 1)
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
    whole = -1
    rest = value
    while rest:
        rest >>= 1
        whole += 1
    fraction = (value << 8 >> whole) - 256 if whole <= 20 else (value >> (whole - 8)) - 256
    return (whole << 8) + fraction + ((fraction * (256 - fraction) * 88) >> 16)
