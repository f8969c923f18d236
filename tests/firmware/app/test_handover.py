"""The wearer has the band wiped by holding the button when asked, and confirming; a host by their press."""

import pytest

from bandschema.enums import AlertLevel, Cause, CommandCode, EventKind, Page, Part, Result
from bandschema.readings import NO_VALUE
from bandschema.records import Alert
from bandwire.frames import PAGE_HANDOVER, REFUSAL_FORGOTTEN
from bandwire.secure.host_session import HostSession
from display.handover_view import ASK_S, READ_S
from hal.handover import Handover
from tasks.handover import HOST_ASK_S, OWN_ASK_S
from vitalband.keys.ciphers import LibraryPrimitives

HOLD_MS = 2_000
UNIX_S = 1_764_500_000
KEY = b"k" * 32


@pytest.fixture
def agreed(rig):
    rig.connect()
    rig.agree()
    rig.run(1_000)
    return rig


def come_by_button(rig):
    while rig.band.screen.view.page != PAGE_HANDOVER:
        rig.press()


def be_asked(rig):
    come_by_button(rig)
    rig.run(READ_S * 1000 + 500)
    assert rig.band.screen.is_asking_to_wipe()


def be_asked_again(rig):
    be_asked(rig)
    rig.press(HOLD_MS)
    rig.run(3_000)
    assert rig.band.screen.view.page == PAGE_HANDOVER


def kept(rig):
    return Handover(rig.folder)


def is_marked(rig):
    return kept(rig).is_wiping


def test_held_when_asked_and_pressed_when_asked_again_marks_the_wipe_and_resets(agreed):
    agreed.host.link.request_time(UNIX_S, 1000, 0)
    agreed.run(1_000)
    be_asked_again(agreed)
    assert not is_marked(agreed)
    with pytest.raises(SystemExit):
        agreed.press()
    assert is_marked(agreed)
    assert 0 < kept(agreed).wiped_unix_s - UNIX_S < 120
    assert kept(agreed).band_id == bytes(8)
    assert agreed.band.consent.groups == 0


def test_holding_withdraws_there_as_everywhere_and_wipes_nothing_by_itself(agreed):
    be_asked_again(agreed)
    assert agreed.band.consent.groups == 0
    agreed.run(OWN_ASK_S * 1000)
    agreed.press()
    assert not is_marked(agreed)


def test_a_press_that_comes_too_late_agrees_to_nothing(agreed):
    be_asked_again(agreed)
    agreed.run(OWN_ASK_S * 1000 - 2_900)
    assert agreed.band.screen.view.page == PAGE_HANDOVER
    agreed.press()
    agreed.run(1_000)
    assert agreed.band.consent.groups == 0
    assert not is_marked(agreed)


def test_before_it_asks_holding_withdraws_and_leads_no_further(agreed):
    come_by_button(agreed)
    agreed.run(READ_S * 1000 - 3_000)
    agreed.press(HOLD_MS)
    agreed.run(3_000)
    assert agreed.band.consent.groups == 0
    assert agreed.band.screen.view.page == Page.MANIFEST


def test_after_it_asked_holding_leads_no_further(agreed):
    come_by_button(agreed)
    agreed.run((READ_S + ASK_S) * 1000)
    agreed.press(HOLD_MS)
    assert agreed.band.screen.view.page == Page.MANIFEST


def test_a_short_press_when_asked_to_hold_goes_on(agreed):
    be_asked(agreed)
    agreed.press()
    assert agreed.band.consent.groups
    assert agreed.band.screen.view.page != PAGE_HANDOVER


def test_holding_when_asked_again_keeps_all(agreed):
    be_asked_again(agreed)
    agreed.press(HOLD_MS)
    agreed.run(1_000)
    agreed.press()
    assert not is_marked(agreed)


def test_a_press_before_the_second_question_can_have_been_read_means_nothing(agreed):
    be_asked(agreed)
    agreed.press(HOLD_MS)
    agreed.press()
    assert not is_marked(agreed)
    agreed.run(2_000)
    with pytest.raises(SystemExit):
        agreed.press()


def test_nobody_needs_to_have_agreed_to_wipe(rig):
    rig.run(100)
    rig.band.screen.next_view()  # a press on the manifest page would agree
    be_asked_again(rig)
    with pytest.raises(SystemExit):
        rig.press()
    assert kept(rig).wiped_unix_s == 0


def test_a_host_that_shows_the_page_is_not_asked_for(agreed):
    assert agreed.command(CommandCode.SHOW_PAGE, 0, Page.HANDOVER) == Result.OK
    agreed.run(READ_S * 1000 + 500)
    assert not agreed.band.screen.is_asking_to_wipe()


def test_what_a_host_wants_takes_the_wearers_press(agreed):
    assert agreed.command(CommandCode.WIPE) == Result.OK
    assert agreed.host.details[-1] == HOST_ASK_S
    agreed.run(3_000)
    assert agreed.band.consent.groups
    assert not is_marked(agreed)
    with pytest.raises(SystemExit):
        agreed.press()
    assert is_marked(agreed)


