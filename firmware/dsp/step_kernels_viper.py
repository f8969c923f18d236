"""Fast kernel of the step counter: the same results as `dsp.step_kernels_plain`, tested against it."""

import micropython


@micropython.viper
def autocorrelation(scaled: ptr16, count: int, first_lag: int, last_lag: int) -> int:
    best = 0 - (1 << 23)
    for lag in range(first_lag, last_lag + 1):
        total = 0
        for index in range(count - lag):
            a = (int(scaled[index]) ^ 0x8000) - 0x8000
            b = (int(scaled[index + lag]) ^ 0x8000) - 0x8000
            total += a * b
        total = int(total * count // (count - lag))
        if total > best:
            best = total
    return best
