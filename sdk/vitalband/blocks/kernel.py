"""The block decoder for numba to compile, block after block; only `vitalband.blocks.compiled` imports it.

In 64-bit signed integers throughout: numba makes floats of mixed signs.
"""

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros
from numpy.typing import NDArray

from bandschema.blocks import ESCAPE, MAX_SHIFT, MAX_STEPS
from bandschema.predictors import ORDER
from vitalband.blocks.heads import ESCAPE_BITS, GAIN_BITS, PREDICTOR_BITS, SHIFT_BITS, BlockFault

Numbers = NDArray[np.int64]
Counts = NDArray[np.int32]

NONE = int(BlockFault.NONE)
WIDE_SHIFT = int(BlockFault.WIDE_SHIFT)
BAD_BITS = int(BlockFault.BAD_BITS)
SAMPLE_OUT_OF_RANGE = int(BlockFault.SAMPLE_OUT_OF_RANGE)
BAD_RAW_LENGTH = int(BlockFault.BAD_RAW_LENGTH)

_QUOTIENT_MASK = (1 << ESCAPE + 1) - 1
_WINDOW_BITS = 57
"""Bits that eight bytes surely hold before any bit of the last one."""


@njit(cache=True)
def _eight(words: Numbers, at: int) -> int:
    """The eight bytes from `at` on, the first one highest."""
    word = words[at]
    word = ((word & 0x00FF00FF00FF00FF) << 8) | ((word >> 8) & 0x00FF00FF00FF00FF)
    word = ((word & 0x0000FFFF0000FFFF) << 16) | ((word >> 16) & 0x0000FFFF0000FFFF)
    return (word << 32) | ((word >> 32) & 0xFFFFFFFF)


@njit(cache=True)
def _up(words: Numbers, place: int, bits: int) -> int:
    """The number of 0-32 `bits` from bit `place` on."""
    word = (_eight(words, place >> 3) >> 1) & 0x7FFFFFFFFFFFFFFF
    return (word >> (63 - (place & 7) - bits)) & ((1 << bits) - 1)


@njit(cache=True)
def _down(words: Numbers, place: int) -> int:
    """The `_WINDOW_BITS` before bit `place`, the last one lowest; what is above them does not count."""
    last = (place - 1) >> 3
    return _eight(words, last - 7) >> (7 - ((place - 1) & 7))


@njit(cache=True)
def _signed32(value: int) -> int:
    return (value << 32) >> 32


@njit(cache=True)
def _choices(words: Numbers, place: int, channels: int, choices: Numbers) -> int:
    """Reads (predictor, shift, gain) of each channel; gives where they end."""
    for channel in range(channels):
        choices[channel, 0] = _up(words, place, PREDICTOR_BITS)
        choices[channel, 1] = _up(words, place + PREDICTOR_BITS, SHIFT_BITS)
        place += PREDICTOR_BITS + SHIFT_BITS
        choices[channel, 2] = 0
        if channel:
            gain = _up(words, place, GAIN_BITS)
            choices[channel, 2] = gain - ((gain & 32) << 1)
            place += GAIN_BITS
    return place


@njit(cache=True)
def _coded(
    words: Numbers,
    place: int,
    stop: int,
    steps: int,
    shape: tuple[int, int, int],
    weights: Counts,
    history: Numbers,
    choices: Numbers,
    out: Counts,
) -> int:
    """One block that is not raw, whose bits are those from `place` to `stop`; gives its fault."""
    channels, sample_bits, lowest = shape
    place = _choices(words, place, channels, choices)
    for channel in range(channels):
        if choices[channel, 1] > MAX_SHIFT:
            return WIDE_SHIFT
        first = _up(words, place, sample_bits)
        out[0, channel] = first - (((first >> (sample_bits - 1)) << sample_bits) if lowest < 0 else 0)
        place += sample_bits
    window, window_start = 0, stop
    highest, is_out = lowest + (1 << sample_bits) - 1, 0
    for step in range(1, steps):
        difference = 0
        for channel in range(channels):
            shift = choices[channel, 1]
            if stop - window_start <= ESCAPE:
                window, window_start = _down(words, stop), stop - _WINDOW_BITS
            if window & _QUOTIENT_MASK == 0:
                return BAD_BITS
            quotient = trailing_zeros(window)
            window >>= quotient + 1
            stop -= quotient + 1
            if quotient == ESCAPE:
                folded = _up(words, place, ESCAPE_BITS)
                place += ESCAPE_BITS
            else:
                folded = (quotient << shift) | _up(words, place, shift)
                place += shift
            if place > stop:
                return BAD_BITS
            y = (folded >> 1) ^ -(folded & 1)
            weight, last = weights[choices[channel, 0]], history[channel]
            if step > 1:
                guess = weight[0] * last[step + 2] + weight[1] * last[step + 1]
                guess += weight[2] * last[step] + weight[3] * last[step - 1] + 8
                y = _signed32(y + (_signed32(guess) >> 4))
                last[step + ORDER - 1] = y
            else:
                last[1 : 1 + ORDER] = y
            difference = _signed32(y + (_signed32(choices[channel, 2] * difference + 4) >> 3))
            count = _signed32(out[step - 1, channel] + difference)
            is_out |= (count < lowest) | (count > highest)
            out[step, channel] = count
    if not _is_zero(words, place, stop):
        return BAD_BITS
    return SAMPLE_OUT_OF_RANGE if is_out else NONE


@njit(cache=True)
def _is_zero(words: Numbers, place: int, stop: int) -> bool:
    while place < stop:
        bits = min(32, stop - place)
        if _up(words, place, bits):
            return False
        place += bits
    return True


@njit(cache=True)
def _raw(words: Numbers, place: int, stop: int, steps: int, shape: tuple[int, int, int], out: Counts) -> int:
    channels, sample_bits, lowest = shape
    for step in range(steps):
        for channel in range(channels):
            count = _up(words, place, sample_bits)
            place += sample_bits
            out[step, channel] = count - (((count >> (sample_bits - 1)) << sample_bits) if lowest < 0 else 0)
    return NONE if _is_zero(words, place, stop) else BAD_RAW_LENGTH


@njit(cache=True)
def decode_all(
    words: Numbers,
    heads: tuple[Numbers, Numbers, Numbers, NDArray[np.bool_], NDArray[np.uint8]],
    shape: tuple[int, int, int],
    weights: Counts,
    faults: NDArray[np.uint8],
    out: Counts,
) -> int:
    """Decode every block without a fault, in turn, and tell those of the others; gives the steps in `out`.

    `words` is the eight bytes from each byte of the data on, with eight more before and after it that are
    not counted in `heads`; `shape` is channels, bits of a sample and the lowest sample.
    """
    starts, stops, all_steps, is_raw, tables = heads
    history = np.zeros((shape[0], MAX_STEPS + ORDER), np.int64)
    choices = np.zeros((shape[0], 3), np.int64)
    done = 0
    for block in range(len(starts)):
        if faults[block] != NONE:
            continue
        place, stop, steps = 8 * starts[block] + 64, 8 * stops[block] + 64, all_steps[block]
        if is_raw[block]:
            fault = _raw(words, place, stop, steps, shape, out[done:])
        else:
            table = weights[tables[block]]
            fault = _coded(words, place, stop, steps, shape, table, history, choices, out[done:])
        faults[block] = fault
        if fault == NONE:
            done += steps
    return done
