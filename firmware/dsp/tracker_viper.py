"""Fast kernels of `dsp.tracker`: the same results as `dsp.tracker_plain`, tested against it.

Probabilities are never negative, so their loads need no sign idiom; scores do.
"""

import micropython


@micropython.viper
def spread(source: ptr32, kernel: ptr16, count: int, half: int, target: ptr32):
    # The first two parameters are in registers: they go along the values and their factors.
    first_value = int(source)
    first_factor = int(kernel)
    for index in range(count):
        place = index - half
        tap = 0
        if place < 0:
            tap = 0 - place
            place = 0
        stop = index + half + 1
        if stop > count:
            stop = count
        stop = first_value + 4 * stop
        source = ptr32(first_value + 4 * place)
        kernel = ptr16(first_factor + 2 * tap)
        total = 0
        while int(source) < stop:
            value = int(source[0])
            factor = int(kernel[0])
            total += (value >> 14) * factor + (((value & 16383) * factor) >> 14)
            source = ptr32(int(source) + 4)
            kernel = ptr16(int(kernel) + 2)
        target[index] = total


@micropython.viper
def mix(probabilities: ptr32, count: int, keep_q14: int, floor: int):
    for index in range(count):
        value = int(probabilities[index])
        probabilities[index] = (value >> 14) * keep_q14 + (((value & 16383) * keep_q14) >> 14) + floor


@micropython.viper
def weigh(
    probabilities: ptr32,
    count: int,
    scores: ptr32,
    gain_q8: int,
    powers: ptr16,
):
    best = -0x20000000
    for index in range(count):
        score = ((int(scores[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if score > best:
            best = score
    for index in range(count):
        score = ((int(scores[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        drop = ((best - score) * gain_q8) >> 10
        factor = int(powers[drop & 63])
        down = drop >> 6
        if down > 30:
            down = 30
        value = int(probabilities[index])
        probabilities[index] = ((value >> 14) * factor + (((value & 16383) * factor) >> 14)) >> down


@micropython.viper
def normalise(probabilities: ptr32, count: int) -> int:
    total = 0
    for index in range(count):
        total += int(probabilities[index])
    scale = total
    if scale < 1:
        scale = 1
    up = 0
    while scale < 0x8000000:
        scale <<= 1
        up += 1
    factor = 0x10000000 // (scale >> 14)
    for index in range(count):
        value = int(probabilities[index]) << up
        probabilities[index] = (value >> 14) * factor + (((value & 16383) * factor) >> 14)
    return total


@micropython.viper
def top(values: ptr32, count: int) -> int:
    place = 0
    best = -0x20000000
    for index in range(count):
        value = ((int(values[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value > best:
            best = value
            place = index
    return place
