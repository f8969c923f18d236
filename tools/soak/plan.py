"""What goes wrong in a life, and when: drawn from a seed, so that a life can be lived again."""

from collections import Counter
from dataclasses import dataclass
from math import ceil
from random import Random

from bandsim.console import Console
from bandsim.fault_plan import FaultMix, PlannedFault, plan_faults, schedule
from bandsim.link_port import LinkFaults

MIX = FaultMix(stuck_buses=0, held_buses=0, chip_failures=0, flash_failures=0, garble_rate=2e-5)
"""All but what takes samples before they are in frames, and flashes that fail."""

KILLS_EACH_HOUR = 1.0
KILLED_S = 20.0
"""How often the host is killed, and how long nobody starts the next one: own choices."""

LONG_OFFLINE_S = 8 * 3600.0
_LONG_LIFE_S = 20 * 3600.0
_LONG_AT_S = 6 * 3600.0
_LONGEST_CUT_S = 3600.0
"""In a life of a day the link is away for eight hours in one piece, and nothing else happens then, but that a
link which was slow before is quick again; no earlier cut is mended within."""

QUIET_S = 30.0
"""At either end of a life nothing goes wrong, but the loss of single bytes."""
_LINK = ("cut_link", "cut_link_after")
_POWER = ("cut_power", "cut_power_in_flash", "restart")


@dataclass(frozen=True)
class Plan:
    """All that goes wrong in a life, and how wrong the band's clock is."""

    faults: list[PlannedFault]
    kills_at_s: list[float]
    clock_error_ppm: float

    def count(self, *names: str) -> int:
        """How many requests of these names there are."""
        counts = Counter(fault.request["do"] for fault in self.faults)
        return sum(counts[name] for name in names)

    @property
    def cuts(self) -> int:
        """Cuts of the link."""
        return self.count(*_LINK)

    @property
    def power_cuts(self) -> int:
        """Restarts and losses of power."""
        return self.count(*_POWER)

    def begin(self, console: Console) -> None:
        """Let each fault come at its time."""
        schedule(console, self.faults)

    def end(self, console: Console) -> None:
        """Leave nothing wrong."""
        console.set_link_faults(LinkFaults())
        console.resume_link()
        console.mend_link()


def draw(seed: int, duration_s: float) -> Plan:
    """Draw the plan of a life."""
    random = Random(f"{seed} life")
    end_s = max(QUIET_S, duration_s - QUIET_S)
    faults = plan_faults(seed, QUIET_S, end_s, MIX)
    kills = [random.uniform(QUIET_S, end_s) for _ in range(ceil(KILLS_EACH_HOUR * duration_s / 3600))]
    if duration_s >= _LONG_LIFE_S:
        faults = [fault for fault in faults if not _is_in_long(fault)]
        faults.append(
            PlannedFault(
                round(_LONG_AT_S * 1e6), {"do": "cut_link", "duration_ms": round(LONG_OFFLINE_S * 1000)}
            )
        )
        kills = [at_s for at_s in kills if not _LONG_AT_S - KILLED_S <= at_s < _LONG_AT_S + LONG_OFFLINE_S]
    return Plan(faults, sorted(kills), random.choice((-50.0, 50.0)))


def _is_in_long(fault: PlannedFault) -> bool:
    at_s = fault.at_us / 1e6
    if fault.request["do"] == "set_link_faults" and "most_bytes_per_s" not in fault.request:
        return False
    before_s = _LONGEST_CUT_S if fault.request["do"] in _LINK else 0.0
    return _LONG_AT_S - before_s <= at_s < _LONG_AT_S + LONG_OFFLINE_S
