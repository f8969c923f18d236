"""Fast kernels of `dsp.motion`: the same results as `dsp.motion_plain`, tested against it.

`ptr16` and `ptr32` loads are unsigned on 64-bit ports, hence the sign idiom `(v ^ S) - S`.
"""

import micropython


@micropython.viper
def front(samples: ptr16, count: int, state: ptr32, magnitude: ptr16) -> int:  # noqa: F821
    outputs = 0
    weight = int(state[3])
    total = int(state[4])
    jerk = int(state[5])
    started = int(state[6])
    last_x = ((int(state[0]) & 0xFFFF) ^ 0x8000) - 0x8000
    last_y = ((int(state[1]) & 0xFFFF) ^ 0x8000) - 0x8000
    last_z = ((int(state[2]) & 0xFFFF) ^ 0x8000) - 0x8000
    for index in range(count):
        x = ((int(samples[3 * index]) ^ 0x8000) - 0x8000) >> 2
        y = ((int(samples[3 * index + 1]) ^ 0x8000) - 0x8000) >> 2
        z = ((int(samples[3 * index + 2]) ^ 0x8000) - 0x8000) >> 2
        if started and jerk < 0x10000000:
            dx = x - last_x
            dy = y - last_y
            dz = z - last_z
            if dx < 0:
                dx = 0 - dx
            if dy < 0:
                dy = 0 - dy
            if dz < 0:
                dz = 0 - dz
            jerk += (dx + dy + dz) >> 1
        last_x = x
        last_y = y
        last_z = z
        started = 1
        value = x * x + y * y + z * z
        size = 0
        bit = 1 << 26
        while bit:
            if value >= size + bit:
                value -= size + bit
                size = (size >> 1) + bit
            else:
                size = size >> 1
            bit = bit >> 2
        need = 52 - weight
        if need > 25:
            weight += 25
            total += 25 * size
        else:
            magnitude[outputs] = int((total + need * size) // 104)
            outputs += 1
            weight = 25 - need
            total = weight * size
    state[0] = last_x
    state[1] = last_y
    state[2] = last_z
    state[3] = weight
    state[4] = total
    state[5] = jerk
    state[6] = started
    return outputs
