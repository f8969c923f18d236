"""What is no band, no band any more, or sends what cannot be read."""

import pytest

from sdk.fake_band import FakeBand
from sdk.helpers import band_on, paced_band, run, take
from sdk.paced import PacedStreamTransport, PacedTransport
from vitalband import (
    HandshakeError,
    TransportError,
    VitalsUpdate,
)
from vitalband.errors import EndOfDataError


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
