"""The vital signs of whole demo runs against their references: `vitalband demo` without its screen."""

import asyncio
import tempfile
import time
from pathlib import Path

from bandsim.demo.compare import channels_of, markdown_of, readings_by_source, rows_of
from bandsim.demo.log import DemoLog
from bandsim.demo.session import DemoSession
from bandsim.scenario import RECORDING_PREFIX, Scenario, load_scenario
from bandsim.virtual_band import VirtualBand
from vitalband.view import LiveView

DEMO = "demo"
RECORDINGS = ("hoffman/100001", "troika/01", "flirt_e4", "walch/3509524", "walch/1449548")


def command_of(name: str) -> str:
    """Give the command by which a person does the same run."""
    return "vitalband demo" if name == DEMO else f"vitalband demo --recording {name} --data DIR"


def section_of(name: str, data_dir: Path | None, seconds: float | None = None) -> str:
    """Run the demo, or one of `RECORDINGS`; gives its command, channels, table and references as Markdown."""
    start_s = time.monotonic()
    chosen = load_scenario(name if name == DEMO else RECORDING_PREFIX + name, data_dir=data_dir)
    log = _run(chosen, seconds)
    wall_s = time.monotonic() - start_s
    rows = rows_of(log)
    return "\n".join(
        [
            f"`{command_of(name)}`: {log.duration_s:.0f} s of band time in {wall_s:.1f} s.",
            "",
            *(f"- {channel}: {source}" for channel, source in channels_of(chosen.stimulus.provenance)),
            *(f"- reference of {readings}: {source}" for source, readings in readings_by_source(rows)),
            f"- alerts raised: {_alerts(log)}",
            "",
            markdown_of(rows),
        ]
    )


def _run(chosen: Scenario, seconds: float | None) -> DemoLog:
    log = DemoLog(chosen.stimulus)
    with tempfile.TemporaryDirectory() as folder:
        session = DemoSession(Path(folder), lambda _view, _pixels: None, log, LiveView(chosen.name))
        asyncio.run(session.run(VirtualBand(chosen), seconds))
    return log


def _alerts(log: DemoLog) -> str:
    return "; ".join(f"{t_s:.0f} s {alert.message}" for t_s, alert in log.raised) or "none"
