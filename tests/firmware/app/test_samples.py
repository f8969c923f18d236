"""Raw samples reach the host numbered, timed and whole; what is lost is counted."""

import itertools
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema import codec
from bandschema.enums import CommandCode, EventKind, Part, StreamId
from bandwire.frames import KIND_COMPRESSED_BLOCK, VERSION
from bandwire.predictors import ENERGIES_0, TABLE_0
from dsp.block_encoder import BlockEncoder
from firmware.app.sent_blocks import block_of, blocks_of
from streams import motion_row, optical_row
from tasks.blocks import BLOCK_BYTES, CAPACITY_STEPS, BlockFrame, BlockWriter

RATES_HZ = {StreamId.OPTICAL: 25, StreamId.MOTION: 26}
every_stream = pytest.mark.parametrize("stream", list(StreamId))


@pytest.fixture
def streaming(rig):
    def start(stream):
        rig.connect()
        rig.agree()
        rig.command(CommandCode.START_STREAM, stream)
        return rig

    return start


@every_stream
def test_blocks_hold_all_samples_in_order_and_fit_a_packet(streaming, stream):
    rig = streaming(stream)
    rig.run(30_000)
    sent = len(blocks_of(rig.host, stream))
    rig.command(CommandCode.STOP_STREAM, stream)
    blocks = blocks_of(rig.host, stream)
    assert len(blocks) > sent, "what waited is sent"
    numbers = np.concatenate([block.numbers for block in blocks])
    assert (np.diff(numbers) == 1).all()
    values = np.concatenate([block.samples for block in blocks])
    assert (np.diff(values[:, 0]) == 1).all()
    # From 30 s: what came since the last read still waits in the chip.
    assert 30 * RATES_HZ[stream] - 30 <= len(values) <= 30 * RATES_HZ[stream] + 30
    assert all(block.frame_bytes <= BLOCK_BYTES for block in blocks)


@every_stream
def test_a_sample_waits_six_seconds_at_most(streaming, stream):
    rig = streaming(stream)
    started_ms = [rig.core.clock.now_ms]
    for _ in range(20):
        rig.run(2_000)
        newest = [block.ticks_ms for block in blocks_of(rig.host, stream)[-1:]]
        assert rig.core.clock.now_ms - max(newest + started_ms) <= 6_000


@every_stream
def test_a_block_bears_the_tick_of_its_last_sample(streaming, stream):
    rig = streaming(stream)
    rig.run(20_000)
    for block in blocks_of(rig.host, stream)[2:]:
        taken_at_ms = block.samples[-1, 0] * 1000 / RATES_HZ[stream]
        # The newest sample is at most one period old at a read; the stimulus numbers it to half a period.
        period_ms = 1000 / RATES_HZ[stream]
        assert -period_ms / 2 - 1 <= block.ticks_ms - taken_at_ms <= 1.5 * period_ms + 2


def test_a_stream_is_described_before_its_first_block(streaming):
    rig = streaming(StreamId.OPTICAL)
    rig.run(8_000)
    names = [type(record).__name__ for _, record in rig.host.frames]
    assert names.index("StreamDescriptor") < names.index("CompressedBlock")


def test_samples_lost_in_the_fifo_are_told_and_counted_in(streaming, virtual_time):
    rig = streaming(StreamId.OPTICAL)
    rig.run(4_000)
    virtual_time.now_ms += 2_000
    rig.run(4_000)
    (part, lost), *_ = rig.events(EventKind.DROPPED)
    # 2 s more than the period: 70 samples, of which the FIFO keeps 32; some wait in it already.
    assert part == Part.OPTICAL
    assert 18 <= lost <= 38
    rig.command(CommandCode.STOP_STREAM, StreamId.OPTICAL)
    blocks = blocks_of(rig.host, StreamId.OPTICAL)
    offsets = {
        int(number - value)
        for block in blocks
        for number, value in zip(block.numbers, block.samples[:, 0], strict=True)
    }
    assert len(offsets) == 1


