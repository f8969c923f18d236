"""Reference kernels of `dsp.respiration`, and what CPython runs; `dsp.respiration_viper` must agree.

Both fixed to 128 values; sum of (2 i - 127)^2 over them = 699008.
"""

from dsp.fixed import log2_q8, shift_to


def straightened(ring, start, work, out):
    """128 values of a ring from `start` on, less their line, clipped at 3 robust deviations, as 11 bits.

    Values below 2^21 in size; centred ones are scaled to 13 bits before the line is fitted.
    """
    total = 0
    for index in range(128):
        total += ring[(start + index) & 127]
    mean = total >> 7
    peak = 0
    for index in range(128):
        value = ring[(start + index) & 127] - mean
        work[index] = value
        peak = max(peak, abs(value))
    up, down = _shifts(12, peak, 12)
    moment = 0
    for index in range(128):
        value = (work[index] << up) >> down
        work[index] = value
        moment += value * (2 * index - 127)
    size = 0
    for index in range(128):
        value = work[index] - ((moment >> 6) * (2 * index - 127)) // 10922
        work[index] = value
        size += abs(value)
    # 3.76 mean sizes are three deviations of normal values.
    limit = (size >> 7) * 15 >> 2
    peak = 0
    for index in range(128):
        value = min(max(work[index], -limit), limit)
        work[index] = value
        peak = max(peak, abs(value))
    up, down = _shifts(11, peak, 10)
    for index in range(128):
        out[index] = (work[index] << up) >> down


def _shifts(bits, peak, most_up):
    up = shift_to(bits, peak, most_up)
    return max(up, 0), max(-up, 0)


def add_scores(power, weighted, scores):
    """Add a series' log spectrum, pre-emphasised and widened, to the 66 scores (1/256 of log2).

    power: bins 0 to 99, below 2^29; weighted: scratch for 100 values.
    """
    total = 0
    for index in range(100):
        factor = max(index, 5)
        value = ((power[index] >> 6) * factor >> 8) * factor
        weighted[index] = value
        if 10 <= index < 96:
            total += value >> 7
    floor = (total // 86 << 7) // 5
    total = 0
    for index in range(100):
        value = max(weighted[index] + floor, 1)
        level = log2_q8(value)
        weighted[index] = level
        if 10 <= index < 96:
            total += level
    mean = total // 86
    for index in range(66):
        place = index + 12
        near = (weighted[place - 1] + 2 * weighted[place] + weighted[place + 1]) >> 2
        scores[index] += near - mean + ((weighted[place - 4] + weighted[place + 4]) >> 1) - mean
