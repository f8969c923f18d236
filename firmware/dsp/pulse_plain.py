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
    """Slopes for the ratio of ratios; gives their number, count - 7.

    Rise over 5 samples of the moving sum of 3 (20 bits), less its mean over 25 (at the ends: over the 25
    there), below 2^21 in size.
    """
    number = count - 7
    for index in range(number):
        late = counts[index + 5] + counts[index + 6] + counts[index + 7]
        slope[index] = late - counts[index] - counts[index + 1] - counts[index + 2]
    total = 0
    for index in range(25):
        total += slope[index]
    # Two passes: the mean must be of slopes that are still whole, so the second lags by 13 places.
    for index in range(number):
        begin = min(max(index - 12, 0), number - 25)
        slope[number + index] = total // 25
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


def products(first, second, count, down, sums):
    """Sums of first^2, second^2 and first * second after a rounded shift down and a clip to 10 bits."""
    half = (1 << down) >> 1
    sums[0] = sums[1] = sums[2] = 0
    for index in range(count):
        a = min(max((first[index] + half) >> down, -1023), 1023)
        b = min(max((second[index] + half) >> down, -1023), 1023)
        sums[0] += a * a
        sums[1] += b * b
        sums[2] += a * b
