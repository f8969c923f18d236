"""Reference kernels of `dsp.block_encoder`, and what CPython runs; `dsp.block_viper` must agree.

`samples` are unsigned, step by step, channels in turn: a channel's begin at `first`, come every `stride`
and end before `stop`, a whole number of steps. Its difference is d, that of the channel before it D; mixed,
y = d - ((gain * D + 4) >> 3). `choices` are three words a channel: the place of its predictor's first
weight in `weights`, which are the bytes of a table of predictors; its gain; its shift.
"""

ESCAPE = 24
HEAVIEST = 0x1FFFFF
"""What a folded residual counts at most in a sum, which then keeps within 30 bits."""


def gain_sums(samples, first, stop, stride, choices, weights, sums):
    """Sums that a channel's gain is chosen by, of at most 128 steps: sums[0] that of v * v, sums[1] that of
    u * v, where u and v are what the predictor that the channel has leaves of d and of D.

    Differences are halved as often as they need to 8 bits, and with them what came of those before.
    """
    at = choices[3 * first]
    a1 = (weights[at] ^ 128) - 128
    a2 = (weights[at + 1] ^ 128) - 128
    a3 = (weights[at + 2] ^ 128) - 128
    a4 = (weights[at + 3] ^ 128) - 128
    d = samples[first + stride] - samples[first]
    e = samples[first + stride - 1] - samples[first - 1]
    # What the predictor makes of d, and of e, for the next step, so far for those after.
    g4 = a4 * d
    g3 = a3 * d + g4
    g2 = a2 * d + g3
    g1 = a1 * d + g2
    h4 = a4 * e
    h3 = a3 * e + h4
    h2 = a2 * e + h3
    h1 = a1 * e + h2
    product = square = shift = 0
    for place in range(first + stride, stop, stride):
        d = (samples[place] - samples[place - stride]) >> shift
        e = (samples[place - 1] - samples[place - 1 - stride]) >> shift
        while ((d + 256) | (e + 256)) >> 9:
            shift += 1
            d >>= 1
            e >>= 1
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
        u = d - (g1 >> 4)
        v = e - (h1 >> 4)
        product += u * v
        square += v * v
        g1 = a1 * d + g2
        g2 = a2 * d + g3
        g3 = a3 * d + g4
        g4 = a4 * d
        h1 = a1 * e + h2
        h2 = a2 * e + h3
        h3 = a3 * e + h4
        h4 = a4 * e
    sums[0] = square
    sums[1] = product


