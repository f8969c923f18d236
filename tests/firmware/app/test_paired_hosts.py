"""Who may be let in, by whom; what a reader may not; and that forgetting all leaves nothing to be read."""

import pytest

from bandschema.enums import CommandCode, HostRight, LossCause, Page, Result
from bandschema.records import Issuance, PairedHost, StoreConfirm
from bandwire.frames import REFUSAL_FORGOTTEN
from bandwire.secure.host_session import HostSession
from bandwire.secure.pairing_window import WINDOW_MS
from hal.host_keys import KEY_BYTES, MOST_HOSTS, HostKeys
from paired_hosts import ALLOWED_S
from vitalband.keys.ciphers import LibraryPrimitives

WINDOW_S = WINDOW_MS // 1000

ISSUANCE = Issuance(
    request_id=0, issuer="Works", contact="it@works", purpose="care", notice="no 7", is_voluntary=1,
    refusal="", start_unix_s=1, end_unix_s=2,
)  # fmt: skip


def pair(rig, *names):
    for name in names:
        assert rig.band.hosts.keys.add(bytes((len(name),)) * KEY_BYTES, name) >= 0


def connect_as(rig, slot):
    """A host is connected, and it is the one of that slot."""
    key = bytes(rig.band.hosts.keys.key_of(slot))
    rig.connect(b"host no%d" % slot, HostSession(LibraryPrimitives(), keys=(key,)))
    assert rig.band.hosts.link.slot == slot


def read_page(rig):
    """Turn the pages by the button to that of the hosts, and wait until it asks."""
    rig.band.screen.show_first_reading()
    while rig.band.screen.view.page != Page.HOSTS:
        rig.press()
    rig.run(rig.band.screen.hosts_view.read_s * 1000)
    assert rig.band.screen.is_asking_for_hosts()


@pytest.fixture
def agreed(rig):
    rig.connect()
    rig.agree()
    return rig


def test_while_nobody_is_paired_the_wearer_opens_the_window(agreed):
    read_page(agreed)
    assert agreed.band.hosts.window_s == 0
    agreed.press()
    assert WINDOW_S - 1 <= agreed.band.hosts.window_s <= WINDOW_S
    agreed.run(WINDOW_S * 1000)
    assert agreed.band.hosts.window_s == 0


def test_a_press_before_the_page_was_read_goes_on(agreed):
    while agreed.band.screen.view.page != Page.HOSTS:
        agreed.press()
    agreed.press()
    assert agreed.band.screen.view.page != Page.HOSTS
    assert agreed.band.hosts.window_s == 0


def test_a_long_press_on_the_page_withdraws_and_opens_nothing(agreed):
    read_page(agreed)
    agreed.press(2000)
    assert agreed.band.consent.agreement is None
    assert agreed.band.hosts.window_s == 0


def test_beside_an_owner_the_button_alone_opens_nothing(agreed):
    pair(agreed, "owner")
    read_page(agreed)
    assert not agreed.band.hosts.may_open
    agreed.press()
    assert agreed.band.hosts.window_s == 0


@pytest.mark.parametrize("right", list(HostRight))
def test_an_owner_allows_one_host_of_a_right_and_the_wearer_opens(agreed, right):
    pair(agreed, "owner")
    connect_as(agreed, 0)
    assert agreed.command(CommandCode.ALLOW_PAIRING, argument=right) == Result.OK
    read_page(agreed)
    agreed.press()
    assert agreed.band.hosts.window_s
    pair(agreed, "another")
    assert agreed.band.hosts.keys.right_of(1) == right
    assert not agreed.band.hosts.is_allowed, "an allowance is good for one window"


def test_an_allowance_runs_out(agreed):
    pair(agreed, "owner")
    connect_as(agreed, 0)
    agreed.command(CommandCode.ALLOW_PAIRING, argument=HostRight.READER)
    agreed.run(ALLOWED_S * 1000 - 1100)
    assert agreed.band.hosts.may_open
    agreed.run(1200)
    assert not agreed.band.hosts.may_open


@pytest.mark.parametrize("right", [-1, 0, 3, 1 << 20])
def test_a_right_that_is_none_is_no_allowance(rig, right):
    pair(rig, "owner")
    connect_as(rig, 0)
    assert rig.command(CommandCode.ALLOW_PAIRING, argument=right) == Result.BAD_ARGUMENT
    assert not rig.band.hosts.may_open


def test_where_there_is_no_room_nobody_is_allowed(rig):
    pair(rig, *"abcd"[:MOST_HOSTS])
    connect_as(rig, 0)
    result = rig.command(CommandCode.ALLOW_PAIRING, argument=HostRight.READER)
    assert result == Result.NOT_AVAILABLE


def test_a_reader_allows_nobody_forgets_nobody_issues_nothing_and_frees_nothing(agreed):
    pair(agreed, "owner", "reader")
    agreed.run(10_000)
    connect_as(agreed, 1)
    assert agreed.command(CommandCode.ALLOW_PAIRING, argument=HostRight.READER) == Result.NO_RIGHT
    assert agreed.command(CommandCode.FORGET_HOST, argument=1) == Result.NO_RIGHT
    assert agreed.ask(ISSUANCE) == Result.NO_RIGHT
    assert agreed.core.issued.issuance is None
    confirmed = []
    agreed.core.log.confirm = lambda *range_: confirmed.append(range_)
    confirm(agreed)
    assert confirmed == []
    connect_as(agreed, 0)
    confirm(agreed)
    assert len(confirmed) == 1


def confirm(rig):
    rig.send(StoreConfirm(confirmed_boot_id=1, first_sequence=0, frame_count=1))