def be_owned(rig):
    """An owner has come back by its key."""
    rig.band.hosts.keys.add(KEY, "owner")
    rig.connect(b"an owner", HostSession(LibraryPrimitives(), keys=(KEY,)))
    assert rig.band.hosts.is_owner


def test_a_host_in_a_secure_session_hears_under_the_seal_that_it_is_forgotten(agreed):
    be_owned(agreed)
    assert agreed.command(CommandCode.WIPE) == Result.OK
    agreed.run(3_000)
    agreed.press()
    assert is_marked(agreed)
    assert agreed.host.link.refusal == REFUSAL_FORGOTTEN
    with pytest.raises(SystemExit):
        agreed.run(1_000)


def test_that_host_hears_nothing_of_it_before_the_mark_is_kept(agreed, monkeypatch):
    be_owned(agreed)
    assert agreed.command(CommandCode.WIPE) == Result.OK
    agreed.run(3_000)

    def refuse(_record):
        raise OSError(28)

    with monkeypatch.context() as patch:
        patch.setattr(agreed.handover, "keep", refuse)
        agreed.press()
        agreed.run(1_000)
        assert agreed.host.link.is_up
    with pytest.raises(SystemExit):
        agreed.run(120_000)
    assert is_marked(agreed)
    assert agreed.host.link.refusal == REFUSAL_FORGOTTEN


def refusals(rig):
    return [event for event in rig.host.records("Event") if event.event == EventKind.WIPE_REFUSED]


def test_without_a_press_in_time_a_host_is_refused_and_nothing_has_changed(agreed):
    assert agreed.command(CommandCode.WIPE) == Result.OK
    agreed.run((HOST_ASK_S + 2) * 1000)
    assert len(refusals(agreed)) == 1
    assert agreed.band.consent.groups
    assert not is_marked(agreed)
    assert agreed.command(CommandCode.WIPE) == Result.OK


def test_holding_refuses_a_host_and_withdraws(agreed):
    assert agreed.command(CommandCode.WIPE) == Result.OK
    agreed.press(HOLD_MS)
    assert len(refusals(agreed)) == 1
    assert agreed.band.consent.groups == 0


def test_what_covers_the_question_refuses(agreed):
    assert agreed.command(CommandCode.WIPE) == Result.OK
    agreed.send(
        Alert(
            alert_id=7,
            level=AlertLevel.ALARM,
            cause=Cause.OUT_OF_RANGE,
            reading_id=0,
            score=9,
            raw_value=NO_VALUE,
        )
    )
    agreed.run(2_000)
    assert len(refusals(agreed)) == 1
    agreed.press()
    agreed.press()
    assert not is_marked(agreed)


def test_two_questions_are_not_asked_at_once(agreed):
    assert agreed.command(CommandCode.RUN_SELF_TEST, 0, 1) == Result.OK
    agreed.run(1_000)
    assert agreed.command(CommandCode.WIPE) == Result.BUSY
    agreed.command(CommandCode.END_SELF_TEST)
    agreed.run(1_000)
    assert agreed.command(CommandCode.WIPE) == Result.OK
    assert agreed.command(CommandCode.WIPE) == Result.BUSY


def test_a_band_whose_display_fails_cannot_ask(agreed):
    agreed.core.status.set_fault(Part.DISPLAY, True)
    assert agreed.command(CommandCode.WIPE) == Result.NOT_AVAILABLE


def test_a_medium_that_does_not_take_the_mark_is_told_and_tried_again(agreed, monkeypatch):
    be_asked_again(agreed)

    def refuse(_record):
        raise OSError(28)

    with monkeypatch.context() as patch:
        patch.setattr(agreed.handover, "keep", refuse)
        agreed.press()
        agreed.run(1_000)
    assert not is_marked(agreed)
    faults = [event for event in agreed.host.records("Event") if event.event == EventKind.FAULT]
    assert [event.part for event in faults] == [Part.STORAGE]
    with pytest.raises(SystemExit):
        agreed.run(120_000)
    assert is_marked(agreed)


def test_the_receipt_is_told_with_the_identity_and_ends_with_the_first_agreement(rig):
    rig.connect()
    rig.command(CommandCode.SEND_IDENTITY)
    rig.agree()
    rig.command(CommandCode.SEND_IDENTITY)
    told = [(frame.handover_count, frame.is_worn) for frame in rig.host.records("Handover")]
    assert told == [(0, 0), (0, 1)]
    rig.run(1_000)
    assert kept(rig).is_worn


def test_the_next_wearer_is_told_of_the_wipe_before_agreeing(rig):
    before = kept(rig)
    before.note_worn()
    before.begin_wipe(UNIX_S)
    before.end_wipe()
    rig.boot()
    rig.connect()
    rig.command(CommandCode.SEND_IDENTITY)
    (frame,) = rig.host.records("Handover")
    assert (frame.handover_count, frame.wiped_unix_s, frame.is_worn) == (1, UNIX_S, 0)
    assert rig.host.link.peer_band_id == before.band_id
