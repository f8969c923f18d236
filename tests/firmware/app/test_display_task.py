"""The display is drawn when something has changed, at most once a second, and again after a fault."""

from itertools import pairwise

import pytest

from bandschema.enums import AlertLevel, EventKind, Page
from display.device_views import StatusView

WHOLE_FRAME_BYTES = 1024


@pytest.fixture
def shows(rig):
    """Times in ms at which a whole frame went to the display."""
    address = rig.chip("ssd1306").address

    def times():
        return [
            transfer.now_us // 1000
            for transfer in rig.bus.trace
            if transfer.address == address and len(transfer.written) > WHOLE_FRAME_BYTES
        ]

    return times


def test_nothing_new_is_not_drawn_again(rig, shows):
    rig.band.screen.show_page(Page.IDENTITY)
    rig.run(2_000)
    count = len(shows())
    rig.run(60_000)
    assert len(shows()) == count


def test_a_change_that_the_view_does_not_show_is_not_sent(rig, shows):
    rig.band.screen.show_page(Page.IDENTITY)
    rig.run(2_000)
    count = len(shows())
    for _ in range(20):
        rig.core.status.touch()
        rig.run(500)
    assert len(shows()) == count


def test_however_much_changes_it_is_drawn_at_most_once_a_second(rig, shows, virtual_time):
    rig.agree()
    begun_ms = virtual_time.now_ms
    while not isinstance(rig.band.screen.view, StatusView):
        rig.band.screen.next_view()
    for boot_id in range(100):
        rig.core.status.boot_id = boot_id
        rig.core.status.touch()
        rig.run(130)
    times = [at for at in shows() if at >= begun_ms]
    assert len(times) >= 12
    assert min(after - before for before, after in pairwise(times)) >= 1000


def test_a_press_after_a_quiet_while_is_seen_at_once(rig, shows, virtual_time):
    rig.band.screen.show_page(Page.IDENTITY)
    rig.run(5_300)
    pressed_ms = virtual_time.now_ms
    rig.press(duration_ms=60)
    # Until the release is seen: the press, and one look at the level.
    assert shows()[-1] - pressed_ms <= 60 + 20


def test_an_alert_covers_every_page(rig):
    rig.run(2_000)
    before = rig.chip("ssd1306").image()
    rig.core.status.show_alert((1, AlertLevel.ALARM, 12, 3, 7, 842))
    rig.run(2_000)
    assert (rig.chip("ssd1306").image() != before).any()
    assert rig.band.screen.view.page == Page.ALERT


def test_a_display_that_comes_back_shows_the_view_of_now(rig, shows):
    rig.run(2_000)
    rig.fail("ssd1306")
    rig.band.screen.show_page(Page.STATUS)
    rig.run(5_000)
    rig.restore("ssd1306")
    count = len(shows())
    rig.run(61_000)
    assert len(shows()) > count
    assert rig.chip("ssd1306").image().any()


def pages_told(rig):
    return [detail for _, detail in rig.events(EventKind.PAGE_SHOWN)]


def test_the_band_tells_which_page_is_on_the_glass_once_the_wearer_has_agreed(rig):
    rig.connect()
    rig.run(3_000)
    rig.agree()
    rig.run(3_000)
    assert pages_told(rig)[:1] == [Page.HEART]
    rig.band.screen.show_page(Page.STATUS)
    rig.run(6_000)
    assert pages_told(rig) == [Page.HEART, Page.STATUS]
    rig.press(duration_ms=2_000)
    rig.run(3_000)
    assert rig.band.screen.is_on_manifest()
    assert pages_told(rig) == [Page.HEART, Page.STATUS]


def test_a_page_is_told_again_after_the_display_had_failed(rig):
    rig.connect()
    rig.agree()
    rig.run(3_000)
    rig.fail("ssd1306")
    rig.band.screen.show_page(Page.STATUS)
    rig.run(3_000)
    assert pages_told(rig) == [Page.HEART]
    rig.restore("ssd1306")
    rig.run(60_000)
    assert pages_told(rig) == [Page.HEART, Page.STATUS]
