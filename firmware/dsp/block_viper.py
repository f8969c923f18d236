"""Fast kernels of `dsp.block_encoder`: the same results as `dsp.block_plain`, tested against it.

Samples, folded residuals, shifts and the writer's state are never negative, so their loads need no sign
idiom; sums of products do.
"""

import micropython
from micropython import const

_ESCAPE = const(24)


@micropython.viper
def size(samples: ptr32, first: int, stop: int, stride: int) -> int:  # noqa: F821
    # The first three parameters are in registers: the place, the value before, the end.
    stop = int(samples) + 4 * stop
    step = 4 * stride
    bits = 0
    samples = ptr32(int(samples) + 4 * first)  # noqa: F821
    first = int(samples[0])
    samples = ptr32(int(samples) + step)  # noqa: F821
    while int(samples) < stop:
        x = int(samples[0])
        first = x - first
        bits |= first ^ (first >> 31)
        first = x
        samples = ptr32(int(samples) + step)  # noqa: F821
    return bits


@micropython.viper
def mixed_size(samples: ptr32, first: int, stop: int, stride: int, gain: int) -> int:  # noqa: F821
    stop = int(samples) + 4 * stop - 4
    step = 4 * stride
    bits = 0
    samples = ptr32(int(samples) + 4 * first - 4)  # noqa: F821
    other = int(samples[0])
    before = int(samples[1])
    samples = ptr32(int(samples) + step)  # noqa: F821
    while int(samples) < stop:
        x = int(samples[0])
        first = 0 - ((gain * (x - other) + 4) >> 3)
        other = x
        x = int(samples[1])
        first += x - before
        before = x
        bits |= first ^ (first >> 31)
        samples = ptr32(int(samples) + step)  # noqa: F821
    return bits


@micropython.viper
def best_gain(samples: ptr32, first: int, stop: int, stride: int, weights: ptr8, at: int, shift: int) -> int:  # noqa: F821
    # The first three parameters are in registers: the place, the value before, the end.
    stop = int(samples) + 4 * stop - 4
    step = 4 * stride
    samples = ptr32(int(samples) + 4 * first - 4)  # noqa: F821
    a1 = (int(weights[at]) ^ 128) - 128
    a2 = (int(weights[at + 1]) ^ 128) - 128
    a3 = (int(weights[at + 2]) ^ 128) - 128
    a4 = (int(weights[at + 3]) ^ 128) - 128
    other = int(samples[0])
    first = int(samples[1])
    samples = ptr32(int(samples) + step)  # noqa: F821
    e1 = (int(samples[0]) - other) >> shift
    d1 = (int(samples[1]) - first) >> shift
    d2 = d3 = d4 = d1
    e2 = e3 = e4 = e1
    product = 0
    square = 0
    while int(samples) < stop:
        x = int(samples[0])
        e = (x - other) >> shift
        other = x
        x = int(samples[1])
        d = (x - first) >> shift
        first = x
        u = d - ((a1 * d1 + a2 * d2 + a3 * d3 + a4 * d4) >> 4)
        v = e - ((a1 * e1 + a2 * e2 + a3 * e3 + a4 * e4) >> 4)
        product += u * v
        square += v * v
        d4 = d3
        d3 = d2
        d2 = d1
        d1 = d
        e4 = e3
        e3 = e2
        e2 = e1
        e1 = e
        samples = ptr32(int(samples) + step)  # noqa: F821
    while square > 0x3FFFFFF or product > 0x3FFFFFF or product < -0x3FFFFFF:
        square >>= 1
        product >>= 1
    if square <= 0:
        return 0
    if product < 0:
        product = 0 - (square - 16 * product) // (2 * square)
        if product < -32:
            product = -32
        return product
    product = (square + 16 * product) // (2 * square)
    if product > 31:
        product = 31
    return product


