"""Fast kernels of `dsp.block_encoder`: the same results as `dsp.block_plain`, tested against it.

Samples, folded residuals, places, shifts and the writer's state are never negative, so their loads need no
sign idiom; gains and sums of products do.

Of a function's variables the first two are in registers and the others on the stack. What stands on the left
of an operator waits there while what is on its right is worked out, unless that is one variable; and whether
a difference is 0 is cheaper to see than which of two is less.
"""

import micropython
from micropython import const

_ESCAPE = const(24)


@micropython.viper
def gain_sums(samples: ptr32, first: int, stop: int, stride: int, choices: ptr32, weights: ptr8, sums: ptr32):
    weights = ptr8(int(weights) + int(choices[3 * first]))
    samples = ptr32(int(samples) + 4 * first - 4)
    step = 4 * stride
    stop = int(samples) + 4 * stop
    a1 = (int(weights[0]) ^ 128) - 128
    a2 = (int(weights[1]) ^ 128) - 128
    a3 = (int(weights[2]) ^ 128) - 128
    a4 = (int(weights[3]) ^ 128) - 128
    other = int(samples[0])
    before = int(samples[1])
    samples = ptr32(int(samples) + step)
    first = int(samples[1]) - before
    g4 = a4 * first
    g3 = a3 * first + g4
    g2 = a2 * first + g3
    g1 = a1 * first + g2
    first = int(samples[0]) - other
    h4 = a4 * first
    h3 = a3 * first + h4
    h2 = a2 * first + h3
    h1 = a1 * first + h2
    product = square = shift = 0
    while int(samples) ^ stop:
        d = (int(samples[1]) - before) >> shift
        before = int(samples[1])
        first = (int(samples[0]) - other) >> shift
        other = int(samples[0])
        while ((d + 256) | (first + 256)) >> 9:
            shift += 1
            d >>= 1
            first >>= 1
            g1 >>= 1
            g2 >>= 1
            g3 >>= 1
            g4 >>= 1
            h1 >>= 1
            h2 >>= 1
            h3 >>= 1
            h4 >>= 1
            product >>= 2
            square >>= 2
        v = first - (h1 >> 4)
        h1 = a1 * first + h2
        h2 = a2 * first + h3
        h3 = a3 * first + h4
        h4 = a4 * first
        first = d - (g1 >> 4)
        product = v * first + product
        first = d + 0
        g1 = a1 * first + g2
        g2 = a2 * first + g3
        g3 = a3 * first + g4
        g4 = a4 * first
        first = v + 0
        square = first * first + square
        samples = ptr32(int(samples) + step)
    sums[0] = square
    sums[1] = product


@micropython.viper
def pick_gain(sums: ptr32, channel: int, choices: ptr32):
    # A product may take all 32 bits, of which the usual signed load keeps 30.
    halves = ptr16(int(sums) + 4)
    product = (((int(halves[1]) ^ 0x8000) - 0x8000) << 16) | int(halves[0])
    square = int(sums[0])
    while square > 0x3FFFFFF or product > 0x3FFFFFF or product < -0x3FFFFFF:
        square >>= 1
        product >>= 1
    if square:
        product = (16 * product + square + (product >> 31)) // (2 * square)
        if product > 31:
            product = 31
        elif product < -32:
            product = -32
    else:
        product = 0
    choices = ptr32(int(choices) + 12 * channel)
    choices[1] = product


