"""Secure sessions of both ends: who gets in, what people see, what ends one, and what it leaves behind."""

import pytest

from bandwire.errors import LocalError
from bandwire.events import (
    EVENT_FRAME,
    EVENT_PAIRING,
    PAIRING_BUTTON_WANTED,
    PAIRING_CODE_WANTED,
)
from bandwire.frames import (
    HANDSHAKE_STEP_CONFIRM,
    HANDSHAKE_STEP_PAIR_FIRST,
    HANDSHAKE_STEP_PAIRED,
    HANDSHAKE_STEP_REFUSED,
    HANDSHAKE_STEP_RESUME_FIRST,
    HOST_RIGHT_OWNER,
    HOST_RIGHT_READER,
    REFUSAL_DECLINED,
    REFUSAL_EXPIRED,
    REFUSAL_MALFORMED,
    REFUSAL_NO_SLOT,
    REFUSAL_NO_TRIES,
    REFUSAL_NO_WINDOW,
    REFUSAL_NOT_STORED,
    REFUSAL_UNKNOWN_KEY,
    REFUSAL_WRONG_CODE,
)
from bandwire.hostlink import HELLO_INTERVAL_MS
from bandwire.secure.band_session import RESUMPTIONS
from bandwire.secure.host_session import HostSession
from bandwire.secure.pairing_window import TRIES, WINDOW_MS
from bandwire.secure.secure_session import HANDSHAKE_LIMIT_MS, WEARER_LIMIT_MS
from bandwire.secure.short_code import is_name
from link.pairs import BAND_ID, BOOT_ID, CARRIER_BYTES, Pair
from link.secured import (
    KEY,
    NAME,
    OTHER_KEY,
    REFUSED,
    UP,
    Primitives,
    SecurePair,
    handshake_record,
    paired,
    resumed,
)


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
@pytest.mark.parametrize("steps", [0, 3])
def test_a_host_is_paired_by_the_code_and_the_button(max_bytes, steps):
    pair = SecurePair(max_bytes, is_pairing=True, steps=steps)
    pair.append(b"kept before")
    pair.pair()
    code = pair.wearer.shown[0][1]
    assert pair.wearer.shown == [("code", code, NAME), ("button", NAME)]
    assert len(code) == 6
    assert code.isdigit()
    assert pair.wearer.page is None
    assert pair.band.is_up
    assert pair.host.is_up
    assert pair.host_events[:3] == [
        (EVENT_PAIRING, PAIRING_CODE_WANTED),
        (EVENT_PAIRING, PAIRING_BUTTON_WANTED),
        UP,
    ]
    assert pair.keys.kept == [(pair.host_session.key, NAME)]
    assert (pair.band.slot, pair.band.right, pair.host_session.right) == (
        0,
        HOST_RIGHT_OWNER,
        HOST_RIGHT_OWNER,
    )
    assert (pair.host.peer_band_id, pair.host.peer_boot_id) == (BAND_ID, BOOT_ID)
    assert pair.frames_at_host() == pair.appended
    assert sum(pair.host.bad_counts) == sum(pair.band.bad_counts) == 0
    assert not pair.window.is_open(pair.now_ms)


@pytest.mark.parametrize("max_bytes", CARRIER_BYTES)
@pytest.mark.parametrize("slot", [0, 1])
def test_who_was_paired_resumes_without_a_person(max_bytes, slot):
    keys = (KEY,) if slot == 0 else (OTHER_KEY, KEY)
    pair = SecurePair(max_bytes, keys=keys, host_keys=(KEY,), steps=2, first_sequence=9)
    pair.settle()
    assert (pair.band_events, pair.host_events) == ([UP], [UP])
    right = HOST_RIGHT_READER if slot else HOST_RIGHT_OWNER
    assert (pair.band.slot, pair.band.right, pair.host_session.right) == (slot, right, right)
    assert (pair.host.peer_band_id, pair.host.peer_boot_id, pair.host.peer_next_sequence) == (
        BAND_ID,
        BOOT_ID,
        9,
    )
    pair.append(b"a reading")
    pair.host.request_time(0, 1000, pair.now_ms)
    pair.settle()
    assert pair.frames_at_host() == pair.appended
    assert pair.wearer.shown == []


def test_a_paired_host_resumes_after_a_restart_with_the_key_of_the_pairing():
    pair = paired()
    key = pair.host_session.key
    pair.host.restart(b"session2", pair.now_ms)
    assert not pair.host_session.is_live
    pair.settle()
    assert pair.host.is_up
    assert pair.band.is_up
    assert pair.host_session.key == key
    assert len(pair.keys.kept) == 1


def test_a_host_that_knows_several_bands_tries_its_keys_in_turn():
    keys = tuple(bytes([number]) * 32 for number in range(RESUMPTIONS))
    pair = SecurePair(keys=keys[-1:], host_keys=keys)
    pair.settle()
    assert pair.host.is_up
    assert pair.host_session.key == keys[-1]


