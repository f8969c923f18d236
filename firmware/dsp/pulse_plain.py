"""Reference kernels on pulse waves, and what CPython runs; `dsp.pulse_viper` must agree."""


def total_of(counts, start, stop):
    """Sum of counts[start:stop], at most 4096 values of 18 bits."""
    total = 0
    for index in range(start, stop):
        total += counts[index]
    return total


def span_of(counts, start, stop):
    """Largest less smallest of counts[start:stop]."""
    lowest = highest = counts[start]
    for index in range(start + 1, stop):
        lowest = min(lowest, counts[index])
        highest = max(highest, counts[index])
    return highest - lowest


def sum_of_steps(counts, start, stop, order):
    """Sum of the sizes of first or second differences inside counts[start:stop], at most 1024 values."""
    total = 0
    for index in range(start + order, stop):
        step = counts[index] - counts[index - 1]
        if order == 2:
            step -= counts[index - 1] - counts[index - 2]
        total += abs(step)
    return total


def slopes(counts, count, sign, level, slope):
    """Moving sum of 3 counts times `sign` (20 bits and sign) and its rise over 3 samples; both 0 at first."""
    for index in range(count):
        level[index] = 0
        slope[index] = 0
        if index >= 2:
            level[index] = sign * (counts[index] + counts[index - 1] + counts[index - 2])
        if index >= 5:
            slope[index] = level[index] - level[index - 3]


def next_peak(slope, start, stop, threshold):
    """First local maximum of slope[start:stop] of at least `threshold`, or -1; looks one to either side."""
    for index in range(start, stop):
        value = slope[index]
        if value >= threshold and value >= slope[index - 1] and value > slope[index + 1]:
            return index
    return -1


def largest(values, start, stop):
    """Largest of values[start:stop], below 2^29 in size."""
    best = values[start]
    for index in range(start + 1, stop):
        best = max(best, values[index])
    return best


def sum_of_cubes(slope, start, stop):
    """Sum of cubes of slope[start:stop] in 1/16 of its mean size, each clipped to 8; at most 64 values."""
    size = 0
    for index in range(start, stop):
        size += abs(slope[index])
    size = max(size // (stop - start), 1)
    total = 0
    for index in range(start, stop):
        value = min(max((slope[index] << 4) // size, -128), 128)
        total += value * value * value
    return total


def free_slopes(counts, count, slope):
    """Slopes for the ratio of ratios; gives their number, count - 3, at least 25.

    Rise over 3 samples in quarters of a count (20 bits), less its mean over 25 (at the ends: over the 25
    there), below 2^21 in size.
    """
    number = count - 3
    for index in range(number):
        slope[index] = (counts[index + 3] - counts[index]) << 2
    total = 0
    for index in range(25):
        total += slope[index]
    # Two passes: the mean must be of slopes that are still whole, so the second lags by 13 places.
    for index in range(number):
        begin = min(max(index - 12, 0), number - 25)
        slope[number + index] = (total + 12) // 25
        if begin == index - 12 and index + 13 < number:
            total += slope[index + 13] - slope[index - 12]
    for index in range(number):
        slope[index] -= slope[number + index]
    return number


def mean_size(values, count):
    """Mean size of at most 512 values below 2^21."""
    total = 0
    for index in range(count):
        total += abs(values[index])
    return total // count


def products(first, second, start, stop, up, down, sums):
    """Sums of first^2, second^2 and first * second of [start:stop] after a shift up, a rounded shift down and
    a clip to 12 bits; at most 25 values: below 2^29.
    """
    half = (1 << down) >> 1
    sums[0] = sums[1] = sums[2] = 0
    for index in range(start, stop):
        a = min(max(((first[index] << up) + half) >> down, -4095), 4095)
        b = min(max(((second[index] << up) + half) >> down, -4095), 4095)
        sums[0] += a * a
        sums[1] += b * b
        sums[2] += a * b


def slope_ratio_q13(sums):
    """Total least squares of `products`' sums: first / second in Q13, below 2^28; 0 when they oppose.

    With the sums cut to 14 bits, t^2 + 4 ab^2 stays below 2^31.
    """
    top = max(sums[0], sums[1])
    down = 0
    while top >> down >= 1 << 14:
        down += 1
    half = (1 << down) >> 1
    aa, bb, ab = ((total + half) >> down for total in sums)
    if ab <= 0:
        return 0
    t = aa - bb
    square = t * t + 4 * ab * ab
    root, bit = 0, 1 << 30
    while bit:
        if square >= root + bit:
            square -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    # Of the two forms of the quotient that which adds what has one sign: nothing cancels.
    if t < 0:
        return (ab << 14) // (root - t)
    return ((t + root) << 12) // ab
