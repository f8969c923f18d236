"""Fast kernels of `dsp.respiration`: the same results as `dsp.respiration_plain`, tested against it."""

import micropython


@micropython.viper
def straightened(ring: ptr32, start: int, work: ptr32, out: ptr16):
    total = 0
    for index in range(128):
        total += ((int(ring[(start + index) & 127]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    mean = total >> 7
    peak = 0
    for index in range(128):
        value = ((int(ring[(start + index) & 127]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        value -= mean
        work[index] = value
        if value < 0:
            value = 0 - value
        if value > peak:
            peak = value
    up = 0
    down = 0
    while peak >= 4096:
        peak >>= 1
        down += 1
    while up < 12 and peak > 0 and peak < 2048:
        peak <<= 1
        up += 1
    moment = 0
    for index in range(128):
        value = ((int(work[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        value = (value << up) >> down
        work[index] = value
        moment += value * (2 * index - 127)
    size = 0
    for index in range(128):
        value = ((int(work[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        value -= ((moment >> 6) * (2 * index - 127)) // 10922
        work[index] = value
        if value < 0:
            value = 0 - value
        size += value
    limit = ((size >> 7) * 15) >> 2
    peak = 0
    for index in range(128):
        value = ((int(work[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value > limit:
            value = limit
        elif value < 0 - limit:
            value = 0 - limit
        work[index] = value
        if value < 0:
            value = 0 - value
        if value > peak:
            peak = value
    up = 0
    down = 0
    while peak >= 2048:
        peak >>= 1
        down += 1
    while up < 10 and peak > 0 and peak < 1024:
        peak <<= 1
        up += 1
    for index in range(128):
        value = ((int(work[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        out[index] = (value << up) >> down


@micropython.viper
def add_scores(power: ptr32, weighted: ptr32, scores: ptr32):
    total = 0
    for index in range(100):
        factor = index
        if factor < 5:
            factor = 5
        value = (((int(power[index]) >> 6) * factor) >> 8) * factor
        weighted[index] = value
        if index >= 10 and index < 96:
            total += value >> 7
    floor = ((total // 86) << 7) // 5
    total = 0
    for index in range(100):
        value = int(weighted[index]) + floor
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
        weighted[index] = level
        if index >= 10 and index < 96:
            total += level
    mean = total // 86
    for index in range(66):
        place = index + 12
        near = (int(weighted[place - 1]) + 2 * int(weighted[place]) + int(weighted[place + 1])) >> 2
        near += ((int(weighted[place - 4]) + int(weighted[place + 4])) >> 1) - 2 * mean
        scores[index] = int(scores[index]) + near
