"""The encoder in the image: the bytes of the plain kernels, within its bounds of time and memory."""

import numpy as np

from bench_codec.band_cost import BAND_CAPACITY, cost_of
from bench_codec.recordings import Group
from m4.tool_chain import need_image
from tasks.blocks import CAPACITY_STEPS

MOST_INSTRUCTIONS = 128_000
"""Of one piece of work: 2 ms at 64 MHz and one cycle an instruction."""
MOST_BYTES = 6 * 1024


def test_a_piece_of_work_takes_two_milliseconds_and_the_encoder_six_kilobytes_at_most():
    need_image()
    random = np.random.default_rng(7)
    walk = np.cumsum(random.normal(0, 30, (400, 3)), axis=0) + 100_000
    group = Group("walk", 25, 18, False, (), (np.rint(walk).astype(np.int32),))
    cost = cost_of(group, BAND_CAPACITY)
    assert cost.longest <= MOST_INSTRUCTIONS
    assert cost.own_bytes + cost.shared_bytes <= MOST_BYTES
    assert cost.instructions <= 700


def test_the_cost_is_told_of_the_firmware_s_own_capacity():
    assert BAND_CAPACITY == CAPACITY_STEPS
