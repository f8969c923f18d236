"""Fast kernels of `dsp.block_encoder`: the same results as `dsp.block_plain`, tested against it.

Samples, folded residuals, shifts and the writer's state are never negative, so their loads need no sign
idiom; sums of products do.
"""

import micropython
from micropython import const

_ESCAPE = const(24)


@micropython.viper
def size(samples: ptr32, first: int, stop: int, stride: int, gain: int) -> int:  # noqa: F821
    bits = 0
    place = first + stride
    while place < stop:
        y = int(samples[place]) - int(samples[place - stride])
        if gain:
            y -= (gain * (int(samples[place - 1]) - int(samples[place - 1 - stride])) + 4) >> 3
        bits |= y ^ (y >> 31)
        place += stride
    return bits


@micropython.viper
def best_gain(
    samples: ptr32,  # noqa: F821
    first: int,
    stop: int,
    stride: int,
    weights: ptr8,  # noqa: F821
    at: int,
    shift: int,
) -> int:
    a1 = (int(weights[at]) ^ 128) - 128
    a2 = (int(weights[at + 1]) ^ 128) - 128
    a3 = (int(weights[at + 2]) ^ 128) - 128
    a4 = (int(weights[at + 3]) ^ 128) - 128
    place = first + stride
    d1 = (int(samples[place]) - int(samples[place - stride])) >> shift
    e1 = (int(samples[place - 1]) - int(samples[place - 1 - stride])) >> shift
    d2 = d3 = d4 = d1
    e2 = e3 = e4 = e1
    product = 0
    square = 0
    while place < stop:
        d = (int(samples[place]) - int(samples[place - stride])) >> shift
        e = (int(samples[place - 1]) - int(samples[place - 1 - stride])) >> shift
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
        place += stride
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
def lags(
    samples: ptr32,  # noqa: F821
    first: int,
    stop: int,
    stride: int,
    gain: int,
    shift: int,
    sums: ptr32,  # noqa: F821
):
    s0 = s1 = s2 = s3 = s4 = 0
    y1 = y2 = y3 = y4 = 0
    rising = first + 8 * stride
    falling = stop - 8 * stride
    eighths = 1
    place = first + stride
    while place < stop:
        y = int(samples[place]) - int(samples[place - stride])
        if gain:
            y -= (gain * (int(samples[place - 1]) - int(samples[place - 1 - stride])) + 4) >> 3
        y >>= shift
        if place < rising:
            y = (y * eighths) >> 3
            eighths += 1
        elif place >= falling:
            eighths -= 1
            y = (y * eighths) >> 3
        s0 += y * y
        s1 += y * y1
        s2 += y * y2
        s3 += y * y3
        s4 += y * y4
        y4 = y3
        y3 = y2
        y2 = y1
        y1 = y
        place += stride
    sums[0] = s0
    sums[1] = s1
    sums[2] = s2
    sums[3] = s3
    sums[4] = s4


@micropython.viper
def pick(sums: ptr32, weights: ptr8, count: int) -> int:  # noqa: F821
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
    best = 0
    least = 0x3FFFFFFF
    number = 0
    while number < count:
        at = 4 * number
        a1 = (int(weights[at]) ^ 128) - 128
        a2 = (int(weights[at + 1]) ^ 128) - 128
        a3 = (int(weights[at + 2]) ^ 128) - 128
        a4 = (int(weights[at + 3]) ^ 128) - 128
        w0 = 256 + a1 * a1 + a2 * a2 + a3 * a3 + a4 * a4
        w1 = (a1 * a2 + a2 * a3 + a3 * a4 - 16 * a1) << 1
        w2 = (a1 * a3 + a2 * a4 - 16 * a2) << 1
        w3 = (a1 * a4 - 16 * a3) << 1
        w4 = 0 - (a4 << 5)
        energy = (l0 >> 14) * w0 + (l1 >> 14) * w1 + (l2 >> 14) * w2 + (l3 >> 14) * w3 + (l4 >> 14) * w4
        low = (l0 & 16383) * w0 + (l1 & 16383) * w1 + (l2 & 16383) * w2
        low += (l3 & 16383) * w3 + (l4 & 16383) * w4
        energy += low >> 14
        if energy < least:
            least = energy
            best = number
        number += 1
    return best


