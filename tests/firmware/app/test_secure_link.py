"""A host pairs with the band by code and button, comes back by its key, and is let go when forgotten."""

import os
from types import SimpleNamespace

import pytest

import band as band_module
from bandschema.enums import CommandCode, HostRight, Page, Refusal, Result
from bandwire.events import (
    DOWN_REFUSED,
    EVENT_DOWN,
    EVENT_PAIRING,
    PAIRING_BUTTON_WANTED,
    PAIRING_CODE_WANTED,
)
from bandwire.secure.host_session import HostSession
from hal.host_keys import HostKeys
from paired_hosts import BUTTON, CODE, NOTHING
from vitalband.keys.ciphers import LibraryPrimitives


def pairing(name="my phone"):
    return HostSession(LibraryPrimitives(), name=name, is_pairing=True)


def resuming(*keys):
    return HostSession(LibraryPrimitives(), keys=keys)


def open_window(rig):
    rig.band.screen.show_first_reading()
    while rig.band.screen.view.page != Page.HOSTS:
        rig.press()
    rig.run(rig.band.screen.hosts_view.read_s * 1000)
    rig.press()
    assert rig.band.hosts.window_s


def pair(rig, session_id=b"session1", name="my phone"):
    """Let a host in as people do; gives its key."""
    session = pairing(name)
    open_window(rig)
    host = rig.meet(session_id, session)
    assert host.events[-1] == (EVENT_PAIRING, PAIRING_CODE_WANTED)
    hosts = rig.band.hosts
    assert (hosts.wanted, hosts.name) == (CODE, name)
    assert host.link.type_code(hosts.code, 0)
    rig.run(1500)
    assert host.events[-1] == (EVENT_PAIRING, PAIRING_BUTTON_WANTED)
    assert (hosts.wanted, hosts.code) == (BUTTON, "")
    rig.press()
    assert host.link.is_up
    assert hosts.wanted == NOTHING
    return session.key


def refusal_of(rig, session, session_id=b"session9"):
    host = rig.meet(session_id, session)
    assert host.events[-1] == (EVENT_DOWN, DOWN_REFUSED)
    return host.link.refusal


def test_a_host_pairs_by_code_and_button_and_comes_back_by_its_key(rig):
    key = pair(rig)
    assert rig.band.hosts.link.right == HostRight.OWNER
    assert rig.command(CommandCode.SEND_IDENTITY) == Result.OK
    rig.connect(b"session2", resuming(key))
    assert rig.command(CommandCode.SEND_IDENTITY) == Result.OK
    rig.boot()
    rig.connect(b"session3", resuming(bytes(32), key))
    assert rig.host.link.peer_band_id == rig.identity.band_id
    assert rig.command(CommandCode.SEND_HOSTS) == Result.OK
    assert [host.is_asker for host in rig.host.records("PairedHost")] == [1]


def test_nobody_pairs_while_the_window_is_closed_nor_after_it_was_used(rig):
    assert refusal_of(rig, pairing(), b"session7") == Refusal.NO_WINDOW
    pair(rig)
    assert refusal_of(rig, pairing(), b"session8") == Refusal.NO_WINDOW
    assert rig.band.hosts.wanted == NOTHING


def test_an_unknown_key_is_refused(rig):
    pair(rig)
    assert refusal_of(rig, resuming(bytes(32))) == Refusal.UNKNOWN_KEY


def test_a_wearer_who_presses_while_the_code_stands_refuses(rig):
    open_window(rig)
    host = rig.meet(b"session1", pairing())
    rig.run(1500)
    rig.press()
    assert (host.events[-1], host.link.refusal) == ((EVENT_DOWN, DOWN_REFUSED), Refusal.DECLINED)
    assert HostKeys(rig.folder).count == 0
    assert rig.band.hosts.wanted == NOTHING


def test_nobody_who_presses_nothing_lets_anybody_in(rig):
    open_window(rig)
    host = rig.meet(b"session1", pairing())
    assert host.link.type_code(rig.band.hosts.code, 0)
    rig.run(61_000)
    assert host.link.refusal == Refusal.EXPIRED
    assert HostKeys(rig.folder).count == 0


def test_a_host_that_has_the_band_forget_it_is_answered_and_knows_why_it_is_let_go(rig):
    key = pair(rig)
    assert rig.command(CommandCode.FORGET_HOST, argument=1) == Result.OK
    assert rig.host.events[-1] == (EVENT_DOWN, DOWN_REFUSED)
    assert rig.host.link.refusal == Refusal.FORGOTTEN
    assert refusal_of(rig, resuming(key)) == Refusal.UNKNOWN_KEY


def test_the_owner_lets_another_host_in_which_reads_only(rig):
    owner = pair(rig)
    assert rig.command(CommandCode.ALLOW_PAIRING, argument=HostRight.READER) == Result.OK
    reader = pair(rig, b"session2", "a tablet")
    assert rig.band.hosts.link.right == HostRight.READER
    assert rig.command(CommandCode.ALLOW_PAIRING, argument=HostRight.READER) == Result.NO_RIGHT
    for key, right in ((owner, HostRight.OWNER), (reader, HostRight.READER)):
        rig.connect(bytes(key[:8]), resuming(key))
        assert rig.band.hosts.link.right == right


def test_a_store_that_fails_lets_nobody_in_and_the_host_knows(rig, monkeypatch):
    open_window(rig)
    host = rig.meet(b"session1", pairing())
    host.link.type_code(rig.band.hosts.code, 0)
    rig.run(1500)

    def refuse(_self, _record):
        raise OSError(28)

    monkeypatch.setattr(HostKeys, "keep", refuse)
    rig.press()
    assert host.link.refusal == Refusal.NOT_STORED
    assert HostKeys(rig.folder).count == 0


def test_a_port_without_chance_pairs_with_nobody_and_goes_on(rig, monkeypatch):
    open_window(rig)
    monkeypatch.setattr(os, "urandom", bytes)
    host = rig.meet(b"session1", pairing(), 5_000)
    assert not host.link.is_up
    assert rig.band.hosts.wanted == NOTHING
    rig.connect(b"session2")
    assert rig.command(CommandCode.SEND_IDENTITY) == Result.OK


def test_a_band_that_demands_a_secure_session_tells_a_clear_host_so_and_not_who_it_is(rig):
    rig.band.hosts.link._is_clear_allowed = False
    host = rig.meet(b"session1", None)
    assert host.link.refusal == Refusal.SECURE_ONLY
    assert host.link.peer_band_id == bytes(8)


PRODUCT, DEVELOPMENT = SimpleNamespace(image_profile=2), SimpleNamespace(image_profile=1)


@pytest.mark.parametrize(
    ("pin", "is_tied", "identity", "is_allowed"),
    [
        (None, False, PRODUCT, False),
        (None, False, DEVELOPMENT, True),
        (2, False, PRODUCT, True),
        (2, True, PRODUCT, False),
        (2, True, DEVELOPMENT, False),
    ],
)
def test_a_product_speaks_to_nobody_in_the_clear(pin, is_tied, identity, is_allowed):
    board, hardware = SimpleNamespace(SECURE_PIN=pin), SimpleNamespace(is_tied_secure=is_tied)
    assert band_module.may_be_clear(board, hardware, identity) == is_allowed
