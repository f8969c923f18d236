"""Fast kernels of `dsp.spectrum`: the same results as `dsp.spectrum_plain`, tested against it.

Signed loads: `ptr16` and `ptr32` loads are unsigned on 64-bit ports and signed 32-bit ones are not
small integers on 32-bit ports, hence `((v & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000`, exact below 2^29
in size and made of small integers on both.
"""

import micropython


@micropython.viper
def load_pair(
    first: ptr16,  # noqa: F821
    second: ptr16,  # noqa: F821
    count: int,
    taper: ptr16,  # noqa: F821
    real: ptr32,  # noqa: F821
    imaginary: ptr32,  # noqa: F821
    bits: int,
    repeats: int,
):
    points = 1 << bits
    for index in range(points):
        real[index] = 0
        imaginary[index] = 0
    for index in range(count):
        rest = index
        place = 0
        for _ in range(bits):
            place = (place << 1) | (rest & 1)
            rest >>= 1
        weight = int(taper[index])
        x = (((int(first[index]) ^ 0x8000) - 0x8000) * weight + 128) >> 8
        if x > 46340:
            x = 46340
        elif x < -46340:
            x = -46340
        y = (((int(second[index]) ^ 0x8000) - 0x8000) * weight + 128) >> 8
        if y > 46340:
            y = 46340
        elif y < -46340:
            y = -46340
        for at in range(place, place + repeats):
            real[at] = x
            imaginary[at] = y


@micropython.viper
def transform(real: ptr32, imaginary: ptr32, bits: int, quarter: ptr16, repeats: int) -> int:  # noqa: F821
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
                cosine = int(quarter[256 - angle])
                sine = int(quarter[angle])
            else:
                cosine = 0 - int(quarter[angle - 256])
                sine = int(quarter[512 - angle])
            low = index
            while low < points:
                high = low + half
                x = ((((int(real[high]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) + down) >> down
                y = ((((int(imaginary[high]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) + down) >> down
                u = (x * cosine + y * sine + 4096) >> 13
                v = (y * cosine - x * sine + 4096) >> 13
                x = ((((int(real[low]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) + down) >> down
                y = ((((int(imaginary[low]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) + down) >> down
                a = x + u
                real[low] = a
                peak |= a ^ (a >> 31)
                a = x - u
                real[high] = a
                peak |= a ^ (a >> 31)
                a = y + v
                imaginary[low] = a
                peak |= a ^ (a >> 31)
                a = y - v
                imaginary[high] = a
                peak |= a ^ (a >> 31)
                low = high + half
        half <<= 1
        stride >>= 1
    return halvings


@micropython.viper
def peak_bits(real: ptr32, imaginary: ptr32, points: int, bins: int) -> int:  # noqa: F821
    peak = 0
    for index in range(bins):
        other = (points - index) & (points - 1)
        value = ((int(real[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        peak |= value ^ (value >> 31)
        value = ((int(imaginary[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        peak |= value ^ (value >> 31)
        value = ((int(real[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        peak |= value ^ (value >> 31)
        value = ((int(imaginary[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        peak |= value ^ (value >> 31)
    length = 0
    while peak != 0:
        peak >>= 1
        length += 1
    return length


@micropython.viper
def pair_powers(
    real: ptr32,  # noqa: F821
    imaginary: ptr32,  # noqa: F821
    points: int,
    bins: int,
    down: int,
    first: ptr32,  # noqa: F821
    second: ptr32,  # noqa: F821
):
    for index in range(bins):
        other = (points - index) & (points - 1)
        x = (((int(real[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        y = (((int(imaginary[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        u = (((int(real[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        v = (((int(imaginary[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        first[index] = (x + u) * (x + u) + (y - v) * (y - v)
        second[index] = (y + v) * (y + v) + (u - x) * (u - x)


@micropython.viper
def add_powers(
    real: ptr32,  # noqa: F821
    imaginary: ptr32,  # noqa: F821
    points: int,
    bins: int,
    down: int,
    keep_down: int,
    total: ptr32,  # noqa: F821
):
    for index in range(bins):
        other = (points - index) & (points - 1)
        x = (((int(real[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        y = (((int(imaginary[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        u = (((int(real[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        v = (((int(imaginary[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        total[index] = (int(total[index]) >> keep_down) + x * x + y * y + u * u + v * v


@micropython.viper
def band_mean(power: ptr32, start: int, stop: int) -> int:  # noqa: F821
    total = 0
    index = start
    while index < stop:
        total += int(power[index]) >> 9
        index += 1
    return (total // (stop - start)) << 9


@micropython.viper
def log_levels(
    power: ptr32,  # noqa: F821
    bins: int,
    floor: int,
    tilt: ptr16,  # noqa: F821
    start: int,
    out: ptr16,  # noqa: F821
    offset: int,
):
    total = 0
    for index in range(bins):
        value = int(power[index]) + floor
        if value < 1:
            value = 1
        rest = value
        whole = 0
        while rest > 1:
            rest >>= 1
            whole += 1
        fraction = ((value << 8) >> whole) if whole <= 8 else (value >> (whole - 8))
        fraction -= 256
        level = (whole << 8) + fraction + ((fraction * (256 - fraction) * 88) >> 16)
        level -= (int(tilt[index]) ^ 0x8000) - 0x8000
        out[offset + index] = level
        if index >= start:
            total += level
    mean = total // (bins - start)
    for index in range(bins):
        out[offset + index] = int(out[offset + index]) - mean


@micropython.viper
def blend(
    new: ptr16,  # noqa: F821
    start: int,
    average: ptr16,  # noqa: F821
    offset: int,
    bins: int,
    is_first: int,
):
    for index in range(bins):
        value = (int(new[start + index]) ^ 0x8000) - 0x8000
        if is_first == 0:
            old = (int(average[offset + index]) ^ 0x8000) - 0x8000
            value = old + ((value - old + 2) >> 2)
        average[offset + index] = value
