"""Raw streams: samples with numbers and times, explicit gaps, repair, consent."""

import gc

import numpy as np
import pytest

from bandschema.enums import (
    Capability,
    CommandCode,
    ConsentAction,
    Group,
    Result,
    StreamId,
)
from bandschema.records import Command, ConsentRecord
from sdk.fake_band import Script
from sdk.helpers import paced_band, run, take
from vitalband import (
    ConnectionState,
    DeviceError,
    FrameGap,
    FramesLost,
    SampleGap,
    VitalsUpdate,
)


def test_waveform_is_numpy_with_sample_numbers_and_even_times():
    async def work():
        band, _ = paced_band()
        async with band:
            chunks = await take(band.waveform(StreamId.OPTICAL), 3)
            assert [chunk.first_sample for chunk in chunks] == [0, 20, 40]
            counts = np.concatenate([chunk.counts for chunk in chunks])
            assert np.array_equal(counts, np.arange(180).reshape(60, 3))
            ticks = np.concatenate([chunk.ticks_ms for chunk in chunks])
            assert np.allclose(np.diff(ticks), 40.0)
            # A FIFO read comes zero to one period after its last sample: half of it is the best guess.
            assert chunks[0].stamp.ticks_ms - ticks[19] == pytest.approx(20.0)
            assert chunks[0].times.dtype == np.dtype("datetime64[us]")

    run(work())


def test_signed_motion_samples_are_scaled_to_their_unit():
    async def work():
        band, _ = paced_band()
        async with band:
            chunk = (await take(band.waveform(StreamId.MOTION), 2))[1]
            assert chunk.descriptor.channel_names == ("x", "y", "z")
            assert np.array_equal(chunk.counts[:, 0], -np.arange(20, 40))
            assert chunk.values[0, 1] == pytest.approx(20 * 122_070e-9)

    run(work())


def test_a_lost_block_is_an_explicit_gap_and_comes_later_as_backfill():
    async def work():
        script = Script()
        band, transport = paced_band(script)
        async with band:
            waveform = band.waveform(StreamId.OPTICAL)
            await take(waveform, 2)  # at 0.8 s and 1.6 s; vitals follow at 2 s, the next block at 2.4 s
            script.lose = {transport.band.numbering.next_sequence + 1}
            gap, following, repaired = await take(waveform, 3)
            assert isinstance(gap, SampleGap)
            assert (gap.first_sample, gap.sample_count) == (40, 20)
            assert (following.first_sample, following.stamp.is_backfilled) == (60, False)
            assert (repaired.first_sample, repaired.stamp.is_backfilled) == (40, True)
            assert band.statistics.repaired_frames == 1
            assert band.statistics.missing_frames == 0

    run(work())


def test_a_block_repaired_before_the_next_one_leaves_no_gap():
    async def work():
        script = Script()
        band, transport = paced_band(script)
        async with band:
            waveform = band.waveform(StreamId.OPTICAL)
            await anext(waveform)
            # The block at 1.6 s is lost, the vitals at 2 s show it, and it is there before 2.4 s.
            script.lose = {transport.band.numbering.next_sequence}
            repaired, following = await take(waveform, 2)
            assert (repaired.first_sample, repaired.stamp.is_backfilled) == (20, True)
            assert (following.first_sample, following.stamp.is_backfilled) == (40, False)

    run(work())


def test_a_gap_that_the_band_does_not_keep_is_lost_there_and_told():
    async def work():
        band, transport = paced_band()
        async with band:
            events = band.events()
            number = transport.band.numbering.take()  # given out, never sent, never kept
            while not isinstance(gap := await anext(events), FrameGap):
                pass
            assert gap == FrameGap(7, number, 1)
            backfilling, lost = await take(events, 2)
            assert backfilling.state is ConnectionState.BACKFILLING
            assert lost == FramesLost(7, number, 1)
            statistics = band.statistics
            assert (statistics.missing_frames, statistics.dropped_on_band) == (0, 1)
            assert statistics.backfill_requests == 1

    run(work())


