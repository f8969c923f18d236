"""Fast kernels on pulse waves: the same results as `dsp.pulse_plain`, tested against it."""

import micropython


@micropython.viper
def total_of(counts: ptr32, start: int, stop: int) -> int:
    total = 0
    index = start
    while index < stop:
        total += int(counts[index])
        index += 1
    return total


@micropython.viper
def span_of(counts: ptr32, start: int, stop: int) -> int:
    lowest = int(counts[start])
    highest = lowest
    index = start + 1
    while index < stop:
        value = int(counts[index])
        if value < lowest:
            lowest = value
        elif value > highest:
            highest = value
        index += 1
    return highest - lowest


@micropython.viper
def sum_of_steps(counts: ptr32, start: int, stop: int, order: int) -> int:
    total = 0
    index = start + order
    while index < stop:
        step = int(counts[index]) - int(counts[index - 1])
        if order == 2:
            step -= int(counts[index - 1]) - int(counts[index - 2])
        if step < 0:
            step = 0 - step
        total += step
        index += 1
    return total


@micropython.viper
def slopes(counts: ptr32, count: int, sign: int, level: ptr32, slope: ptr32):
    one = 0
    two = 0
    three = 0
    for index in range(count):
        now = 0
        if index >= 2:
            now = sign * (int(counts[index]) + int(counts[index - 1]) + int(counts[index - 2]))
        level[index] = now
        slope[index] = (now - three) if index >= 5 else 0
        three = two
        two = one
        one = now


@micropython.viper
def next_peak(slope: ptr32, start: int, stop: int, threshold: int) -> int:
    index = start
    last = ((int(slope[index - 1]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    value = ((int(slope[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    while index < stop:
        following = ((int(slope[index + 1]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value >= threshold and value >= last and value > following:
            return index
        last = value
        value = following
        index += 1
    return -1


@micropython.viper
def largest(values: ptr32, start: int, stop: int) -> int:
    best = ((int(values[start]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    index = start + 1
    while index < stop:
        value = ((int(values[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value > best:
            best = value
        index += 1
    return best


@micropython.viper
def sum_of_cubes(slope: ptr32, start: int, stop: int) -> int:
    size = 0
    index = start
    while index < stop:
        value = ((int(slope[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value < 0:
            value = 0 - value
        size += value
        index += 1
    size = size // (stop - start)
    if size < 1:
        size = 1
    total = 0
    index = start
    while index < stop:
        value = ((int(slope[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        value = (value << 4) // size
        if value > 128:
            value = 128
        elif value < -128:
            value = -128
        total += value * value * value
        index += 1
    return total


@micropython.viper
def free_slopes(counts: ptr32, count: int, slope: ptr32) -> int:
    number = count - 3
    for index in range(number):
        slope[index] = (int(counts[index + 3]) - int(counts[index])) << 2
    total = 0
    for index in range(25):
        total += ((int(slope[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    for index in range(number):
        slope[number + index] = (total + 12) // 25
        begin = index - 12
        if begin >= 0 and begin <= number - 25 and index + 13 < number:
            total += ((int(slope[index + 13]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
            total -= ((int(slope[begin]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    for index in range(number):
        slope[index] = int(slope[index]) - int(slope[number + index])
    return number


@micropython.viper
def mean_size(values: ptr32, count: int) -> int:
    total = 0
    for index in range(count):
        value = ((int(values[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value < 0:
            value = 0 - value
        total += value
    return total // count


@micropython.viper
def products(
    first: ptr32,
    second: ptr32,
    start: int,
    stop: int,
    up: int,
    down: int,
    sums: ptr32,
):
    half = (1 << down) >> 1
    aa = 0
    bb = 0
    ab = 0
    for index in range(start, stop):
        a = (((((int(first[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) << up) + half) >> down
        b = (((((int(second[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) << up) + half) >> down
        if a > 4095:
            a = 4095
        elif a < -4095:
            a = -4095
        if b > 4095:
            b = 4095
        elif b < -4095:
            b = -4095
        aa += a * a
        bb += b * b
        ab += a * b
    sums[0] = aa
    sums[1] = bb
    sums[2] = ab


@micropython.viper
def slope_ratio_q13(sums: ptr32) -> int:
    aa = int(sums[0])
    bb = int(sums[1])
    ab = ((int(sums[2]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    down = 0
    while aa >> down >= 16384 or bb >> down >= 16384:
        down += 1
    half = (1 << down) >> 1
    aa = (aa + half) >> down
    bb = (bb + half) >> down
    ab = (ab + half) >> down
    if ab <= 0:
        return 0
    t = aa - bb
    square = t * t + 4 * ab * ab
    root = 0
    # 1 << 30 itself would be an object: the compiler's small integers end below it.
    bit = 1 << 28
    bit = bit << 2
    while bit:
        if square >= root + bit:
            square -= root + bit
            root = (root >> 1) + bit
        else:
            root = root >> 1
        bit = bit >> 2
    if t < 0:
        return (ab << 14) // (root - t)
    return ((t + root) << 12) // ab
