"""Bands and hosts on one air, in one virtual time.

The loop that bumble and the hosts live in has the time of the bands' conductors: where nothing in it is to be
done, the bands run, up to the moment at which one of them has something for the air.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any, TypeVar

from bandsim.conductor import Conductor
from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.band_radio import BandRadio
from bandsim.radio.errors import AirError
from bandsim.radio.virtual_loop import VirtualLoop

ResultT = TypeVar("ResultT")

_IDLE_S = 1.0
"""Virtual time that bands run in one go where nothing else happens."""


class BandLoop(VirtualLoop):
    """See the module."""

    def __init__(self, world: "World") -> None:
        self._world = world
        super().__init__()

    def _pass(self, duration_s: float) -> None:
        self._now_s = max(self._now_s, self._world.live_until(self._now_s + duration_s))

    def _idle_s(self) -> float | None:
        return _IDLE_S if self._world.is_alive else None


class World:
    """An air with its bands; everything in it repeats with the same `seed`.

    `idle` are adapters of hosts that are over: the next host takes one of them, as it would on a computer.
    """

    def __init__(self, seed: int = 0) -> None:
        self.loop = self._new_loop()
        self.adapters = 0
        self.idle: list[Adapter] = []
        self._bands: list[tuple[Conductor, BandRadio]] = []
        with self.entered():
            self.air = Air(seed)

    def _new_loop(self) -> BandLoop:
        return BandLoop(self)

    def join(self, conductor: Conductor, radio: BandRadio) -> None:
        """Let a band live here."""
        self._bands.append((conductor, radio))

    @property
    def is_alive(self) -> bool:
        """Whether a band runs, or will boot."""
        return any(conductor.is_running or conductor.will_boot for conductor, _ in self._bands)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make the world's loop the running one, for calls into bumble from outside of it."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self.loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(before)

    def run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Let the world live until `work` is done, whatever loop is running outside.

        Raises what `work` does, FirmwareError of a band, AirError.
        """
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            return self.loop.run_until_complete(work)
        finally:
            asyncio._set_running_loop(before)

    def live_until(self, limit_s: float) -> float:
        """Let the bands run to the first of: `limit_s`, a deed on the air; gives when that is, in seconds."""
        alive = [(c, radio) for c, radio in self._bands if c.is_running or c.will_boot]
        # A timer between two microseconds is due at the later one.
        limit_us = ceil(limit_s * 1_000_000)
        until_us = min([limit_us, *(max(c.next_wake_us(), c.now_us) for c, _ in alive)])
        for conductor, radio in alive:
            radio.has_output = False
            conductor.run_until(max(until_us, conductor.now_us), stop_on_output=True)
            if radio.failed is not None:
                raise AirError("a band's radio failed") from radio.failed
        until_s = until_us / 1_000_000
        # Rounding must not leave it before the limit, or who waits for that waits for ever.
        return until_s if until_us < limit_us else max(until_s, limit_s)

    def close(self) -> None:
        """End all that still lives here; may be called twice."""
        if self.loop.is_closed():
            return
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()

        async def ended() -> None:
            await asyncio.gather(*tasks, return_exceptions=True)

        self._bands.clear()
        self.run(ended())
        self.loop.close()
