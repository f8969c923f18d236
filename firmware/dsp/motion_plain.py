"""Reference kernels of `dsp.motion`, and what CPython runs; `dsp.motion_viper` must agree."""

from dsp.fixed import isqrt

_JERK_LIMIT = 1 << 28
"""Where the jerk sum stops growing, far above 2 s of anything a wrist does."""


def front(samples, count, state, magnitude):
    """Magnitude at 12.5 Hz, jerk and sums of axes of `count` samples; `state` as in `dsp.motion`.

    The sums of axes are right modulo 2^30, from which 2 s of any wrist are far. Gives the number of outputs.
    """
    outputs = 0
    weight, total, jerk = state[3], state[4], state[5]
    sample_units, output_units = state[10], state[11]
    for index in range(count):
        x = samples[3 * index] >> 2
        y = samples[3 * index + 1] >> 2
        z = samples[3 * index + 2] >> 2
        if state[6] and jerk < _JERK_LIMIT:
            jerk += (abs(x - state[0]) + abs(y - state[1]) + abs(z - state[2])) >> 1
        state[0], state[1], state[2], state[6] = x, y, z, 1
        for axis, value in ((7, x), (8, y), (9, z)):
            state[axis] = (state[axis] + value + (1 << 29) & (1 << 30) - 1) - (1 << 29)
        size = isqrt(x * x + y * y + z * z)
        weight += sample_units
        total += sample_units * size
        while weight >= output_units:
            weight -= output_units
            magnitude[outputs] = (total - weight * size) // (2 * output_units)
            outputs += 1
            total = weight * size
    state[3], state[4], state[5] = weight, total, jerk
    return outputs
