"""Secure sessions on the whole band: paired by the button and the code on its display, opened by the key."""

import pytest

from bandsim.letting_in import LettingIn
from device.bands import console_of, next_update, play, rest_file
from vitalband import Band, HostRight, NotPairedError, PairingError
from vitalband.keys import memory_keys
from vitalband.testing import paired_band, virtual_band  # noqa: F401

pytestmark = pytest.mark.on_a_line(reason="the carrier knows nothing of what it carries")


def secured(folder) -> str:
    return f"{rest_file(folder)}?session=secured&state={folder}/state"


def test_a_host_is_let_in_by_the_wearer_and_comes_back_by_its_key(tmp_path):
    url, keys = secured(tmp_path), memory_keys()

    async def first():
        console = []

        async def code():
            return await console[0].read_code()

        band = Band.pair(url, code=code, keys=keys, host_name="ward 7")
        console.append(LettingIn(console_of(band)))
        async with band:
            assert band.is_secure
            assert band.right is HostRight.OWNER
            assert (await next_update(band)).stamp is not None
            (host,) = await band.paired_hosts()
            assert (host.name, host.right, host.is_asker) == ("ward 7", HostRight.OWNER, 1)
        return band.transport

    async def again():
        async with Band.open(url, keys=keys) as band:
            assert band.is_secure
            await next_update(band)

    async def stranger():
        with pytest.raises(NotPairedError):
            async with Band.open(url, keys=memory_keys()):
                pass

    play(first())
    play(again())
    play(stranger())


def test_nobody_is_let_in_without_the_wearer(tmp_path):
    async def work():
        async def code():
            return "000000"

        with pytest.raises(PairingError, match="page of hosts"):
            async with Band.pair(secured(tmp_path), code=code, keys=memory_keys()):
                pass

    play(work())


def test_programs_can_test_with_a_band_that_is_paired(paired_band, tmp_path):  # noqa: F811
    async def work():
        async with paired_band(rest_file(tmp_path)) as band:
            assert band.is_secure
            await next_update(band)

    play(work())
