"""Raw samples reach the host numbered, timed and whole; what is lost is counted."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import CommandCode, Encoding, EventKind, Part, StreamId
from streams import motion_row, optical_row
from tasks.blocks import BlockWriter

WIDTHS = {StreamId.OPTICAL: 3, StreamId.MOTION: 2}
RATES_HZ = {StreamId.OPTICAL: 25, StreamId.MOTION: 26}
every_stream = pytest.mark.parametrize("stream", list(StreamId))


def samples_of(block):
    """Samples of a block as (count, 3), by the description of encoding 0."""
    width, is_signed = WIDTHS[block.stream_id], block.stream_id == StreamId.MOTION
    body = bytes(block.samples)
    values = [
        int.from_bytes(body[at : at + width], "little", signed=is_signed) for at in range(0, len(body), width)
    ]
    return np.array(values).reshape(-1, 3)


@pytest.fixture
def streaming(rig):
    def start(stream):
        rig.connect()
        rig.agree()
        rig.command(CommandCode.START_STREAM, stream)
        return rig

    return start


def blocks_of(rig, stream):
    return [
        (header, record)
        for header, record in rig.host.frames
        if type(record).__name__ == "SampleBlock" and record.stream_id == stream
    ]


@every_stream
def test_blocks_hold_all_samples_in_order_and_fit_a_packet(streaming, stream):
    rig = streaming(stream)
    rig.run(30_000)
    blocks = blocks_of(rig, stream)
    numbers = np.concatenate([block.first_sample + np.arange(block.sample_count) for _, block in blocks])
    assert (np.diff(numbers) == 1).all()
    values = np.concatenate([samples_of(block) for _, block in blocks])
    assert (np.diff(values[:, 0]) == 1).all()
    # From 30 s: what came since the last read still waits in the chip.
    assert 30 * RATES_HZ[stream] - 30 <= len(values) <= 30 * RATES_HZ[stream] + 30
    assert all(block.encoding == Encoding.PLAIN and len(block.samples) + 21 <= 230 for _, block in blocks)


@every_stream
def test_a_block_bears_the_tick_of_the_read_that_gave_its_last_sample(streaming, stream):
    rig = streaming(stream)
    rig.run(20_000)
    for header, block in blocks_of(rig, stream)[2:]:
        taken_at_ms = samples_of(block)[-1, 0] * 1000 / RATES_HZ[stream]
        # The newest sample is at most one period old at a read; the stimulus numbers it to half a period.
        period_ms = 1000 / RATES_HZ[stream]
        assert -period_ms / 2 - 1 <= header.ticks_ms - taken_at_ms <= 1.5 * period_ms + 1


def test_a_stream_is_described_before_its_first_block(streaming):
    rig = streaming(StreamId.OPTICAL)
    rig.run(5_000)
    names = [type(record).__name__ for _, record in rig.host.frames]
    assert names.index("StreamDescriptor") < names.index("SampleBlock")


def test_samples_lost_in_the_fifo_are_told_and_counted_in(streaming, virtual_time):
    rig = streaming(StreamId.OPTICAL)
    rig.run(4_000)
    virtual_time.now_ms += 2_000
    rig.run(4_000)
    (part, lost), *_ = rig.events(EventKind.DROPPED)
    # 2 s more than the period: 70 samples, of which the FIFO keeps 32; some wait in it already.
    assert part == Part.OPTICAL
    assert 18 <= lost <= 38
    blocks = [block for _, block in blocks_of(rig, StreamId.OPTICAL)]
    offsets = {
        int(number - value)
        for block in blocks
        for number, value in zip(
            block.first_sample + np.arange(block.sample_count), samples_of(block)[:, 0], strict=True
        )
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
        header.ticks_ms * RATES_HZ[stream] / 1000 - block.first_sample - block.sample_count
        for header, block in blocks_of(rig, stream)
    ]
    assert lags[-1] == pytest.approx(lags[0], abs=2)


def test_an_outage_is_counted_in_samples(streaming):
    rig = streaming(StreamId.OPTICAL)
    rig.run(4_000)
    rig.fail("max30101")
    rig.run(10_000)
    rig.restore("max30101")
    rig.run(20_000)
    blocks = [block for _, block in blocks_of(rig, StreamId.OPTICAL)]
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
        self.blocks.append((bytes(buffer[:end]), ticks_high << 16 | ticks_low))


@given(
    reads=st.lists(st.integers(0, 64), max_size=20),
    gaps=st.lists(st.integers(0, 3), min_size=20, max_size=20),
    seed=st.integers(0, 2**32 - 1),
)
@pytest.mark.parametrize("row", [optical_row("max30101"), motion_row()], ids=["optical", "motion"])
def test_every_sample_is_in_one_block_under_its_number(row, reads, gaps, seed):
    from bandwire.frames import samples_span_of_sample_block, unpack_sample_block

    writer, journal, random = BlockWriter(row), Journal(), np.random.default_rng(seed)
    low, high = (-(2**15), 2**15) if row.is_signed else (0, 2**18)
    expected, number = {}, 0
    writer.start(journal)
    for tick, (count, gap) in enumerate(zip(reads, gaps, strict=False)):
        number += gap
        samples = random.integers(low, high, 3 * count).tolist()
        writer.add(samples, count, number, tick, 0)
        expected.update((number + at, (samples[3 * at : 3 * at + 3], tick)) for at in range(count))
        number += count
    writer.stop()
    got = {}
    width = 2 if row.is_signed else 3
    for frame, tick in journal.blocks:
        _, _, count, first = unpack_sample_block(frame, 0, len(frame))
        start, stop = samples_span_of_sample_block(frame, 0, len(frame))
        assert stop - start == count * 3 * width
        for at in range(count):
            place = start + at * 3 * width
            sample = [
                int.from_bytes(
                    frame[place + c * width : place + (c + 1) * width], "little", signed=bool(row.is_signed)
                )
                for c in range(3)
            ]
            got[first + at] = sample
        assert tick == expected[first + count - 1][1]
    assert got == {number: sample for number, (sample, _) in expected.items()}