@micropython.viper
def lags(samples: ptr32, first: int, stop: int, stride: int, choices: ptr32, sums: ptr32):
    # `first` is the mixed difference, `stop` the end of a run of samples that are tapered alike.
    choices = ptr32(int(choices) + 12 * first)
    gain = ((int(choices[1]) & 63) ^ 32) - 32
    samples = ptr32(int(samples) + 4 * first - 4)
    step = 4 * stride
    end = int(samples) + 4 * stop
    rising = int(samples) + 8 * step
    falling = end - 8 * step
    s0 = s1 = s2 = s3 = s4 = y1 = y2 = y3 = y4 = eighths = 0
    shift = 3
    before = int(samples[1])
    other = 0
    if gain:
        other = int(samples[0])
    samples = ptr32(int(samples) + step)
    while int(samples) ^ end:
        stop = int(samples) + step
        if int(samples) < rising:
            eighths += 1
        elif int(samples) >= falling:
            eighths -= 1
        else:
            eighths = 8
            stop = falling
        while int(samples) ^ stop:
            first = int(samples[1]) - before
            before = int(samples[1])
            if gain:
                first -= ((int(samples[0]) - other) * gain + 4) >> 3
                other = int(samples[0])
            first = eighths * first >> shift
            while (first + 2048) >> 12:
                shift += 1
                first >>= 1
                y1 >>= 1
                y2 >>= 1
                y3 >>= 1
                y4 >>= 1
                s0 >>= 2
                s1 >>= 2
                s2 >>= 2
                s3 >>= 2
                s4 >>= 2
            s0 = first * first + s0
            s1 = y1 * first + s1
            s2 = y2 * first + s2
            s3 = y3 * first + s3
            s4 = y4 * first + s4
            y4 = y3
            y3 = y2
            y2 = y1
            y1 = first
            samples = ptr32(int(samples) + step)
    sums[0] = s0
    sums[1] = s1
    sums[2] = s2
    sums[3] = s3
    sums[4] = s4


