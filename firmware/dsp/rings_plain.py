"""Reference kernels of `dsp.rings`, and what CPython runs; `dsp.rings_viper` must agree."""


def push_counts(samples, words, ring, place, ring_words):
    """Copy `words` counts into the ring from `place` on, clipped to 18 bits; give the next place."""
    for index in range(words):
        ring[place] = min(max(samples[index], 0), 262143)
        place += 1
        if place == ring_words:
            place = 0
    return place


def push_axes(samples, words, ring, place, ring_words):
    """Copy `words` 16-bit values into the ring from `place` on; give the next place."""
    for index in range(words):
        ring[place] = samples[index]
        place += 1
        if place == ring_words:
            place = 0
    return place


def take_channel(ring, ring_words, place, channels, channel, count, out):
    """Copy the last `count` samples of one of the channels, oldest first; `place` = next to be written."""
    at = place - channels * count + channel
    if at < 0:
        at += ring_words
    for index in range(count):
        out[index] = ring[at]
        at += channels
        if at >= ring_words:
            at -= ring_words


def resample_axis(ring, ring_words, place, axis, held, ratio_q16, count, out):
    """Resample the newest samples of an axis to `count` values by linear interpolation.

    One step is `ratio_q16` / 65536 samples; the newest value falls on the newest sample; before the
    `held` samples in the ring their oldest one is repeated.
    """
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
        value = ring[near]
        if part:
            far = near - 3
            if far < 0:
                far += ring_words
            value += ((ring[far] - value) * part) >> 8
        out[index] = value
