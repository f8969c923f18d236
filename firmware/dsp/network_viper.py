"""Fast kernel of the rate scores: the same results as `dsp.network_plain`, tested against it."""

import micropython


@micropython.viper
def _gather(inputs: ptr32, spectra: ptr16, taps: ptr16, tap_count: int, place: int) -> int:
    total = 0
    for _ in range(tap_count):
        at = ((place * int(taps[0])) >> 1) + (int(taps[1]) ^ 0x8000) - 0x8000
        last = int(taps[2])
        if at > last:
            at = last
        value = (int(spectra[at]) ^ 0x8000) - 0x8000
        inputs[0] = value
        total += value
        inputs = ptr32(int(inputs) + 4)
        taps = ptr16(int(taps) + 6)
    return total


@micropython.viper
def score_bins(
    inputs: ptr32,
    weights: ptr8,
    spectra: ptr16,
    taps: ptr16,
    tap_count: int,
    level: int,
    first_bin: int,
    bins: int,
    bias: ptr32,
    mix: ptr16,
    shift: int,
    hidden: int,
    out: ptr32,
):
    # Sums are right modulo 2^32, whatever the loads make of a sign: weights count as 128 more than they are,
    # and what that adds is taken off once a bin. The first two parameters are in registers: they go along.
    first_input = int(inputs)
    first_weight = int(weights)
    stop = first_input + 4 * (tap_count + 3)
    for index in range(bins):
        place = first_bin + index
        inputs = ptr32(first_input)
        position = ((place - 85) << 11) // 58
        inputs[tap_count] = level
        inputs[tap_count + 1] = position
        inputs[tap_count + 2] = (position * position) >> 11
        excess = level + position + ((position * position) >> 11)
        excess += int(_gather(inputs, spectra, taps, tap_count, place))
        score = 0
        weights = ptr8(first_weight)
        for unit in range(hidden):
            total = int(bias[unit]) - (excess << 7)
            inputs = ptr32(first_input)
            while int(inputs) + 24 < stop:
                total += int(inputs[0]) * (int(weights[0]) ^ 0x80) + int(inputs[1]) * (int(weights[1]) ^ 0x80)
                total += int(inputs[2]) * (int(weights[2]) ^ 0x80) + int(inputs[3]) * (int(weights[3]) ^ 0x80)
                total += int(inputs[4]) * (int(weights[4]) ^ 0x80) + int(inputs[5]) * (int(weights[5]) ^ 0x80)
                total += int(inputs[6]) * (int(weights[6]) ^ 0x80)
                inputs = ptr32(int(inputs) + 28)
                weights = ptr8(int(weights) + 7)
            while int(inputs) < stop:
                total += int(inputs[0]) * (int(weights[0]) ^ 0x80)
                inputs = ptr32(int(inputs) + 4)
                weights = ptr8(int(weights) + 1)
            total = (((total & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000) >> 8
            if total > 0:
                if total > 65535:
                    total = 65535
                score += total * ((int(mix[unit]) ^ 0x8000) - 0x8000)
        score >>= shift
        if score > 0x80000:
            score = 0x80000
        elif score < -0x80000:
            score = -0x80000
        out[index] = score
