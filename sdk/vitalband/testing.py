"""For tests of programs that use the SDK: virtual bands by a pytest fixture.

In `conftest.py`: `pytest_plugins = ["vitalband.testing"]`. Needs the extra `sim`, and `radio` for `ble+sim:`.

    from vitalband.testing import OpenBand, within

    def test_my_program_shows_a_heart_rate(virtual_band: OpenBand) -> None:
        async def use() -> None:
            async with virtual_band("ble+sim:rest", seed=3) as band, band.vitals() as updates:
                ...

        within(60, use())

`paired_band` gives bands that take part in secure sessions only, and know this host: `band.is_secure`.
Time is the band's own: seconds of it take milliseconds, and the same seed gives the same frames.
`band.transport.console` does to it what a world does: presses its button, cuts its link, fails its chips.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, Protocol, TypeVar, runtime_checkable

import pytest

from vitalband.client import Band
from vitalband.keys import memory_keys

__all__ = ["OpenBand", "paired_band", "virtual_band", "within"]

ResultT = TypeVar("ResultT")


class OpenBand(Protocol):
    """Gives a band to be used with `async with`: the arguments are those of `Band.open`."""

    def __call__(self, url: str = "sim:rest", **options: Any) -> Band:
        """See `Band.open`."""
        ...


@runtime_checkable
class _Simulated(Protocol):
    """A transport that brought its band along."""

    @property
    def band(self) -> Any:
        """The virtual band."""
        ...


@pytest.fixture
def virtual_band() -> Iterator[OpenBand]:
    """Open virtual bands, of which nothing is left when the test is over, however it ends."""
    opened: list[Band] = []

    def open_band(url: str = "sim:rest", **options: Any) -> Band:
        band = Band.open(url, **options)
        opened.append(band)
        return band

    yield open_band
    for band in opened:
        if isinstance(band.transport, _Simulated):
            band.transport.band.close()


@pytest.fixture
def paired_band(virtual_band: OpenBand, tmp_path_factory: pytest.TempPathFactory) -> OpenBand:
    """Open virtual bands that take part in secure sessions only, and know this host as their owner."""

    def open_band(url: str = "sim:rest", **options: Any) -> Band:
        keys, state = memory_keys(), tmp_path_factory.mktemp("paired")
        paired = {"session": "secured", "state": state, "paired_with": keys}
        return virtual_band(url, keys=keys, secure=True, **paired, **options)

    return open_band


def within(limit_s: float, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run `work` on a loop of its own; TimeoutError when it takes longer than `limit_s` of real time."""

    async def limited() -> ResultT:
        async with asyncio.timeout(limit_s):
            return await work

    return asyncio.run(limited())
