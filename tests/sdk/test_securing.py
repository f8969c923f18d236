"""Pairing and secure sessions from the host's side: what is asked for, what a refusal means, what is kept."""

import asyncio
import threading
from dataclasses import replace

import pytest

from bandschema.session_enums import Refusal
from sdk.fake_band import BAND_ID, FakeBand
from sdk.helpers import AT_ONCE, run, take
from sdk.secured import SecuredBand, SecuredTransport, opened, pairing, shown
from vitalband import (
    ConnectionState,
    HandshakeError,
    HostRight,
    InsecureError,
    LocalError,
    LostForGoodError,
    NotPairedError,
    PairingError,
    VitalsUpdate,
)
from vitalband.keys import BandKeys, memory_keys
from vitalband.securing import WINDOW_LIMIT_MS


class PatientTransport(SecuredTransport):
    """Its virtual minute for the code takes seconds, so that a thread has the time to answer."""

    async def receive(self, timeout_ms: int) -> bytes:
        if self.band.display.code:
            await asyncio.sleep(0.02)
        return await super().receive(timeout_ms)


async def paired_with(band: SecuredBand):
    keys = memory_keys()
    async with pairing(SecuredTransport(band), keys, shown(band)):
        pass
    return keys


def test_a_pairing_is_kept_and_opens_the_next_sessions():
    async def work():
        fake, keys, heard = SecuredBand(), memory_keys(), []
        async with pairing(SecuredTransport(fake), keys, shown(fake), heard=heard) as band:
            assert band.is_secure
            assert band.right is HostRight.OWNER
            assert band.band_id == BAND_ID
            async with band.vitals() as items:
                assert isinstance(await anext(items), VitalsUpdate)
        (paired,) = keys.bands()
        assert (paired.band_id, paired.right, paired.url) == (BAND_ID, HostRight.OWNER, "fake:")
        assert keys.keys_of(paired) == BandKeys(fake.keys.key_of(0), fake.keys.finder_key)
        states = [event.state for event in heard]
        assert states[:4] == [
            ConnectionState.SEARCHING,
            ConnectionState.CONNECTING,
            ConnectionState.HELLO,
            ConnectionState.SECURING,
        ]
        assert states[4:8] == [*[ConnectionState.PAIRING] * 3, ConnectionState.RESUMING]
        for event, word in zip(heard[4:7], ("window", "code", "button"), strict=True):
            assert word in event.reason
        async with opened(SecuredTransport(fake), keys) as band:
            assert band.is_secure

    run(work())


def test_nothing_that_is_said_in_a_secure_session_can_be_read():
    async def work():
        fake, keys = SecuredBand(), memory_keys()
        transport = SecuredTransport(fake)
        async with pairing(transport, keys, shown(fake), host_name="ward seven"):
            pass
        wire = b"".join(transport.sent + transport.received)
        for secret in (b"Vitalband", b"ward seven", BAND_ID, fake.keys.key_of(0), fake.keys.finder_key):
            assert secret not in wire

    run(work())


def test_a_band_that_wants_a_key_says_to_pair_first():
    async def work():
        with pytest.raises(NotPairedError, match=r"no key of any band: `vitalband pair fake:`"):
            async with opened(SecuredTransport(SecuredBand()), memory_keys()):
                pass

    run(work())


def test_keys_of_other_bands_open_none_and_are_kept():
    async def work():
        other = SecuredBand()
        keys = await paired_with(other)
        with pytest.raises(NotPairedError, match=r"none of this computer's 1 keys opens one"):
            async with opened(SecuredTransport(SecuredBand()), keys):
                pass
        assert len(keys.bands()) == 1
        async with opened(SecuredTransport(other), keys) as band:
            assert band.is_secure

    run(work())


def test_the_key_is_found_among_more_than_a_connection_may_try():
    async def work():
        fake = SecuredBand()
        keys = await paired_with(fake)
        (paired,) = keys.bands()
        for number in range(10):
            keys.add(replace(paired, band_id=bytes([number]) * 8), BandKeys(bytes([number]) * 32))
        keys.add(paired, keys.keys_of(paired))
        async with opened(SecuredTransport(fake), keys) as band:
            assert band.is_secure

    run(work())


