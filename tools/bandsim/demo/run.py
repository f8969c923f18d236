"""What `vitalband demo` does, as a person sees it: introduction, live view, table, pictures."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group
from rich.markup import escape

from bandsim.demo.compare import NOTES, channels_of, markdown_of, readings_by_source, rows_of, table_of
from bandsim.demo.log import DemoLog
from bandsim.demo.picture import save_session
from bandsim.demo.session import DemoSession
from bandsim.scenario import Scenario, load_scenario
from bandsim.screen import Pixels, ScreenView, save_png
from bandsim.virtual_band import VirtualBand
from vitalband.cli.common import Screen, console
from vitalband.view import LiveView


@dataclass(frozen=True, slots=True)
class _Display:
    """The band's display, looked at only when it is drawn: several times a second, not at each item."""

    pixels: Callable[[], Pixels]

    def __rich__(self) -> ScreenView:
        return ScreenView(self.pixels())


async def run_demo(
    name: str, *, data: Path | None, seed: int | None, output: Path, seconds: float | None, markdown: bool
) -> None:
    """Run a scenario with the live view, compare, and leave store and pictures in `output`.

    Raises `BandError` when the band, its scenario or its recording cannot be had, `OSError` when `output`
    cannot be written.
    """
    start_s = time.monotonic()
    chosen = load_scenario(name, seed=seed, data_dir=data)
    _introduce(chosen)
    output.mkdir(parents=True, exist_ok=True)
    _remove_last_run(output)
    band = VirtualBand(chosen)
    log = DemoLog(chosen.stimulus)
    with Screen(transient=True) as screen:

        def show(view: LiveView, pixels: Callable[[], Pixels]) -> None:
            screen.show(Group(view, _Display(pixels)))

        session = DemoSession(output, show, log, LiveView(f"vitalband demo: {chosen.name}"))
        await session.run(band, seconds)
    wall_s = time.monotonic() - start_s
    _conclude(chosen, session, wall_s, markdown)


def _introduce(chosen: Scenario) -> None:
    console.print(f"[bold]{escape(chosen.name)}[/]: {escape(chosen.description)}")
    console.print(
        "Virtual band: the real firmware on MicroPython, chip models on I2C, a serial link to the SDK."
    )
    for channel, source in channels_of(chosen.stimulus.provenance):
        console.print(f"  {channel:<18}{escape(source)}")


def _remove_last_run(output: Path) -> None:
    for path in output.glob("session.vband*"):
        path.unlink()


def _conclude(chosen: Scenario, session: DemoSession, wall_s: float, markdown: bool) -> None:
    log, output = session.log, session.output
    rows = rows_of(log)
    console.print(session.view)
    console.print(table_of(rows, f"{chosen.name}: {log.duration_s:.0f} s of band time in {wall_s:.1f} s"))
    console.print(NOTES, style="dim")
    for source, readings in readings_by_source(rows):
        console.print(f"  reference {escape(source)}: {readings}", style="dim")
    save_session(log, output / "session.png", f"{chosen.name}: {chosen.description}")
    for name, pixels in session.pictures.items():
        save_png(pixels, output / f"{name}.png")
    _print_alerts(log)
    console.print(f"Picture of the session: {escape(str(output / 'session.png'))}")
    for name in session.pictures:
        console.print(f"Display of the band:    {escape(str(output / f'{name}.png'))}")
    console.print(f"Store, to be replayed:  {escape(str(output / 'session.vband'))}")
    if markdown:
        print(markdown_of(rows))


def _print_alerts(log: DemoLog) -> None:
    if not log.raised:
        console.print("Alerts: none was raised.")
    for t_s, alert in log.raised:
        console.print(f"Alert at {int(t_s) // 60}:{int(t_s) % 60:02d}: {escape(alert.message)}")
