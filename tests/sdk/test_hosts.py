"""Who is paired with a band: told by the band, forgotten and let in by an owner."""

import pytest

from bandschema.records import Command
from sdk.fake_band import Script
from sdk.helpers import paced_band, run
from vitalband import CommandCode, DeviceError, HostRight, LinkTimeoutError, PairedHost, Result

LAPTOP = PairedHost(host_id=1, host_count=2, right=HostRight.OWNER, is_asker=1, name="laptop")
CLINIC = PairedHost(host_id=3, host_count=2, right=HostRight.READER, is_asker=0, name="clinic")


def asked(transport) -> list[tuple[int, int]]:
    commands = (record for record in transport.band.received if isinstance(record, Command))
    return [(record.command, record.argument) for record in commands]


def test_hosts_are_told_by_number_and_one_is_forgotten():
    async def work():
        band, transport = paced_band(Script(hosts=[CLINIC, LAPTOP]))
        async with band:
            assert await band.paired_hosts() == [LAPTOP, CLINIC]
            await band.forget_host(3)
            assert await band.paired_hosts() == [LAPTOP]
            await band.forget_host(1)
            assert await band.paired_hosts() == []
        assert (CommandCode.FORGET_HOST, 3) in asked(transport)

    run(work())


def test_a_host_that_is_never_told_of_ends_the_wait():
    async def work():
        band, _ = paced_band(Script(hosts=[LAPTOP, CLINIC], lose_hosts={3}))
        async with band:
            with pytest.raises(LinkTimeoutError, match="told of 1 of 2"):
                await band.paired_hosts()

    run(work())


def test_another_host_is_let_in_with_its_right_and_a_refusal_is_told():
    async def work():
        band, transport = paced_band()
        async with band:
            await band.allow_pairing(HostRight.READER)
            assert (CommandCode.ALLOW_PAIRING, HostRight.READER) in asked(transport)
            transport.band.script.refuse[CommandCode.ALLOW_PAIRING] = Result.NO_RIGHT
            with pytest.raises(DeviceError, match="NO_RIGHT"):
                await band.allow_pairing(HostRight.OWNER)

    run(work())
