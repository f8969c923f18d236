"""Reference kernels of `dsp.tracker`, and what CPython runs; `dsp.tracker_viper` must agree.

Probabilities are Q28 and never negative; a product with a Q14 factor is taken in two halves, so that
every intermediate stays below 2^29.
"""


def _part(probability, factor_q14):
    return (probability >> 14) * factor_q14 + (((probability & 16383) * factor_q14) >> 14)


def spread(source, kernel, count, half, target):
    """Convolve with a Q14 kernel of 2 * half + 1 taps; what leaves the ends is lost."""
    for index in range(count):
        total = 0
        for tap in range(2 * half + 1):
            place = index + tap - half
            if 0 <= place < count:
                total += _part(source[place], kernel[tap])
        target[index] = total


def mix(probabilities, count, keep_q14, floor):
    """Scale by a Q14 factor and add a floor, the chance of a jump to anywhere."""
    for index in range(count):
        probabilities[index] = _part(probabilities[index], keep_q14) + floor


def weigh(probabilities, count, scores, gain_q8, powers):
    """Multiply by 2^(gain (score - best score)); scores below 2^20, `powers`: 2^(-i / 64) in Q14."""
    best = scores[0]
    for index in range(1, count):
        best = max(best, scores[index])
    for index in range(count):
        drop = (best - scores[index]) * gain_q8 >> 10
        factor = powers[drop & 63]
        down = min(drop >> 6, 30)
        probabilities[index] = _part(probabilities[index], factor) >> down


def normalise(probabilities, count):
    """Scale the sum to 2^28, within 2^-13; give the sum found."""
    total = 0
    for index in range(count):
        total += probabilities[index]
    scale = max(total, 1)
    up = 0
    while scale < 1 << 27:
        scale <<= 1
        up += 1
    factor = (1 << 28) // (scale >> 14)
    for index in range(count):
        probabilities[index] = _part(probabilities[index] << up, factor)
    return total


def top(values, count):
    """Index of the largest, the first of equals; values below 2^29 in size."""
    best = 0
    for index in range(1, count):
        if values[index] > values[best]:
            best = index
    return best
