"""The command `vitalband board`; what it works with is imported when it runs, so that help is quick."""

from pathlib import Path
from typing import Annotated

import typer

from bandsim.datasets import DATA_VARIABLE
from vitalband.cli.common import EXIT_INTERRUPTED

__all__ = ["board_app"]

board_app = typer.Typer(add_completion=False, rich_markup_mode="rich")

_EPILOG = """
[bold]Examples[/bold]

vitalband board rest                  [dim]then: vitalband stream socket://127.0.0.1:N of the frames[/dim]

vitalband board rest --bare           [dim]then: mpremote connect socket://127.0.0.1:N of the prompt[/dim]

vitalband board rest --flash my.bin   [dim]what is put on the board is there the next time[/dim]
"""


@board_app.command(epilog=_EPILOG)
def board(
    scenario: Annotated[str, typer.Argument(help="A scenario, a TOML file, or recording:NAME.")],
    frames: Annotated[
        str, typer.Option(help="HOST:PORT of the frames' UART; port 0 takes any.")
    ] = "127.0.0.1:0",
    prompt: Annotated[str, typer.Option(help="HOST:PORT of the prompt's UART.")] = "127.0.0.1:0",
    console: Annotated[str, typer.Option(help="HOST:PORT of a test console.")] = "127.0.0.1:0",
    flash: Annotated[Path | None, typer.Option(help="File of the board's flash, kept.")] = None,
    rom: Annotated[
        Path | None, typer.Option(help="ROMFS image to put on a new flash: this checkout's.")
    ] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Put nothing on a new flash.")] = False,
    heap: Annotated[str | None, typer.Option(help="Heap of the interpreter: 320 KB unless given.")] = None,
    duration: Annotated[float | None, typer.Option(min=1, help="Seconds to run.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's own.")] = None,
    data: Annotated[Path | None, typer.Option(envvar=DATA_VARIABLE, help="Folder of recordings.")] = None,
    screen: Annotated[Path | None, typer.Option(help="PNG file for the display at the end.")] = None,
) -> None:
    """Run a developer's board in an emulator, worn by a scenario's wearer, in real time.

    It is the image of `make firmware PROFILE=dev`: MicroPython with a prompt on one UART and the frames on
    another. Until the firmware first uses a pin or a chip, the wearer's time stands still.
    """
    from bandsim.dev_board import BUILT_ROM, DEFAULT_HEAP_BYTES, BoardSettings, read_rom_file
    from bandsim.lane import parse_heap
    from bandsim.scenario import load_scenario
    from bandsim.serving import serve_board

    is_new = flash is None or not flash.exists()
    settings = BoardSettings(
        flash=flash and flash.absolute(),
        rom=read_rom_file(rom or BUILT_ROM) if is_new and not bare else None,
        prompt=prompt,
        frames=frames,
        heap_bytes=parse_heap(heap) if heap else DEFAULT_HEAP_BYTES,
    )
    chosen = load_scenario(scenario, seed=seed, data_dir=data, duration_s=duration)
    if not serve_board(chosen, settings, console, screen):
        raise typer.Exit(EXIT_INTERRUPTED)