@micropython.viper
def fold(
    samples: ptr32,  # noqa: F821
    first: int,
    stop: int,
    stride: int,
    gain: int,
    weights: ptr8,  # noqa: F821
    at: int,
    folded: ptr32,  # noqa: F821
) -> int:
    a1 = (int(weights[at]) ^ 128) - 128
    a2 = (int(weights[at + 1]) ^ 128) - 128
    a3 = (int(weights[at + 2]) ^ 128) - 128
    a4 = (int(weights[at + 3]) ^ 128) - 128
    y1 = y2 = y3 = y4 = 0
    total = 0
    place = first + stride
    begin = place
    while place < stop:
        y = int(samples[place]) - int(samples[place - stride])
        if gain:
            y -= (gain * (int(samples[place - 1]) - int(samples[place - 1 - stride])) + 4) >> 3
        r = y - ((a1 * y1 + a2 * y2 + a3 * y3 + a4 * y4 + 8) >> 4)
        y4 = y3
        y3 = y2
        y2 = y1
        y1 = y
        if place == begin:
            r = y2 = y3 = y4 = y
        u = (r << 1) ^ (r >> 31)
        folded[place] = u
        if u > 0x1FFFFF:
            u = 0x1FFFFF
        total += u
        place += stride
    return total


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
    at = int(state[0])
    held = int(state[1])
    count = int(state[2])
    last = int(state[3])
    free = ((last + 1 - at) << 3) - count
    down = 0
    place = channels + 0
    while place < stop:
        need = 0
        channel = 0
        while channel < channels:
            bits = int(shifts[channel])
            quotient = int(folded[place + channel]) >> bits
            need += quotient + 1 + bits
            if quotient >= _ESCAPE:
                need += _ESCAPE + 32 - quotient - bits
            channel += 1
        if need > free:
            break
        free -= need
        channel = 0
        while channel < channels:
            bits = int(shifts[channel])
            u = int(folded[place + channel])
            quotient = u >> bits
            if quotient >= _ESCAPE:
                quotient = _ESCAPE
                held = (held << 16) | (u >> 16)
                count += 16
                while count >= 8:
                    count -= 8
                    out[at] = held >> count
                    at += 1
                held &= 255
                bits = 16
            down += quotient
            byte = last - (down >> 3)
            out[byte] = int(out[byte]) | (1 << (down & 7))
            down += 1
            held = (held << bits) | (u & ((1 << bits) - 1))
            count += bits
            while count >= 8:
                count -= 8
                out[at] = held >> count
                at += 1
            held &= 255
            channel += 1
        place += channels
    if count:
        out[at] = int(out[at]) | (held << (8 - count))
    state[4] = last + 1 - ((down + 7) >> 3)
    state[5] = free >> 3
    return place // channels


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


@micropython.viper
def take_words(samples: ptr32, at: int, source: ptr32, first: int, count: int, offset: int):  # noqa: F821
    index = 0
    while index < count:
        value = ((int(source[first + index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        samples[at + index] = value + offset
        index += 1


@micropython.viper
def take_halves(samples: ptr32, at: int, source: ptr16, first: int, count: int, offset: int):  # noqa: F821
    index = 0
    while index < count:
        samples[at + index] = (int(source[first + index]) ^ 0x8000) - 0x8000 + offset
        index += 1


@micropython.viper
def clear(out: ptr8, start: int, stop: int):  # noqa: F821
    place = start + 0
    while place < stop:
        out[place] = 0
        place += 1
