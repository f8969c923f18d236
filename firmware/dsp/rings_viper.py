"""Fast kernels of `dsp.rings`: the same results as `dsp.rings_plain`, tested against it."""

import micropython


@micropython.viper
def push_counts(samples: ptr32, words: int, ring: ptr32, place: int, ring_words: int) -> int:
    for index in range(words):
        value = ((int(samples[index]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000
        if value < 0:
            value = 0
        elif value > 262143:
            value = 262143
        ring[place] = value
        place += 1
        if place == ring_words:
            place = 0
    return place


@micropython.viper
def push_axes(samples: ptr16, words: int, ring: ptr16, place: int, ring_words: int) -> int:
    for index in range(words):
        ring[place] = samples[index]
        place += 1
        if place == ring_words:
            place = 0
    return place


@micropython.viper
def take_channel(
    ring: ptr32,
    ring_words: int,
    place: int,
    channels: int,
    channel: int,
    count: int,
    out: ptr32,
):
    at = place - channels * count + channel
    if at < 0:
        at += ring_words
    for index in range(count):
        out[index] = ring[at]
        at += channels
        if at >= ring_words:
            at -= ring_words


@micropython.viper
def resample_axis(
    ring: ptr16,
    ring_words: int,
    place: int,
    axis: int,
    held: int,
    ratio_q16: int,
    count: int,
    out: ptr16,
):
    for index in range(count):
        back = (count - 1 - index) * ratio_q16
        whole = back >> 16
        part = (back >> 8) & 255
        if whole > held - 2:
            whole = held - 1
            part = 0
        near = place - 3 - 3 * whole + axis
        if near < 0:
            near += ring_words
        value = (int(ring[near]) ^ 0x8000) - 0x8000
        if part != 0:
            far = near - 3
            if far < 0:
                far += ring_words
            value += ((((int(ring[far]) ^ 0x8000) - 0x8000) - value) * part) >> 8
        out[index] = value
