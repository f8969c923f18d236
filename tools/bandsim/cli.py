"""The command `vitalband sim`; what it works with is imported when it runs, so that help is quick."""

from pathlib import Path
from typing import Annotated, TextIO

import typer

from bandsim.datasets import DATA_VARIABLE
from bandsim.lanes import LANE_VARIABLE
from vitalband.cli.common import EXIT_INTERRUPTED
from vitalband.errors import LocalError

__all__ = ["sim_app"]

sim_app = typer.Typer(add_completion=False, rich_markup_mode="rich")

_EPILOG = """
[bold]Examples[/bold]

vitalband sim rest --listen 127.0.0.1:5555    [dim]then: vitalband stream socket://127.0.0.1:5555[/dim]

vitalband sim desaturation --pty --factor 20  [dim]then: vitalband stream serial:///dev/pts/N[/dim]

vitalband sim rest --console 127.0.0.1:0      [dim]a test console: JSON lines, {"do": "press_button"}[/dim]
"""


@sim_app.command(epilog=_EPILOG)
def sim(
    scenario: Annotated[str, typer.Argument(help="A scenario, a TOML file, or recording:NAME.")],
    listen: Annotated[str, typer.Option(help="HOST:PORT of the link; port 0 takes any.")] = "127.0.0.1:0",
    pty: Annotated[bool, typer.Option("--pty", help="Serve the link on a pseudo-terminal instead.")] = False,
    factor: Annotated[float, typer.Option(min=0, help="Virtual seconds a second; 0: no limit.")] = 1.0,
    console: Annotated[str, typer.Option(help="HOST:PORT of a test console.")] = "",
    duration: Annotated[float | None, typer.Option(min=1, help="Virtual seconds to run.")] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Another seed than the scenario's own; the band's keys follow from it, too."),
    ] = None,
    lane: Annotated[
        str,
        typer.Option(envvar=LANE_VARIABLE, help="unix, or m4: the image of `make firmware`, emulated."),
    ] = "unix",
    heap: Annotated[str, typer.Option(help="Heap of the firmware, such as 192k; default: the lane's.")] = "",
    clock_error_ppm: Annotated[float, typer.Option(help="How much too fast the band's clock runs.")] = 0.0,
    flash_kb: Annotated[int | None, typer.Option(help="Size of the band's flash; default: 1024.")] = None,
    secured: Annotated[bool, typer.Option("--secured", help="Take part in secure sessions only.")] = False,
    state: Annotated[Path | None, typer.Option(help="Folder for the band's own files.")] = None,
    data: Annotated[Path | None, typer.Option(envvar=DATA_VARIABLE, help="Folder of recordings.")] = None,
    screen: Annotated[Path | None, typer.Option(help="PNG file for the display at the end.")] = None,
    bus_log: Annotated[Path | None, typer.Option(help="Text file for every transfer on the I2C bus.")] = None,
) -> None:
    """Run a virtual band for a host to connect to, until its scenario ends or Ctrl-C is pressed."""
    from contextlib import ExitStack

    from bandsim.bus_log import BusLog
    from bandsim.endpoints import PtyEndpoint, TcpEndpoint
    from bandsim.lane import LaneSettings, parse_heap
    from bandsim.scenario import load_scenario
    from bandsim.serving import serve, show_end
    from bandsim.virtual_band import FLASH_KB, BandSettings, VirtualBand

    heap_bytes = parse_heap(heap) if heap else None
    settings = LaneSettings(kind=lane, heap_bytes=heap_bytes, state_dir=state and state.absolute())
    band_settings = BandSettings(
        lane=settings, clock_error_ppm=clock_error_ppm, flash_kb=flash_kb or FLASH_KB, demands_secure=secured
    )
    chosen = load_scenario(scenario, seed=seed, data_dir=data, duration_s=duration)
    with ExitStack() as held:
        band = held.enter_context(VirtualBand(chosen, band_settings))
        if bus_log is not None:
            band.console.bus.trace = BusLog(held.enter_context(_text_file(bus_log)))
        endpoint = PtyEndpoint() if pty else TcpEndpoint(listen)
        is_whole = serve(band, endpoint, console, factor or None)
        show_end(band, screen)
    if not is_whole:
        raise typer.Exit(EXIT_INTERRUPTED)


def _text_file(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="ascii")
    except OSError as error:
        raise LocalError(f"cannot use {path}: {error.strerror}") from error