def test_hosts_are_told_with_number_right_name_and_who_asks(rig):
    pair(rig, "owner", "a reader", "gone")
    rig.band.hosts.forget(3)
    connect_as(rig, 1)
    assert rig.command(CommandCode.SEND_HOSTS) == Result.OK
    assert rig.host.details[-1] == 2
    told = rig.host.records("PairedHost")
    assert told == [
        PairedHost(host_id=1, host_count=2, right=HostRight.OWNER, is_asker=0, name="owner"),
        PairedHost(host_id=2, host_count=2, right=HostRight.READER, is_asker=1, name="a reader"),
    ]


def test_all_hosts_with_the_longest_names_are_told_at_once(rig):
    pair(rig, *(letter * 16 for letter in "abcd"[:MOST_HOSTS]))
    connect_as(rig, 0)
    assert rig.command(CommandCode.SEND_HOSTS) == Result.OK
    assert len(rig.host.records("PairedHost")) == MOST_HOSTS


def test_an_owner_forgets_another_and_the_keeper_makes_it_last(rig):
    pair(rig, "owner", "reader")
    connect_as(rig, 0)
    assert rig.command(CommandCode.FORGET_HOST, argument=2) == Result.OK
    assert rig.command(CommandCode.FORGET_HOST, argument=2) == Result.BAD_ARGUMENT
    assert HostKeys(rig.folder).count == 1


def test_a_reader_forgets_itself_is_answered_and_then_let_go(rig, monkeypatch):
    pair(rig, "owner", "reader")
    connect_as(rig, 1)
    ended = []
    monkeypatch.setattr(rig.band.hosts.link, "end_session", ended.append)
    assert rig.command(CommandCode.FORGET_HOST, argument=2) == Result.OK
    assert ended == [REFUSAL_FORGOTTEN]
    assert HostKeys(rig.folder).count == 1


def test_forgetting_all_is_asked_twice_and_erases_what_is_recorded(agreed, monkeypatch):
    pair(agreed, "owner", "reader")
    agreed.run(20_000)
    ended = []
    connect_as(agreed, 0)
    monkeypatch.setattr(agreed.band.hosts.link, "end_session", ended.append)
    assert agreed.core.log.holds_wearer_data()
    read_page(agreed)
    agreed.press()
    assert agreed.band.hosts.keys.count == 2
    assert agreed.band.screen.is_asking_for_hosts()
    agreed.press()
    assert agreed.band.hosts.keys.count == HostKeys(agreed.folder).count == 0
    assert agreed.band.consent.agreement is None
    assert not agreed.core.log.holds_wearer_data()
    assert ended == [REFUSAL_FORGOTTEN]
    assert agreed.band.screen.view.page == Page.MANIFEST


def test_forgetting_all_erases_what_an_agreement_that_is_over_has_left(rig):
    """An agreement that ended by itself leaves what was recorded to be fetched."""
    pair(rig, "owner")
    told = []
    rig.core.log.holds_wearer_data = lambda: True
    rig.core.outbox.wipe = told.append
    read_page(rig)
    rig.press()
    rig.press()
    assert told == [LossCause.WIPED]


@pytest.mark.parametrize("wait_s", [11, 60])
def test_forgetting_all_that_is_asked_once_only_forgets_nobody(agreed, wait_s):
    pair(agreed, "owner")
    read_page(agreed)
    agreed.press()
    agreed.run(wait_s * 1000)
    agreed.press()
    assert agreed.band.hosts.keys.count == 1
    assert agreed.band.consent.agreement is not None


class Answers:
    """What the link is told of the button."""

    def __init__(self, rig, monkeypatch):
        self.told = []
        link = rig.band.hosts.link
        monkeypatch.setattr(link, "accept_pairing", lambda _now_ms: self.told.append(True))
        monkeypatch.setattr(link, "decline_pairing", lambda: self.told.append(False))


@pytest.fixture
def answers(agreed, monkeypatch):
    return Answers(agreed, monkeypatch)


def test_a_press_refuses_a_host_whose_code_is_shown_and_lets_one_in_that_asks(agreed, answers):
    hosts = agreed.band.hosts
    hosts.show_code("042137", "phone")
    agreed.run(2000)
    agreed.press()
    hosts.ask_button("phone")
    agreed.run(2000)
    agreed.press()
    assert answers.told == [False, True]


def test_a_press_that_was_to_refuse_does_not_let_in_who_asks_at_that_moment(agreed, answers):
    hosts = agreed.band.hosts
    hosts.show_code("042137", "phone")
    agreed.run(2000)
    hosts.ask_button("phone")
    agreed.press(30)
    assert answers.told == [False]


def test_a_press_before_anything_is_seen_is_no_answer_and_turns_no_page(agreed, answers):
    page = agreed.band.screen.views[agreed.band.screen._at]
    agreed.run(1000)
    agreed.band.hosts.show_code("042137", "phone")
    agreed.press(30)
    assert answers.told == []
    agreed.band.hosts.end_pairing()
    assert agreed.band.screen.view is page


def test_a_long_press_refuses_and_withdraws(agreed, answers):
    agreed.band.hosts.ask_button("phone")
    agreed.run(2000)
    agreed.press(2000)
    assert answers.told == [False]
    assert agreed.band.consent.agreement is None


def test_what_one_pairing_has_shown_is_no_answer_to_the_next(agreed, answers):
    hosts = agreed.band.hosts
    hosts.ask_button("phone")
    agreed.run(2000)
    hosts.end_pairing()
    hosts.show_code("042137", "another")
    agreed.press(30)
    assert True not in answers.told
