"""Fast kernels of `dsp.motion`: the same results as `dsp.motion_plain`, tested against it.

`ptr16` and `ptr32` loads are unsigned on 64-bit ports, hence the sign idiom `(v ^ S) - S`.
"""

import micropython


@micropython.viper
def front(samples: ptr16, count: int, state: ptr32, magnitude: ptr16) -> int:
    outputs = 0
    weight = int(state[3])
    total = int(state[4])
    jerk = int(state[5])
    started = int(state[6])
    last_x = ((int(state[0]) & 0xFFFF) ^ 0x8000) - 0x8000
    last_y = ((int(state[1]) & 0xFFFF) ^ 0x8000) - 0x8000
    last_z = ((int(state[2]) & 0xFFFF) ^ 0x8000) - 0x8000
    sum_x = int(state[7])
    sum_y = int(state[8])
    sum_z = int(state[9])
    sample_units = int(state[10])
    output_units = int(state[11])
    for index in range(count):
        x = ((int(samples[3 * index]) ^ 0x8000) - 0x8000) >> 2
        y = ((int(samples[3 * index + 1]) ^ 0x8000) - 0x8000) >> 2
        z = ((int(samples[3 * index + 2]) ^ 0x8000) - 0x8000) >> 2
        if started and jerk < 0x10000000:
            dx = x - last_x if x > last_x else last_x - x
            dy = y - last_y if y > last_y else last_y - y
            dz = z - last_z if z > last_z else last_z - z
            jerk += (dx + dy + dz) >> 1
        last_x = x
        last_y = y
        last_z = z
        started = 1
        sum_x += x
        sum_y += y
        sum_z += z
        value = x * x + y * y + z * z
        size = 0
        bit = 1 << 26
        while bit:
            trial = size + bit
            size >>= 1
            if value >= trial:
                value -= trial
                size += bit
            bit >>= 2
        weight += sample_units
        total += sample_units * size
        while weight >= output_units:
            weight -= output_units
            magnitude[outputs] = int((total - weight * size) // (2 * output_units))
            outputs += 1
            total = weight * size
    state[0] = last_x
    state[1] = last_y
    state[2] = last_z
    state[3] = weight
    state[4] = total
    state[5] = jerk
    state[6] = started
    state[7] = ((sum_x & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    state[8] = ((sum_y & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    state[9] = ((sum_z & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
    return outputs