@micropython.viper
def pick(energies: ptr16, count: int, channel: int, sums: ptr32, choices: ptr32):
    choices = ptr32(int(choices) + 12 * channel)
    channel = int(sums[0]) & 0x3FFFFFFF
    shift = 0
    while channel >> 16:
        channel >>= 1
        shift += 1
    l0 = channel
    l1 = (((int(sums[1]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> shift
    l2 = (((int(sums[2]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> shift
    l3 = (((int(sums[3]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> shift
    l4 = (((int(sums[4]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> shift
    # A factor whose sign is turned over is 0x8000 too large.
    excess = (l1 + l2 + l3 + l4) << 15
    first = best = int(energies)
    stop = first + 10 * count
    least = 0x3FFFFFFF
    while int(energies) ^ stop:
        # The energy that is left.
        count = (int(energies[1]) ^ 0x8000) * l1 - excess
        count = (int(energies[2]) ^ 0x8000) * l2 + count
        count = (int(energies[3]) ^ 0x8000) * l3 + count
        count = (int(energies[4]) ^ 0x8000) * l4 + count
        count = int(energies[0]) * l0 + count
        if count < least:
            least = count + 0
            best = int(energies)
        energies = ptr16(int(energies) + 10)
    choices[0] = 4 * ((best - first) // 10)


@micropython.viper
def fold(samples: ptr32, first: int, folded: ptr32, stop: int, stride: int, choices: ptr32, weights: ptr8):
    choices = ptr32(int(choices) + 12 * first)
    gain = ((int(choices[1]) & 63) ^ 32) - 32
    weights = ptr8(int(weights) + int(choices[0]))
    apart = int(folded) - int(samples)
    samples = ptr32(int(samples) + 4 * first - 4)
    step = 4 * stride
    count = stop // stride - 1
    stop = int(samples) + 4 * stop
    a1 = (int(weights[0]) ^ 128) - 128
    a2 = (int(weights[1]) ^ 128) - 128
    a3 = (int(weights[2]) ^ 128) - 128
    a4 = (int(weights[3]) ^ 128) - 128
    before = int(samples[1])
    other = 0
    if gain:
        other = int(samples[0])
    samples = ptr32(int(samples) + step)
    first = int(samples[1]) - before
    if gain:
        first -= ((int(samples[0]) - other) * gain + 4) >> 3
    # What the predictor makes of y for the next step, so far for those after; of the first one nothing.
    g1 = 0
    g4 = a4 * first + 8
    g3 = a3 * first + g4
    g2 = a2 * first + g3
    total = count >> 1
    while int(samples) ^ stop:
        first = int(samples[1]) - before
        before = int(samples[1])
        if gain:
            first -= ((int(samples[0]) - other) * gain + 4) >> 3
            other = int(samples[0])
        r = first - (g1 >> 4)
        g1 = a1 * first + g2
        g2 = a2 * first + g3
        g3 = a3 * first + g4
        g4 = a4 * first + 8
        first = (r << 1) ^ (r >> 31)
        folded = ptr32(int(samples) + apart)
        folded[1] = first
        if first >> 21:
            first = 0x1FFFFF
        total = first + total
        samples = ptr32(int(samples) + step)
    first = 0
    count = 33 * count >> 4
    while first < 20 and total > count:
        total >>= 1
        first += 1
    choices[2] = first


@micropython.viper
def open_body(
    out: ptr8, start: int, samples: ptr32, choices: ptr32, channels: int, bits: int, flip: int, state: ptr32
):
    held = 0
    filled = 0
    channel = 0
    at = start + 0
    while channel < 2 * channels:
        if channel < channels:
            held = (held << 10) | (int(choices[0]) << 3) | int(choices[2])
            filled += 10
            if channel:
                held = (held << 6) | (int(choices[1]) & 63)
                filled += 6
            choices = ptr32(int(choices) + 12)
        else:
            held = (held << bits) | (int(samples[0]) ^ flip)
            filled += bits
            samples = ptr32(int(samples) + 4)
        while filled >> 3:
            filled -= 8
            out[at] = held >> filled
            at += 1
        channel += 1
    state[0] = at
    state[1] = held & ((1 << filled) - 1)
    state[2] = filled


@micropython.viper
def write(choices: ptr32, folded: ptr32, channels: int, end: int, out: ptr8, stop: int, state: ptr32) -> int:
    # `stop` is the place of a bit: of the lowest quotient's one. What `held` has above its `filled` bits is
    # of no account: a quotient is taken from it where the whole number is added, of which it is a part.
    first_choice = int(choices)
    last_choice = first_choice + 12 * channels
    begin = int(folded)
    end = begin + 4 * end
    up = ptr8(int(out) + int(state[0]))
    held = int(state[1])
    filled = int(state[2])
    safe = (_ESCAPE + 33) * channels + 8
    stop *= 8
    folded = ptr32(begin + 4 * channels)
    while int(folded) ^ end:
        choices = ptr32(first_choice)
        free = stop - ((int(up) - int(out)) << 3)
        if free < safe:
            free -= filled
            while int(choices) ^ last_choice:
                bits = int(choices[2])
                quotient = int(folded[0]) >> bits
                free -= quotient + 1 + bits
                if quotient >= _ESCAPE:
                    free += quotient + bits - _ESCAPE - 32
                folded = ptr32(int(folded) + 4)
                choices = ptr32(int(choices) + 12)
            folded = ptr32(int(folded) - 4 * channels)
            choices = ptr32(first_choice)
            if free < 0:
                break
        while int(choices) ^ last_choice:
            bits = int(choices[2])
            quotient = int(folded[0]) >> bits
            if quotient >> 3 and quotient >= _ESCAPE:
                quotient = int(folded[0]) >> 16
                held = (held << 16) | quotient
                up[0] = held >> filled + 8
                up[1] = held >> filled
                up = ptr8(int(up) + 2)
                bits = 16
                stop += quotient - _ESCAPE
            stop = stop - quotient - 1
            down = ptr8(int(out) + (stop >> 3))
            down[0] = int(down[0]) | (128 >> (stop & 7))
            held = ((held - quotient) << bits) + int(folded[0])
            filled += bits
            while filled >> 3:
                filled -= 8
                up[0] = held >> filled
                up = ptr8(int(up) + 1)
            folded = ptr32(int(folded) + 4)
            choices = ptr32(int(choices) + 12)
    if filled:
        up[0] = int(up[0]) | (held << (8 - filled))
    state[0] = stop >> 3
    state[1] = (stop - ((int(up) - int(out)) << 3) - filled) >> 3
    return ((int(folded) - begin) >> 2) // channels


@micropython.viper
def close_gap(out: ptr8, lowest: int, stop: int, gap: int):
    place = lowest + 0
    while place < stop:
        value = int(out[place])
        out[place] = 0
        to = place - gap
        out[to] = int(out[to]) | value
        place += 1


@micropython.viper
def pack(out: ptr8, samples: ptr32, count: int, bits: int, flip: int, start: int) -> int:
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
