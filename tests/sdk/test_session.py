"""A session in virtual time: hello, vitals, streams, commands, time, and every way to end."""

import asyncio
import gc
from datetime import timedelta

import numpy as np
import pytest

from bandschema.enums import (
    Capability,
    CommandCode,
    ConsentAction,
    Contact,
    Group,
    Page,
    Reading,
    Result,
    StreamId,
    Unit,
    Validity,
)
from bandschema.records import Alert as AlertRecord
from bandschema.records import Command, ConsentRecord, CuffReading, Issuance
from sdk.fake_band import BAND_ID, FakeBand, PacedStreamTransport, PacedTransport, Script
from sdk.helpers import band_on, paced_band, run, take
from vitalband import (
    Acknowledgement,
    AlertLevel,
    BandEvent,
    Cause,
    DeviceError,
    EventKind,
    FrameGap,
    HandshakeError,
    LinkTimeoutError,
    LocalError,
    ReadingId,
    SampleGap,
    TransportError,
    VitalsUpdate,
)
from vitalband.clock import utc_us_of
from vitalband.errors import EndOfDataError


def test_opening_learns_identity_manifest_and_time():
    async def work():
        band, _ = paced_band()
        async with band:
            assert band.identity.maker == "Vitalband"
            assert [entry.entry for entry in band.manifest] == [0, 1]
            assert band.band_id == BAND_ID
            assert band.time_status.boot_id == 7
            assert band.time_status.uncertainty_ms == pytest.approx(1.0)  # one tick; no flight time here

    run(work())


def test_vitals_are_typed_readings_with_value_unit_quality_contact_and_time():
    async def work():
        band, transport = paced_band()
        async with band:
            update = await anext(band.vitals())
            assert isinstance(update, VitalsUpdate)
            reading = update[ReadingId.HEART_RATE_BPM]
            assert reading.value == 72.0
            assert (reading.unit, reading.quality, reading.contact) == (Unit.PER_MINUTE, 90, Contact.ON_WRIST)
            assert reading.is_valid
            assert update["heart_rate_bpm"] is reading
            assert reading.boot_id == 7
            error_us = abs(utc_us_of(reading.time) - transport.clock.utc_us())
            assert error_us <= reading.uncertainty_ms * 1000

    run(work())


def test_a_reading_without_value_is_none_with_a_cause_never_zero():
    async def work():
        band, _ = paced_band()
        async with band:
            reading = (await anext(band.vitals()))[ReadingId.SYSTOLIC_MMHG]
            assert reading.value is None
            assert reading.validity is Validity.UNKNOWN
            assert reading.cause is Cause.NO_CUFF_READING
            assert not reading.is_valid

    run(work())


def test_time_of_a_paced_band_stands_still_while_nobody_waits():
    async def work():
        band, transport = paced_band()
        async with band:
            before_ms = transport.clock.now_ms
            for _ in range(200):
                await asyncio.sleep(0)
            assert transport.clock.now_ms == before_ms
            await band.run_for(5)
            assert transport.clock.now_ms >= before_ms + 5000

    run(work())


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


def test_a_gap_that_the_band_does_not_keep_stays_missing_and_is_counted():
    async def work():
        band, transport = paced_band()
        async with band:
            events = band.events()
            number = transport.band.numbering.take()  # given out, never sent, never kept
            gap = await anext(events)
            assert gap == FrameGap(7, number, 1)
            await band.run_for(2)
            assert band.statistics.missing_frames == 1
            assert band.statistics.backfill_requests == 1

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


def agreement(action):
    return ConsentRecord(action=action, groups=Group.RAW_OPTICAL, manifest_digest=b"manifest")


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


def test_commands_are_answered_refused_or_time_out_by_name():
    async def work():
        script = Script(refuse={int(CommandCode.SHOW_PAGE): Result.BAD_ARGUMENT})
        script.silent_commands = {int(CommandCode.VIBRATE)}
        band, transport = paced_band(script)
        async with band:
            with pytest.raises(DeviceError, match=r"SHOW_PAGE.*BAD_ARGUMENT"):
                await band.show_page(Page.HEART)
            before_ms = transport.clock.now_ms
            with pytest.raises(LinkTimeoutError, match="VIBRATE"):
                await band.vibrate(200)
            assert transport.clock.now_ms - before_ms <= 3000 + 1000  # its time-out, and one turn
            commands = [record for record in transport.band.received if isinstance(record, Command)]
            assert commands[-1].argument == 200

    run(work())


