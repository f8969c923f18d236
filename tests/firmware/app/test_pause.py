"""A pause by the button: nothing is measured for an hour, and what was before stays."""

import pytest

from bandschema.enums import CommandCode, ConsentAction, Group, Page, Result, StreamId
from bandwire.frames import CAUSE_PAUSED
from consent import PAUSE_S
from firmware.app.test_consent import ABOUT_THE_WEARER, backfilled, kinds, sample_reads


def turn_pause(rig):
    """Pause, or go on, as the wearer does, who reads the page before."""
    while rig.band.screen.view.page != Page.PAUSE:
        rig.press()
        rig.run(100)
    rig.run(4_000)
    rig.press()


def actions(rig):
    return [record.action for record in rig.host.records("ConsentRecord")]


@pytest.fixture
def paused(rig):
    rig.connect()
    rig.agree()
    rig.run(10_000)
    turn_pause(rig)
    rig.run(1_000)
    rig.bus.trace.clear()
    rig.host.frames.clear()
    return rig


def test_nothing_is_measured_or_sent_while_it_lasts(paused):
    paused.run((PAUSE_S - 60) * 1000)
    assert sample_reads(paused) == []
    assert not kinds(paused.host) & ABOUT_THE_WEARER
    assert paused.core.table.cause(0) == CAUSE_PAUSED
    assert paused.band.screen.view.page == Page.PAUSE


def test_it_ends_by_itself_after_an_hour_and_says_so(paused):
    groups = paused.band.consent.groups
    paused.run((PAUSE_S - 30) * 1000)
    assert paused.band.consent.agreement is None
    paused.run(60_000)
    assert paused.band.consent.agreement.groups == groups == ~Group.STANDARD_SERVICES
    assert actions(paused) == [ConsentAction.RESUMED]
    assert sample_reads(paused)
    assert "VitalsRun" in kinds(paused.host)


def test_the_wearer_ends_it_earlier_by_the_button(paused):
    turn_pause(paused)
    assert actions(paused) == [ConsentAction.RESUMED]
    assert paused.band.consent.agreement is not None


def test_no_host_ends_it(paused):
    for stream in StreamId:
        assert paused.command(CommandCode.START_STREAM, stream) == Result.NO_CONSENT
    for code in CommandCode:
        paused.command(code, 1, 1)
    paused.run(5_000)
    assert paused.band.consent.agreement is None
    assert not kinds(paused.host) & ABOUT_THE_WEARER


def test_a_restart_begins_the_hour_anew_and_measures_nothing(paused):
    paused.run(60_000)
    paused.boot()
    paused.connect(b"session2")
    paused.run((PAUSE_S - 30) * 1000)
    assert sample_reads(paused) == []
    assert actions(paused) == [ConsentAction.IN_FORCE, ConsentAction.PAUSED]
    paused.run(90_000)
    assert paused.band.consent.agreement is not None


def test_what_was_measured_before_stays(rig):
    rig.agree()
    rig.run(20_000)
    turn_pause(rig)
    rig.run(1_000)
    rig.connect()
    rig.run(2_000)
    assert "VitalsRun" in backfilled(rig, 1) | kinds(rig.host)


def test_a_long_press_withdraws_while_it_lasts(paused):
    paused.press(duration_ms=1_600)
    assert actions(paused) == [ConsentAction.WITHDRAWN]
    paused.run(60_000)
    assert paused.core.status.paused_until_s == 0
    assert paused.band.consent.groups == 0
    assert sample_reads(paused) == []


def test_who_passes_the_page_by_pauses_nothing(rig):
    rig.agree()
    for _ in rig.band.screen.views:
        rig.press()
        rig.run(100)
    assert rig.band.consent.agreement is not None
