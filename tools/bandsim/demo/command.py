"""The command `vitalband demo`: what a person sees."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape

from bandschema.enums import AlertLevel
from bandschema.readings import BY_READING
from bandsim.demo.compare import Row, markdown_of, rows_of, table_of
from bandsim.demo.log import DemoLog
from bandsim.demo.picture import save_session
from bandsim.demo.session import DemoSession
from bandsim.one_core import stay_on_one_core
from bandsim.scenario import RECORDING_PREFIX, Scenario, load_scenario
from bandsim.screen import Pixels, ScreenView, save_png
from bandsim.virtual_band import VirtualBand
from vitalband.cli.common import console, run
from vitalband.view import LiveView

_FRAME_S = 0.1
_CHANNELS = ("optical", "acceleration", "skin_temperature", "battery")


def demo_command(
    recording: Annotated[
        str | None,
        typer.Option(help="A recording of the data folder: hoffman/100001, troika/01, flirt_e4, ..."),
    ] = None,
    scenario: Annotated[str, typer.Option(help="A built-in scenario, or a scenario file.")] = "demo",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of recordings.", envvar="VITALBAND_DATA", exists=True, file_okay=False),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the store and the pictures.")] = Path(
        "demo-output"
    ),
    seconds: Annotated[float | None, typer.Option(help="Stop after so many seconds of band time.")] = None,
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
    stay_on_one_core()
    name = scenario if recording is None else RECORDING_PREFIX + recording
    run(_demo(name, data, seed, output, seconds, markdown))


async def _demo(
    name: str, data: Path | None, seed: int | None, output: Path, seconds: float | None, markdown: bool
) -> None:
    start_s = time.monotonic()
    chosen = load_scenario(name, seed=seed, data_dir=data)
    _introduce(chosen)
    output.mkdir(parents=True, exist_ok=True)
    _remove_last_run(output)
    band = VirtualBand(chosen)
    log = DemoLog(chosen.stimulus)
    with _Screen() as screen:
        session = DemoSession(output, screen.show, log, LiveView(f"vitalband demo: {chosen.name}"))
        await session.run(band, seconds)
    wall_s = time.monotonic() - start_s
    _conclude(chosen, session, wall_s, markdown)


def _introduce(chosen: Scenario) -> None:
    console.print(f"[bold]{escape(chosen.name)}[/]: {escape(chosen.description)}")
    console.print(
        "Virtual band: the real firmware on MicroPython, chip models on I2C, a serial link to the SDK."
    )
    for channel in _CHANNELS:
        source = chosen.stimulus.provenance.get(channel, "none")
        console.print(f"  {channel.replace('_', ' '):<18}{escape(source)}")


def _remove_last_run(output: Path) -> None:
    for path in output.glob("session.vband*"):
        path.unlink()


class _Screen:
    """The live view beside the band's display, where there is a terminal."""

    def __init__(self) -> None:
        self._live = (
            Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        )
        self._next_frame_s = 0.0

    def __enter__(self) -> "_Screen":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, view: LiveView, pixels: Pixels) -> None:
        """Show the present state, not more often than a person can see."""
        now_s = time.monotonic()
        if self._live is not None and now_s >= self._next_frame_s:
            self._next_frame_s = now_s + _FRAME_S
            self._live.update(Group(view, ScreenView(pixels)), refresh=True)


def _conclude(chosen: Scenario, session: DemoSession, wall_s: float, markdown: bool) -> None:
    log, output = session.log, session.output
    rows = rows_of(log)
    console.print(session.view)
    console.print(table_of(rows, f"{chosen.name}: {log.duration_s:.0f} s of band time in {wall_s:.1f} s"))
    _print_sources(rows)
    save_session(log, output / "session.png", f"{chosen.name}: {chosen.description}")
    for name, pixels in session.pictures.items():
        save_png(pixels, output / f"{name}.png")
    _print_alerts(log, console)
    console.print(f"Picture of the session: {output / 'session.png'}")
    for name in session.pictures:
        console.print(f"Display of the band:    {output / f'{name}.png'}")
    console.print(f"Store, to be replayed:  {output / 'session.vband'}")
    if markdown:
        print(markdown_of(rows))


def _print_sources(rows: list[Row]) -> None:
    """Say where the references come from, each source once."""
    readings: dict[str, list[str]] = {}
    for row in rows:
        readings.setdefault(row.source, []).append(BY_READING[row.reading_id].name_en.lower())
    for source, names in readings.items():
        console.print(f"  reference {escape(source)}: {', '.join(names)}", style="dim")


def _print_alerts(log: DemoLog, out: Console) -> None:
    raised = [(t_s, alert) for t_s, alert in log.alerts if alert.level != AlertLevel.CLEAR]
    if not raised:
        out.print("Alerts: none was raised.")
    for t_s, alert in raised:
        out.print(f"Alert at {int(t_s) // 60}:{int(t_s) % 60:02d}: {escape(alert.message)}")
