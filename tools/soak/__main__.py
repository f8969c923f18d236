"""`python -m soak [--hours HOURS] [--lane LANE]`: lives, prints what that gave, ends with 1 if wrong."""

import argparse
import sys
from collections.abc import Sequence

from bandsim.lanes import LANES
from soak.day import Day, live


def report(day: Day) -> str:
    """Say what a life gave."""
    alive = [heap.used_bytes for heap in day.heaps]
    lines = [
        f"{day.duration_s / 3600:g} h of virtual time in {day.wall_s:.0f} s: "
        f"{day.duration_s / day.wall_s:.0f} virtual s a real s",
        f"{day.restarts} restarts; {day.cuts} cuts of the link",
        f"{len(day.ticks_ms)} frames of vital signs",
        f"heap alive, {len(alive)} looks: {min(alive):,} to {max(alive):,} bytes, last {alive[-1]:,}",
        str(day.statistics),
    ]
    return "\n".join(lines + [f"NOT RIGHT: {failure}" for failure in day.failures()])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m soak", description="Let a virtual band live for long.")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--lane", choices=sorted(LANES), default="m4")
    options = parser.parse_args(arguments)
    day = live(options.hours * 3600, lane_kind=options.lane, looks=25)
    print(report(day))
    return 1 if day.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