@micropython.viper
def lags(samples: ptr32, first: int, stop: int, stride: int, gain: int, shift: int, sums: ptr32):  # noqa: F821
    # The first three parameters are in registers: the place, the mixed difference, the end.
    stop = int(samples) + 4 * stop - 4
    step = 4 * stride
    samples = ptr32(int(samples) + 4 * first - 4)  # noqa: F821
    rising = int(samples) + 8 * step
    falling = stop - 8 * step
    s0 = s1 = s2 = s3 = s4 = 0
    y1 = y2 = y3 = y4 = 0
    eighths = 1
    before = int(samples[1])
    other = 0
    if gain:
        other = int(samples[0])
    samples = ptr32(int(samples) + step)  # noqa: F821
    while int(samples) < stop:
        x = int(samples[1])
        first = x - before
        before = x
        if gain:
            x = int(samples[0])
            first -= (gain * (x - other) + 4) >> 3
            other = x
        first >>= shift
        if int(samples) < rising:
            first = (first * eighths) >> 3
            eighths += 1
        elif int(samples) >= falling:
            eighths -= 1
            first = (first * eighths) >> 3
        s0 += first * first
        s1 += first * y1
        s2 += first * y2
        s3 += first * y3
        s4 += first * y4
        y4 = y3
        y3 = y2
        y2 = y1
        y1 = first
        samples = ptr32(int(samples) + step)  # noqa: F821
    sums[0] = s0
    sums[1] = s1
    sums[2] = s2
    sums[3] = s3
    sums[4] = s4


