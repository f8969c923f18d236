"""What the band sends is what it shows: each page on the glass against the vitals frame of that moment.

The frame crosses the link and the SDK; then the firmware's own views draw its readings once more here. Both
pictures must be one, but for the line of the past four minutes, which a frame does not carry.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bandschema.readings import BY_READING, READINGS
from bandsim.console import Console
from device.bands import console_of, next_update, play, rest_file
from display.canvas import Canvas
from display.reading_views import reading_views
from display.trend import POINTS
from radio.apps import pages_of_button
from readings import ReadingTable
from status import Status
from vitalband import Band, Cause, ReadingId, Validity, VitalsUpdate

Pixels = NDArray[np.bool_]

REDRAWN_S = 1.2
"""The display is drawn at most once a second, and vitals come every 2 s."""


class NoTrends:
    """The past, which a single frame does not carry."""

    def of(self, _index: int) -> None:
        """Give nothing."""


VIEW_COUNT = len(reading_views(ReadingTable(), NoTrends(), Status()))
"""Views of readings; the cuff's three readings share one. The manifest comes before them, but a press there
has agreed and gone on."""

OTHER_VIEW_COUNT = len(pages_of_button()) - VIEW_COUNT - 1
"""Views behind those of readings; a press on the last of them leads to the manifest."""


@dataclass(frozen=True)
class Glance:
    """One look at the display, with the vitals frame of that moment."""

    pixels: Pixels
    update: VitalsUpdate


def table_of(update: VitalsUpdate, *, raised: int = 0) -> ReadingTable:
    """The band's table as a frame tells it; `raised` adds so much to every raw value."""
    table = ReadingTable()
    table.set_contact(int(update.contact))
    for index, spec in enumerate(READINGS):
        reading = update[spec.reading]
        raw = 0 if reading.value is None else round(reading.value / BY_READING[spec.reading].scale) + raised
        if reading.validity == Validity.VALID:
            table.set(index, raw, reading.quality)
        elif reading.value is not None:
            table.doubt(index, raw, reading.quality, int(reading.cause))
        else:
            table.withhold(index, int(reading.cause), int(reading.validity))
    return table


def drawn(table: ReadingTable, view_number: int) -> Pixels:
    """What a view of the firmware draws of a table."""
    canvas = Canvas()
    reading_views(table, NoTrends(), Status())[view_number].draw(canvas)
    columns = np.frombuffer(canvas.buffer, np.uint8).reshape(8, 128)
    return np.unpackbits(columns[:, np.newaxis, :], axis=1, bitorder="little").reshape(64, 128).astype(bool)


def without_past(pixels: Pixels) -> Pixels:
    """The picture without the line of the past, in its lower right corner."""
    rest = pixels.copy()
    rest[55:64, 128 - 2 * POINTS :] = False
    return rest


async def look_through(band: Band, console: Console) -> list[Glance]:
    """One glance at each view of a reading, from the first to the last, by presses of the button."""
    glances = []
    for _ in range(VIEW_COUNT):
        update = await next_update(band)
        await band.run_for(REDRAWN_S)
        glances.append(Glance(console.pixels(), update))
        console.press_button()
        await band.run_for(1)
    for _ in range(OTHER_VIEW_COUNT):
        console.press_button()
        await band.run_for(1)
    return glances


async def look_at_all(url: str) -> dict[str, list[Glance]]:
    glances = {}
    async with Band.open(url) as band:
        console = console_of(band)
        await band.run_for(6)
        glances["starting"] = await look_through(band, console)
        await band.send_cuff_reading(128, 81, age_s=4000)
        await band.run_for(150)
        console.press_button()
        glances["settled"] = await look_through(band, console)
        console.set_contact(False)
        await band.run_for(10)
        console.press_button()
        glances["off"] = await look_through(band, console)
    return glances


@pytest.fixture(scope="session")
def glances(lane_kind, tmp_path_factory) -> dict[str, list[Glance]]:
    return play(look_at_all(rest_file(tmp_path_factory.mktemp("display"))))


EACH = [(phase, view) for phase in ("starting", "settled", "off") for view in range(VIEW_COUNT)]


@pytest.mark.parametrize(("phase", "view"), EACH)
def test_the_page_shows_what_the_frame_carries(glances, phase, view):
    glance = glances[phase][view]
    assert np.array_equal(without_past(glance.pixels), without_past(drawn(table_of(glance.update), view)))


def numbers_of(view: int) -> list[ReadingId]:
    views = reading_views(ReadingTable(), NoTrends(), Status())
    return [READINGS[index].reading for index in views[view].readings]


@pytest.mark.parametrize(("phase", "view"), EACH)
def test_an_unknown_reading_shows_its_cause_and_no_number(glances, phase, view):
    glance = glances[phase][view]
    readings = [glance.update[reading] for reading in numbers_of(view)]
    if any(reading.is_valid for reading in readings):
        return
    blank = ReadingTable()
    blank.clear(int(readings[0].cause))
    says_cause = without_past(drawn(blank, view))
    without_doubt = glance.pixels.copy()
    # A best value that is in doubt may stand in brackets on the last line, with its quality.
    if any(reading.value is not None for reading in readings):
        says_cause[50:], without_doubt[50:] = False, False
    assert readings[0].cause != Cause.NONE
    assert np.array_equal(without_past(without_doubt), says_cause)


def test_both_kinds_of_page_have_been_seen(glances):
    causes = {reading.cause for phase in glances for glance in glances[phase] for reading in glance.update}
    assert {Cause.NONE, Cause.STARTING, Cause.NO_CUFF_READING, Cause.OFF_WRIST} <= causes
    settled = glances["settled"]
    assert sum(settled[view].update[numbers_of(view)[0]].is_valid for view in range(VIEW_COUNT)) >= 8


@pytest.mark.parametrize("view", range(VIEW_COUNT))
def test_a_value_that_is_off_by_one_would_show(glances, view):
    # The comparison can fail: the same page with every raw value one higher is another picture.
    glance = glances["settled"][view]
    if glance.update[numbers_of(view)[0]].is_valid:
        other = drawn(table_of(glance.update, raised=1), view)
        assert not np.array_equal(without_past(glance.pixels), without_past(other))