def test_a_wrong_code_pairs_nobody_and_says_who_may_stand_between():
    async def work():
        fake, keys = SecuredBand(), memory_keys()

        async def wrong() -> str:
            return f"{(int(await shown(fake)()) + 1) % 10**6:06d}"

        with pytest.raises(PairingError, match="somebody stands between") as raised:
            async with pairing(SecuredTransport(fake), keys, wrong):
                pass
        assert raised.value.refusal == Refusal.WRONG_CODE
        assert keys.bands() == []
        assert fake.keys.kept == {}

    run(work())


def test_a_code_may_be_typed_with_gaps():
    async def work():
        fake = SecuredBand()

        async def spaced() -> str:
            code = await shown(fake)()
            return f" {code[:3]} {code[3:]}\n"

        async with pairing(SecuredTransport(fake), memory_keys(), spaced) as band:
            assert band.is_secure

    run(work())


def test_the_window_is_waited_for():
    async def work():
        fake, heard = SecuredBand(), []
        fake.opens_at_ms = 40_000
        transport = SecuredTransport(fake)
        async with pairing(transport, memory_keys(), shown(fake), heard=heard):
            assert 40_000 <= transport.clock.now_ms < 43_000
        waits = [event for event in heard if "opens a window" in event.reason]
        assert len(waits) == 1

    run(work())


def test_a_window_that_never_opens_ends_the_pairing_and_says_where_it_is_opened():
    async def work():
        fake, keys = SecuredBand(), memory_keys()
        fake.opens_at_ms = None
        transport = SecuredTransport(fake)
        with pytest.raises(PairingError, match="on its page of hosts") as raised:
            async with pairing(transport, keys, shown(fake), reconnect=AT_ONCE):
                pass
        assert raised.value.refusal == Refusal.NO_WINDOW
        assert WINDOW_LIMIT_MS <= transport.clock.now_ms < WINDOW_LIMIT_MS + 5_000
        assert keys.bands() == []

    run(work())


@pytest.mark.parametrize(
    ("change", "refusal", "told"),
    [
        (lambda fake: setattr(fake, "confirms", False), Refusal.DECLINED, "the wearer refused"),
        (lambda fake: setattr(fake.keys, "is_failing", True), Refusal.NOT_STORED, "could not store"),
        (
            lambda fake: fake.keys.kept.update({slot: (bytes(32), "x") for slot in range(4)}),
            Refusal.NO_SLOT,
            "four hosts",
        ),
    ],
)
def test_each_refusal_says_what_to_do(change, refusal, told):
    async def work():
        fake, keys = SecuredBand(), memory_keys()
        change(fake)
        with pytest.raises(PairingError, match=told) as raised:
            async with pairing(SecuredTransport(fake), keys, shown(fake)):
                pass
        assert raised.value.refusal == refusal
        assert keys.bands() == []

    run(work())


def test_a_code_that_nobody_types_ends_in_time():
    async def work():
        fake = SecuredBand()

        async def never() -> str:
            await asyncio.Event().wait()
            return ""

        with pytest.raises(PairingError, match="nobody typed the code") as raised:
            async with pairing(SecuredTransport(fake), memory_keys(), never):
                pass
        assert raised.value.refusal == Refusal.EXPIRED

    run(work())


def test_giving_up_tells_the_band():
    async def work():
        fake, keys = SecuredBand(), memory_keys()

        async def none() -> None:
            await shown(fake)()

        with pytest.raises(PairingError, match="given up on this side"):
            async with pairing(SecuredTransport(fake), keys, none):
                pass
        assert fake.display.code == ""
        assert keys.bands() == []

    run(work())


def test_a_question_that_fails_is_an_error_of_this_side():
    async def work():
        async def broken() -> str:
            raise OSError("no terminal")

        with pytest.raises(LocalError, match=r"could not be asked for.*no terminal"):
            async with pairing(SecuredTransport(SecuredBand()), memory_keys(), broken):
                pass

    run(work())


def test_a_plain_function_is_asked_in_a_thread_of_its_own():
    async def work():
        fake, threads = SecuredBand(), []

        def typed() -> str:
            threads.append(threading.current_thread())
            return asyncio.run(shown(fake)())

        async with pairing(PatientTransport(fake), memory_keys(), typed) as band:
            assert band.is_secure
        assert threads
        assert threads[0] is not threading.main_thread()
        assert threads[0].daemon

    run(work())


