"""Asks the band that starts after an installation who it is, over its own link."""

import asyncio

from vitalband.client import Band
from vitalband.errors import HandshakeError, InstallError, LinkTimeoutError, TransportError
from vitalband.release import Comparison, Release, compare_identity

START_TIMEOUT_S = 60.0
"""Longest from a reset to the first answer: importing all from a file system takes a board seconds."""

_PAUSE_S = 0.5


def compare_band(link: str, release: Release, serial: str | None) -> tuple[Comparison, ...]:
    """What the band at the URL `link` states of itself, beside its release and its chip's serial number."""
    return asyncio.run(_compare_band(link, release, serial))


async def _compare_band(link: str, release: Release, serial: str | None) -> tuple[Comparison, ...]:
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while True:
                try:
                    async with Band.open(link, reconnect=False) as band:
                        identity = band.identity
                    break
                except (TransportError, HandshakeError, LinkTimeoutError):
                    await asyncio.sleep(_PAUSE_S)
    except TimeoutError as error:
        raise InstallError(f"{link}: no band answered within {START_TIMEOUT_S:g} s of the reset") from error
    comparisons = compare_identity(release, identity)
    return comparisons if serial is None else (*comparisons, Comparison("serial", serial, identity.serial))
