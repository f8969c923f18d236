"""Fast kernels of `dsp.spectrum`: the same results as `dsp.spectrum_plain`, tested against it.

Signed loads: `ptr16` and `ptr32` loads are unsigned on 64-bit ports and signed 32-bit ones are not
small integers on 32-bit ports, hence `((v & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000`, exact below 2^29
in size and made of small integers on both.
"""

import micropython


@micropython.viper
def load_pair(
    first: ptr16,
    second: ptr16,
    count: int,
    taper: ptr16,
    real: ptr32,
    imaginary: ptr32,
    bits: int,
    repeats: int,
):
    part = real
    for _ in range(2):
        stop = int(part) + (4 << bits)
        while int(part) < stop:
            part[0] = 0
            part[1] = 0
            part[2] = 0
            part[3] = 0
            part = ptr32(int(part) + 16)
        part = imaginary
    place = 0
    for index in range(count):
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
        # The next place: one more, counted from the highest bit down.
        bit = 1 << (bits - 1)
        while place & bit != 0:
            place ^= bit
            bit >>= 1
        place |= bit


def transform(bits, repeats, real, imaginary, quarter):
    # Raised by 2^19 + 2^16 no component is negative, and bits 17 and 18 stay clear below 2^16.
    _raise_all(real, imaginary, bits, 0x90000)
    halvings = _transform_raised(bits, repeats, real, imaginary, quarter)
    _raise_all(real, imaginary, bits, -0x90000)
    return halvings


@micropython.viper
def _raise_all(real: ptr32, imaginary: ptr32, bits: int, more: int):
    stop = int(real) + (4 << bits)
    while int(real) < stop:
        real[0] = int(real[0]) + more
        real[1] = int(real[1]) + more
        imaginary[0] = int(imaginary[0]) + more
        imaginary[1] = int(imaginary[1]) + more
        real = ptr32(int(real) + 8)
        imaginary = ptr32(int(imaginary) + 8)


@micropython.viper
def _transform_raised(x: int, y: int, real: ptr32, imaginary: ptr32, quarter: ptr16) -> int:
    # The first two parameters are in registers: they come as bits and repeats, then are computed with. One
    # constant puts right what raised components add to the products of a turn.
    first = int(real)
    apart = int(imaginary) - first
    stop = first + (4 << x)
    half = y << 2
    stride = 512 // y
    halvings = 0
    down = 0
    while first + half < stop:
        peak = 0
        angle = 0
        at = first
        while angle < 512:
            cosine = int(quarter[256 - angle]) if angle <= 256 else 0 - int(quarter[angle - 256])
            sine = int(quarter[angle]) if angle <= 256 else int(quarter[512 - angle])
            same = 4096 - 0x90000 * (cosine + sine)
            other = 4096 - 0x90000 * (cosine - sine)
            real = ptr32(at)
            while int(real) < stop:
                imaginary = ptr32(int(real) + apart)
                high_real = ptr32(int(real) + half)
                high_imaginary = ptr32(int(high_real) + apart)
                x = int(high_real[0])
                y = int(high_imaginary[0])
                if down:
                    x = (x + 0x90001) >> 1
                    y = (y + 0x90001) >> 1
                turned = (x * cosine + y * sine + same) >> 13
                x = (y * cosine - x * sine + other) >> 13
                y = int(imaginary[0])
                if down:
                    y = (y + 0x90001) >> 1
                imaginary[0] = y + x
                peak |= y + x
                y -= x
                high_imaginary[0] = y
                peak |= y
                x = int(real[0])
                if down:
                    x = (x + 0x90001) >> 1
                y = x + turned
                x -= turned
                real[0] = y
                high_real[0] = x
                peak |= y | x
                real = ptr32(int(high_real) + half)
            at += 4
            angle += stride
        half <<= 1
        stride >>= 1
        down = 1 if (peak >> 17) & 3 != 0 and first + half < stop else 0
        halvings += down
    return halvings


@micropython.viper
def peak_bits(real: ptr32, imaginary: ptr32, points: int, bins: int) -> int:
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
    real: ptr32,
    imaginary: ptr32,
    points: int,
    bins: int,
    down: int,
    first: ptr32,
    second: ptr32,
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
    real: ptr32,
    imaginary: ptr32,
    points: int,
    bins: int,
    down: int,
    keep_down: int,
    total: ptr32,
):
    for index in range(bins):
        other = (points - index) & (points - 1)
        x = (((int(real[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        y = (((int(imaginary[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        u = (((int(real[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        v = (((int(imaginary[other]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> down
        kept = 0
        if keep_down < 31:
            kept = int(total[index]) >> keep_down
        total[index] = kept + x * x + y * y + u * u + v * v


@micropython.viper
def band_mean(power: ptr32, start: int, stop: int) -> int:
    total = 0
    index = start
    while index < stop:
        total += int(power[index]) >> 9
        index += 1
    return (total // (stop - start)) << 9


@micropython.viper
def add_shares(
    power: ptr32,
    bins: int,
    down: int,
    weight: int,
    total: ptr32,
    has_total: int,
):
    up = 0
    if down < 0:
        up = 0 - down
        down = 0
    most = 0x1FFFFF >> up
    for index in range(bins):
        value = int(power[index]) >> down
        if value > most:
            value = most
        value = ((value << up) * weight) >> 8
        if has_total != 0:
            value += int(total[index])
        total[index] = value


@micropython.viper
def log_levels(
    power: ptr32,
    bins: int,
    floor: int,
    tilt: ptr16,
    start: int,
    out: ptr16,
    offset: int,
):
    total = 0
    for index in range(bins):
        value = int(power[index]) + floor
        if value < 1:
            value = 1
        rest = value
        whole = 0
        while rest > 255:
            rest >>= 8
            whole += 8
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
    new: ptr16,
    start: int,
    average: ptr16,
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
