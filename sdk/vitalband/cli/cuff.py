"""`vitalband cuff`."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.bluetooth import PressureMeasurement, Radio, find_pressure_monitors, read_pressure_monitor
from vitalband.bluetooth.passing_on import newest_whole, pass_on
from vitalband.cli.common import JSON, console, print_json
from vitalband.client import Band
from vitalband.errors import TransportError
from vitalband.view import printable

TO = Annotated[
    str | None,
    typer.Argument(help="A band that is to show the newest one.", show_default=False, metavar="URL"),
]
SCAN = Annotated[float, typer.Option(min=1, help="Look for a monitor for so many seconds.")]


def cuff(url: TO = None, scan_s: SCAN = 10.0, as_json: JSON = False) -> None:
    """Read a Bluetooth blood-pressure monitor with a cuff, of any maker; give the newest reading to a band.

    Take a measurement, or wake the monitor up, then run this: most can be heard for a minute only. The
    monitor's clock is taken for the time of this computer's time zone.

    [bold]Examples[/]

      vitalband cuff
      vitalband cuff serial:///dev/ttyACM0
    """
    source, found = asyncio.run(_read(scan_s, Radio()))
    newest = newest_whole(found)
    # Told first: the monitor may have forgotten them, whatever the band answers.
    if as_json:
        print_json({"source": source, "measurements": [_plain(each) for each in found]})
    else:
        console.print(Text(printable(f"{source}: {len(found)} measured")))
        console.print(_table(found))
    if url is None:
        return
    if newest is not None:
        asyncio.run(_show(url, newest))
    if not as_json:
        console.print(
            "none has pressures and a time: none for the band"
            if newest is None
            else "the band shows the newest"
        )


async def _show(url: str, newest: PressureMeasurement) -> None:
    async with Band.open(url) as band:
        await pass_on(band, newest, datetime.now(UTC))


async def _read(scan_s: float, radio: Radio) -> tuple[str, list[PressureMeasurement]]:
    monitors = await find_pressure_monitors(radio, scan_s=scan_s)
    if not monitors:
        raise TransportError(f"no blood-pressure monitor was heard within {scan_s:g} s")
    return monitors[0].source, await read_pressure_monitor(monitors[0], radio)


def _plain(measurement: PressureMeasurement) -> dict[str, Any]:
    document = asdict(measurement)
    taken_at = measurement.taken_at
    document["taken_at"] = None if taken_at is None else taken_at.isoformat()
    document["malformed"] = None if measurement.malformed is None else measurement.malformed.hex()
    document["status"] = [flag.name for flag in type(measurement.status) if flag in measurement.status]
    return document


def _table(found: list[PressureMeasurement]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("taken at", "systolic mmHg", "diastolic mmHg", "pulse /min", "remarks"):
        table.add_column(name, justify="left" if name in ("taken at", "remarks") else "right")
    for each in found:
        remarks = (
            "could not be read"
            if each.malformed is not None
            else ", ".join(
                (flag.name or "").lower().replace("_", " ")
                for flag in type(each.status)
                if flag in each.status
            )
        )
        numbers = (each.systolic_mmhg, each.diastolic_mmhg, each.pulse_rate_bpm)
        table.add_row(
            "unknown" if each.taken_at is None else f"{each.taken_at:%Y-%m-%d %H:%M:%S}",
            *("-" if number is None else f"{number:.0f}" for number in numbers),
            remarks,
        )
    return table