@micropython.viper
def pick(sums: ptr32, energies: ptr16, count: int) -> int:  # noqa: F821
    l0 = int(sums[0]) & 0x3FFFFFFF
    l1 = ((int(sums[1]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    l2 = ((int(sums[2]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    l3 = ((int(sums[3]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    l4 = ((int(sums[4]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    while l0 > 0x7FFFFFF:
        l0 >>= 1
        l1 >>= 1
        l2 >>= 1
        l3 >>= 1
        l4 >>= 1
    h0 = l0 >> 14
    h1 = l1 >> 14
    h2 = l2 >> 14
    h3 = l3 >> 14
    h4 = l4 >> 14
    l0 &= 16383
    l1 &= 16383
    l2 &= 16383
    l3 &= 16383
    l4 &= 16383
    best = 0
    least = 0x3FFFFFFF
    number = 0
    while number < count:
        w1 = (int(energies[1]) ^ 0x8000) - 0x8000
        w2 = (int(energies[2]) ^ 0x8000) - 0x8000
        w3 = (int(energies[3]) ^ 0x8000) - 0x8000
        w4 = (int(energies[4]) ^ 0x8000) - 0x8000
        energy = h0 * int(energies[0]) + h1 * w1 + h2 * w2 + h3 * w3 + h4 * w4
        # The low parts take less than this away.
        if energy - 0x4000 < least:
            energy += (l0 * int(energies[0]) + l1 * w1 + l2 * w2 + l3 * w3 + l4 * w4) >> 14
            if energy < least:
                least = energy
                best = number
        energies = ptr16(int(energies) + 10)  # noqa: F821
        number += 1
    return best


@micropython.viper
def fold(
    samples: ptr32,  # noqa: F821
    first: int,
    folded: ptr32,  # noqa: F821
    stop: int,
    stride: int,
    gain: int,
    weights: ptr8,  # noqa: F821
    at: int,
) -> int:
    # The first three parameters are in registers: the place, the mixed difference, the place to write.
    stop = int(samples) + 4 * stop - 4
    step = 4 * stride
    samples = ptr32(int(samples) + 4 * first - 4)  # noqa: F821
    folded = ptr32(int(folded) + 4 * first)  # noqa: F821
    a1 = (int(weights[at]) ^ 128) - 128
    a2 = (int(weights[at + 1]) ^ 128) - 128
    a3 = (int(weights[at + 2]) ^ 128) - 128
    a4 = (int(weights[at + 3]) ^ 128) - 128
    before = int(samples[1])
    other = 0
    if gain:
        other = int(samples[0])
    samples = ptr32(int(samples) + step)  # noqa: F821
    is_first = 1
    y1 = y2 = y3 = y4 = 0
    total = 0
    while int(samples) < stop:
        x = int(samples[1])
        first = x - before
        before = x
        if gain:
            x = int(samples[0])
            first -= (gain * (x - other) + 4) >> 3
            other = x
        r = first - ((a1 * y1 + a2 * y2 + a3 * y3 + a4 * y4 + 8) >> 4)
        y4 = y3
        y3 = y2
        y2 = y1
        y1 = first
        if is_first:
            is_first = 0
            r = y2 = y3 = y4 = first
        first = (r << 1) ^ (r >> 31)
        folded = ptr32(int(folded) + step)  # noqa: F821
        folded[0] = first
        if first > 0x1FFFFF:
            first = 0x1FFFFF
        total += first
        samples = ptr32(int(samples) + step)  # noqa: F821
    return total


@micropython.viper
def halvings(bits: int, most_bits: int) -> int:
    count = 0
    bits >>= most_bits
    while bits:
        bits >>= 1
        count += 1
    return count


@micropython.viper
def shift_for(total: int, count: int) -> int:
    total += count >> 1
    shift = 0
    while shift < 20 and (total > 3 * count or 32 * total > 66 * count):
        total >>= 1
        shift += 1
    return shift


@micropython.viper
def put(out: ptr8, state: ptr32, value: int, bits: int):  # noqa: F821
    held = (int(state[1]) << bits) | (value & ((1 << bits) - 1))
    count = int(state[2]) + bits
    at = int(state[0])
    while count >= 8:
        count -= 8
        out[at] = held >> count
        at += 1
    state[0] = at
    state[1] = held & ((1 << count) - 1)
    state[2] = count


@micropython.viper
def write(out: ptr8, folded: ptr32, shifts: ptr32, channels: int, stop: int, state: ptr32) -> int:  # noqa: F821
    # The first three parameters are in registers.
    first_shift = int(shifts)
    last_shift = first_shift + 4 * channels
    begin = int(folded)
    end = begin + 4 * stop
    at = int(state[0])
    held = int(state[1])
    count = int(state[2])
    last = int(state[3])
    free = ((last + 1 - at) << 3) - count
    safe = (_ESCAPE + 33) * channels
    down = 0
    folded = ptr32(begin + 4 * channels)  # noqa: F821
    while int(folded) < end:
        shifts = ptr32(first_shift)  # noqa: F821
        if free < safe:
            need = 0
            while int(shifts) < last_shift:
                bits = int(shifts[0])
                u = int(folded[0]) >> bits
                need += u + 1 + bits
                if u >= _ESCAPE:
                    need += _ESCAPE + 32 - u - bits
                folded = ptr32(int(folded) + 4)  # noqa: F821
                shifts = ptr32(int(shifts) + 4)  # noqa: F821
            folded = ptr32(int(folded) - 4 * channels)  # noqa: F821
            shifts = ptr32(first_shift)  # noqa: F821
            if need > free:
                break
        while int(shifts) < last_shift:
            bits = int(shifts[0])
            u = int(folded[0])
            quotient = u >> bits
            if quotient >= _ESCAPE:
                quotient = _ESCAPE
                held = (held << 16) | (u >> 16)
                out[at] = held >> count + 8
                out[at + 1] = held >> count
                at += 2
                bits = 16
                free -= 16
            free -= quotient + 1 + bits
            down += quotient
            byte = last - (down >> 3)
            out[byte] = int(out[byte]) | (1 << (down & 7))
            down += 1
            held = ((held & 255) << bits) | (u & ((1 << bits) - 1))
            count += bits
            while count >= 8:
                count -= 8
                out[at] = held >> count
                at += 1
            folded = ptr32(int(folded) + 4)  # noqa: F821
            shifts = ptr32(int(shifts) + 4)  # noqa: F821
    if count:
        out[at] = int(out[at]) | (held << (8 - count))
    state[4] = last + 1 - ((down + 7) >> 3)
    state[5] = free >> 3
    return ((int(folded) - begin) >> 2) // channels


@micropython.viper
def close_gap(out: ptr8, lowest: int, stop: int, gap: int):  # noqa: F821
    place = lowest + 0
    while place < stop:
        value = int(out[place])
        out[place] = 0
        to = place - gap
        out[to] = int(out[to]) | value
        place += 1


@micropython.viper
def pack(out: ptr8, samples: ptr32, count: int, bits: int, flip: int, start: int) -> int:  # noqa: F821
    held = 0
    filled = 0
    place = 0
    at = start
    while place < count:
        held = (held << bits) | (int(samples[place]) ^ flip)
        filled += bits
        while filled >= 8:
            filled -= 8
            out[at] = held >> filled
            at += 1
        held &= 255
        place += 1
    if filled:
        out[at] = held << (8 - filled)
        at += 1
    return at
