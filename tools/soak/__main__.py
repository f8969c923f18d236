"""`python -m soak`: bands live through faults drawn by seed, or a calm day; ends with 1 if not right."""

import argparse
import sys
from collections.abc import Sequence

from bandsim.lanes import LANES
from bandsim.one_core import stay_on_one_core
from soak import day
from soak.life import PROFILES, Life, live

CALM = "calm"
_NO_FAULTS = "without faults but for cuts: what is alive, and every tick, is looked at"


def report_day(lived: day.Day) -> str:
    """Say what a calm day gave."""
    alive = [heap.used_bytes for heap in lived.heaps]
    lines = [
        f"{lived.duration_s / 3600:g} h of virtual time in {lived.wall_s:.0f} s: "
        f"{lived.duration_s / lived.wall_s:.0f} virtual s a real s",
        f"{lived.restarts} restarts; {lived.cuts} cuts of the link",
        f"{len(lived.ticks_ms)} frames of vital signs",
        f"heap alive, {len(alive)} looks: {min(alive):,} to {max(alive):,} bytes, last {alive[-1]:,}",
        str(lived.statistics),
    ]
    return "\n".join(lines + [f"NOT RIGHT: {failure}" for failure in lived.failures()])


def report(life: Life) -> str:
    """Say what a life gave."""
    account, statistics, plan = life.account, life.statistics, life.plan
    times = account.times
    lines = [
        f"seed {life.seed}: {life.duration_s / 3600:g} virtual h in {life.wall_s:.0f} s; "
        f"{plan.cuts} cuts, {plan.count('stall_link')} stalls, {life.kills} kills of the host, "
        f"{life.restarts} restarts of the band ({plan.power_cuts} planned, "
        f"{plan.count('cut_power_in_flash')} within the flash); clock {plan.clock_error_ppm:+g} ppm",
    ]
    if statistics is not None:
        lines.append(
            f"  assigned {statistics.assigned_frames:,}: received {statistics.received_frames:,}, repaired "
            f"{statistics.repaired_frames:,}, dropped on the band {statistics.dropped_on_band:,}, missing "
            f"{statistics.missing_frames:,} (of the last host, with what its store held)"
        )
    lines += [
        f"  made {account.made:,}: stored {account.stored:,}, told lost {account.lost:,}, "
        f"unexplained {account.unexplained:,}, invented {account.invented:,}",
        f"  times: wrong by at most {times.worst_connected_ms:.2f} ms connected, "
        f"{times.worst_offline_ms:.2f} ms offline; {times.share_inside:.2%} inside their uncertainty; "
        f"{times.unplaced:,} frames of unknown time; "
        f"{times.stalled:,} of boots without a quick exchange, by {times.worst_stalled_ms:.2f} ms",
        f"  flash: {life.erases:,} erases, {life.written_bytes:,} bytes programmed",
    ]
    lines += [f"  a host ended: {ending}" for ending in life.endings[:5]]
    return "\n".join(lines + [f"  NOT RIGHT: {failure}" for failure in life.failures()])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m soak", description="Let virtual bands live for long.")
    parser.add_argument("--hours", type=float, default=24.0, help="virtual hours of each life")
    parser.add_argument("--lane", choices=sorted(LANES), default="unix")
    parser.add_argument("--profile", choices=[*PROFILES, CALM], default="light", help=f"{CALM}: {_NO_FAULTS}")
    parser.add_argument("--seeds", type=int, default=1, help="how many lives")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first of them")
    options = parser.parse_args(arguments)
    if options.profile == CALM:
        lived = day.live(options.hours * 3600, lane_kind=options.lane, looks=25)
        print(report_day(lived))
        return 1 if lived.failures() else 0
    stay_on_one_core(options.first_seed)
    wrong = 0
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        life = live(seed, options.hours * 3600, lane_kind=options.lane, profile=options.profile)
        print(report(life), flush=True)
        wrong += bool(life.failures())
    print(f"{options.seeds} lives, {wrong} of them not right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
