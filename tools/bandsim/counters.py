"""What a run cost: exchanges, transfers, time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """Costs a virtual second, and how fast virtual time went."""

    exchanges_per_virtual_s: float
    bus_transfers_per_virtual_s: float
    virtual_s_per_real_s: float


@dataclass
class RunCounters:
    """Since the band was switched on, restarts included. `instructions` are 0 on a lane that counts none.
    `run_s` is wall time spent running, not waiting for the host.
    """

    exchanges: int = 0
    waits: int = 0
    bus_transfers: int = 0
    bus_bytes: int = 0
    restarts: int = 0
    instructions: int = 0
    run_s: float = 0.0

    def rates(self, now_us: int) -> Rates:
        """Give the rates at a virtual time; zeros at its start."""
        virtual_s = now_us / 1_000_000
        if virtual_s <= 0 or self.run_s <= 0:
            return Rates(0.0, 0.0, 0.0)
        return Rates(self.exchanges / virtual_s, self.bus_transfers / virtual_s, virtual_s / self.run_s)
