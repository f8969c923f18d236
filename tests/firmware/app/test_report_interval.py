"""How many updates of the readings a frame holds is the host's choice, for its own connection only."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import CommandCode, Contact, EventKind, Result
from bandschema.records import VitalsRun
from bandschema.vitals_run import decode_updates
from bandwire.bandlink import HOST_SILENCE_LIMIT_MS

PERIOD_MS = 2000
LONGEST_MS = 128_000
SET = CommandCode.SET_REPORT_INTERVAL


@pytest.fixture
def worn(rig):
    """A band that has sent the first updates of its wearer, one a frame."""
    rig.connect()
    rig.agree()
    rig.run(10_000)
    return rig


def runs(host):
    """Ticks of the updates of each frame of vitals, in order."""
    return [
        [update.ticks_ms for update in decode_updates(record.updates, header.ticks_ms)]
        for header, record in host.frames
        if isinstance(record, VitalsRun)
    ]


def sizes(host):
    return [len(run) for run in runs(host)]


def is_whole(host):
    """Whether not one update is missing or told twice."""
    ticks = [tick for run in runs(host) for tick in run]
    return all(later - earlier == PERIOD_MS for earlier, later in pairwise(ticks))


def set_interval(rig, interval_ms):
    """Result and detail of the command's reply."""
    result = rig.command(SET, 0, interval_ms)
    return result, rig.host.details[-1]


def test_an_update_has_a_frame_for_itself_unless_the_host_asks_otherwise(worn):
    worn.run(20_000)
    assert set(sizes(worn.host)) == {1}


@pytest.mark.parametrize("updates", [2, 5, 15])
def test_a_frame_holds_as_many_updates_as_the_interval_has_room_for(worn, updates):
    before = len(runs(worn.host))
    assert set_interval(worn, updates * PERIOD_MS) == (Result.OK, updates * PERIOD_MS)
    worn.run(3 * updates * PERIOD_MS)
    assert sizes(worn.host)[before:] == [updates] * 3
    assert is_whole(worn.host)


def test_no_update_is_older_than_the_interval_when_it_comes(worn):
    set_interval(worn, 10_000)
    worn.run(60_000)
    assert worn.core.clock.now_ms - runs(worn.host)[-1][-1] < 10_000


def test_a_full_frame_goes_before_its_interval_is_over(worn):
    set_interval(worn, LONGEST_MS)
    vitals, rate = worn.vitals, worn.vitals.rate
    worn.vitals.step = lambda now_s: _step_with_new_readings(vitals, rate, now_s)
    before = len(runs(worn.host))
    worn.run(2 * LONGEST_MS)
    found = sizes(worn.host)[before:]
    assert found
    assert all(1 < size < 64 for size in found)
    assert is_whole(worn.host)


def _step_with_new_readings(vitals, rate, now_s):
    for index in range(6):
        minimum, maximum = vitals.table._minimum[index], vitals.table._maximum[index]
        vitals.table.set(index, minimum + (now_s * 7919) % (maximum - minimum), 50 + now_s % 50)


@given(interval_ms=st.integers(0, LONGEST_MS))
def test_the_band_takes_whole_updates_and_says_how_long_they_are(lasting_rig, interval_ms):
    result, taken_ms = set_interval(lasting_rig, interval_ms)
    assert result == Result.OK
    assert taken_ms % PERIOD_MS == 0
    assert taken_ms == PERIOD_MS or interval_ms - PERIOD_MS < taken_ms <= interval_ms


@given(interval_ms=st.integers(-(1 << 31), -1) | st.integers(LONGEST_MS + 1, (1 << 31) - 1))
def test_an_interval_out_of_bounds_is_refused_and_changes_nothing(lasting_rig, interval_ms):
    assert set_interval(lasting_rig, 6_000) == (Result.OK, 6_000)
    assert set_interval(lasting_rig, interval_ms) == (Result.BAD_ARGUMENT, 0)
    assert lasting_rig.core.status.updates_per_frame == 3


