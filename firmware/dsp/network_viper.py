"""Fast kernel of the rate scores: the same results as `dsp.network_plain`, tested against it."""

import micropython


@micropython.viper
def score_bins(
    spectra: ptr16,  # noqa: F821
    taps: ptr16,  # noqa: F821
    tap_count: int,
    level: int,
    first_bin: int,
    bins: int,
    weights: ptr8,  # noqa: F821
    bias: ptr32,  # noqa: F821
    mix: ptr16,  # noqa: F821
    shift: int,
    hidden: int,
    inputs: ptr32,  # noqa: F821
    out: ptr32,  # noqa: F821
):
    width = tap_count + 3
    for index in range(bins):
        place = first_bin + index
        for tap in range(tap_count):
            at = ((place * int(taps[2 * tap])) >> 1) + (int(taps[2 * tap + 1]) ^ 0x8000) - 0x8000
            inputs[tap] = int(spectra[at]) ^ 0x8000
        position = ((place - 85) << 11) // 58
        inputs[tap_count] = level + 0x8000
        inputs[tap_count + 1] = position + 0x8000
        inputs[tap_count + 2] = ((position * position) >> 11) + 0x8000
        score = 0
        for unit in range(hidden):
            total = ((int(bias[unit]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
            at = unit * width
            for column in range(width):
                total += (int(inputs[column]) - 0x8000) * ((int(weights[at]) ^ 0x80) - 0x80)
                at += 1
            if total > 0:
                total >>= 8
                if total > 65535:
                    total = 65535
                score += total * ((int(mix[unit]) ^ 0x8000) - 0x8000)
        score >>= shift
        if score > 0x80000:
            score = 0x80000
        elif score < -0x80000:
            score = -0x80000
        out[index] = score