def test_an_unknown_key_is_refused_and_then_the_connection():
    pair = SecurePair(keys=(OTHER_KEY,), host_keys=(KEY,))
    pair.settle()
    assert pair.host_events == [REFUSED]
    assert pair.host.refusal == REFUSAL_UNKNOWN_KEY
    assert pair.band.refusal == 0
    for counter in range(5, 5 + RESUMPTIONS - 1):
        pair.to_band(handshake_record(HANDSHAKE_STEP_RESUME_FIRST, bytes(48), counter))
    assert pair.band_events == [REFUSED]
    assert pair.band.refusal == REFUSAL_UNKNOWN_KEY
    assert pair.host.poll(10_000) == -1
    with pytest.raises(LocalError, match="allows 4 keys"):
        HostSession(Primitives(1), keys=(KEY,) * 5)


def test_a_host_without_a_key_neither_resumes_nor_asks_on():
    pair = SecurePair(keys=(KEY,))
    pair.settle()
    assert pair.host.refusal == REFUSAL_UNKNOWN_KEY
    pair.pass_time(5000)
    assert pair.from_host() == b""


def test_nobody_is_paired_without_a_window():
    pair = SecurePair(is_pairing=True)
    pair.settle()
    assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_NO_WINDOW, REFUSAL_NO_WINDOW)
    assert (pair.band_events, pair.host_events) == ([REFUSED], [REFUSED])
    pair.window.open(pair.now_ms)
    pair.pass_time(WINDOW_MS - 1)
    assert pair.window.is_open(pair.now_ms)
    pair.pass_time(1)
    pair.host.restart(b"session2", pair.now_ms)
    pair.settle()
    assert pair.host.refusal == REFUSAL_NO_WINDOW


def test_a_window_bears_three_pairings_that_begin_whatever_becomes_of_them():
    pair = SecurePair(is_pairing=True)
    pair.window.open(0)
    for number in range(TRIES + 1):
        assert pair.window.is_open(pair.now_ms)
        pair.host.restart(b"session%d" % number, pair.now_ms)
        for _ in range(2):
            pair.to_band(pair.from_host())
            pair.to_host(pair.from_band())
    assert pair.host.refusal == REFUSAL_NO_TRIES
    assert pair.wearer.shown == []


def test_a_window_bears_one_code_so_that_no_other_host_takes_the_place_of_who_was_right():
    pair = SecurePair(is_pairing=True)
    pair.window.open(0)
    pair.settle()
    pair.type_shown_code()
    pair.host.restart(b"session2", pair.now_ms)
    pair.settle()
    assert pair.host.refusal == REFUSAL_NO_WINDOW
    assert len(pair.wearer.shown) == 1
    assert pair.wearer.page is None


def test_nobody_is_paired_where_all_slots_are_taken():
    pair = SecurePair(is_pairing=True, keys=tuple(bytes([n]) * 32 for n in range(4)))
    pair.window.open(0)
    pair.settle()
    assert pair.host.refusal == REFUSAL_NO_SLOT


def test_a_key_that_cannot_be_stored_lets_nobody_in():
    pair = SecurePair(is_pairing=True)
    pair.keys.is_broken = True
    pair.pair()
    assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_NOT_STORED, REFUSAL_NOT_STORED)
    assert not pair.band.is_up
    assert not pair.host.is_up


def test_a_wrong_code_ends_it_on_both_sides():
    pair = SecurePair(is_pairing=True)
    pair.window.open(0)
    pair.settle()
    wrong = f"{(int(pair.wearer.code) + 1) % 1_000_000:06d}"
    assert not pair.host.type_code(wrong, pair.now_ms)
    pair.settle()
    assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_WRONG_CODE, REFUSAL_WRONG_CODE)
    assert pair.wearer.page is None
    assert pair.keys.kept == []
    with pytest.raises(LocalError, match="no code is awaited"):
        pair.host.type_code(wrong, pair.now_ms)
    with pytest.raises(LocalError, match="clear connections"):
        Pair().host.type_code(wrong, 0)


@pytest.mark.parametrize("has_typed", [False, True])
def test_either_side_may_leave_a_pairing(has_typed):
    for is_host in (False, True):
        pair = SecurePair(is_pairing=True)
        pair.window.open(0)
        pair.settle()
        if has_typed:
            pair.type_shown_code()
            pair.settle()
        if is_host:
            pair.host.cancel_pairing()
        else:
            pair.band.decline_pairing()
        pair.pass_time(0)
        pair.settle()
        assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_DECLINED, REFUSAL_DECLINED)
        assert (pair.wearer.page, pair.keys.kept) == (None, [])


def test_what_a_person_presses_at_other_times_changes_nothing():
    clear = Pair()
    for link in (resumed().band, clear.band):
        link.accept_pairing(0)
        link.decline_pairing()
        assert link.next_event() is None
    clear.host.cancel_pairing()
    pair = resumed()
    pair.host.cancel_pairing()
    assert pair.host.is_up
    pair = SecurePair(is_pairing=True)
    pair.window.open(0)
    pair.settle()
    pair.press()
    assert not pair.band.is_up
    assert pair.wearer.page[0] == "code"


