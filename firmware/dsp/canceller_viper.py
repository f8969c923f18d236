"""Fast kernels of `dsp.canceller`: the same results as `dsp.canceller_plain`, tested against it."""

import micropython


@micropython.viper
def clear(values: ptr16, start: int, stop: int):
    for index in range(start, stop):
        values[index] = 0


@micropython.viper
def copy(source: ptr16, target: ptr16, count: int):
    for index in range(count):
        target[index] = source[index]


@micropython.viper
def halve(samples: ptr16, count: int, out: ptr16):
    # Of the samples 2 index - 5 to 2 index + 1 all but two: a, c, d, e, g; they move along by two.
    e = (int(samples[0]) ^ 0x8000) - 0x8000
    a = c = d = e
    for index in range(count):
        f = (int(samples[2 * index]) ^ 0x8000) - 0x8000
        g = (int(samples[2 * index + 1]) ^ 0x8000) - 0x8000
        value = (16 * d + 9 * (c + e) - a - g + 16) >> 5
        if value > 32767:
            value = 32767
        elif value < -32768:
            value = -32768
        out[index] = value
        a = c
        c = e
        d = f
        e = g


@micropython.viper
def halve_counts(samples: ptr32, count: int, out: ptr32):
    e = int(samples[0])
    a = c = d = e
    for index in range(count):
        f = int(samples[2 * index])
        g = int(samples[2 * index + 1])
        value = (16 * d + 9 * (c + e) - a - g + 4) >> 3
        if value < 0:
            value = 0
        out[index] = value
        a = c
        c = e
        d = f
        e = g


@micropython.viper
def peak_step(samples: ptr16, count: int) -> int:
    peak = 0
    last = (int(samples[0]) ^ 0x8000) - 0x8000
    for index in range(count):
        value = (int(samples[index]) ^ 0x8000) - 0x8000
        step = value - last
        last = value
        if step < 0:
            step = 0 - step
        if step > peak:
            peak = step
    return peak


@micropython.viper
def peak_step_of_counts(samples: ptr32, count: int) -> int:
    peak = 0
    last = int(samples[0])
    for index in range(count):
        value = int(samples[index])
        step = value - last
        last = value
        if step < 0:
            step = 0 - step
        if step > peak:
            peak = step
    return peak


@micropython.viper
def differences(samples: ptr16, count: int, up: int, out: ptr16):
    total = 0
    last = (int(samples[0]) ^ 0x8000) - 0x8000
    for index in range(count):
        value = (int(samples[index]) ^ 0x8000) - 0x8000
        step = value - last
        last = value
        step = (step << up) if up >= 0 else (step >> (0 - up))
        out[index] = step
        total += step
    mean = total // count
    for index in range(count):
        out[index] = int(out[index]) - mean


@micropython.viper
def differences_of_counts(samples: ptr32, count: int, up: int, out: ptr16):
    total = 0
    last = int(samples[0])
    for index in range(count):
        value = int(samples[index])
        step = value - last
        last = value
        step = (step << up) if up >= 0 else (step >> (0 - up))
        out[index] = step
        total += step
    mean = total // count
    for index in range(count):
        out[index] = int(out[index]) - mean


@micropython.viper
def squares(samples: ptr16, count: int) -> int:
    total = 0
    for index in range(count):
        value = (int(samples[index]) ^ 0x8000) - 0x8000
        total += (value * value) >> 6
    return total


@micropython.viper
def fill_row(
    axis: ptr16,
    count: int,
    delay: int,
    rows: ptr16,
    row: int,
    length: int,
    ridge_root: int,
    rank: int,
):
    first = int(axis)
    stop = first + 2 * (count - delay)
    total = 0
    while int(axis) < stop:
        total += (int(axis[0]) ^ 0x8000) - 0x8000
        axis = ptr16(int(axis) + 2)
    mean = total // count
    target = ptr16(int(rows) + 2 * row * length)
    for index in range(delay):
        target[index] = 0 - mean
    target = ptr16(int(target) + 2 * delay)
    axis = ptr16(first)
    while int(axis) < stop:
        target[0] = int(axis[0]) - mean
        axis = ptr16(int(axis) + 2)
        target = ptr16(int(target) + 2)
    for index in range(length - count):
        target[index] = 0
    target[rank] = ridge_root


@micropython.viper
def remove_row(
    rows: ptr16,
    others: ptr16,
    row: int,
    first: int,
    last: int,
    length: int,
):
    # The first two parameters are in registers: they go along the two rows.
    start = int(rows) + 2 * row * length
    stop = start + 2 * length
    rows = ptr16(start)
    norm = 0
    while int(rows) < stop:
        value = (int(rows[0]) ^ 0x8000) - 0x8000
        norm += value * value
        rows = ptr16(int(rows) + 2)
    place = int(others) + 2 * first * length
    for _ in range(last - first):
        dot = 0
        rows = ptr16(start)
        others = ptr16(place)
        while int(rows) < stop:
            dot += ((int(rows[0]) ^ 0x8000) - 0x8000) * ((int(others[0]) ^ 0x8000) - 0x8000)
            dot += ((int(rows[1]) ^ 0x8000) - 0x8000) * ((int(others[1]) ^ 0x8000) - 0x8000)
            dot += ((int(rows[2]) ^ 0x8000) - 0x8000) * ((int(others[2]) ^ 0x8000) - 0x8000)
            dot += ((int(rows[3]) ^ 0x8000) - 0x8000) * ((int(others[3]) ^ 0x8000) - 0x8000)
            rows = ptr16(int(rows) + 8)
            others = ptr16(int(others) + 8)
        size = dot
        if size < 0:
            size = 0 - size
        spare = 12
        while spare > 0 and size < 0x20000000:
            size <<= 1
            spare -= 1
        denominator = norm >> spare
        factor = 0
        if denominator > 0:
            factor = size // denominator
        if dot < 0:
            factor = 0 - factor
        # As if values were 2^15 more than they are, which needs no sign: the constant takes that off.
        half = 2048 - (factor << 15)
        rows = ptr16(start)
        others = ptr16(place)
        while int(rows) < stop:
            others[0] = int(others[0]) - ((factor * (int(rows[0]) ^ 0x8000) + half) >> 12)
            others[1] = int(others[1]) - ((factor * (int(rows[1]) ^ 0x8000) + half) >> 12)
            others[2] = int(others[2]) - ((factor * (int(rows[2]) ^ 0x8000) + half) >> 12)
            others[3] = int(others[3]) - ((factor * (int(rows[3]) ^ 0x8000) + half) >> 12)
            rows = ptr16(int(rows) + 8)
            others = ptr16(int(others) + 8)
        place += 2 * length
