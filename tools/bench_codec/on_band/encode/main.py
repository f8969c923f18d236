"""Encodes the samples of `cases.py` in the image, and prints what it took and what came of it.

A line for each case: its name and the bytes of heap of its encoder. A line for each block: its head, steps,
instructions in all and of the longest piece of work, without what it takes to count them, and the body in
hex.
"""

import gc
from array import array

import cases
import counters
import linked

_BODY_BYTES = 224


def _computed():
    counters.pause()
    computed = counters.computed()
    counters.resume()
    return computed


def _encode(encoder, samples, channels, capacity, steps, nothing):
    out = bytearray(_BODY_BYTES)
    at = 0
    wanted = capacity
    while at < steps or encoder.steps:
        count = min(steps - at, max(wanted - encoder.steps, 0))
        before = _computed()
        encoder.add(samples, at * channels, count)
        total = _computed() - before - nothing
        at += count
        encoder.begin()
        longest = end = 0
        while not end:
            before = _computed()
            end = encoder.advance(out, 0, _BODY_BYTES)
            took = _computed() - before - nothing
            total += took
            longest = max(longest, took)
        print(encoder.head, encoder.taken, total, longest, bytes(out[:end]).hex())
        wanted = min(max(encoder.taken * 9 // 8 + 2, 16), capacity)


def run(_board):
    before = _computed()
    nothing = _computed() - before
    energies = array("h", cases.ENERGIES_0)
    for name, channels, bits, is_signed, capacity, kind, data in cases.CASES:
        folded = array("i", bytes(4 * capacity * channels))
        samples = array(kind, data)
        encoders = []
        for _ in range(2):
            gc.collect()
            before = gc.mem_alloc()
            encoders.append(
                linked.BlockEncoder(channels, bits, is_signed, capacity, folded, cases.TABLE_0, energies)
            )
            gc.collect()
            own = gc.mem_alloc() - before
        print(name, own)
        width = 4 if kind == "i" else 2
        _encode(encoders[0], samples, channels, capacity, len(data) // width // channels, nothing)
