"""Every view fits its 128 x 64 pixels and shows what it is for, whatever the readings are."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.enums import AlertLevel, Cause, Group, ImageProfile, Page, Part, Reading, Validity
from bandschema.readings import READINGS
from display import texts
from display.canvas import WIDTH, text_width
from display.pause_view import READ_S
from display.self_test_view import SelfTestView

INDICES = range(len(READINGS))

few = settings(max_examples=100)
"""Drawing is slow in CPython, and the extremes have tests of their own."""

INDEX = {spec.reading: index for index, spec in enumerate(READINGS)}
NOT_VALID = [validity for validity in Validity if validity != Validity.VALID]
CAUSES = [cause for cause in Cause if cause != Cause.NONE]


def raw_values(index):
    return st.integers(READINGS[index].minimum, READINGS[index].maximum)


@st.composite
def readings(draw):
    """(index, raw or None, validity, quality, cause) for every reading."""
    rows = []
    for index in INDICES:
        validity = draw(st.sampled_from(Validity))
        raw = draw(raw_values(index) if validity == Validity.VALID else st.none() | raw_values(index))
        cause = Cause.NONE if validity == Validity.VALID else draw(st.sampled_from(Cause))
        rows.append((index, raw, validity, draw(st.integers(0, 100)), cause))
    return rows


@few
@given(rows=readings())
def test_no_reading_makes_its_view_overflow_or_overlap(stage, rows):
    for row in rows:
        stage.put(*row)
    for index in INDICES:
        stage.draw(stage.view_of(index))
        stage.assert_fits()


@pytest.mark.parametrize("index", INDICES)
def test_extreme_values_fit(stage, index):
    for raw in (READINGS[index].minimum, READINGS[index].maximum):
        for other in stage.view_of(index).readings:
            limit = READINGS[other].minimum if raw == READINGS[index].minimum else READINGS[other].maximum
            stage.put(other, limit, Validity.VALID, 100)
        stage.draw(stage.view_of(index))
        stage.assert_fits()


@pytest.mark.parametrize("validity", NOT_VALID)
@pytest.mark.parametrize("index", INDICES)
def test_every_cause_fits_and_is_told_from_every_other(stage, index, validity):
    for other in stage.view_of(index).readings:
        stage.put(other, READINGS[other].maximum, Validity.VALID, 100)
    seen = set()
    for cause in [*CAUSES, 200]:
        stage.put(index, None, validity, 0, cause)
        seen.add(stage.draw(stage.view_of(index)))
        stage.assert_fits()
    assert len(seen) == len(CAUSES) + 1


@few
@given(index=st.sampled_from(INDICES), data=st.data())
def test_two_values_look_different(stage, index, data):
    first, second = data.draw(st.lists(raw_values(index), min_size=2, max_size=2, unique=True))
    if READINGS[index].reading == Reading.CUFF_AGE_S:
        # An age is shown to the minute, in days to the hour.
        second = first - 3600 if first > READINGS[index].maximum // 2 else first + 3600
    view = stage.view_of(index)
    for other in view.readings:
        stage.put(other, READINGS[other].minimum, Validity.VALID, 50)
    stage.put(index, first, Validity.VALID, 50)
    one = stage.draw(view)
    stage.put(index, second, Validity.VALID, 50)
    assert stage.draw(view) != one


@few
@given(index=st.sampled_from(INDICES), data=st.data())
def test_a_doubtful_value_does_not_look_like_a_reading(stage, index, data):
    raw = data.draw(raw_values(index))
    view = stage.view_of(index)
    for other in view.readings:
        stage.put(other, READINGS[other].minimum, Validity.VALID, 50)
    stage.put(index, raw, Validity.VALID, 50)
    valid = stage.draw(view)
    stage.put(index, raw, Validity.LOW_QUALITY, 50, Cause.LOW_CONFIDENCE)
    assert stage.draw(view) != valid
    stage.put(index, None, Validity.UNKNOWN, 0, Cause.LOW_CONFIDENCE)
    assert stage.draw(view) != valid


@pytest.mark.parametrize("spec", READINGS, ids=lambda spec: spec.name)
def test_every_reading_of_the_list_is_on_its_own_page(fresh_stage, spec):
    view = fresh_stage.view_of(INDEX[spec.reading])
    assert view.page == spec.page
    assert fresh_stage.screen.show_page(spec.page)


def test_every_page_can_be_drawn_and_fits(fresh_stage):
    assert fresh_stage.screen.pages() == set(Page)
    for view in fresh_stage.screen.views:
        fresh_stage.draw(view)
        fresh_stage.assert_fits()


@pytest.mark.parametrize("state", ["asks", "runs"])
def test_the_page_of_the_self_test_fits_while_it(fresh_stage, state):
    view = SelfTestView(fresh_stage.clock)
    if state == "runs":
        view.show_running()
    fresh_stage.draw(view)
    fresh_stage.assert_fits()


def test_the_button_leads_through_every_view_and_back(fresh_stage):
    screen, seen = fresh_stage.screen, []
    for _ in screen.views:
        seen.append(screen.view)
        screen.next_view()
    assert seen == screen.views
    assert screen.view is screen.views[0]


@pytest.fixture
def shown(fresh_stage, monkeypatch):
    """Every text that is drawn."""
    shown = []
    canvas = fresh_stage.screen._canvas
    original = canvas.text
    monkeypatch.setattr(
        canvas, "text", lambda x, y, text, color=1: shown.append(text) or original(x, y, text, color)
    )
    return shown


def test_an_agreed_manifest_shows_the_name_of_everything_and_what_is_not_agreed_to(fresh_stage, shown):
    fresh_stage.status.is_agreed = True
    fresh_stage.status.agreed_groups = int(~Group.STANDARD_SERVICES & ~Group.RAW_OPTICAL)
    for second in range(60):
        fresh_stage.clock.uptime_s = second
        fresh_stage.draw(fresh_stage.screen.views[0])
        fresh_stage.assert_fits()
    for entry in range(fresh_stage.manifest.entry_count):
        assert fresh_stage.manifest.name_zh(entry) in shown
        assert fresh_stage.manifest.name_en(entry) in shown
    assert texts.NOT_AGREED[1] in shown
    assert "9 / 10" in shown


def test_the_question_shows_the_name_of_everything_before_its_sum(fresh_stage, shown):
    question = fresh_stage.question
    seen = set()
    for _ in range(question.sum_sheet + 2):
        seen.add(fresh_stage.draw())
        fresh_stage.assert_fits()
        question.press()
    assert len(seen) == question.sum_sheet + 2
    for entry in range(fresh_stage.manifest.entry_count):
        assert fresh_stage.manifest.name_zh(entry) in shown
        assert fresh_stage.manifest.name_en(entry) in shown
    assert "10 / 10" in shown


def test_the_pause_page_fits_in_each_state(fresh_stage):
    (view,) = [view for view in fresh_stage.screen.views if view.page == Page.PAUSE]
    seen = set()
    for is_agreed, until_s in ((False, 0), (True, 0), (True, 3600), (True, 40)):
        fresh_stage.status.is_agreed, fresh_stage.status.paused_until_s = is_agreed, until_s
        for is_brought in (False, True):
            view.end_question()
            if is_brought:
                view.begin_question()
                fresh_stage.clock.uptime_s += READ_S
            seen.add(fresh_stage.draw(view))
            fresh_stage.assert_fits()
    assert len(seen) == 7


def test_a_page_of_readings_gives_way_now_and_then_to_that_the_raw_signal_is_sent(fresh_stage):
    screen, status = fresh_stage.screen, fresh_stage.status
    screen.show_first_reading()

    def seconds_shown():
        found = 0
        for second in range(60):
            fresh_stage.clock.uptime_s = second
            fresh_stage.draw()
            fresh_stage.assert_fits()
            found += screen.view.page == Page.RAW_SIGNAL
        return found

    assert seconds_shown() == 0
    status.raw_streams = 1
    assert seconds_shown() == 6


def test_before_and_after_agreement_the_manifest_page_says_what_the_button_does(fresh_stage):
    asks = fresh_stage.draw()
    fresh_stage.status.is_agreed = True
    assert fresh_stage.draw() != asks
    fresh_stage.assert_fits()


@few
@given(
    level=st.integers(0, 255) | st.sampled_from(AlertLevel),
    cause=st.integers(0, 255) | st.sampled_from(Cause),
    reading_id=st.integers(0, 255) | st.sampled_from(Reading),
    score=st.integers(0, 255),
    raw=st.none() | st.integers(-(2**31), 2**31 - 1) | st.integers(0, 40_000_000),
)
def test_any_alert_fits(stage, level, cause, reading_id, score, raw):
    value = -(1 << 30) if raw is None else raw
    stage.status.show_alert((1, level or AlertLevel.WATCH, cause, reading_id, score, value))
    stage.draw()
    stage.status.clear_alert()
    stage.assert_fits()


@pytest.mark.parametrize("spec", READINGS, ids=lambda spec: spec.name)
def test_an_alert_for_any_reading_at_either_end_of_its_range_fits(fresh_stage, spec):
    for raw in (spec.minimum, spec.maximum):
        fresh_stage.status.show_alert((1, AlertLevel.ALARM, Cause.THRESHOLD, spec.reading, 0, raw))
        fresh_stage.draw()
        fresh_stage.assert_fits()


@pytest.mark.parametrize(
    ("age_s", "text"),
    [(2400, "40 min"), (35_999, "9 h 59 min"), (86_399, "23 h"), (31_535_999, "8759 h")],
)
def test_an_alert_for_the_age_of_a_cuff_reading_gives_it_as_its_page_does(
    fresh_stage, monkeypatch, age_s, text
):
    drawn = []
    monkeypatch.setattr(fresh_stage.screen._canvas, "pair", lambda _y, pair: drawn.append(pair[1]))
    fresh_stage.status.show_alert((1, AlertLevel.WATCH, Cause.STALE, Reading.CUFF_AGE_S, 0, age_s))
    fresh_stage.draw()
    assert drawn[0] == text
    monkeypatch.undo()
    fresh_stage.draw()
    fresh_stage.assert_fits()


ISSUER_TEXT = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("血氧监测")
)


@few
@given(
    issuer=ISSUER_TEXT,
    contact=ISSUER_TEXT,
    purpose=ISSUER_TEXT,
    notice=ISSUER_TEXT,
    data=st.binary(max_size=48),
)
def test_any_issuance_stays_within_the_edges(stage, issuer, contact, purpose, notice, data):
    stage.issued.issuance = SimpleNamespace(
        issuer=issuer.encode()[:32], contact=contact.encode()[:32], purpose=purpose.encode()[:48],
        notice=notice.encode()[:48], refusal=notice.encode()[:48], is_voluntary=0,
        start_unix_s=1_780_000_000, end_unix_s=2**32 - 1,
    )  # fmt: skip
    views = [view for view in stage.screen.views if view.page == Page.ISSUANCE]
    for view in views:
        stage.draw(view)
        assert stage.frame.outside == []
    stage.issued.issuance.notice = data
    stage.draw(views[3])
    assert stage.frame.outside == []


@few
@given(
    boot_id=st.integers(1, 65535),
    drops=st.integers(0, 9_999_999),
    faults=st.integers(0, 2 ** len(Part) - 1),
    link=st.booleans(),
)
def test_any_status_fits(stage, boot_id, drops, faults, link):
    status = stage.status
    status.boot_id, status.drops, status.faulty_parts = boot_id, drops, faults
    status.is_link_up = link
    (view,) = [view for view in stage.screen.views if view.page == Page.STATUS and not view.readings]
    stage.draw(view)
    stage.assert_fits()


@pytest.mark.parametrize("certification", [b"none", b"CE 0123", b"W" * 16])
def test_the_identity_says_what_it_is_certified_as_and_that_the_digest_is_its_own_word(
    fresh_stage, shown, certification
):
    fresh_stage.identity.certification = certification
    views = [view for view in fresh_stage.screen.views if view.page == Page.IDENTITY]
    for view in views:
        fresh_stage.draw(view)
        fresh_stage.assert_fits()
    assert set(texts.CERTIFICATION + texts.DIGEST_IS_ITS_WORD) <= set(shown)
    told = texts.NOT_CERTIFIED if certification == b"none" else (certification,)
    assert set(shown) & {*texts.NOT_CERTIFIED, certification} - {b"none"} == set(told)


def test_the_page_of_the_battery_says_that_it_is_low_or_charged(fresh_stage):
    index = INDEX[Reading.BATTERY_PERCENT]
    seen = set()
    for percent in (9, 100):
        fresh_stage.put(index, percent, Validity.VALID, 100)
        for is_low, is_charging in ((False, False), (True, False), (False, True)):
            fresh_stage.status.is_battery_low, fresh_stage.status.is_charging = is_low, is_charging
            seen.add(fresh_stage.draw(fresh_stage.view_of(index)))
            fresh_stage.assert_fits()
    assert len(seen) == 6


def test_each_faulty_part_is_named(fresh_stage):
    (view,) = [view for view in fresh_stage.screen.views if view.page == Page.STATUS and not view.readings]
    seen = set()
    for part in Part:
        fresh_stage.status.faulty_parts = 1 << part if part else 0
        seen.add(fresh_stage.draw(view))
    assert len(seen) == len(Part)


@pytest.mark.parametrize(
    ("table", "enumeration"),
    [
        (texts.CAUSES, Cause),
        (texts.ALERT_LEVELS, AlertLevel),
        (texts.PARTS, Part),
        (texts.PROFILES, ImageProfile),
    ],
    ids=["causes", "levels", "parts", "profiles"],
)
def test_every_member_of_an_enumeration_has_its_texts(table, enumeration):
    assert len(table) == len(enumeration)
    for member in enumeration:
        assert all(table[member]) or member == 0


def test_titles_of_both_languages_fit_beside_each_other():
    for spec in READINGS:
        assert text_width(spec.name_zh) + 2 + text_width(spec.name_en) <= WIDTH
