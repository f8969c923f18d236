"""The commands that the simulator adds to `vitalband`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console as RichConsole

from bandsim.band_log import LogLine
from bandsim.console_server import ConsoleServer
from bandsim.data_cli import data_app
from bandsim.endpoints import Endpoint, PtyEndpoint, TcpEndpoint
from bandsim.lane import LaneSettings, parse_heap
from bandsim.live import LiveBand, LiveSettings
from bandsim.scenario import load_scenario
from bandsim.screen import ScreenView, save_png
from bandsim.virtual_band import BandSettings, VirtualBand
from vitalband.cli.common import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from vitalband.errors import BandError, LocalError

__all__ = ["data_app", "sim_app"]

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
    duration: Annotated[float | None, typer.Option(min=0, help="Virtual seconds to run.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's own.")] = None,
    lane: Annotated[str, typer.Option(help="unix, or m4: the image of `make firmware`, emulated.")] = "unix",
    heap: Annotated[str, typer.Option(help="Heap of the firmware, its code apart.")] = "192k",
    state: Annotated[Path | None, typer.Option(help="Folder for the band's own files.")] = None,
    data: Annotated[Path | None, typer.Option(envvar="VITALBAND_DATA", help="Folder of recordings.")] = None,
    screen: Annotated[Path | None, typer.Option(help="PNG file for the display at the end.")] = None,
) -> None:
    """Run a virtual band for a host to connect to, until its scenario ends or Ctrl-C is pressed."""
    try:
        settings = BandSettings(
            lane=LaneSettings(kind=lane, heap_bytes=parse_heap(heap), state_dir=state and state.absolute())
        )
        with VirtualBand(load_scenario(scenario, seed=seed, data_dir=data), settings) as band:
            is_whole = _serve(band, PtyEndpoint() if pty else TcpEndpoint(listen), console, factor, duration)
            _show_end(band, screen)
    except LocalError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    except BandError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from error
    if not is_whole:
        raise typer.Exit(EXIT_INTERRUPTED)


def _serve(
    band: VirtualBand, endpoint: Endpoint, console: str, factor: float, duration_s: float | None
) -> bool:
    """Serve until the end; False when interrupted."""
    band.conductor.log.listener = lambda line: _print_log(band, line)
    server: ConsoleServer | None = None
    try:
        server = ConsoleServer(band.console, console) if console else None
        typer.echo(endpoint.url)
        if server is not None:
            typer.echo(f"console {server.address}")
        sys.stdout.flush()
        LiveBand(band, endpoint, LiveSettings(factor=factor or None, duration_s=duration_s), server).serve()
    except KeyboardInterrupt:
        return False
    finally:
        endpoint.close()
        if server is not None:
            server.close()
    return True


def _print_log(band: VirtualBand, line: LogLine) -> None:
    typer.echo(f"[{band.conductor.name} {line.now_us / 1e6:.3f} s] {line.text}", err=True)


def _show_end(band: VirtualBand, screen: Path | None) -> None:
    pixels = band.console.pixels()
    if sys.stdout.isatty():
        RichConsole().print(ScreenView(pixels))
    if screen is not None:
        try:
            save_png(pixels, screen)
        except OSError as error:
            raise LocalError(f"cannot write {screen}: {error}") from error
    transfers_hz = band.console.counters.rates(band.now_us).bus_transfers_per_virtual_s
    typer.echo(f"{band.now_us / 1e6:.1f} s of band life, {transfers_hz:.1f} bus transfers a second", err=True)
