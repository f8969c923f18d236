"""Draws the pictures of the README from the virtual band: `make pictures`."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bandschema.enums import Page
from bandsim.demo.log import DemoLog
from bandsim.demo.session import DemoSession
from bandsim.scenario import load_scenario
from bandsim.screen import Pixels, to_picture
from bandsim.transport import SimTransport
from bandsim.virtual_band import VirtualBand
from vitalband.client import Band
from vitalband.view import LiveView

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PAGES = (
    Page.HEART,
    Page.BREATHING,
    Page.OXYGEN,
    Page.TEMPERATURE,
    Page.MOTION,
    Page.BLOOD_PRESSURE,
    Page.SLEEP,
    Page.STATUS,
)
_CONSENT_PAGE_AT_S = 1.6
_PAGES_FROM_S = 460.0
_END_S = 490.0
_COLUMNS = 3
_GAP = 6
_SCALE = 2
_VIEW_COLUMNS = 80


async def draw_pages(virtual: VirtualBand) -> list[Pixels]:
    """Give the manifest page while it asks, then each page of `PAGES` late in the scenario."""
    drawn: list[Pixels] = []
    async with Band.open(f"sim:{virtual.scenario.name}", band=virtual) as band:
        transport = band.transport
        assert isinstance(transport, SimTransport)
        await band.run_for(_CONSENT_PAGE_AT_S - transport.console.now_s)
        drawn.append(transport.console.pixels())
        await band.run_for(60)
        await band.send_cuff_reading(121, 78, age_s=840)
        await band.run_for(_PAGES_FROM_S - transport.console.now_s)
        for page in PAGES:
            await band.show_page(page)
            await band.run_for(3)
            drawn.append(transport.console.pixels())
    return drawn


def save_montage(screens: list[Pixels], path: Path) -> None:
    """Save screens in rows of `_COLUMNS`."""
    pictures = [to_picture(pixels, scale=_SCALE) for pixels in screens]
    width, height = pictures[0].size
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP), "white")
    for index, picture in enumerate(pictures):
        row, column = divmod(index, _COLUMNS)
        sheet.paste(picture, (column * (width + _GAP), row * (height + _GAP)))
    sheet.save(path)


async def draw_view(virtual: VirtualBand) -> str:
    """Give the live view during the desaturation, as SVG."""
    view = LiveView("vitalband stream sim:demo")
    with tempfile.TemporaryDirectory() as folder:
        session = DemoSession(Path(folder), _show_nothing, DemoLog(virtual.scenario.stimulus), view)
        await session.run(virtual, _END_S)
    return view.render_svg(_VIEW_COLUMNS)


def _show_nothing(view: LiveView, read_pixels: Callable[[], Pixels]) -> None:
    """The demo's pictures are all that is wanted here."""


def main() -> None:
    """Write the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    save_montage(asyncio.run(draw_pages(VirtualBand(load_scenario("demo")))), IMAGES / "display.png")
    view = asyncio.run(draw_view(VirtualBand(load_scenario("demo"))))
    (IMAGES / "stream.svg").write_text(view, encoding="utf-8")


if __name__ == "__main__":
    main()
