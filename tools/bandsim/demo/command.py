"""The command `vitalband demo`; what it works with is imported when it runs, so that help is quick."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bandsim.datasets import DATA_VARIABLE


def demo_command(
    recording: Annotated[
        str | None,
        typer.Option(help="A recording of the data folder: hoffman/100001, walch, flirt_e4, ..."),
    ] = None,
    scenario: Annotated[str, typer.Option(help="A built-in scenario, or a scenario file.")] = "demo",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of recordings.", envvar=DATA_VARIABLE),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the store and the pictures.")] = Path(
        "demo-output"
    ),
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after so many band seconds.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of what is modelled.")] = None,
    markdown: Annotated[bool, typer.Option(help="Print the closing table in Markdown as well.")] = False,
) -> None:
    """Run the virtual band on a recorded pulse, decode its vital signs and compare them with the reference.

    The real firmware runs on MicroPython; its chips are models on an I2C bus, fed by the recording and a
    physiology model. Nothing is measured on a person here.

    [bold]Examples[/]

      vitalband demo

      vitalband demo --recording hoffman/100001 --data ~/vitalband-data

      vitalband demo --scenario taken_off --seconds 300
    """
    from bandsim.demo.run import run_demo
    from bandsim.one_core import stay_on_one_core
    from bandsim.scenario import RECORDING_PREFIX

    stay_on_one_core()
    name = scenario if recording is None else RECORDING_PREFIX + recording
    asyncio.run(run_demo(name, data=data, seed=seed, output=output, seconds=seconds, markdown=markdown))