def test_the_details_of_other_replies_stay_zero(worn):
    set_interval(worn, 10_000)
    assert worn.command(CommandCode.VIBRATE) == Result.OK
    assert worn.host.details[-1] == 0


@pytest.mark.parametrize("interval_ms", [0, 4_000, 30_000])
def test_another_interval_lets_the_updates_go_that_wait(worn, interval_ms):
    set_interval(worn, 20_000)
    worn.run(9_000)
    waiting = worn.band.collection.journal._run.update_count
    assert waiting >= 4
    set_interval(worn, interval_ms)
    assert sizes(worn.host)[-1] == waiting
    assert is_whole(worn.host)


@pytest.mark.parametrize(
    ("contact", "event"), [(Contact.OFF_WRIST, EventKind.NOT_WORN), (Contact.ON_WRIST, EventKind.WORN)]
)
def test_a_band_put_on_or_taken_off_is_told_at_once(worn, contact, event):
    if contact == Contact.ON_WRIST:
        worn.vitals.contact = int(Contact.OFF_WRIST)
        worn.run(PERIOD_MS)
    set_interval(worn, 60_000)
    worn.run(10_000)
    told = len(worn.events(event))
    worn.vitals.contact = int(contact)
    worn.run(PERIOD_MS)
    assert len(worn.events(event)) == told + 1
    assert worn.host.updates()[-1].contact == contact
    assert worn.core.clock.now_ms - runs(worn.host)[-1][-1] < PERIOD_MS
    before = len(runs(worn.host))
    worn.run(50_000)
    assert len(runs(worn.host)) == before, "the interval begins anew with the next update"


def test_weak_contact_waits_like_any_other_reading(worn):
    set_interval(worn, 60_000)
    before = len(runs(worn.host))
    worn.vitals.contact = int(Contact.WEAK)
    worn.run(20_000)
    assert len(runs(worn.host)) == before


def test_another_host_gets_each_update_at_once(worn):
    set_interval(worn, 60_000)
    worn.run(20_000)
    host = worn.connect(b"session2")
    worn.run(10_000)
    first, *others = sizes(host)
    assert first >= 9, "what waited comes first"
    assert set(others) == {1}
    assert is_whole(host)


def test_the_interval_ends_with_a_host_that_is_silent_and_nothing_is_lost(worn):
    set_interval(worn, 60_000)
    worn.run(20_000)
    seen = runs(worn.host)[-1][-1]
    worn.host = None
    worn.run(HOST_SILENCE_LIMIT_MS + 20_000)
    assert worn.core.status.updates_per_frame == 1
    worn.uart.to_host.clear()
    host = worn.connect(b"session2")
    worn.run(10_000)
    assert is_whole(host)
    assert runs(host)[0][0] == seen + PERIOD_MS
    assert sizes(host)[-3:] == [1, 1, 1]


def test_updates_that_wait_are_forgotten_by_a_withdrawal_and_none_comes_later(worn):
    set_interval(worn, 60_000)
    worn.run(20_000)
    before = runs(worn.host)
    worn.press(duration_ms=1_600)
    worn.run(120_000)
    assert runs(worn.host) == before


def test_an_interval_asked_for_before_the_wearer_agrees_holds_after_it(rig):
    rig.connect()
    assert set_interval(rig, 10_000) == (Result.OK, 10_000)
    rig.agree()
    rig.run(30_000)
    # The first frame tells at once that the band is worn.
    assert sizes(rig.host)[1:] == [5, 5]
    assert is_whole(rig.host)


def test_what_waits_goes_before_collection_pauses(worn):
    set_interval(worn, 60_000)
    worn.run(10_000)
    worn.band.collection.pause()
    worn.run(100)
    assert worn.core.clock.now_ms - runs(worn.host)[-1][-1] < PERIOD_MS + 200
    worn.band.collection.go_on()
