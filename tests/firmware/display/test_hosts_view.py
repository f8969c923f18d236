"""The pages of hosts: who is paired, whom to let in, and a code that is seen whatever lies beneath."""

from types import SimpleNamespace

import pytest

from bandschema.enums import HostRight, Page
from bandwire.secure.pairing_window import WINDOW_MS
from display import texts
from display.asked_view import ASK_S
from display.canvas import WIDTH, number_width, text_width
from hal.host_keys import KEY_BYTES, MOST_HOSTS, MOST_NAME_BYTES
from paired_hosts import BUTTON, CODE, NOTHING

WINDOW_S = WINDOW_MS // 1000
LONGEST = "m" * MOST_NAME_BYTES


def let_in(stage, *names):
    for name in names:
        assert stage.hosts.keys.add(bytes(KEY_BYTES), name) >= 0


def come_by_button(stage):
    stage.screen.next_view()
    while stage.screen.view.page != Page.HOSTS:
        stage.screen.next_view()


def asked_at(stage):
    """Seconds at which it asks, in the next minute."""
    start_s, seconds = stage.clock.uptime_s, []
    for second in range(60):
        stage.clock.uptime_s = start_s + second
        stage.draw()
        if stage.screen.is_asking_for_hosts():
            seconds.append(second)
    return seconds


@pytest.fixture
def page(fresh_stage):
    come_by_button(fresh_stage)
    return fresh_stage


@pytest.mark.parametrize("count", range(MOST_HOSTS + 1))
def test_it_asks_for_a_while_when_every_host_was_read(page, count):
    let_in(page, *(f"host {host}" for host in range(count)))
    read_s = 3 * (max(count, 1) + 1)
    assert asked_at(page) == list(range(read_s, read_s + ASK_S))
    come_by_button(page)
    assert asked_at(page)[0] == read_s


def test_a_host_that_shows_the_page_is_not_asked_for(page):
    page.screen.show_page(Page.HEART)
    assert page.screen.show_page(Page.HOSTS)
    assert asked_at(page) == []


@pytest.mark.parametrize("what", ["alert", "code", "cover"])
def test_what_covers_it_ends_the_question(page, what):
    page.clock.uptime_s += page.screen.hosts_view.read_s
    page.draw()
    assert page.screen.is_asking_for_hosts()
    if what == "alert":
        page.status.show_alert((1, 3, 12, 1, 5, 1400))
    elif what == "code":
        page.hosts.show_code("042137", "phone")
    else:
        page.screen.cover(SimpleNamespace(page=Page.SELF_TEST, draw=lambda canvas: None))
    assert not page.screen.is_asking_for_hosts()
    page.draw()
    page.status.clear_alert()
    page.hosts.end_pairing()
    page.screen._cover = None
    assert asked_at(page) == []


def test_it_asks_nothing_while_the_window_is_open_and_counts_down(page):
    page.hosts.open_window()
    seen = set()
    for _ in range(WINDOW_S):
        seen.add(page.draw())
        page.assert_fits()
        assert not page.screen.is_asking_for_hosts()
        page.clock.uptime_s += 1
    assert len(seen) == WINDOW_S
    page.hosts._window.close()
    assert page.hosts.window_s == 0


def test_every_sheet_fits_and_tells_each_host_with_its_right(page):
    shown = []
    page.hosts.keys.next_right = HostRight.READER
    for count in range(MOST_HOSTS + 1):
        come_by_button(page)
        sheets = set()
        for _ in range(page.screen.hosts_view.read_s + 1):
            sheets.add(page.draw())
            page.assert_fits()
            page.clock.uptime_s += 1
        shown.append(sheets)
        if count < MOST_HOSTS:
            let_in(page, f"host no {count}")
    # A sheet for each, one for what can be done, and the question.
    assert [len(sheets) for sheets in shown] == [3, 3, 4, 5, 6]


def test_the_longest_name_stays_within_the_display(page):
    let_in(page, LONGEST)
    for _ in range(page.screen.hosts_view.read_s):
        page.draw()
        assert all(y < 64 for _, y in page.frame.outside)
        page.clock.uptime_s += 1


def test_a_code_is_drawn_with_all_its_digits_over_every_view(fresh_stage):
    stage = fresh_stage
    seen = {stage.draw()}
    for code in ("000000", "042137", "999999"):
        stage.hosts.show_code(code, "my phone")
        assert stage.screen.is_showing_code()
        assert number_width(code, True) <= WIDTH
        seen.add(stage.draw())
        stage.assert_fits()
    stage.hosts.ask_button("my phone")
    seen.add(stage.draw())
    stage.assert_fits()
    assert len(seen) == 5
    stage.hosts.end_pairing()
    assert not stage.screen.is_showing_code()
    assert stage.draw() in seen


def test_it_is_known_what_was_drawn_last(fresh_stage):
    stage = fresh_stage
    view = stage.screen.code_view
    assert view.shown == NOTHING
    stage.hosts.show_code("042137", "phone")
    assert view.shown == NOTHING
    stage.draw()
    assert view.shown == CODE
    stage.hosts.ask_button("phone")
    assert view.shown == CODE
    stage.draw()
    assert view.shown == BUTTON


def test_an_alert_lies_over_a_code(fresh_stage):
    fresh_stage.hosts.show_code("042137", "phone")
    fresh_stage.status.show_alert((1, 3, 12, 1, 5, 1400))
    assert not fresh_stage.screen.is_showing_code()
    fresh_stage.status.clear_alert()
    assert fresh_stage.screen.is_showing_code()


def test_the_words_of_a_bar_do_not_meet():
    bars = [texts.HOSTS, texts.PRESS_TO_PAIR, texts.PRESS_TO_FORGET, texts.PRESS_TO_LET_IN]
    bars += [texts.NO_HOST, texts.OWNER, texts.READER, texts.PAIRING_OPEN]
    assert all(text_width(chinese) + text_width(english) < WIDTH - 4 for chinese, english in bars)
