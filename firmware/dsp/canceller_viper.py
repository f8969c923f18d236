"""Fast kernels of `dsp.canceller`: the same results as `dsp.canceller_plain`, tested against it."""

import micropython


@micropython.viper
def clear(values: ptr16, start: int, stop: int):  # noqa: F821
    for index in range(start, stop):
        values[index] = 0


@micropython.viper
def copy(source: ptr16, target: ptr16, count: int):  # noqa: F821
    for index in range(count):
        target[index] = source[index]


@micropython.viper
def peak_step(samples: ptr16, count: int) -> int:  # noqa: F821
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
def peak_step_of_counts(samples: ptr32, count: int) -> int:  # noqa: F821
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
def differences(samples: ptr16, count: int, up: int, out: ptr16):  # noqa: F821
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
def differences_of_counts(samples: ptr32, count: int, up: int, out: ptr16):  # noqa: F821
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
def squares(samples: ptr16, count: int) -> int:  # noqa: F821
    total = 0
    for index in range(count):
        value = (int(samples[index]) ^ 0x8000) - 0x8000
        total += (value * value) >> 6
    return total


@micropython.viper
def fill_row(
    axis: ptr16,  # noqa: F821
    count: int,
    delay: int,
    rows: ptr16,  # noqa: F821
    row: int,
    length: int,
    ridge_root: int,
    rank: int,
):
    start = row * length
    total = 0
    for index in range(count):
        value = 0
        if index >= delay:
            value = (int(axis[index - delay]) ^ 0x8000) - 0x8000
        rows[start + index] = value
        total += value
    mean = total // count
    for index in range(count):
        rows[start + index] = int(rows[start + index]) - mean
    index = count
    while index < length:
        rows[start + index] = 0
        index += 1
    rows[start + count + rank] = ridge_root


@micropython.viper
def remove_row(
    rows: ptr16,  # noqa: F821
    row: int,
    others: ptr16,  # noqa: F821
    first: int,
    last: int,
    length: int,
):
    start = row * length
    norm = 0
    for index in range(length):
        value = (int(rows[start + index]) ^ 0x8000) - 0x8000
        norm += value * value
    other = first
    while other < last:
        place = other * length
        dot = 0
        for index in range(length):
            value = (int(rows[start + index]) ^ 0x8000) - 0x8000
            dot += value * ((int(others[place + index]) ^ 0x8000) - 0x8000)
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
        for index in range(length):
            value = (int(rows[start + index]) ^ 0x8000) - 0x8000
            others[place + index] = int(others[place + index]) - ((factor * value + 2048) >> 12)
        other += 1
