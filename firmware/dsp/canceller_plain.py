"""Reference kernels of `dsp.canceller`, and what CPython runs; `dsp.canceller_viper` must agree."""


def clear(values, start, stop):
    """values[start:stop] = 0."""
    for index in range(start, stop):
        values[index] = 0


def copy(source, target, count):
    """The first `count` values of `source` into `target`."""
    for index in range(count):
        target[index] = source[index]


def halve(samples, count, out):
    """Every second sample, `count` of them, of a half-band filter; values of 16 bits, clipped to them.

    Taps -1 0 9 16 9 0 -1 over 32 around the sample before the newest pair; before the first sample there is
    the first one again. Half of 6.25 Hz passes, 9.4 Hz on less than 1/7.
    """
    for index in range(count):
        out[index] = min(max((_halved(samples, 2 * index) + 16) >> 5, -32768), 32767)


def halve_counts(samples, count, out):
    """The same of counts of 18 bits, in quarters of them, none below 0."""
    for index in range(count):
        out[index] = max((_halved(samples, 2 * index) + 4) >> 3, 0)


def _halved(samples, at):
    near = samples[max(at - 3, 0)] + samples[max(at - 1, 0)]
    far = samples[max(at - 5, 0)] + samples[at + 1]
    return 16 * samples[max(at - 2, 0)] + 9 * near - far


def peak_step(samples, count):
    """Largest size of the difference of neighbours."""
    peak = 0
    for index in range(1, count):
        peak = max(peak, abs(samples[index] - samples[index - 1]))
    return peak


peak_step_of_counts = peak_step


def differences(samples, count, up, out):
    """Differences of neighbours times 2^up (`up` may be negative), less their mean; the first counts as 0.

    `out` may be `samples`.
    """
    total = 0
    last = samples[0]
    for index in range(count):
        value = samples[index]
        step = value - last
        last = value
        step = step << up if up >= 0 else step >> -up
        out[index] = step
        total += step
    mean = total // count
    for index in range(count):
        out[index] -= mean


differences_of_counts = differences


def squares(samples, count):
    """Sum of squares over 64, for at most 512 values below 2^12."""
    total = 0
    for index in range(count):
        total += samples[index] * samples[index] >> 6
    return total


def fill_row(axis, count, delay, rows, row, length, ridge_root, rank):
    """One row of the regression: the axis delayed, mean removed, and the ridge as a unit vector."""
    start = row * length
    total = 0
    for index in range(count):
        value = axis[index - delay] if index >= delay else 0
        rows[start + index] = value
        total += value
    mean = total // count
    for index in range(count):
        rows[start + index] -= mean
    for index in range(count, length):
        rows[start + index] = ridge_root if index - count == rank else 0


def remove_row(rows, others, row, first, last, length):
    """Take from the rows `first` to `last` of `others` their projection on a row of `rows`.

    `length` is a multiple of four. Sums of products stay below 2^31 because a row's norm is below 2^15 (100
    values of 11 bits), which projections never raise; the quotient is Q12.
    """
    start = row * length
    norm = 0
    for index in range(length):
        norm += rows[start + index] * rows[start + index]
    for other in range(first, last):
        place = other * length
        dot = 0
        for index in range(length):
            dot += rows[start + index] * others[place + index]
        factor = ratio_q12(dot, norm)
        for index in range(length):
            others[place + index] -= (factor * rows[start + index] + 2048) >> 12


def ratio_q12(numerator, denominator):
    """4096 * numerator / denominator, both below 2^30, in 31 bits throughout; 0 for no denominator."""
    size = abs(numerator)
    spare = 12
    while spare > 0 and size < 1 << 29:
        size <<= 1
        spare -= 1
    denominator >>= spare
    if denominator <= 0:
        return 0
    quotient = size // denominator
    return -quotient if numerator < 0 else quotient
