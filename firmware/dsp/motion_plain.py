"""Reference kernels of `dsp.motion`, and what CPython runs; `dsp.motion_viper` must agree."""

from dsp.fixed import isqrt

_JERK_LIMIT = 1 << 28
"""Where the jerk sum stops growing, far above 2 s of anything a wrist does."""


def front(samples, count, state, magnitude):
    """Magnitude at 12.5 Hz and jerk of `count` samples; `state` as in `dsp.motion`; number of outputs."""
    outputs = 0
    weight, total, jerk = state[3], state[4], state[5]
    for index in range(count):
        x = samples[3 * index] >> 2
        y = samples[3 * index + 1] >> 2
        z = samples[3 * index + 2] >> 2
        if state[6] and jerk < _JERK_LIMIT:
            jerk += (abs(x - state[0]) + abs(y - state[1]) + abs(z - state[2])) >> 1
        state[0], state[1], state[2], state[6] = x, y, z, 1
        size = isqrt(x * x + y * y + z * z)
        need = 52 - weight
        if need > 25:
            weight += 25
            total += 25 * size
        else:
            magnitude[outputs] = (total + need * size) // 104
            outputs += 1
            weight = 25 - need
            total = weight * size
    state[3], state[4], state[5] = weight, total, jerk
    return outputs