@every_stream
@pytest.mark.parametrize("stall_ms", [2_000, 10_000, 600_000])
def test_number_and_tick_are_in_step_again_after_a_stall(streaming, virtual_time, stream, stall_ms):
    rig = streaming(stream)
    rig.run(6_000)
    virtual_time.now_ms += stall_ms
    rig.run(60_000)
    lags = [
        block.ticks_ms * RATES_HZ[stream] / 1000 - block.first_sample - block.sample_count
        for block in blocks_of(rig.host, stream)
    ]
    assert lags[-1] == pytest.approx(lags[0], abs=2)


def test_an_outage_is_counted_in_samples(streaming):
    rig = streaming(StreamId.OPTICAL)
    rig.run(4_000)
    rig.fail("max30101")
    rig.run(10_000)
    rig.restore("max30101")
    rig.run(20_000)
    rig.command(CommandCode.STOP_STREAM, StreamId.OPTICAL)
    blocks = blocks_of(rig.host, StreamId.OPTICAL)
    jump = max(
        after.first_sample - before.first_sample - before.sample_count
        for before, after in itertools.pairwise(blocks)
    )
    # Restarts at 1, 3, 7, 15 s after the failure: 15 s are 375 samples.
    assert jump == pytest.approx(375, abs=25)
    assert sum(count for _, count in rig.events(EventKind.DROPPED)) == jump


class Journal:
    """Takes blocks as they are."""

    def __init__(self):
        self.blocks = []

    def keep_block(self, buffer, end, ticks_low, ticks_high):
        buffer[:2] = bytes((VERSION, KIND_COMPRESSED_BLOCK))
        self.blocks.append((bytes(buffer[:end]), ticks_high << 16 | ticks_low))


def writer_of(row):
    """A writer of the stream of a row, with memory of its own."""
    folded = array("i", bytes(4 * 3 * CAPACITY_STEPS))
    encoder = BlockEncoder(
        3, row.sample_bits, row.is_signed, CAPACITY_STEPS, folded, TABLE_0, array("h", ENERGIES_0)
    )
    return BlockWriter(row, encoder, BlockFrame())


@given(
    reads=st.lists(st.integers(0, 64), max_size=20),
    gaps=st.lists(st.sampled_from([0, 0, 0, 1, 3]), min_size=20, max_size=20),
    bits=st.integers(1, 18),
    pieces=st.lists(st.integers(0, 6), min_size=20, max_size=20),
    seed=st.integers(0, 2**32 - 1),
)
@pytest.mark.parametrize("row", [optical_row("max30101"), motion_row()], ids=["optical", "motion"])
def test_every_sample_is_in_one_block_under_its_number(row, reads, gaps, bits, pieces, seed):
    writer, journal, random = writer_of(row), Journal(), np.random.default_rng(seed)
    low, high = (-(2**15), 2**15) if row.is_signed else (0, 2**18)
    low, high = max(low, -(2**bits)), min(high, 2**bits)
    expected, number = {}, 0
    writer.start(journal)
    for tick, (count, gap, work) in enumerate(zip(reads, gaps, pieces, strict=False)):
        number += gap
        samples = array("h" if row.is_signed else "i", random.integers(low, high, 3 * count).tolist())
        writer.add(samples, count, number, 100 * tick, 0)
        expected.update((number + at, tuple(samples[3 * at : 3 * at + 3])) for at in range(count))
        number += count
        for _ in range(work):
            if writer.has_work():
                writer.advance()
    writer.stop()
    got = {}
    for frame, _ in journal.blocks:
        block = block_of(*codec.decode(frame))
        assert block.stream_id == row.stream_id
        assert block.frame_bytes == len(frame) <= BLOCK_BYTES
        got.update(zip(block.numbers.tolist(), map(tuple, block.samples.tolist()), strict=True))
    assert got == expected


@pytest.mark.parametrize("row", [optical_row("max30101"), motion_row()], ids=["optical", "motion"])
def test_nothing_of_a_stream_that_ended_stays_in_its_buffer(row):
    writer, journal = writer_of(row), Journal()
    writer.start(journal)
    writer.add(array("h" if row.is_signed else "i", [77] * 60), 20, 0, 0, 0)
    writer.stop()
    assert len(journal.blocks) == 1
    assert not any(writer._encoder._samples)
    assert not any(writer._frame.buffer)