@pytest.mark.parametrize(
    ("typed", "limit_ms"), [(False, WEARER_LIMIT_MS), (True, WEARER_LIMIT_MS)], ids=["code", "button"]
)
def test_people_have_a_minute_for_the_code_and_again_for_the_button(typed, limit_ms):
    pair = SecurePair(is_pairing=True)
    pair.window.open(0)
    pair.settle()
    pair.pass_time(30_000)
    if typed:
        pair.type_shown_code()
        pair.settle()
        pair.pass_time(30_000)
    assert pair.band.poll(pair.now_ms) == pair.now_ms + limit_ms - 30_000
    pair.pass_time(limit_ms - 30_001)
    pair.settle()
    assert pair.wearer.page is not None
    pair.pass_time(1)
    pair.settle()
    assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_EXPIRED, REFUSAL_EXPIRED)
    assert pair.wearer.page is None
    assert pair.band_events.count(REFUSED) == pair.host_events.count(REFUSED) == 1


@pytest.mark.parametrize("lost_step", range(1, 4))
def test_a_record_that_is_lost_ends_a_handshake_in_time_and_another_is_free(lost_step):
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    pair.to_band(pair.from_host())
    pair.to_host(pair.from_band())
    for step in range(1, lost_step):
        record = pair.from_host() if step % 2 else pair.from_band()
        (pair.to_band if step % 2 else pair.to_host)(record)
    assert pair.from_host() if lost_step % 2 else pair.from_band()
    pair.settle()
    pair.pass_time(HANDSHAKE_LIMIT_MS)
    pair.settle()
    assert pair.band.refusal == REFUSAL_EXPIRED
    assert not pair.band.is_up
    pair.host.restart(b"session2", pair.now_ms)
    pair.settle()
    assert pair.band.is_up
    assert pair.host.is_up


def test_the_first_record_under_the_seal_proves_a_host_also_when_its_word_was_lost():
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    for _ in range(2):
        pair.to_band(pair.from_host())
        pair.to_host(pair.from_band())
    assert pair.host.is_up
    assert not pair.band.is_up
    assert (pair.band.right, pair.band.slot) == (0, -1)
    pair.append(b"not yet")
    assert pair.from_band() == b""
    assert pair.from_host()
    pair.host.request_time(0, 1000, 0)
    events = pair.to_band(pair.from_host())
    assert events[0] == UP
    assert events[1][0] == EVENT_FRAME
    pair.settle()
    assert pair.frames_at_host() == pair.appended


def test_a_host_that_starts_anew_at_any_point_gets_in_and_leaves_nothing():
    for point in range(14):
        pair = SecurePair(19, is_pairing=True, steps=2)
        pair.window.open(0)
        for _ in range(point):
            pair.to_band(pair.from_host() or b"\0\0\0\0")
            pair.to_host(pair.from_band() or b"\0\0\0\0")
            pair.pass_time(0)
        pair.window.open(pair.now_ms)
        pair.host.restart(b"session2", pair.now_ms)
        pair.settle()
        # Half a hello of the connection before may still have been on its way: the next is a second later.
        pair.pass_time(HELLO_INTERVAL_MS)
        pair.settle()
        pair.type_shown_code()
        pair.settle()
        pair.press()
        pair.settle()
        assert pair.host.is_up
        assert len(pair.keys.kept) == 1


def test_a_changed_commitment_or_name_is_refused():
    for change in (0, -1):
        pair = SecurePair(is_pairing=True)
        pair.window.open(0)
        for _ in range(2):
            pair.to_band(pair.from_host())
            pair.to_host(pair.from_band())
        step, message, is_clear = pair.host_session.messages[0]
        changed = bytearray(message)
        changed[change] ^= 0x80
        pair.host_session.messages[0] = (step, bytes(changed), is_clear)
        pair.settle()
        assert (pair.band.refusal, pair.wearer.shown) == (REFUSAL_MALFORMED, [])
        assert pair.host.refusal == REFUSAL_MALFORMED


def test_a_name_is_1_to_16_printable_characters_of_ascii():
    assert is_name(b" ~")
    assert is_name(b"x" * 16)
    for name in (b"", b"x" * 17, b"\x1f", b"a\x7f", b"\xc3\xa9"):
        assert not is_name(name)
    with pytest.raises(LocalError, match="1 to 16 printable"):
        HostSession(Primitives(1), name="Adé")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (HANDSHAKE_STEP_PAIR_FIRST, bytes(31)),
        (HANDSHAKE_STEP_PAIR_FIRST, b"\x09" + bytes(62)),
        (HANDSHAKE_STEP_PAIR_FIRST, bytes(64)),
        (HANDSHAKE_STEP_PAIRED, b""),
        (HANDSHAKE_STEP_CONFIRM, b""),
        (200, b""),
        (HANDSHAKE_STEP_REFUSED, b""),
    ],
    ids=["short", "no commitment", "low order", "not a host's", "not due", "unknown", "no reason"],
)
def test_a_band_ends_what_is_no_handshake(step, message):
    pair = SecurePair(host_keys=(KEY,))
    pair.window.open(0)
    pair.to_band(pair.from_host())
    assert pair.to_band(handshake_record(step, message)) == [REFUSED]
    assert pair.band.refusal == REFUSAL_MALFORMED
