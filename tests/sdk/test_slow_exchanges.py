"""Time over a link that stalls: asked for anew soon, and no longer so often when it stays slow."""

from itertools import pairwise

from bandschema.records import TimeRequest
from sdk.fake_band import FakeBand
from sdk.helpers import band_on, run
from sdk.paced import PacedTransport
from vitalband.upkeep import QUICK_EXCHANGE_US, TIME_BURST, TIME_BURST_MS, TIME_INTERVAL_MS

STALL_MS = 300
"""What each packet waits: the reply of an exchange tells the time within half of it."""


class StallingTransport(PacedTransport):
    """Packets wait on their way until `quick_from_ms`; `asked_ms` has when each exchange began."""

    def __init__(self, quick_from_ms: int) -> None:
        super().__init__(FakeBand())
        self.quick_from_ms = quick_from_ms
        self.asked_ms: list[int] = []

    async def send(self, data: bytes) -> None:
        before = len(self.band.received)
        await super().send(data)
        asked = sum(isinstance(record, TimeRequest) for record in self.band.received[before:])
        self.asked_ms += [self.clock.now_ms] * asked

    def _next_packet(self) -> bytes:
        packet = super()._next_packet()
        if packet and self.clock.now_ms < self.quick_from_ms:
            self.clock.now_ms += STALL_MS
        return packet


async def uncertainties_us(transport: StallingTransport, until_ms: int) -> list[tuple[int, int]]:
    """(ticks, uncertainty) of the updates until a time."""
    told: list[tuple[int, int]] = []
    async with band_on(transport) as band:
        async for update in band.vitals():
            assert update.stamp.uncertainty_ms is not None
            told.append((transport.clock.now_ms, round(update.stamp.uncertainty_ms * 1000)))
            if transport.clock.now_ms >= until_ms:
                return told
    raise AssertionError("the iterator ended")


def test_after_a_stall_at_the_start_the_time_is_soon_known_closely():
    stall_ms = 4000
    transport = StallingTransport(stall_ms)
    told = run(uncertainties_us(transport, 8000))
    slow = [uncertainty_us for at_ms, uncertainty_us in told if at_ms <= stall_ms]
    soon = [uncertainty_us for at_ms, uncertainty_us in told if at_ms > stall_ms + 3000]
    assert min(slow) > QUICK_EXCHANGE_US, "the stall made no exchange uncertain"
    assert max(soon) < QUICK_EXCHANGE_US


def test_a_link_that_stays_slow_is_not_asked_more_often_for_ever():
    transport = StallingTransport(1 << 30)
    run(uncertainties_us(transport, 120_000))
    waits_ms = [later - earlier for earlier, later in pairwise(transport.asked_ms)]
    assert max(waits_ms[:TIME_BURST]) <= TIME_BURST_MS + 2 * STALL_MS, "an exchange waits there and back"
    assert min(waits_ms[-4:]) >= TIME_INTERVAL_MS
    assert len(waits_ms) <= TIME_BURST + 6 + 120_000 // TIME_INTERVAL_MS, "doubled six times to the interval"
