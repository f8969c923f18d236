"""Reference kernels of `dsp.block_encoder`, and what CPython runs; `dsp.block_viper` must agree.

`samples` are unsigned, step by step, channels in turn: a channel's begin at `first`, come every `stride`
and end before `stop`. Its difference is d, that of the channel before it D; mixed, y = d - ((gain * D +
4) >> 3). `weights` are the bytes of a table of predictors, `at` the place of a predictor's first.
"""

ESCAPE = 24
HEAVIEST = 0x1FFFFF
"""What a folded residual counts at most in a sum, which then keeps within 30 bits."""


def size(samples, first, stop, stride):
    """All bits that the sizes of the differences have, at least two steps."""
    bits = 0
    for place in range(first + stride, stop, stride):
        difference = samples[place] - samples[place - stride]
        bits |= difference ^ (difference >> 31)
    return bits


def mixed_size(samples, first, stop, stride, gain):
    """The same of mixed differences."""
    bits = 0
    for place in range(first + stride, stop, stride):
        y = samples[place] - samples[place - stride]
        y -= (gain * (samples[place - 1] - samples[place - 1 - stride]) + 4) >> 3
        bits |= y ^ (y >> 31)
    return bits


def best_gain(samples, first, stop, stride, weights, at, shift):
    """Gain on the channel before, in eighths: least squares after a predictor; at most 128 steps.

    Differences are halved `shift` times, to 8 bits.
    """
    a1 = (weights[at] ^ 128) - 128
    a2 = (weights[at + 1] ^ 128) - 128
    a3 = (weights[at + 2] ^ 128) - 128
    a4 = (weights[at + 3] ^ 128) - 128
    d1 = d2 = d3 = d4 = e1 = e2 = e3 = e4 = 0
    product = square = 0
    for place in range(first + stride, stop, stride):
        d = (samples[place] - samples[place - stride]) >> shift
        e = (samples[place - 1] - samples[place - 1 - stride]) >> shift
        if place == first + stride:
            d1 = d2 = d3 = d4 = d
            e1 = e2 = e3 = e4 = e
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
    while square > 0x3FFFFFF or product > 0x3FFFFFF or product < -0x3FFFFFF:
        square >>= 1
        product >>= 1
    if square <= 0:
        return 0
    if product < 0:
        return max(-((square - 16 * product) // (2 * square)), -32)
    return min((square + 16 * product) // (2 * square), 31)


def lags(samples, first, stop, stride, gain, shift, sums):
    """Sums of products of mixed differences 0 to 4 steps apart, ends tapered; at most 128 steps.

    They are halved `shift` times, to 11 bits.
    """
    s0 = s1 = s2 = s3 = s4 = y1 = y2 = y3 = y4 = 0
    rising = first + 8 * stride
    falling = stop - 8 * stride
    eighths = 1
    for place in range(first + stride, stop, stride):
        y = samples[place] - samples[place - stride]
        if gain:
            y -= (gain * (samples[place - 1] - samples[place - 1 - stride]) + 4) >> 3
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
    sums[0] = s0
    sums[1] = s1
    sums[2] = s2
    sums[3] = s3
    sums[4] = s4


def pick(sums, energies, count):
    """Which of `count` predictors leaves least energy of what has these `lags`.

    `energies`: five factors a predictor, by which its energy is the sum of the lags times these.
    """
    shift = 0
    while sums[0] >> shift > 0x7FFFFFF:
        shift += 1
    best = 0
    least = 0x3FFFFFFF
    for number in range(count):
        energy = low = 0
        for lag in range(5):
            part = sums[lag] >> shift
            energy += (part >> 14) * energies[5 * number + lag]
            low += (part & 16383) * energies[5 * number + lag]
        energy += low >> 14
        if energy < least:
            least = energy
            best = number
    return best


def fold(samples, first, folded, stop, stride, gain, weights, at):
    """Folded residuals of a channel, each at its sample's place; gives their sum, cut to `HEAVIEST` each."""
    a1 = (weights[at] ^ 128) - 128
    a2 = (weights[at + 1] ^ 128) - 128
    a3 = (weights[at + 2] ^ 128) - 128
    a4 = (weights[at + 3] ^ 128) - 128
    y1 = y2 = y3 = y4 = total = 0
    for place in range(first + stride, stop, stride):
        y = samples[place] - samples[place - stride]
        if gain:
            y -= (gain * (samples[place - 1] - samples[place - 1 - stride]) + 4) >> 3
        r = y - ((a1 * y1 + a2 * y2 + a3 * y3 + a4 * y4 + 8) >> 4)
        y4 = y3
        y3 = y2
        y2 = y1
        y1 = y
        if place == first + stride:
            r = y2 = y3 = y4 = y
        u = (r << 1) ^ (r >> 31)
        folded[place] = u
        total += min(u, HEAVIEST)
    return total


def halvings(bits, most_bits):
    """How often a number is halved until it has at most so many bits."""
    count = 0
    while bits >> count >= 1 << most_bits:
        count += 1
    return count


def shift_for(total, count):
    """Bits of a remainder that cost least for `count` folded residuals of this sum, if geometric."""
    total += count >> 1
    shift = 0
    while shift < 20 and (total > 3 * count or 32 * total > 66 * count):
        total >>= 1
        shift += 1
    return shift


def put(out, state, value, bits):
    """The low `bits` bits (at most 18) of `value`, upwards from byte state[0]; of the byte begun,
    state[1] holds state[2] bits."""
    held = (state[1] << bits) | (value & ((1 << bits) - 1))
    count = state[2] + bits
    at = state[0]
    while count >= 8:
        count -= 8
        out[at] = (held >> count) & 255
        at += 1
    state[0] = at
    state[1] = held & ((1 << count) - 1)
    state[2] = count


def write(out, folded, shifts, channels, stop, state):
    """Remainders upwards as `put` does, quotients downwards from byte state[3], until a step does not fit.

    `stop`: end of the places in `folded`, whose first step is skipped; bytes from state[0] to state[3] must
    be zero. Gives the steps that fitted, the skipped one too. Then all bits upwards are written, byte
    state[4] is the lowest of those downwards, and state[5] whole bytes between the two are free.
    """
    at = state[0]
    held = state[1]
    count = state[2]
    last = state[3]
    free = ((last + 1 - at) << 3) - count
    down = 0
    place = channels
    while place < stop:
        need = 0
        for channel in range(channels):
            quotient = folded[place + channel] >> shifts[channel]
            need += ESCAPE + 33 if quotient >= ESCAPE else quotient + 1 + shifts[channel]
        if need > free:
            break
        free -= need
        for channel in range(channels):
            bits = shifts[channel]
            u = folded[place + channel]
            quotient = u >> bits
            if quotient >= ESCAPE:
                quotient = ESCAPE
                held = (held << 16) | (u >> 16)
                count += 16
                while count >= 8:
                    count -= 8
                    out[at] = (held >> count) & 255
                    at += 1
                held &= 255
                bits = 16
            down += quotient
            out[last - (down >> 3)] |= 1 << (down & 7)
            down += 1
            held = (held << bits) | (u & ((1 << bits) - 1))
            count += bits
            while count >= 8:
                count -= 8
                out[at] = (held >> count) & 255
                at += 1
            held &= 255
        place += channels
    if count:
        out[at] |= (held << (8 - count)) & 255
    state[4] = last + 1 - ((down + 7) >> 3)
    state[5] = free >> 3
    return place // channels


def close_gap(out, lowest, stop, gap):
    """Move the bytes from `lowest` to `stop` down by `gap`, over zeros and a byte that is shared."""
    for place in range(lowest, stop):
        value = out[place]
        out[place] = 0
        out[place - gap] |= value


def pack(out, samples, count, bits, flip, start):
    """`count` samples of `bits` bits, those of `flip` turned over, upwards from byte `start`; the end."""
    held = filled = 0
    for place in range(count):
        held = (held << bits) | (samples[place] ^ flip)
        filled += bits
        while filled >= 8:
            filled -= 8
            out[start] = (held >> filled) & 255
            start += 1
        held &= 255
    if filled:
        out[start] = (held << (8 - filled)) & 255
        start += 1
    return start
