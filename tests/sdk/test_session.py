"""A session in virtual time: what it learns and hands out, who waits for whom, and every way to end."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bandschema.enums import (
    Contact,
    Unit,
    Validity,
)
from bandschema.readings import READINGS
from sdk.fake_band import BAND_ID, Script
from sdk.helpers import cancelled_at, paced_band, run, take, utc_us_of
from vitalband import (
    Cause,
    LinkTimeoutError,
    LocalError,
    ReadingId,
    TransportError,
    VitalsUpdate,
)
from vitalband.opening import QUESTIONS, TRIES
from vitalband.session_settings import REQUEST_TIMEOUT_MS


def test_opening_learns_identity_manifest_and_time():
    async def work():
        band, _ = paced_band()
        async with band:
            assert band.identity.maker == "Vitalband"
            assert [entry.entry for entry in band.manifest] == [0, 1]
            assert band.band_id == BAND_ID
            assert band.time_status.boot_id == 7
            assert band.time_status.uncertainty_ms == pytest.approx(2.5)  # no flight time here, but
            # whole milliseconds: the tick of either clock, and half of that which is placed

    run(work())


class SilentAtFirst(set[int]):
    """Commands that the band does not hear until it was asked so often."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = Counter({int(code): times for code, _ in QUESTIONS})

    def __contains__(self, code: object) -> bool:
        self._left[code] -= 1
        return self._left[code] >= 0


@pytest.mark.parametrize("times", range(TRIES))
def test_what_a_lost_packet_had_told_at_the_opening_is_asked_for_again(times):
    async def work():
        band, _ = paced_band(Script(silent_commands=SilentAtFirst(times)))
        async with band:
            assert band.identity.maker == "Vitalband"
            assert [entry.entry for entry in band.manifest] == [0, 1]

    run(work())


def test_a_band_that_never_says_what_it_is_is_given_up():
    async def work():
        band, transport = paced_band(Script(silent_commands=SilentAtFirst(TRIES)))
        with pytest.raises(LinkTimeoutError, match="SEND_IDENTITY"):
            await band.__aenter__()
        assert transport.clock.monotonic_ms() < TRIES * 2 * REQUEST_TIMEOUT_MS

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


def test_cancelling_the_owner_closes_the_transport():
    async def work():
        band, transport = paced_band()

        async def own():
            async with band:
                async for _ in band.vitals():
                    await asyncio.sleep(0)

        await cancelled_at(own(), transport, 10_000)
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


def test_readings_are_named_as_in_the_schema():
    async def work():
        band, _ = paced_band()
        async with band:
            update = await anext(band.vitals())
            assert [reading.name for reading in update] == [spec.name for spec in READINGS]
            assert update.time.utcoffset() == timedelta(0)

    run(work())
