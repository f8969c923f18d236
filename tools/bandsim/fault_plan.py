"""Faults at random times, the same for the same seed: requests of the test console with their virtual times.

A plan can be printed, and each of its faults be repeated by hand at a console.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bandsim.console import Console
from bandsim.console_server import ConsoleRequests
from bandsim.nor_flash import Erasure


@dataclass(frozen=True, kw_only=True)
class FaultMix:
    """How many of each fault come in an hour, in the mean; own choices, far more than in anybody's day."""

    link_cuts: float = 4.0
    cuts_after_a_byte: float = 4.0
    stalls: float = 2.0
    slow_spells: float = 2.0
    stuck_buses: float = 1.0
    held_buses: float = 1.0
    power_losses: float = 1.0
    power_losses_in_flash: float = 1.0
    resets: float = 0.5
    chip_failures: float = 0.5
    flash_failures: float = 0.5
    presses_without_end: float = 0.0
    """Of the button; each withdraws what the wearer has agreed to, so none unless it is asked for."""
    drop_rate: float = 1e-4
    garble_rate: float = 1e-5
    """Of each byte, all the while: about one packet of a hundred bytes in a hundred is lost."""


@dataclass(frozen=True)
class PlannedFault:
    """A request of the console and when it comes."""

    at_us: int
    request: dict[str, Any]


def plan_faults(
    seed: int, start_s: float, end_s: float, mix: FaultMix | None = None, chips: Sequence[str] = ()
) -> list[PlannedFault]:
    """Give the faults between two virtual times, in their order; one that lasts may end after the second.

    `chips` are those that can fail, none where it is empty.
    """
    mix = mix or FaultMix()
    usual_line = {"do": "set_link_faults", "drop_rate": mix.drop_rate, "garble_rate": mix.garble_rate}
    plan = [PlannedFault(round(start_s * 1e6), usual_line)]
    for name, (rate, draw) in _kinds(mix, usual_line, chips).items():
        # One of its own for each kind, so that another rate of one leaves the others where they are.
        chance = random.Random(f"{seed} {name}")
        at_s = start_s
        while rate > 0 and (at_s := at_s + chance.expovariate(rate / 3600)) < end_s:
            for delay_s, request in draw(chance):
                plan.append(PlannedFault(round((at_s + delay_s) * 1e6), request))
    return sorted(plan, key=lambda fault: fault.at_us)


def schedule(console: Console, plan: Sequence[PlannedFault]) -> None:
    """Let each fault of a plan come at its time."""
    requests = ConsoleRequests(console)
    for fault in plan:
        console.conductor.timeline.at(fault.at_us, lambda request=fault.request: requests.do(request))


_Draw = Callable[[random.Random], list[tuple[float, dict[str, Any]]]]


def _kinds(mix: FaultMix, usual_line: dict[str, Any], chips: Sequence[str]) -> dict[str, tuple[float, _Draw]]:
    def slow_spell(chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
        slow = usual_line | {
            "most_bytes_per_s": chance.randrange(300, 4000),
            "delay_to_host_ms": chance.randrange(500),
            "delay_to_band_ms": chance.randrange(500),
        }
        return [(0.0, slow), (_seconds(chance, 5, 300), usual_line)]

    def chip_failure(chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
        name = chance.choice(chips)
        back = {"do": "restore_chip", "name": name}
        return [(0.0, {"do": "fail_chip", "name": name}), (_seconds(chance, 1, 300), back)]

    return {
        "link cut": (mix.link_cuts, lambda chance: _lasting(chance, "cut_link", 0.1, 3600)),
        "cut after a byte": (mix.cuts_after_a_byte, _cut_after_a_byte),
        "stall": (mix.stalls, lambda chance: _lasting(chance, "stall_link", 0.1, 120)),
        "slow spell": (mix.slow_spells, slow_spell),
        "stuck bus": (mix.stuck_buses, lambda chance: _lasting(chance, "stick_bus", 0.01, 60)),
        # Short of the watchdog's 10 s.
        "held bus": (mix.held_buses, lambda chance: _lasting(chance, "hold_bus", 0.01, 8)),
        "power loss": (
            mix.power_losses,
            lambda chance: [(0.0, {"do": "cut_power", "off_ms": _off_ms(chance)})],
        ),
        "power loss in flash": (mix.power_losses_in_flash, _power_loss_in_flash),
        "reset": (mix.resets, lambda _: [(0.0, {"do": "restart"})]),
        "chip failure": (mix.chip_failures if chips else 0.0, chip_failure),
        "flash failure": (mix.flash_failures, _flash_failure),
        "press": (mix.presses_without_end, lambda chance: _lasting(chance, "press_button", 10, 600)),
    }


def _cut_after_a_byte(chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
    request = {
        "do": "cut_link_after",
        "byte_count": chance.randrange(2000),
        "from_band": chance.random() < 0.5,
        "duration_ms": round(_seconds(chance, 0.1, 600) * 1000),
    }
    return [(0.0, request)]


def _power_loss_in_flash(chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
    request = {
        "do": "cut_power_in_flash",
        "operations": chance.randrange(1, 20),
        "prefix_bytes": chance.randrange(300),
        "erasure": chance.choice(list(Erasure)).name,
        "seed": chance.randrange(1 << 30),
        "off_ms": _off_ms(chance),
    }
    return [(0.0, request)]


def _flash_failure(chance: random.Random) -> list[tuple[float, dict[str, Any]]]:
    return _lasting(chance, chance.choice(("fail_flash", "protect_flash")), 0.1, 120)


def _lasting(
    chance: random.Random, name: str, least_s: float, most_s: float
) -> list[tuple[float, dict[str, Any]]]:
    return [(0.0, {"do": name, "duration_ms": round(_seconds(chance, least_s, most_s) * 1000)})]


def _off_ms(chance: random.Random) -> int:
    return round(_seconds(chance, 0.25, 600) * 1000)


def _seconds(chance: random.Random, least_s: float, most_s: float) -> float:
    """As many of a second as of a minute as of an hour."""
    return math.exp(chance.uniform(math.log(least_s), math.log(most_s)))