def test_nothing_is_asked_again_of_a_band_that_keeps_nothing():
    async def work():
        script = Script(capabilities=Capability.DISPLAY)
        band, transport = paced_band(script)
        async with band:
            script.lose = {transport.band.numbering.next_sequence}
            await band.run_for(10)
            assert band.statistics.missing_frames == 1
            assert band.statistics.backfill_requests == 0

    run(work())


def test_a_stream_stops_when_nobody_iterates_it_any_more():
    async def work():
        band, transport = paced_band()
        async with band:
            waveform = band.waveform(StreamId.OPTICAL)
            await anext(waveform)
            assert 1 in transport.band.active
            del waveform
            gc.collect()
            await band.run_for(1)
            assert transport.band.active == {}

    run(work())


def test_a_refused_stream_ends_its_iterator_with_the_reason():
    async def work():
        script = Script(refuse={int(CommandCode.START_STREAM): Result.NO_CONSENT})
        band, _ = paced_band(script)
        async with band:
            with pytest.raises(DeviceError, match="NO_CONSENT") as caught:
                await anext(band.waveform(StreamId.OPTICAL))
            assert caught.value.result == Result.NO_CONSENT
            with pytest.raises(DeviceError, match="NO_CONSENT"):
                await band.start_stream(StreamId.OPTICAL)
            assert isinstance(await anext(band.vitals()), VitalsUpdate)  # the session goes on

    run(work())


def agreement(action, groups=Group.RAW_OPTICAL):
    return ConsentRecord(
        action=action, groups=groups, manifest_digest=b"manifest", firmware_digest=bytes(8),
        issuance_digest=bytes(8),
    )  # fmt: skip


def test_a_patient_stream_follows_consent_and_an_iterator_ends_with_it():
    async def work():
        script = Script(refuse={int(CommandCode.START_STREAM): Result.NO_CONSENT})
        band, transport = paced_band(script)
        fake, clock = transport.band, transport.clock
        async with band:
            await band.start_stream(StreamId.OPTICAL, when_agreed=True)
            await band.run_for(5)
            assert fake.active == {}
            script.refuse.clear()
            fake.emit(agreement(ConsentAction.AGREED), clock.now_ms)
            await band.run_for(1)
            assert 1 in fake.active
            waveform = band.waveform(StreamId.MOTION)
            await anext(waveform)
            asked = len(fake.received)
            fake.emit(agreement(ConsentAction.WITHDRAWN, Group.STANDARD_SERVICES), clock.now_ms)
            fake.emit(agreement(ConsentAction.IN_FORCE), clock.now_ms)
            await band.run_for(1)
            await anext(waveform)
            starts = [each for each in fake.received[asked:] if isinstance(each, Command)]
            assert starts == []
            fake.active.clear()
            script.refuse = {int(CommandCode.START_STREAM): Result.NO_CONSENT}
            fake.emit(agreement(ConsentAction.WITHDRAWN), clock.now_ms)
            with pytest.raises(DeviceError, match="NO_CONSENT"):
                await take(waveform, 99)
            assert fake.active == {}
            script.refuse.clear()
            fake.emit(agreement(ConsentAction.AGREED), clock.now_ms)
            await band.run_for(2)
            assert list(fake.active) == [1]

    run(work())


def test_sample_times_follow_the_chips_own_rate():
    async def work():
        band, _ = paced_band()
        async with band:
            waveform = band.waveform(StreamId.OPTICAL)
            chunks = await take(waveform, 100)
            last = chunks[-1]
            error = abs(last.ticks_ms[-1] + 20.0 - last.stamp.ticks_ms)
            assert error <= 1.0  # the reads are exact here: what is left is rounding
            assert last.uncertainty_ms >= 20.0

    run(work())
