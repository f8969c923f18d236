"""The page of the standard services asks only whom the button brought there, when it was read."""

from types import SimpleNamespace

import pytest

from bandschema.enums import Page
from display import texts
from display.asked_view import ASK_S
from display.canvas import WIDTH, text_width
from display.services_view import READ_S


@pytest.fixture
def page(fresh_stage):
    """The page, as the button comes to it after an agreement."""
    stage = fresh_stage
    stage.status.is_agreed = True
    come_by_button(stage)
    return stage


def come_by_button(stage):
    stage.screen.next_view()
    while stage.screen.view.page != Page.STANDARD_SERVICES:
        stage.screen.next_view()


def asked_at(stage):
    """Seconds at which it asks, in the next minute."""
    start_s, seconds = stage.clock.uptime_s, []
    for second in range(60):
        stage.clock.uptime_s = start_s + second
        stage.draw()
        if stage.screen.is_asking_for_services():
            seconds.append(second)
    return seconds


def test_it_asks_for_a_while_when_it_was_read_and_then_no_more(page):
    assert asked_at(page) == list(range(READ_S, READ_S + ASK_S))
    come_by_button(page)
    assert asked_at(page) == list(range(READ_S, READ_S + ASK_S))


def test_a_host_that_shows_the_page_is_not_asked_for(page):
    page.screen.show_page(Page.HEART)
    assert page.screen.show_page(Page.STANDARD_SERVICES)
    assert asked_at(page) == []


def test_a_host_that_shows_it_to_a_wearer_who_reads_it_ends_the_question(page):
    page.clock.uptime_s += READ_S - 1
    page.screen.show_page(Page.STANDARD_SERVICES)
    assert asked_at(page) == []


@pytest.mark.parametrize("what", ["alert", "cover"])
def test_what_covers_it_ends_the_question(page, what):
    page.clock.uptime_s += READ_S
    page.draw()
    assert page.screen.is_asking_for_services()
    if what == "alert":
        page.status.show_alert((1, 3, 12, 1, 5, 1400))
    else:
        page.screen.cover(SimpleNamespace(page=Page.SELF_TEST, draw=lambda canvas: None))
    assert not page.screen.is_asking_for_services()
    page.draw()
    page.status.clear_alert()
    page.screen._cover = None
    assert asked_at(page) == []


def test_it_asks_nothing_without_an_agreement_or_a_radio(page):
    page.status.is_agreed = False
    assert asked_at(page) == []
    come_by_button(page)
    page.status.is_agreed = True
    page.screen._services_view._radio = None
    assert asked_at(page) == []


def test_every_sheet_fits_and_says_whether_they_are_on_and_what_stands_between(page):
    seen = {}
    for is_open in (False, True):
        page.status.is_open_to_apps = is_open
        for radio in (None, SimpleNamespace(can_encrypt=False), SimpleNamespace(can_encrypt=True)):
            page.screen._services_view._radio = radio
            come_by_button(page)
            for second in range(READ_S + 1):
                page.clock.uptime_s += 1
                seen.setdefault((is_open, second), set()).add(page.draw())
                page.assert_fits()
    last = READ_S - 2
    assert len(seen[False, last] | seen[True, last]) == 6
    # Two questions, and for a band without a radio none.
    assert len(seen[False, READ_S] | seen[True, READ_S]) == 3


def test_the_words_of_a_bar_do_not_meet():
    bars = [texts.PRESS_FOR_NEXT, texts.PRESS_TO_OPEN, texts.PRESS_TO_CLOSE, texts.OPEN_TO_APPS]
    bars += [texts.NEEDS_PAIRING, texts.NOT_ENCRYPTED, texts.NO_RADIO, texts.AGREE_FIRST]
    assert all(text_width(chinese) + text_width(english) < WIDTH - 4 for chinese, english in bars)
