"""Writes the I2C traffic by which each chip is found, started, found again and stopped: `make gen`.

It is kept in the tree so that a driver's change shows in a review, register by register. Times are left out:
one chip's would move all others'.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from bandsim.bus import Transfer
from bandsim.bus_log import content_of
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "firmware" / "drivers"
SCENARIO = FOLDER / "start_traffic.toml"
KEPT = FOLDER / "start_traffic.txt"

_HEAD = "# What starts and stops each chip, by tools/start_traffic.py: W bytes written, R bytes read.\n"
_STARTS = {"switched on": (0, 5), "the wearer agrees": (5, 20), "back after a loss of power": (30, 60)}
_STOP = {"the wearer withdraws": (60, 64)}
"""Seconds of the scenario."""
_STEPS = {
    "max30101": (0x00, 7, 1),
    "lsm6dso": (0x3A, 10, 1),
    "tmp117": (0x00, 2, 1),
    "max17048": (0x04, 2, 1),
    "ssd1306": (0x40, 0, 2),
}
"""A transfer that is repeated all the time (first byte, bytes it reads), and which of them ends a start: a
status or a value; of the display the second picture, since it is switched on after the first."""


def record(lane_kind: str = "") -> tuple[list[Transfer], dict[int, str]]:
    """Give the traffic of the scenario on a lane, and the names of the chips by address."""
    trace: list[Transfer] = []
    scenario = load_scenario(str(SCENARIO))
    with VirtualBand(scenario, BandSettings(lane=LaneSettings(kind=lane_kind))) as band:
        band.console.bus.trace = trace
        band.run_for(scenario.duration_s)
        names = {chip.address: chip.name for chip in band.console.chips.values()}
    return trace, names


def text_of(trace: list[Transfer], names: dict[int, str]) -> str:
    """Give the text that is kept: each chip's starts up to its first step, and what it is told at the end."""
    parts = [_HEAD]
    for address, name in sorted(names.items(), key=lambda item: item[1]):
        of_chip = [transfer for transfer in trace if transfer.address == address]
        phases = {
            phase: _start_lines(_within(of_chip, *span), _STEPS[name]) for phase, span in _STARTS.items()
        }
        phases |= {phase: _stop_lines(_within(of_chip, *span), _STEPS[name]) for phase, span in _STOP.items()}
        for phase, lines in phases.items():
            parts += [f"\n{name} at {address:02x}, {phase}:\n", *(f"    {line}\n" for line in lines)]
    return "".join(parts)


def _within(transfers: list[Transfer], start_s: float, end_s: float) -> list[Transfer]:
    return [transfer for transfer in transfers if start_s * 1e6 <= transfer.now_us < end_s * 1e6]


def _start_lines(transfers: list[Transfer], step: tuple[int, int, int]) -> Iterator[str]:
    register, read_count, wanted = step
    for transfer in transfers:
        if (transfer.written[0], transfer.read_count) != (register, read_count):
            yield content_of(transfer)
            continue
        # What is in it depends on the moment.
        yield f"W {register:02x}" + (f" R {read_count} bytes" if read_count else " and a picture")
        wanted -= 1
        if not wanted:
            return


def _stop_lines(transfers: list[Transfer], step: tuple[int, int, int]) -> list[str]:
    if not step[1]:
        return ["(it goes on)"]
    return [content_of(transfer) for transfer in transfers if not transfer.read_count]


def main() -> int:
    """Write the text anew."""
    KEPT.write_text(text_of(*record()), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
