"""Nobody agrees to anything but by a press on a sheet that was shown: not by default, time, or a host."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import CommandCode, ConsentAction, Group, Page, StreamId
from bandschema.readings import READINGS
from bandschema.records import Issuance
from bandsim.agreeing import ISSUANCE_SHEETS as SHEETS_OF_THE_HAND
from bandsim.agreeing import ITEMS_A_SHEET as ITEMS_OF_THE_HAND
from collected import ITEMS_A_SHEET, Manifest
from firmware.app.conftest import ALL_GROUPS
from question import CLOSED, ISSUANCE_SHEETS, WAIT_S, Question
from streams import motion_row, optical_row

MANIFEST = Manifest((optical_row("max30101"), motion_row()))
ISSUANCE = Issuance(
    request_id=0, issuer="City Hospital", contact="+86 10 000", purpose="night oxygen check",
    notice="", is_voluntary=1, start_unix_s=1_780_000_000, end_unix_s=1_790_000_000, refusal="nothing",
)  # fmt: skip
EACH_GROUP = [group for group in Group if group != Group.STANDARD_SERVICES]


def new_question(is_issued=False):
    clock = SimpleNamespace(uptime_s=100)
    question = Question(MANIFEST, SimpleNamespace(issuance=object() if is_issued else None), clock)
    question.note_shown()
    return question, clock


@given(
    deeds=st.lists(st.sampled_from(("press", "hold", "show", "show", "wait")), max_size=80),
    is_issued=st.booleans(),
)
def test_only_what_was_shown_and_pressed_is_agreed_to(deeds, is_issued):
    question, clock = new_question(is_issued)
    shown, pressed = CLOSED, 0
    for deed in deeds:
        at = question.at
        if deed == "press":
            sheet = at - question.first_group_sheet
            is_last = 0 <= sheet < MANIFEST.sheet_count and MANIFEST.is_last_of_group(sheet)
            groups = question.press()
            if shown == at and is_last:
                pressed |= MANIFEST.sheet_group(sheet)
            assert groups in (0, pressed)
            assert not groups or (shown == at == question.sum_sheet)
        elif deed == "hold":
            question.hold()
        elif deed == "wait":
            clock.uptime_s += WAIT_S
        else:
            question.note_shown()
            shown = question.at
        if question.at == CLOSED:
            pressed = 0
        assert question.chosen == pressed


def test_who_presses_once_and_waits_agrees_to_nothing():
    question, clock = new_question()
    question.press()
    seen = set()
    while question.at != CLOSED:
        seen.add(question.at)
        clock.uptime_s += 1
        question.note_shown()
    assert seen == set(range(question.sum_sheet + 1))
    assert question.chosen == 0


def test_the_hand_of_the_simulator_knows_the_sheets():
    assert (SHEETS_OF_THE_HAND, ITEMS_OF_THE_HAND) == (ISSUANCE_SHEETS, ITEMS_A_SHEET)


def test_every_item_of_the_manifest_is_on_a_sheet_of_its_group():
    named = [
        (MANIFEST.sheet_item(sheet, line), MANIFEST.sheet_group(sheet))
        for sheet in range(MANIFEST.sheet_count)
        for line in range(ITEMS_A_SHEET)
    ]
    groups = {item: group for item, group in named if item < MANIFEST.entry_count}
    assert sorted(groups) == list(range(MANIFEST.entry_count))
    assert [groups[at] for at, _ in enumerate(READINGS)] == [spec.group for spec in READINGS]


@pytest.mark.parametrize("group", EACH_GROUP)
def test_who_agrees_to_one_group_has_agreed_to_no_other(rig, group):
    host = rig.connect()
    rig.agree(group)
    assert rig.band.consent.agreement.groups == group
    record = host.records("ConsentRecord")[-1]
    assert (record.action, record.groups) == (ConsentAction.AGREED, group)


def test_who_agrees_to_all_but_the_raw_signals_sends_no_raw_signal(rig):
    rig.connect()
    rig.agree(ALL_GROUPS & ~Group.RAW_OPTICAL & ~Group.RAW_MOTION)
    for stream in StreamId:
        rig.command(CommandCode.START_STREAM, stream)
    rig.run(10_000)
    assert rig.host.updates()
    assert rig.host.records("CompressedBlock") == []
    assert rig.core.status.raw_streams == 0


def test_that_a_raw_signal_is_sent_is_shown(rig):
    rig.connect()
    rig.agree()
    rig.command(CommandCode.START_STREAM, StreamId.OPTICAL)
    shown = set()
    for _ in range(31):
        rig.run(1_000)
        shown.add(rig.band.screen.drawn_page)
    assert Page.RAW_SIGNAL in shown
    rig.command(CommandCode.STOP_STREAM, StreamId.OPTICAL)
    rig.run(1_500)
    assert rig.core.status.raw_streams == 0
    assert rig.band.screen.view.page == Page.HEART


def all_requests(rig):
    """Whatever a host can ask for, one after the other."""
    for code in CommandCode:
        for stream in StreamId:
            rig.command(code, stream, 1)
    rig.run(3_000)


@pytest.mark.parametrize("group", [0, *EACH_GROUP])
def test_no_request_of_a_host_adds_a_group_to_what_the_wearer_agreed_to(rig, group):
    rig.connect()
    if group:
        rig.agree(group)
    all_requests(rig)
    agreement = rig.band.consent.agreement
    assert (0 if agreement is None else agreement.groups) == group
    wanted = {spec.reading for spec in READINGS if spec.group == group}
    assert all(set(update.readings) == wanted for update in rig.host.updates())
    if group not in (Group.RAW_OPTICAL, Group.RAW_MOTION):
        assert rig.host.records("CompressedBlock") == []


def test_a_host_that_shows_another_page_closes_the_question(rig):
    rig.connect()
    rig.run(300)
    for _ in range(5):
        rig.press()
        rig.run(250)
    assert rig.band.question.chosen
    rig.command(CommandCode.SHOW_PAGE, 0, Page.HEART)
    assert (rig.band.question.at, rig.band.question.chosen) == (CLOSED, 0)


def test_nobody_agrees_on_a_display_that_fails(rig):
    rig.fail("ssd1306")
    rig.run(5_000)
    for _ in range(40):
        rig.press()
        rig.run(250)
    assert rig.band.consent.agreement is None
    assert rig.band.question.at == CLOSED


def test_presses_faster_than_the_display_agree_to_nothing_that_was_not_shown(rig):
    rig.run(300)
    for _ in range(10):
        rig.press(20)
    # In 700 ms it draws four sheets.
    assert 0 <= rig.band.question.at <= 4


def test_who_asks_is_shown_before_the_groups_and_is_part_of_the_record(rig):
    rig.connect()
    rig.ask(ISSUANCE)
    rig.run(300)
    rig.press()
    assert rig.band.question.first_group_sheet == ISSUANCE_SHEETS
    rig.band.question.close()
    rig.agree()
    assert rig.host.records("ConsentRecord")[-1].issuance_digest == rig.core.issued.digest != bytes(8)
