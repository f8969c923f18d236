"""Reference kernel of the rate scores, and what CPython runs; `dsp.network_viper` must agree."""

_LIMIT = 1 << 19


def score_bins(
    inputs, weights, spectra, taps, tap_count, level, first_bin, bins, bias, mix, shift, hidden, out
):
    """Score of each bin in 1/256 nat; `inputs`: scratch for tap_count + 3 values.

    `taps`: triples of half-bins a bin, offset in `spectra`, last place there. Sums of int16 x int8 over 28
    inputs stay below 2^28; a hidden value is cut to 16 bits before it meets its 11-bit weight.
    """
    width = tap_count + 3
    for index in range(bins):
        place = first_bin + index
        for tap in range(tap_count):
            at = ((place * taps[3 * tap]) >> 1) + taps[3 * tap + 1]
            inputs[tap] = spectra[min(at, taps[3 * tap + 2])]
        position = ((place - 85) << 11) // 58
        inputs[tap_count] = level
        inputs[tap_count + 1] = position
        inputs[tap_count + 2] = (position * position) >> 11
        score = 0
        for unit in range(hidden):
            total = bias[unit]
            start = unit * width
            for column in range(width):
                total += inputs[column] * weights[start + column]
            if total > 0:
                score += min(total >> 8, 65535) * mix[unit]
        out[index] = min(max(score >> shift, -_LIMIT), _LIMIT)
