"""Reference kernels of `dsp.spectrum`, and what CPython runs; `dsp.spectrum_viper` must agree."""

from dsp.fixed import bit_length, log2_q8


def load_pair(first, second, count, taper, real, imaginary, bits, repeats):
    """Put two tapered real signals into the two parts of a zeroed buffer of 2^bits points, bit-reversed.

    Signals: int16; taper Q12; result in 1/16 of the signals, clipped to +-46340, so that a complex
    magnitude stays within 2^16. Signals that fill a quarter of the points at most are given 4 `repeats`:
    every fourth place holds a sample then, to which the first two stages add nothing but zeros.
    """
    for index in range(1 << bits):
        real[index] = 0
        imaginary[index] = 0
    for index in range(count):
        rest = index
        place = 0
        for _ in range(bits):
            place = (place << 1) | (rest & 1)
            rest >>= 1
        weight = taper[index]
        x = min(max((first[index] * weight + 128) >> 8, -46340), 46340)
        y = min(max((second[index] * weight + 128) >> 8, -46340), 46340)
        for at in range(place, place + repeats):
            real[at] = x
            imaginary[at] = y


def transform(bits, repeats, real, imaginary, quarter):
    """Radix-2 transform of 2^bits bit-reversed points in place; give the number of halvings.

    `repeats`: as loaded, so that many neighbours are transformed already.

    `quarter`: sine of 0 to 90 degrees in 256 steps, Q13. A component that reached 2^16 halves the next
    stage: a magnitude at most doubles in a stage, so products stay below 2^31.
    """
    points = 1 << bits
    halvings = 0
    peak = 0
    half = repeats
    stride = 512 // repeats
    while half < points:
        down = 1 if peak >= 65536 else 0
        halvings += down
        peak = 0
        for index in range(half):
            angle = index * stride
            if angle <= 256:
                cosine = quarter[256 - angle]
                sine = quarter[angle]
            else:
                cosine = -quarter[angle - 256]
                sine = quarter[512 - angle]
            low = index
            while low < points:
                high = low + half
                x = (real[high] + down) >> down
                y = (imaginary[high] + down) >> down
                turned_x = (x * cosine + y * sine + 4096) >> 13
                turned_y = (y * cosine - x * sine + 4096) >> 13
                x = (real[low] + down) >> down
                y = (imaginary[low] + down) >> down
                real[low] = x + turned_x
                imaginary[low] = y + turned_y
                real[high] = x - turned_x
                imaginary[high] = y - turned_y
                peak |= _size(x + turned_x) | _size(y + turned_y)
                peak |= _size(x - turned_x) | _size(y - turned_y)
                low = high + half
        half <<= 1
        stride >>= 1
    return halvings


def _size(value):
    return value ^ (value >> 31)


def peak_bits(real, imaginary, points, bins):
    """Bit length of the largest component in the `bins` lowest bins of both signs."""
    peak = 0
    for index in range(bins):
        other = (points - index) & (points - 1)
        peak |= _size(real[index]) | _size(imaginary[index])
        peak |= _size(real[other]) | _size(imaginary[other])
    return bit_length(peak)


def pair_powers(real, imaginary, points, bins, down, first, second):
    """Power spectra of the two real signals of a pair, times four, below 2^29.

    `down` must bring every component to 13 bits and a sign. `first` and `second` may be `real` and
    `imaginary` for at most half the points: what was read is not read again.
    """
    for index in range(bins):
        other = (points - index) & (points - 1)
        x = real[index] >> down
        y = imaginary[index] >> down
        u = real[other] >> down
        v = imaginary[other] >> down
        first[index] = (x + u) * (x + u) + (y - v) * (y - v)
        second[index] = (y + v) * (y + v) + (u - x) * (u - x)


def add_powers(real, imaginary, points, bins, down, keep_down, total):
    """Add to `total >> keep_down` twice the sum of the powers of both signals of a pair, below 2^28.

    `down` must bring every component to 13 bits and a sign. At a `keep_down` of 31 nothing of the total is
    kept, whatever was left there: not even the sign of what was no power.
    """
    for index in range(bins):
        other = (points - index) & (points - 1)
        x = real[index] >> down
        y = imaginary[index] >> down
        u = real[other] >> down
        v = imaginary[other] >> down
        kept = total[index] >> keep_down if keep_down < 31 else 0
        total[index] = kept + x * x + y * y + u * u + v * v


def band_mean(power, start, stop):
    """Mean of power[start:stop], at most 512 values below 2^29, summed in units of 512."""
    total = 0
    for index in range(start, stop):
        total += power[index] >> 9
    return (total // (stop - start)) << 9


def add_shares(power, bins, down, weight, total, has_total):
    """total += (power >> down) * weight >> 8, or the first of it; `down` from -12 to 16, weight to 512.

    A shifted power is cut to 21 bits, so that products stay below 2^30 and sums of eight below 2^25.
    """
    most = (1 << 21) - 1
    for index in range(bins):
        value = min(power[index] >> down, most) if down >= 0 else min(power[index], most >> -down) << -down
        share = value * weight >> 8
        total[index] = total[index] + share if has_total else share


def log_levels(power, bins, floor, tilt, start, out, offset):
    """256 log2(power + floor) - tilt, less its mean from `start` on, into out[offset:offset + bins]."""
    total = 0
    for index in range(bins):
        value = max(power[index] + floor, 1)
        level = log2_q8(value) - tilt[index]
        out[offset + index] = level
        if index >= start:
            total += level
    mean = total // (bins - start)
    for index in range(bins):
        out[offset + index] -= mean


def blend(new, start, average, offset, bins, is_first):
    """average += (new - average) / 4 over `bins` values; the first one starts it. One array, two places."""
    for index in range(bins):
        value = new[start + index]
        if not is_first:
            old = average[offset + index]
            value = old + ((value - old + 2) >> 2)
        average[offset + index] = value
