"""When the band loses its power, or is reset, and for how long it is off."""

import heapq
from dataclasses import dataclass

from bandsim.protocol import ExitReason
from bandsim.timeline import NEVER_US

RESTART_US = 250_000
"""From a reset to the firmware's first instruction: own choice, the order of a bootloader's start."""


@dataclass(frozen=True)
class Outage:
    """The firmware ends at a virtual time and boots `off_us` later.

    `cause` is what the firmware is told of it. After none the power was gone, and the chips have lost what
    their registers held; after a reset they have not.
    """

    at_us: int
    off_us: int = RESTART_US
    cause: ExitReason | None = None

    @property
    def takes_power(self) -> bool:
        """Whether the chips lose their power too."""
        return self.cause is None


class PowerSupply:
    """Outages to come. `next_outage_us` is looked at with each request, so it is a plain number."""

    def __init__(self) -> None:
        self.next_outage_us = NEVER_US
        self.off_us_at_flash_cut = RESTART_US
        """How long the power is gone when `NorFlash.cut_at` lets it go."""
        self._outages: list[tuple[int, int, Outage]] = []
        self._number = 0

    def plan(self, outage: Outage) -> None:
        """Let it come; one whose time has passed comes as soon as the firmware runs."""
        self._number += 1
        heapq.heappush(self._outages, (outage.at_us, self._number, outage))
        self.next_outage_us = self._outages[0][0]

    @property
    def takes_power_next(self) -> bool:
        """Whether the outage that is due next is a loss of power."""
        return bool(self._outages) and self._outages[0][2].takes_power

    def begin(self) -> Outage:
        """Give the outage that is due next, and forget it."""
        outage = heapq.heappop(self._outages)[2]
        self.next_outage_us = self._outages[0][0] if self._outages else NEVER_US
        return outage

    def forget_until(self, now_us: int) -> None:
        """Forget those up to a time: the band was off already."""
        while self.next_outage_us <= now_us:
            self.begin()