def test_a_band_that_knows_no_secure_sessions_pairs_with_nobody():
    async def work():
        with pytest.raises(PairingError, match="knows no secure sessions") as raised:
            async with pairing(SecuredTransport(FakeBand()), memory_keys(), shown(SecuredBand())):
                pass
        assert raised.value.refusal == Refusal.CLEAR_ONLY

    run(work())


def test_a_clear_session_is_refused_where_a_secure_one_is_wanted():
    async def work():
        keys = await paired_with(SecuredBand())
        with pytest.raises(InsecureError, match="clear session only"):
            async with opened(SecuredTransport(FakeBand()), keys, secure=True):
                pass
        with pytest.raises(NotPairedError):
            async with opened(SecuredTransport(FakeBand()), memory_keys(), secure=True):
                pass

    run(work())


def test_a_band_that_allows_both_is_asked_for_what_is_wanted():
    async def work():
        fake = SecuredBand(is_clear_allowed=True)
        keys = await paired_with(fake)
        async with opened(SecuredTransport(fake), keys, secure=True) as band:
            assert band.is_secure
        async with opened(SecuredTransport(fake), keys, secure=False) as band:
            assert not band.is_secure
            assert band.right is None

    run(work())


def test_a_secure_band_is_not_had_clear():
    async def work():
        with pytest.raises(HandshakeError, match="secure sessions only: leave out"):
            async with opened(SecuredTransport(SecuredBand()), memory_keys(), secure=False):
                pass

    run(work())


def test_a_lost_session_is_resumed_under_its_key_and_a_reader_stays_one():
    async def work():
        fake = SecuredBand()
        fake.keys.reader_slots.add(0)
        keys = await paired_with(fake)
        transport = SecuredTransport(fake)
        async with opened(transport, keys, reconnect=AT_ONCE) as band:
            assert band.right is HostRight.READER
            async with band.vitals() as items:
                await anext(items)
                transport.fail_at_ms = transport.clock.now_ms + 100
                met = await take(items, 4)
            assert [item.state for item in met[:3]] == [
                ConnectionState.LOST,
                ConnectionState.BACKING_OFF,
                ConnectionState.RESUMING,
            ]
            assert isinstance(met[3], VitalsUpdate)
            assert band.is_secure
        assert transport.opened == 2

    run(work())


def test_a_band_that_forgot_this_host_while_connected_ends_it_for_good_and_the_key_stays():
    async def work():
        fake = SecuredBand()
        keys = await paired_with(fake)
        transport = SecuredTransport(fake)
        async with opened(transport, keys, reconnect=AT_ONCE) as band:
            fake.keys.kept.clear()
            fake.link.end_session(Refusal.FORGOTTEN)
            with pytest.raises(LostForGoodError, match="forget this computer"):
                await band.run_for(60)
        assert len(keys.bands()) == 1

    run(work())


def test_a_refusal_that_anybody_could_have_sent_is_tried_again():
    async def work():
        fake = SecuredBand()
        keys = await paired_with(fake)
        transport = SecuredTransport(fake)
        async with opened(transport, keys, reconnect=AT_ONCE) as band:
            kept, fake.keys.kept = fake.keys.kept, {}
            transport.fail_at_ms = transport.clock.now_ms + 100
            async with band.vitals() as items:
                while True:
                    item = await anext(items)
                    if getattr(item, "state", None) is ConnectionState.BACKING_OFF and "keys" in item.reason:
                        break
                fake.keys.kept = kept
                while not isinstance(await anext(items), VitalsUpdate):
                    pass
            assert band.is_secure

    run(work())


def test_a_pairing_that_is_cancelled_takes_the_code_off_the_band():
    async def work():
        fake, keys = SecuredBand(), memory_keys()
        seen = asyncio.Event()

        async def waits() -> str:
            await shown(fake)()
            seen.set()
            await asyncio.Event().wait()
            return ""

        async def enter() -> None:
            async with pairing(SecuredTransport(fake), keys, waits):
                pass

        task = asyncio.create_task(enter())
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert fake.display.code == ""
        assert keys.bands() == []

    run(work())