def test_cuff_reading_and_issuance_reach_the_band():
    async def work():
        band, transport = paced_band()
        async with band:
            await band.send_cuff_reading(118, 76, age_s=60)
            update = await anext(band.vitals())
            assert update["systolic_mmhg"].value == 118.0
            issuance = Issuance(
                request_id=0, issuer="Clinic", contact="desk", purpose="study", notice="url",
                is_voluntary=1, start_unix_s=1, end_unix_s=2,
            )  # fmt: skip
            await band.set_issuance(issuance)
            kinds = [type(record) for record in transport.band.received]
            assert CuffReading in kinds
            assert Issuance in kinds

    run(work())


def test_an_alert_is_shown_and_its_acknowledgement_comes_back():
    async def work():
        band, transport = paced_band()
        async with band:
            alerts = band.alerts()
            alert_id = await band.send_alert(
                AlertLevel.WARNING, Cause.SCORE, reading_id=ReadingId.SPO2_PERCENT, value=91.5, score=3
            )
            answer = await anext(alerts)
            assert isinstance(answer, Acknowledgement)
            assert answer.alert_id == alert_id
            sent = next(record for record in transport.band.received if isinstance(record, AlertRecord))
            assert sent.raw_value == 915

    run(work())


def test_events_tell_what_happened_on_the_band():
    async def work():
        band, transport = paced_band()
        async with band:
            events = band.events()
            transport.band.press_button(transport.clock.now_ms)
            event = await anext(events)
            assert isinstance(event, BandEvent)
            assert event.kind is EventKind.BUTTON_SHORT

    run(work())


class _Silent(PacedTransport):
    """A port with something on it that is no band."""

    chatter = b""

    async def send(self, data):
        pass

    async def receive(self, timeout_ms):
        self.clock.now_ms += timeout_ms
        return self.chatter


def test_a_silent_port_ends_with_a_clear_error_after_the_handshake_time():
    async def work():
        transport = _Silent(FakeBand())
        with pytest.raises(HandshakeError, match=r"no band answered within 5000 ms \(0 bytes came"):
            async with band_on(transport):
                pass
        assert 5000 <= transport.clock.now_ms <= 6000
        assert not transport.is_open

    run(work())


def test_a_wrong_device_is_named_by_what_it_sent():
    async def work():
        transport = _Silent(FakeBand())
        transport.is_stream = True
        transport.chatter = b"$GPGGA,123519\r\n\x00"
        with pytest.raises(HandshakeError, match=r"0 good packets, [1-9]\d* bad ones"):
            async with band_on(transport):
                pass

    run(work())


def test_a_band_of_another_protocol_version_is_refused_by_name(monkeypatch):
    async def work():
        import bandwire.frames as frames

        transport = PacedTransport(FakeBand())
        original = frames.pack_hello_into

        def newer_hello(buffer, offset, role, minimum, maximum, *rest):
            return original(
                buffer, offset, role, 9 if role == 0 else minimum, 9 if role == 0 else maximum, *rest
            )

        monkeypatch.setattr("bandwire.link.pack_hello_into", newer_hello)
        with pytest.raises(HandshakeError, match="no protocol version"):
            async with band_on(transport):
                pass

    run(work())


def test_garbage_between_packets_is_counted_and_changes_nothing():
    async def work():
        transport = PacedStreamTransport(FakeBand())
        async with band_on(transport) as band:
            vitals = band.vitals()
            for garbage in (b"\xff" * 4000 + b"\0", bytes(range(256)), bytes(40), b"\x05hello\0"):
                transport.injected.append(garbage)
                update = await anext(vitals)
                assert update["heart_rate_bpm"].value == 72.0
            assert band.statistics.bad_packets >= 3
            assert band.statistics.missing_frames == 0

    run(work())


def test_frames_that_cannot_be_read_are_counted_and_skipped():
    async def work():
        band, transport = paced_band()
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            fake = transport.band
            good = fake.emit(fake.vitals(), transport.clock.now_ms)
            truncated = bytearray(good[:14])
            truncated[4] = fake.numbering.take()
            fake.emit_raw(bytes(truncated))
            unknown = bytearray(good)
            unknown[1], unknown[4] = 0x3F, fake.numbering.take()
            fake.emit_raw(bytes(unknown))
            updates = await take(vitals, 2)
            assert all(isinstance(update, VitalsUpdate) for update in updates)
            counts = band.statistics
            assert counts.unknown_kinds == 1
            assert counts.undecodable_frames + counts.bad_records == 1

    run(work())


