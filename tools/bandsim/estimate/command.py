"""`vitalband estimate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bandsim.lanes import LANE_VARIABLE, LANES
from vitalband.errors import LocalError

STDOUT = "-"


def estimate_command(
    file: Annotated[Path, typer.Argument(help="An NPZ or CSV file, as in docs/estimate.md.", exists=False)],
    output: Annotated[str, typer.Option("-o", "--output", help="CSV file of the readings.")] = STDOUT,
    lane: Annotated[
        str,
        typer.Option(envvar=LANE_VARIABLE, help="unix, or m4: the image of `make firmware`, emulated."),
    ] = "unix",
    stack: Annotated[
        str, typer.Option(help="Optical stack of a CSV file: max30101 or phone_rgb.")
    ] = "max30101",
) -> None:
    """Run the firmware's own vital signs on a recording, and write one row a reading.

    The columns are time_s,vital,value,unit,quality,validity,cause; `vitalband score` compares them with a
    reference.

    Example: vitalband estimate walk.npz -o walk.readings.csv
    """
    from bandsim.estimate.csv_form import read_csv
    from bandsim.estimate.npz_form import read_npz
    from bandsim.estimate.rows import known_rows
    from bandsim.estimate.runner import estimate
    from bandsim.lane import LaneSettings
    from vitalband.analysis.readings import write_readings

    if lane not in LANES:
        raise LocalError(f"wanted a lane of {', '.join(LANES)}, got {lane!r}")
    recording = read_csv(file, stack) if file.suffix.lower() == ".csv" else read_npz(file)
    for note in recording.notes:
        typer.echo(f"note: {note}", err=True)
    made = estimate(recording, LaneSettings(kind=lane))
    if output == STDOUT:
        write_readings(made.rows, sys.stdout)
        return
    write_readings(made.rows, Path(output))
    typer.echo(
        f"{output}: {len(made.rows)} readings, {known_rows(made.rows)} with a value, of "
        f"{float(recording.duration_s):.1f} s; {made.wall_s:.1f} s on the lane {lane}"
    )
