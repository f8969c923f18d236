"""Runs every kernel of one kind over the same pseudo-random and extreme inputs, on either runtime.

As a script under MicroPython: `micropython kernel_cases.py viper|plain` prints one line a case with a
checksum of all that the kernel wrote and returned.
"""

import sys
from array import array

_STATE = [12345]


def noise():
    """Next of a fixed sequence of 31-bit numbers (the minimal standard generator without overflow)."""
    _STATE[0] = (_STATE[0] * 1103 + 12345) % 2147483
    return _STATE[0]


def signed(bits):
    return noise() % (2 << bits) - (1 << bits)


def values(kind, count, shape, bits):
    """Array of a shape within `bits` bits and a sign: noise, zero, full, square, step, alternating."""
    high = (1 << bits) - 1
    out = array(kind, bytes((4 if kind == "i" else 2) * count))
    for i in range(count):
        if shape == "noise":
            out[i] = signed(bits - 1)
        elif shape == "full":
            out[i] = high
        elif shape == "low":
            out[i] = -high
        elif shape == "square":
            out[i] = high if i // 12 % 2 else -high
        elif shape == "step":
            out[i] = high if i > count // 2 else -high
        elif shape == "alternating":
            out[i] = high if i % 2 else -high
        elif shape == "small":
            out[i] = signed(2)
    return out


SHAPES = ("noise", "zero", "full", "low", "square", "step", "alternating", "small")


def counts_of(count, shape):
    """18-bit counts of a shape."""
    out = values("i", count, shape, 17)
    for i in range(count):
        out[i] = min(out[i] + 131072, 262143)
    return out


def checksum(*parts):
    total = 0
    for part in parts:
        for value in part if isinstance(part, array) else (part,):
            total = (total * 31 + (value & 0xFFFFFF) + 7 + (value < 0)) % 8388593
    return total


def spectrum_cases(k, tables):
    quarter = array("h", tables.QUARTER_SINE_Q13)
    taper = array("h", tables.HEART_TAPER_Q12)
    tilt = array("h", tables.TILT_Q8)
    for shape in SHAPES:
        for other in ("noise", shape):
            real, imaginary = array("i", bytes(2048)), array("i", bytes(2048))
            a, b = values("h", 100, shape, 11), values("h", 100, other, 11)
            k.load_pair(a, b, 100, taper, real, imaginary, 9, 4)
            halvings = k.transform(9, 4, real, imaginary, quarter)
            bits = k.peak_bits(real, imaginary, 512, 240)
            down = max(0, bits - 13)
            first, second, total, shares = (array("i", bytes(960)) for _ in range(4))
            k.pair_powers(real, imaginary, 512, 240, down, first, second)
            # What others left there, negative too, is not kept.
            for i in range(240):
                total[i] = -1 - i
            k.add_powers(real, imaginary, 512, 240, down, 31, total)
            k.add_powers(real, imaginary, 512, 240, down + 1, 2, total)
            mean = k.band_mean(first, 14, 240)
            k.add_shares(first, 240, 7, 300, shares, 0)
            k.add_shares(second, 240, 16, 512, shares, 1)
            k.add_shares(second, 240, -12, 257, shares, 1)
            levels = array("h", bytes(1440))
            k.log_levels(shares, 240, 24, tilt, 14, levels, 240)
            k.blend(levels, 240, levels, 480, 240, 1)
            k.blend(levels, 240, levels, 0, 240, 0)
            yield (
                "spectrum " + shape,
                checksum(halvings, bits, real, imaginary, first, second, total, shares, mean, levels),
            )
            real, imaginary = array("i", bytes(2048)), array("i", bytes(2048))
            k.load_pair(a, b, 100, taper, real, imaginary, 9, 1)
            yield (
                "all stages " + shape,
                checksum(k.transform(9, 1, real, imaginary, quarter), real, imaginary),
            )


