"""What `vitalband sim` and `vitalband board` do: a band served, its log on stderr, its display at the end."""

import sys
from pathlib import Path

import typer
from rich.console import Console as RichConsole

from bandsim.band_log import LogLine
from bandsim.console_server import ConsoleServer
from bandsim.dev_board import BoardSettings
from bandsim.endpoints import Endpoint
from bandsim.live import LiveBand
from bandsim.live_board import LiveBoard
from bandsim.scenario import Scenario
from bandsim.screen import ScreenView, save_png
from bandsim.virtual_band import VirtualBand
from vitalband.errors import LocalError


def serve(band: VirtualBand, endpoint: Endpoint, console: str, factor: float | None) -> bool:
    """Serve until the end, with a test console at the address `console` names; False when interrupted."""
    band.conductor.log.listener = lambda line: _print_log(band, line)
    server: ConsoleServer | None = None
    try:
        server = ConsoleServer(band.console, console) if console else None
        typer.echo(endpoint.url)
        if server is not None:
            typer.echo(f"console {server.address}")
        sys.stdout.flush()
        LiveBand(band, endpoint, factor=factor, console_server=server).serve()
    except KeyboardInterrupt:
        return False
    finally:
        endpoint.close()
        if server is not None:
            server.close()
    return True


def serve_board(scenario: Scenario, settings: BoardSettings, console: str, screen: Path | None) -> bool:
    """Serve an emulated board to its scenario's end, its addresses on stdout; False when interrupted."""
    board = LiveBoard(scenario, settings, console_address=console)
    band = board.band
    band.conductor.log.listener = lambda line: _print_log(band, line)
    try:
        typer.echo(f"frames {board.frames_url}")
        typer.echo(f"prompt {board.prompt_url}")
        typer.echo(f"console {board.console_server.address}")
        sys.stdout.flush()
        board.serve()
    except KeyboardInterrupt:
        return False
    finally:
        board.close()
        show_end(band, screen)
    return True


def _print_log(band: VirtualBand, line: LogLine) -> None:
    typer.echo(f"[{band.conductor.name} {line.now_us / 1e6:.3f} s] {line.text}", err=True)


def show_end(band: VirtualBand, screen: Path | None) -> None:
    """Show the display as it was last, in the terminal and in a PNG file `screen`, and say what was done."""
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