def pick_gain(sums, channel, choices):
    """Choose a channel's gain, in eighths: least squares by its `gain_sums`."""
    square = sums[0]
    product = sums[1]
    while square > 0x3FFFFFF or product > 0x3FFFFFF or product < -0x3FFFFFF:
        square >>= 1
        product >>= 1
    gain = 0
    if square > 0:
        if product < 0:
            gain = max(-((square - 16 * product) // (2 * square)), -32)
        else:
            gain = min((square + 16 * product) // (2 * square), 31)
    choices[3 * channel + 1] = gain


def lags(samples, first, stop, stride, choices, sums):
    """Sums of products of mixed differences 0 to 4 steps apart, ends tapered; at most 128 steps.

    Differences are halved as often as they need to 11 bits, and with them what came of those before.
    """
    gain = choices[3 * first + 1]
    s0 = s1 = s2 = s3 = s4 = y1 = y2 = y3 = y4 = eighths = 0
    shift = 3
    rising = first + 8 * stride
    falling = stop - 8 * stride
    for place in range(first + stride, stop, stride):
        y = samples[place] - samples[place - stride]
        if gain:
            y -= ((samples[place - 1] - samples[place - 1 - stride]) * gain + 4) >> 3
        if place < rising:
            eighths += 1
        elif place >= falling:
            eighths -= 1
        else:
            eighths = 8
        y = y * eighths >> shift
        while (y + 2048) >> 12:
            shift += 1
            y >>= 1
            y1 >>= 1
            y2 >>= 1
            y3 >>= 1
            y4 >>= 1
            s0 >>= 2
            s1 >>= 2
            s2 >>= 2
            s3 >>= 2
            s4 >>= 2
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


def pick(energies, count, channel, sums, choices):
    """Choose that of `count` predictors for a channel which leaves least energy of what has these `lags`.

    `energies`: five factors a predictor, by which its energy is the sum of the lags times these. Lags are
    halved to 16 bits.
    """
    shift = 0
    while sums[0] >> shift > 0xFFFF:
        shift += 1
    best = 0
    least = 0x3FFFFFFF
    for number in range(count):
        energy = 0
        for lag in range(5):
            energy += (sums[lag] >> shift) * energies[5 * number + lag]
        if energy < least:
            least = energy
            best = number
    choices[3 * channel] = 4 * best


def fold(samples, first, folded, stop, stride, choices, weights):
    """Folded residuals of a channel, each at its sample's place, and the shift for them.

    That is the number of bits of a remainder which cost least for residuals of this sum, if geometric; each
    is cut to `HEAVIEST` in it.
    """
    at = choices[3 * first]
    gain = choices[3 * first + 1]
    a1 = (weights[at] ^ 128) - 128
    a2 = (weights[at + 1] ^ 128) - 128
    a3 = (weights[at + 2] ^ 128) - 128
    a4 = (weights[at + 3] ^ 128) - 128
    y1 = y2 = y3 = y4 = 0
    count = stop // stride - 1
    total = count >> 1
    for place in range(first + stride, stop, stride):
        y = samples[place] - samples[place - stride]
        if gain:
            y -= ((samples[place - 1] - samples[place - 1 - stride]) * gain + 4) >> 3
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
    shift = 0
    while shift < 20 and total > 33 * count >> 4:
        total >>= 1
        shift += 1
    choices[3 * first + 2] = shift


def open_body(out, start, samples, choices, channels, bits, flip, state):
    """Choices and first samples, of `bits` bits with those of `flip` turned over, upwards from byte `start`.

    Then the next byte is state[0], of which state[1] holds the first state[2] bits.
    """
    held = filled = channel = 0
    while channel < 2 * channels:
        if channel < channels:
            held = (held << 10) | (choices[3 * channel] << 3) | choices[3 * channel + 2]
            filled += 10
            if channel:
                held = (held << 6) | (choices[3 * channel + 1] & 63)
                filled += 6
        else:
            held = (held << bits) | (samples[channel - channels] ^ flip)
            filled += bits
        while filled >= 8:
            filled -= 8
            out[start] = (held >> filled) & 255
            start += 1
        held &= 255
        channel += 1
    state[0] = start
    state[1] = held & ((1 << filled) - 1)
    state[2] = filled


def write(choices, folded, channels, end, out, stop, state):
    """Remainders upwards from where `open_body` left off, quotients downwards from before byte `stop`, until
    a step does not fit.

    `end`: end of the places in `folded`, whose first step is skipped; bytes from state[0] to `stop` must be
    zero. Gives the steps that fitted, the skipped one too. Then all bits upwards are written, byte state[0]
    is the lowest of those downwards, and state[1] whole bytes between the two are free.
    """
    at = state[0]
    held = state[1]
    filled = state[2]
    down = 8 * stop
    place = channels
    while place < end:
        need = 0
        for channel in range(channels):
            bits = choices[3 * channel + 2]
            quotient = folded[place + channel] >> bits
            need += ESCAPE + 33 if quotient >= ESCAPE else quotient + 1 + bits
        if need > down - 8 * at - filled:
            break
        for channel in range(channels):
            bits = choices[3 * channel + 2]
            u = folded[place + channel]
            quotient = u >> bits
            if quotient >= ESCAPE:
                quotient = ESCAPE
                held = (held << 16) | (u >> 16)
                out[at] = (held >> filled + 8) & 255
                out[at + 1] = (held >> filled) & 255
                at += 2
                held &= 255
                bits = 16
            down -= quotient + 1
            out[down >> 3] |= 128 >> (down & 7)
            held = (held << bits) | (u & ((1 << bits) - 1))
            filled += bits
            while filled >= 8:
                filled -= 8
                out[at] = (held >> filled) & 255
                at += 1
            held &= 255
        place += channels
    free = down - 8 * at - filled
    if filled:
        out[at] |= (held << (8 - filled)) & 255
    state[0] = down >> 3
    state[1] = free >> 3
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
