"""Faults planned by a seed: the same for the same seed, each one known to the console, and survived."""

from collections import Counter
from dataclasses import replace

import pytest

from bandsim.fault_plan import FaultMix, PlannedFault, plan_faults, schedule
from bandsim.scenario import load_scenario
from bandsim.virtual_band import VirtualBand
from device.bands import CHIPS, Gathering, new_band, no_band, play
from vitalband import Band, ReconnectPolicy, VitalsUpdate

pytestmark = pytest.mark.off_bluez(reason="faults last for so long, in lives of minutes of virtual time")

HOUR_S = 3600.0
AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
NO_FAULTS = FaultMix(**dict.fromkeys(vars(FaultMix()), 0.0))


def names_of(plan: list[PlannedFault]) -> Counter[str]:
    return Counter(fault.request["do"] for fault in plan)


@no_band
def test_the_same_seed_gives_the_same_plan_in_order():
    plan = plan_faults(7, 0.0, HOUR_S, chips=CHIPS)
    assert plan == plan_faults(7, 0.0, HOUR_S, chips=CHIPS)
    assert plan != plan_faults(8, 0.0, HOUR_S, chips=CHIPS)
    assert [fault.at_us for fault in plan] == sorted(fault.at_us for fault in plan)


@no_band
def test_another_rate_of_one_fault_leaves_the_others_where_they_are():
    few = plan_faults(3, 0.0, HOUR_S)
    many = plan_faults(3, 0.0, HOUR_S, replace(FaultMix(), stalls=20.0))
    is_other = lambda fault: fault.request["do"] != "stall_link"  # noqa: E731
    assert list(filter(is_other, few)) == list(filter(is_other, many))
    assert names_of(many)["stall_link"] > names_of(few)["stall_link"]


@no_band
def test_faults_come_as_often_as_the_mix_says():
    counts = names_of(plan_faults(1, 0.0, 400 * HOUR_S))
    # Of 1,600 and 400 draws; within 5 standard deviations.
    assert counts["cut_link"] == pytest.approx(1600, abs=200)
    assert counts["cut_link_after"] == pytest.approx(1600, abs=200)
    assert counts["cut_power"] == pytest.approx(400, abs=100)
    assert counts["fail_chip"] == counts["press_button"] == 0


@no_band
def test_without_a_rate_there_is_a_good_line_and_nothing_else():
    (line,) = plan_faults(1, 10.0, HOUR_S, NO_FAULTS, CHIPS)
    assert line == PlannedFault(10_000_000, {"do": "set_link_faults", "drop_rate": 0.0, "garble_rate": 0.0})


async def endure(virtual: VirtualBand, seconds: float) -> list[VitalsUpdate]:
    async with Band.open("sim:rest", band=virtual, reconnect=AT_ONCE) as band:
        vitals = Gathering(band.vitals())
        await band.run_for(seconds)
        return [item for item in await vitals.stop() if isinstance(item, VitalsUpdate)]


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.one_lane(reason="a life of the image takes 17 s"))]
)
def test_a_band_lives_through_a_plan_and_is_well_after_it(seed):
    mix = FaultMix(**{name: 40.0 for name in vars(NO_FAULTS) if not name.endswith("rate")})
    mix = replace(mix, link_cuts=5.0, power_losses=10.0, power_losses_in_flash=10.0, presses_without_end=0.0)
    plan = [
        replace(
            fault,
            request={
                name: min(value, 20_000) if name.endswith("_ms") else value
                for name, value in fault.request.items()
            },
        )
        for fault in plan_faults(seed, 10.0, 310.0, mix, CHIPS)
    ]
    names = names_of(plan)
    assert len(names) > 9
    end_s = max(fault.at_us for fault in plan) / 1e6 + 20
    with new_band(load_scenario("rest", duration_s=end_s + 200)) as virtual:
        schedule(virtual.console, plan)
        virtual.conductor.timeline.at(round(end_s * 1e6), virtual.console.mend_link)
        updates = play(endure(virtual, end_s + 120))
        assert virtual.console.counters.restarts >= names["restart"] > 0
    last = updates[-1]
    assert last["heart_rate_bpm"].is_valid
    assert last["steps"].is_valid
    assert last["battery_percent"].is_valid