def test_iterators_end_when_the_band_is_closed():
    async def work():
        band, _ = paced_band()
        async with band:
            vitals = band.vitals()
            await anext(vitals)
        assert [item async for item in vitals if not isinstance(item, VitalsUpdate)] == []
        with pytest.raises(LocalError, match="not open"):
            band.vitals()

    run(work())


def test_iterators_raise_when_the_link_is_lost_for_good():
    async def work():
        band, transport = paced_band()
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            transport.fail_at_ms = transport.clock.now_ms + 500
            with pytest.raises(TransportError, match="the band is gone"):
                async for _ in vitals:
                    pass
            with pytest.raises(TransportError, match="the band is gone"):
                await band.vibrate(10)
            with pytest.raises(TransportError, match="the band is gone"):
                await anext(band.vitals())

    run(work())


def test_iterators_end_quietly_at_the_end_of_a_scenario():
    async def work():
        band, _ = paced_band(Script(end_ms=10_000))
        async with band:
            updates = [item async for item in band.vitals() if isinstance(item, VitalsUpdate)]
            assert len(updates) == 5
            await band.wait_closed()

    run(work())


def test_a_scenario_that_ends_before_hello_is_an_error():
    async def work():
        class Ended(_Silent):
            async def receive(self, timeout_ms):
                raise EndOfDataError("over")

        with pytest.raises(TransportError):
            async with band_on(Ended(FakeBand())):
                pass

    run(work())


def test_a_band_that_falls_silent_counts_as_lost():
    async def work():
        band, transport = paced_band()

        async def nothing(timeout_ms):
            transport.clock.now_ms += timeout_ms
            return b""

        async with band:
            vitals = band.vitals()
            await anext(vitals)
            transport.receive = nothing
            with pytest.raises(TransportError, match="no answer to 3 time requests"):
                async for _ in vitals:
                    pass
            assert transport.clock.now_ms < 30_000

    run(work())


def test_a_fault_of_the_program_ends_every_wait_and_names_itself():
    async def work():
        band, transport = paced_band()

        async def broken(timeout_ms):
            raise KeyError("a bug")

        async with band:
            vitals = band.vitals()
            pause = asyncio.create_task(band.run_for(100))
            transport.receive = broken
            with pytest.raises(LocalError, match=r"failed: KeyError\('a bug'\)"):
                await take(vitals, 99)
            with pytest.raises(LocalError, match="a bug"):
                await pause

    run(work())


def test_a_cancelled_wait_leaves_the_session_whole():
    async def work():
        band, _ = paced_band(Script(silent_commands={int(CommandCode.VIBRATE)}))
        async with band:
            waiting = asyncio.create_task(band.vibrate(10))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert isinstance(await anext(band.vitals()), VitalsUpdate)

    run(work())


def test_cancelling_the_owner_closes_the_transport():
    async def work():
        band, transport = paced_band()

        async def own():
            async with band:
                async for _ in band.vitals():
                    await asyncio.sleep(0)

        task = asyncio.create_task(own())
        while transport.clock.now_ms < 10_000:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not transport.is_open
        left = [other for other in asyncio.all_tasks() if other is not asyncio.current_task()]
        assert all(other.get_name().startswith("Task") or other.done() for other in left)

    run(work())


def test_a_slow_reader_of_a_paced_band_loses_nothing():
    async def work():
        band, _ = paced_band()
        async with band:

            async def slow():
                vitals = band.vitals()
                sequences = []
                while len(sequences) < 1500:
                    sequences.append((await anext(vitals)).stamp.sequence)
                    await asyncio.sleep(0)
                return sequences

            reader = asyncio.create_task(slow())
            fast = asyncio.create_task(band.run_for(4000))
            sequences = await reader
            await fast
            assert sequences == sorted(set(sequences))
            assert sequences[-1] - sequences[0] == 1499
            assert band.statistics.dropped_items == 0

    run(work())


def test_an_iterator_that_nobody_reads_drops_its_oldest_and_counts_them():
    async def work():
        band, _ = paced_band()
        async with band:
            unread = band.vitals()
            await band.run_for(2 * 1100)
            assert unread.dropped == 1100 - 1024
            first = await anext(unread)
            assert first.stamp.ticks_ms == (unread.dropped + 1) * 2000

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


def test_readings_are_named_as_in_the_schema():
    async def work():
        band, _ = paced_band()
        async with band:
            update = await anext(band.vitals())
            assert [reading.name for reading in update] == [reading.name.lower() for reading in Reading]
            assert update.time.utcoffset() == timedelta(0)

    run(work())
