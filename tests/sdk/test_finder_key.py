"""What a band told to be found by is kept, and finds it again."""

import asyncio
from dataclasses import replace

import pytest

from bandwire.finder import NONCE_BYTES, token_of
from sdk.fake_band import BAND_ID
from sdk.helpers import run
from sdk.secured import SecuredBand, SecuredTransport, opened, pairing, shown
from vitalband import HandshakeError
from vitalband.bluetooth import FoundBand, band_transport
from vitalband.bluetooth.band_transport import BandTransport
from vitalband.keys import memory_keys


def test_the_finder_key_is_kept_and_another_one_as_soon_as_the_band_has_told_it():
    async def work():
        fake = SecuredBand()
        keys = memory_keys()
        async with pairing(SecuredTransport(fake), keys, shown(fake)):
            pass
        before = fake.keys.finder_key
        assert keys.finder_keys() == {BAND_ID: before}
        fake.keys.finder_key = b""
        async with opened(SecuredTransport(fake), keys):
            pass
        assert fake.keys.finder_key not in (b"", before)
        assert keys.finder_keys() == {BAND_ID: fake.keys.finder_key}
        assert keys.keys_of(keys.bands()[0]).psk == fake.keys.key_of(0)

    run(work())


def test_a_band_that_was_met_is_found_by_its_token_under_another_address_and_a_nearer_stranger_is_not(
    monkeypatch,
):
    key, band_id = bytes(range(16)), bytes(8)

    def band(address: str, rssi_dbm: int, finder_key: bytes) -> FoundBand:
        token = token_of(finder_key, (2 * address).encode()[:NONCE_BYTES])
        return FoundBand(name=None, address=address, rssi_dbm=rssi_dbm, device=None, token=token)

    before, after = band("AA", -50, key), band("BB", -90, key)
    stranger = band("CC", -40, bytes(16))
    copied = replace(after, address="DD", rssi_dbm=-30)
    on_air: list[FoundBand] = []

    async def hear(_radio, _scan_s, enough_s):
        heard = {each.address: each for each in on_air}
        waits_s.append(enough_s(heard))
        return heard

    monkeypatch.setattr(band_transport, "hear_bands", hear)
    waits_s: list[float | None] = []

    async def work():
        transport = BandTransport("ble:")

        async def found(*bands: FoundBand) -> str:
            on_air[:] = bands
            await transport.search()
            assert transport.found is not None
            return transport.found.address

        assert await found(before) == "AA"
        transport.met(band_id, key)
        assert await found(stranger, after) == "BB"
        assert waits_s[-1] == 0
        transport.met(band_id, b"")
        assert await found(stranger, replace(after, address="EE")) == "EE"
        transport.met(band_id, key)
        # Whoever says a token again is not the band, and is passed over from then on.
        assert await found(copied, after) == "DD"
        with pytest.raises(HandshakeError):
            transport.met(bytes([1] * 8), b"")
        assert await found(copied, after) == "BB"

    asyncio.run(work())
