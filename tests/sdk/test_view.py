"""The live view: what it shows of values, doubts, losses and alerts; as text and as a picture."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from sdk.fake_band import FakeBand, Script
from sdk.helpers import paced_band, run, take
from sdk.paced import PacedTransport
from sdk.test_alerts import GOOD, STAMP, VERY_ILL, reading, update
from vitalband import (
    Cause,
    ConnectionEvent,
    ConnectionState,
    Contact,
    EarlyWarning,
    ReadingId,
    Stamp,
    Validity,
)
from vitalband.cli import app
from vitalband.cli.common import Screen
from vitalband.values import VitalsUpdate
from vitalband.view import LiveView, quality_bar, shown_value, sparkline


def test_values_are_shown_with_unit_quality_and_history():
    view = LiveView("band")
    for value in (60.0, 70.0, 80.0):
        view.feed(update(GOOD | {ReadingId.HEART_RATE_BPM: value}))
    text = view.render_text()
    line = next(line for line in text.splitlines() if "Heart rate" in line)
    assert "80.0" in line
    assert "█" * 7 in line
    assert "▁▅█" in line
    assert "on wrist" in text


def test_a_reading_without_value_shows_its_cause_and_no_number():
    view = LiveView("band")
    view.feed(update({}, {ReadingId.SPO2_PERCENT: Cause.WEAK_SIGNAL}))
    line = next(line for line in view.render_text().splitlines() if "Oxygen" in line)
    assert "weak signal" in line
    assert not any(character.isdigit() for character in line)


def test_off_wrist_a_lost_link_and_a_fault_are_seen_at_once():
    view = LiveView("band")
    view.feed(update({}, contact=Contact.OFF_WRIST))
    view.feed(ConnectionEvent(ConnectionState.LOST, "cable pulled"))
    view.feed(EarlyWarning().lose_link(0))
    text = view.render_text()
    assert "off wrist" in text
    assert "link lost: cable pulled" in text
    assert "FAULT: not watching, link lost" in text


def test_an_alert_names_its_score_and_what_is_missing():
    view, warning = LiveView("band"), EarlyWarning()
    for second in range(0, 14, 2):
        view.feed(warning.feed(update(VERY_ILL), second * 1000))
    text = view.render_text()
    assert "ALARM: NEWS2 at least 9 (breathing 3, oxygen 3, heart rate 3) " in text
    assert "not measured: air or oxygen, systolic pressure, consciousness, temperature " in text


@pytest.mark.parametrize("validity", [validity for validity in Validity if validity != Validity.VALID])
@pytest.mark.parametrize("cause", Cause)
def test_every_vital_fits_on_one_line_of_a_terminal_of_80_columns(cause, validity):
    view = LiveView("band")
    for _ in range(100):
        view.feed(VitalsUpdate(STAMP, Contact.ON_WRIST, {
            reading_id: reading(reading_id, None if validity == Validity.UNKNOWN else 2.0, validity, cause)
            for reading_id in ReadingId
        }))  # fmt: skip
    lines = view.render_text().splitlines()
    assert len(lines) == len(ReadingId) + 6  # two of the frame, status, head, alert, losses
    told = validity if cause is Cause.NONE else cause
    assert sum(told.name.lower().replace("_", " ") in line for line in lines) == len(ReadingId)


def test_losses_are_counted_in_the_view():
    async def work():
        band, transport = paced_band()
        async with band:
            view = LiveView("band", band.identity)
            transport.band.numbering.take()
            for item in await take(band.vitals(), 3):
                view.feed(item)
            view.feed(band.statistics)
            text = view.render_text()
            assert "dropped on band 1" in text
            assert "missing" not in text
            assert "dropped here" not in text
            assert "Vitalband Fake" in text

    run(work())


def test_no_loss_is_said_in_words():
    async def work():
        band, _ = paced_band()
        async with band:
            view = LiveView("band", band.identity)
            view.feed(band.statistics)
            assert "no losses" in view.render_text()

    run(work())


def test_the_same_items_give_the_same_picture():
    pictures = []
    for _ in range(2):
        view = LiveView("band")
        stamp = Stamp(1, 0, 0, datetime(2024, 1, 1, tzinfo=UTC), 12.0)
        view.feed(VitalsUpdate(stamp, Contact.ON_WRIST, update(GOOD).readings))
        pictures.append(view.render_svg())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith("<svg")
    assert "2024-01-01" in pictures[0]


def test_names_stand_for_numbers_where_a_reading_is_a_state():
    assert shown_value(reading(ReadingId.ACTIVITY, 2.0)) == "walk"
    assert shown_value(reading(ReadingId.SLEEP_STAGE, 0.0)) == "wake"
    assert shown_value(reading(ReadingId.STEPS, 1200.0)) == "1200"
    assert shown_value(reading(ReadingId.STEPS, None, Validity.UNKNOWN)) == "-"


def test_a_gap_in_a_sparkline_is_a_blank():
    assert sparkline([1.0, None, 2.0]) == "▁ █"
    assert sparkline([None, None]) == ""
    assert sparkline([3.0, 3.0]) == "▁▁"


def test_the_quality_bar_is_empty_for_what_is_not_valid():
    assert "█" not in quality_bar(reading(ReadingId.STEPS, 1.0, Validity.LOW_QUALITY)).plain
    assert quality_bar(reading(ReadingId.STEPS, 1.0)).plain.count("█") == 7  # 90 of 100, in eighths


def stream(monkeypatch, band, *options):
    """What `vitalband stream` prints of a fake band when its output is no terminal."""
    monkeypatch.setattr("vitalband.client.open_transport", lambda url: PacedTransport(band))
    result = CliRunner().invoke(app, ["stream", "fake:", "--speed", "0", *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def silent_band():
    """A band whose wearer never agrees, for 90 s."""
    band = FakeBand(Script(end_ms=90_000))
    band._next_vitals_ms = 10**9
    return band


@pytest.mark.parametrize(
    ("options", "alert"),
    [(["--seconds", "0"], "no alert"), (["--seconds", "40"], "FAULT: not watching, stale")],
    ids=["at once", "when it is stale"],
)
def test_a_band_that_sends_no_vitals_is_shown_with_what_it_may_wait_for(options, alert, monkeypatch):
    text = stream(monkeypatch, silent_band(), *options)
    assert "waiting for vitals   Vitalband Fake" in text
    assert "a band sends none before its wearer has agreed by its button" in text
    assert alert in text


def test_a_stream_is_shown_before_anything_has_come(monkeypatch):
    shown = []
    monkeypatch.setattr(Screen, "show", lambda _screen, view: shown.append(view.render_text()))
    stream(monkeypatch, FakeBand(), "--seconds", "3")
    assert "waiting for vitals" in shown[0]
    assert "waiting for vitals" not in shown[-1]


def test_a_stream_asks_for_its_report_interval_and_is_not_stale_for_it(monkeypatch):
    band = FakeBand()
    text = stream(monkeypatch, band, "--seconds", "150", "--report-interval", "60")
    assert band.updates_per_frame == 30
    assert "no alert" in text


def test_nobody_is_told_of_the_button_once_vitals_have_come():
    view = LiveView("band")
    view.feed(update(GOOD))
    assert "button" not in view.render_text()


@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("is_transient", [True, False])
def test_a_view_ends_with_one_line_end_where_it_stays(is_terminal, is_transient, monkeypatch):
    console = Console(file=StringIO(), width=80, force_terminal=is_terminal, color_system=None)
    monkeypatch.setattr("vitalband.cli.common.console", console)

    async def work():
        with Screen(transient=is_transient) as screen:
            screen.show(LiveView("band"))

    run(work())
    text = console.file.getvalue()
    assert text.count("\n\n") == 0
    if is_terminal or not is_transient:
        assert text.rpartition("╯")[2].count("\n") == 1
    else:
        assert text == ""