def canceller_cases(k, tables):
    for shape in SHAPES:
        axis, counts = array("h", bytes(200)), array("i", bytes(400))
        k.halve(values("h", 200, shape, 15), 100, axis)
        k.halve_counts(counts_of(200, shape), 100, counts)
        peaks = checksum(axis, counts, k.peak_step(axis, 100), k.peak_step_of_counts(counts, 100))
        out, other = array("h", bytes(200)), array("h", bytes(200))
        k.differences(axis, 100, -5, out)
        k.differences(axis, 100, -6, axis)
        k.differences_of_counts(counts, 100, -10, other)
        fast = values("h", 100, shape, 11)
        rows, rest = array("h", bytes(2 * 12 * 112)), array("h", bytes(2 * 112))
        for row in range(12):
            k.fill_row(fast if row % 3 else out, 100, row // 3, rows, row, 112, 170, row)
        for i in range(100):
            rest[i] = other[i]
        for row in range(12):
            k.remove_row(rows, rows, row, row + 1, 12, 112)
            k.remove_row(rows, rest, row, 0, 1, 112)
        yield "canceller " + shape, checksum(axis, out, other, k.squares(fast, 100), rows, rest, peaks)


def network_cases(k, fitted, taps):
    for shape in SHAPES:
        spectra = values("h", 1200, shape, 13)
        out, inputs = array("i", bytes(468)), array("i", bytes(4 * (len(taps) // 3 + 3)))
        weights, bias = array("b", fitted.HEART_W1), array("i", fitted.HEART_B1)
        mix = array("h", fitted.HEART_W2)
        for level in (-2600, 0, 1024):
            k.score_bins(
                inputs, weights, spectra, taps, len(taps) // 3, level, 27, 117, bias, mix,
                fitted.HEART_SHIFT, fitted.HEART_HIDDEN, out,
            )  # fmt: skip
            yield "network " + shape, checksum(out)


def tracker_cases(k, tables):
    kernel, wide = array("h", tables.HEART_STATE_KERNEL_Q14), array("h", tables.HEART_READING_KERNEL_Q14)
    powers = array("h", tables.POWERS_OF_TWO_Q14)
    for shape in SHAPES:
        state, target = array("i", bytes(468)), array("i", bytes(468))
        for i in range(117):
            state[i] = (1 << 28) // 117 if shape != "small" else 0
        if shape == "small":
            state[116] = 1 << 28
        scores = values("i", 117, shape, 19)
        for half in (kernel, wide):
            k.spread(state, half, 117, len(half) // 2, target)
            k.mix(target, 117, 16382, 280)
            k.weigh(target, 117, scores, 259, powers)
            total = k.normalise(target, 117)
            yield "tracker " + shape, checksum(target, total, k.top(target, 117), k.top(scores, 117))


def pulse_cases(k, tables):
    for shape in SHAPES:
        counts = counts_of(200, shape)
        level, slope = array("i", bytes(800)), array("i", bytes(800))
        for sign in (1, -1):
            k.slopes(counts, 200, sign, level, slope)
            peaks = k.next_peak(slope, 13, 190, 1), k.next_peak(slope, 50, 190, 100000)
            best = k.largest(slope, 20, 190), k.largest(level, 0, 200)
            cubes = k.sum_of_cubes(slope, 150, 200)
            yield "slopes " + shape, checksum(level, slope, cubes, *(peaks + best))
        steps = k.sum_of_steps(counts, 0, 200, 1), k.sum_of_steps(counts, 3, 200, 2)
        steps += k.total_of(counts, 0, 200), k.span_of(counts, 5, 60)
        free, other, sums = array("i", bytes(1600)), array("i", bytes(1600)), array("i", bytes(12))
        number = k.free_slopes(counts, 200, free)
        k.free_slopes(counts_of(200, "noise"), 200, other)
        for up, down in ((0, 0), (0, 7), (0, 9), (8, 0)):
            k.products(free, other, 31, 56, up, down, sums)
            ratio = k.slope_ratio_q13(sums)
            k.products(free, free, 0, 25, up, down, sums)
            yield (
                "ratio " + shape,
                checksum(
                    free, other, sums, ratio, k.slope_ratio_q13(sums), k.mean_size(free, number), *steps
                ),
            )


def respiration_cases(k, tables):
    for shape in SHAPES:
        ring, work, out = values("i", 128, shape, 20), array("i", bytes(512)), array("h", bytes(256))
        k.straightened(ring, 77, work, out)
        power, scores, weighted = array("i", bytes(400)), array("i", bytes(264)), array("i", bytes(400))
        for i in range(100):
            power[i] = abs(ring[i]) << 9 if shape == "full" else abs(ring[i]) << 8
        k.add_scores(power, weighted, scores)
        k.add_scores(power, weighted, scores)
        yield "respiration " + shape, checksum(work, out, scores)


def ring_cases(k, tables):
    for shape in SHAPES:
        ring, out = array("i", bytes(4 * 96)), array("i", bytes(4 * 30))
        samples = values("i", 60, shape, 20)
        place = k.push_counts(samples, 60, ring, 0, 96)
        place = k.push_counts(samples, 60, ring, place, 96)
        k.take_channel(ring, 96, place, 3, 1, 30, out)
        axes, axis = array("h", bytes(2 * 96)), array("h", bytes(2 * 24))
        moved = k.push_axes(values("h", 75, shape, 15), 75, axes, 0, 96)
        moved = k.push_axes(values("h", 75, "noise", 15), 75, axes, moved, 96)
        k.resample_axis(axes, 96, moved, 2, 32, 68157, 24, axis)
        held = checksum(axis)
        k.resample_axis(axes, 96, moved, 0, 5, 65000, 24, axis)
        yield "rings " + shape, checksum(ring, out, axes, axis, held, place, moved)


def motion_cases(k, tables):
    for shape in SHAPES:
        for sample_units, output_units in ((25, 52), (1, 2), (25, 24), (12500, 31999)):
            state, magnitude = array("i", bytes(4 * 12)), array("h", bytes(2 * 40))
            state[10] = sample_units
            state[11] = output_units
            made = k.front(values("h", 75, shape, 15), 25, state, magnitude)
            made += k.front(values("h", 75, "noise", 15), 25, state, magnitude)
            yield "motion " + shape + " " + str(output_units), checksum(state, magnitude, made)


def step_cases(k, tables):
    for shape in SHAPES:
        yield "steps " + shape, checksum(k.autocorrelation(values("h", 75, shape, 8), 75, 4, 19))


_WEIGHTS = bytes((0, 0, 0, 0, 16, 0, 0, 0, 45, 207, 25, 251, 244, 247, 252, 254))
"""Four predictors, the boldest of the tables among them, and the factors of their energies."""
_ENERGIES = (
    256,
    0,
    0,
    0,
    0,
    512,
    -512,
    0,
    0,
    0,
    5332,
    -8550,
    4308,
    -1250,
    160,
    501,
    688,
    420,
    176,
    64,
)


def block_cases(k, tables):
    for shape in SHAPES:
        samples = counts_of(3 * 128, shape)
        samples[0] = 262143
        for channel, gain in ((0, 0), (1, 31), (2, -32), (2, 5)):
            sums, folded, out = array("i", bytes(20)), array("i", bytes(4 * 3 * 128)), bytearray(240)
            fitted = array("i", (8, 7, 1, 12, 7, 1, 8, 7, 1))
            for stop in (6, 384):
                if channel:
                    k.gain_sums(samples, channel, stop, 3, fitted, _WEIGHTS, sums)
                    k.pick_gain(sums, channel, fitted)
            choices = array("i", (8, 0, 0, 12, gain, 0, 0, gain, 0))
            for stop in (6, 30, 384):
                k.lags(samples, channel, stop, 3, choices, sums)
                folded[stop - 6] += checksum(sums)
            k.pick(array("h", _ENERGIES), 4, channel, sums, choices)
            k.fold(samples, channel, folded, 384, 3, choices, _WEIGHTS)
            held = checksum(sums, fitted, choices, folded)
            for other in range(3):
                k.fold(samples, other, folded, 384, 3, choices, _WEIGHTS)
            choices[3 * channel + 2] = max(choices[3 * channel + 2] - 4, 0)
            state = array("i", bytes(20))
            k.open_body(out, 5, samples, choices, 3, 18, 1 << 17, state)
            opened = checksum(state)
            steps = k.write(choices, folded, 3, 3 * (12 if shape == "small" else 128), out, 240, state)
            k.close_gap(out, state[0], 240, state[1])
            written = checksum(choices, folded, state, array("b", out))
            for place in range(5, 240):
                out[place] = 0
            end = k.pack(out, samples, 104, 18, 1 << 17, 5)
            yield (
                "block " + shape + " " + str(channel),
                checksum(held, opened, steps, written, array("b", out), end),
            )


def block_move_cases(k, tables):
    for shape in SHAPES:
        samples, halves = counts_of(120, shape), values("h", 30, shape, 15)
        k.take_words(samples, samples, 60, 0, 3, 0)
        k.take_halves(samples, halves, 27, 66, 3, 1 << 15)
        k.take_words(samples, values("i", 9, shape, 17), 8, 100, 1, 1 << 17)
        out = bytearray(b"\x5a" * 40)
        for start, stop in ((1, 2), (5, 30), (33, 33), (35, 39)):
            k.clear(out, start, stop)
        yield "block moves " + shape, checksum(samples, array("b", out))


def all_cases(kind):
    """Every case of the kernels of a kind: (name, checksum)."""
    from dsp import fitted, tables
    from dsp.heart_rate import _flat_taps

    return cases_with(tables, fitted, _flat_taps(), kind)


def cases_with(tables, fitted, taps, kind):
    """The same, of given modules: in an image they lie elsewhere."""
    _STATE[0] = 12345
    parts = (
        ("spectrum", spectrum_cases), ("canceller", canceller_cases), ("tracker", tracker_cases),
        ("pulse", pulse_cases), ("respiration", respiration_cases), ("rings", ring_cases),
        ("motion", motion_cases), ("step_kernels", step_cases), ("block", block_cases),
        ("block_moves", block_move_cases),
    )  # fmt: skip
    for part, cases in parts:
        for case in cases(module_of(part, kind), tables):
            yield case
    for case in network_cases(module_of("network", kind), fitted, taps):
        yield case


def module_of(part, kind):
    name = part + "_" + kind
    return getattr(__import__("dsp." + name), name)


if __name__ == "__main__":
    for name, total in all_cases(sys.argv[1]):
        print(name, total)
