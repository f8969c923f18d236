"""Records under a seal, hellos before it, and what strangers may say: it moves no secure session."""

import pytest

from bandwire.events import (
    BAD_BEFORE_HELLO,
    BAD_FRAME,
    BAD_REASSEMBLY,
    BAD_REPLAY,
    BAD_SEAL,
    BAD_VERSION,
    EVENT_BAD,
    EVENT_FRAME,
)
from bandwire.frames import (
    CAPABILITY_SECURE_SESSION,
    HANDSHAKE_STEP_PAIR_FIRST,
    HANDSHAKE_STEP_PAIRED,
    HANDSHAKE_STEP_REFUSED,
    HELLO_BYTES,
    HOST_RIGHT_OWNER,
    KIND_HANDSHAKE,
    REFUSAL_CLEAR_ONLY,
    REFUSAL_DECLINED,
    REFUSAL_FORGED,
    REFUSAL_FORGOTTEN,
    REFUSAL_MALFORMED,
    REFUSAL_SECURE_ONLY,
    REFUSAL_UNKNOWN_KEY,
    VERSION,
    unpack_hello,
)
from bandwire.hostlink import HELLO_INTERVAL_MS
from bandwire.secure.host_session import HostSession
from bandwire.secure.secure_session import FORGERIES
from link.pairs import BAND_ID, Pair
from link.secured import (
    KEY,
    OTHER_KEY,
    REFUSED,
    Primitives,
    SecurePair,
    handshake_record,
    resumed,
)


def test_hellos_that_were_changed_on_the_way_fail_the_handshake():
    for is_to_band, at in ((True, 5 + 15), (False, 5 + 16), (False, 5 + 37), (True, 5 + 44)):
        pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
        record = bytearray(pair.from_host())
        if is_to_band:
            record[at] ^= 1
        pair.to_band(bytes(record))
        record = bytearray(pair.from_band())
        if not is_to_band:
            record[at] ^= 1
        pair.to_host(bytes(record))
        pair.settle()
        assert not pair.host.is_up
        assert not pair.band.is_up
        assert pair.host.refusal == REFUSAL_UNKNOWN_KEY


@pytest.mark.parametrize("change", ["tampered", "truncated", "clear"])
def test_three_forgeries_in_a_row_end_a_session_and_fewer_do_not(change):
    for is_to_host in (True, False):
        pair = resumed()
        for count in (FORGERIES - 1, FORGERIES):
            pair.append(b"genuine")
            pair.host.request_time(0, 100_000, 0)
            record = pair.from_band() if is_to_host else pair.from_host()
            forged = bytearray(record)
            if change == "tampered":
                forged[-1] ^= 1
            elif change == "truncated":
                del forged[-1]
            else:
                forged[0] &= ~0x10
            give = pair.to_host if is_to_host else pair.to_band
            for number in range(count):
                assert give(bytes(forged))[0] == (EVENT_BAD, BAD_SEAL)
                assert (pair.host if is_to_host else pair.band).is_up == (number < FORGERIES - 1)
            last = give(record)
            if count < FORGERIES:
                assert last[0][0] == EVENT_FRAME
                pair.settle()
        assert last == [(EVENT_BAD, BAD_BEFORE_HELLO)]
        receiver, other = (pair.host, pair.band) if is_to_host else (pair.band, pair.host)
        assert receiver.refusal == REFUSAL_FORGED
        pair.settle()
        assert other.refusal == REFUSAL_FORGED
        assert not other.is_up


def test_a_sealed_record_takes_eleven_bytes_beside_its_frame():
    pair = resumed()
    frame = pair.append(b"a reading" * 9)
    assert len(pair.from_band()) == len(frame) + 11


def test_replayed_reordered_and_lost_records_are_no_forgeries():
    pair = resumed()
    records = []
    for number in range(8):
        pair.append(bytes([number]) * 200)
        records.append(pair.from_band())
    pair.to_host(records[1])
    for record in records[:2] * 4:
        assert pair.to_host(record) == [(EVENT_BAD, BAD_REPLAY)]
    pair.to_host(records[7])
    assert pair.host.is_up
    assert len(pair.frames_at_host()) == 2
    assert pair.host.lost_records == 6


def test_records_of_another_session_are_forgeries():
    one, other = resumed(), resumed(seed=7)
    for pair in (one, other):
        pair.append(b"spliced")
    assert one.to_host(other.from_band()) == [(EVENT_BAD, BAD_SEAL)]
    assert [event[0] for event in one.to_host(one.from_band())] == [EVENT_FRAME]


def test_a_frame_that_began_in_the_clear_does_not_end_under_the_seal():
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    pair.to_band(pair.from_host())
    pair.to_host(pair.from_band())
    first = pair.from_host()
    begun = bytes([1, 1, 0, 40, 0, 3, 0x42]) + bytes(20)
    assert pair.to_band(begun) == []
    pair.to_band(first[:1] + b"\2" + first[2:])
    assert (EVENT_BAD, BAD_REASSEMBLY) in pair.band_events
    pair.to_host(pair.from_band())
    assert pair.host.is_up


@pytest.mark.parametrize("reason", [b"", b"\0"])
def test_a_refusal_without_a_reason_ends_a_session_too(reason):
    pair = resumed()
    for session in (pair.host_session, pair.band_session):
        session.messages.append((HANDSHAKE_STEP_REFUSED, reason, False))
    record, other = pair.from_host(), pair.from_band()
    assert pair.to_band(record) == [REFUSED]
    assert pair.to_host(other) == [REFUSED]
    assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_MALFORMED, REFUSAL_MALFORMED)
    pair.append(b"a reading")
    assert pair.from_band() == b""


def test_a_hello_said_again_is_answered_alike_and_moves_nothing():
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    hello = pair.from_host()
    pair.to_band(hello)
    answer = pair.from_band()
    pair.to_host(answer)
    pair.to_band(hello)
    again = pair.from_band()
    assert again[3:] == answer[3:]
    pair.to_host(again)
    pair.settle()
    assert pair.host.is_up
    far = bytes([hello[0], 0, 0x70]) + hello[3:]
    pair.to_band(far)
    pair.settle()
    pair.append(b"after")
    pair.host.request_time(0, 1000, 0)
    pair.settle()
    assert pair.frames_at_host() == pair.appended
    assert len(pair.frames_at_band()) == 1


def test_a_session_bears_the_wrap_of_the_counter_losses_and_new_keys():
    pair = resumed()
    for number in range(150):
        for _ in range(700 if number % 5 else 7000):
            pair.band._outbox.writer._counter += 1
        pair.append(b"%d" % number)
        pair.settle()
    assert pair.frames_at_host() == pair.appended
    assert pair.host.lost_records == 120 * 700 + 30 * 7000


def test_a_session_that_is_over_takes_no_more_and_says_so_once():
    pair = resumed()
    pair.append(b"waits")
    pair.band.end_session(REFUSAL_FORGOTTEN)
    pair.band.end_session(REFUSAL_DECLINED)
    pair.host.request_time(0, 1000, 0)
    late = pair.from_host()
    assert pair.band.next_event() == REFUSED
    assert pair.to_band(late) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    pair.settle()
    assert (pair.band.refusal, pair.host.refusal) == (REFUSAL_FORGOTTEN, REFUSAL_FORGOTTEN)
    assert pair.frames_at_host() == []
    assert pair.from_band() == b""
    assert pair.band._outbox.writer.seal is None
    hello = Pair().from_host()
    assert pair.to_band(hello) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    pair.host.restart(b"session2", 0)
    pair.settle()
    assert pair.frames_at_host() == pair.appended
    Pair().band.end_session(REFUSAL_FORGOTTEN)


def test_a_lost_carrier_ends_a_handshake_and_its_pages():
    pair = SecurePair(is_pairing=True)
    pair.window.open(0)
    pair.settle()
    assert pair.wearer.page is not None
    pair.band.hang_up()
    assert pair.wearer.page is None
    assert pair.band.poll(0) == -1


def test_a_host_that_falls_silent_is_let_go_and_comes_back_with_another_session():
    pair = resumed()
    pair.pass_time(30_000)
    assert not pair.band.is_up
    assert pair.band_session.seal is None
    pair.host.restart(b"session2", pair.now_ms)
    pair.settle()
    assert pair.host.is_up


def test_a_band_that_demands_a_secure_session_tells_a_clear_host_so_and_nothing_else():
    pair = SecurePair(is_clear_allowed=False, now_ms=123_456)
    clear = Pair()
    pair.host = clear.host
    pair.append(b"secret")
    pair.to_band(pair.from_host())
    answer = pair.from_band()
    assert answer[7 : 5 + 12] == bytes(10)
    assert unpack_hello(answer, 5, HELLO_BYTES)[5] == bytes(8)
    pair.to_host(answer)
    assert (pair.host_events, pair.host.refusal) == ([REFUSED], REFUSAL_SECURE_ONLY)
    assert (pair.band_events, pair.band.refusal) == ([REFUSED], REFUSAL_SECURE_ONLY)
    assert pair.band.right == 0
    assert pair.from_band() == b""


def test_a_host_that_wants_a_secure_session_takes_no_other():
    pair = SecurePair(host_keys=(KEY,))
    clear = Pair()
    pair.band = clear.band
    pair.settle()
    assert (pair.host_events, pair.host.refusal) == ([REFUSED], REFUSAL_CLEAR_ONLY)


def test_a_band_with_a_session_still_serves_a_clear_host_where_that_is_allowed():
    pair = SecurePair()
    pair.host = Pair().host
    pair.append(b"in the clear")
    pair.settle()
    assert pair.frames_at_host() == pair.appended
    assert (pair.band.right, pair.band.slot) == (HOST_RIGHT_OWNER, -1)
    pair.band.accept_pairing(0)
    pair.band.decline_pairing()
    pair.band.end_session(REFUSAL_FORGOTTEN)
    assert pair.band.is_up
    assert pair.host.peer_capabilities & CAPABILITY_SECURE_SESSION
    assert pair.to_band(handshake_record(HANDSHAKE_STEP_PAIR_FIRST, bytes(64), 9)) == [(EVENT_BAD, BAD_FRAME)]


def test_hosts_and_bands_of_versions_without_a_common_one_begin_no_handshake():
    pair = SecurePair(host_keys=(KEY,))
    hello = bytearray(pair.from_host())
    hello[5 + 13] = hello[5 + 14] = 9
    pair.to_band(bytes(hello))
    assert pair.band_session.refusal == 0
    assert not pair.band_session.is_live
    assert pair.to_band(handshake_record(HANDSHAKE_STEP_PAIR_FIRST)) == [(EVENT_BAD, BAD_BEFORE_HELLO)]


def test_frames_before_the_session_stands_are_refused_whatever_they_are():
    pair = SecurePair(host_keys=(KEY,))
    pair.to_band(pair.from_host())
    reply = bytes([3, 0x42]) + bytes(17)
    clear = bytes([0, 1, 0]) + len(reply).to_bytes(2, "little") + reply
    assert pair.to_band(clear) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    short = bytes([0, 2, 0, 12, 0, 3, KIND_HANDSHAKE]) + bytes(10)
    assert pair.to_band(short) == [(EVENT_BAD, BAD_FRAME)]
    newer = handshake_record(HANDSHAKE_STEP_PAIR_FIRST, bytes(64), 3, version=VERSION + 1)
    assert pair.to_band(newer) == [(EVENT_BAD, BAD_VERSION)]
    assert pair.band.refusal == 0


def test_nothing_that_tells_hosts_or_bands_apart_is_said_in_the_clear():
    said = []
    for now_ms, boots in ((1, 0), (987_654_321, 40)):
        pair = SecurePair(keys=(KEY,), host_keys=(KEY,), now_ms=now_ms, first_sequence=boots, seed=now_ms)
        records = []
        for _ in range(2):
            records.append(pair.from_host())
            pair.to_band(records[-1])
            records.append(pair.from_band())
            pair.to_host(records[-1])
        said.append(records)
    for one, other in zip(*said, strict=True):
        assert one[: 3 + 2 + 12] == other[: 3 + 2 + 12]
        assert BAND_ID not in one + other


def test_the_host_repeats_its_hello_until_a_band_answers():
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    assert pair.from_host()
    pair.pass_time(HELLO_INTERVAL_MS)
    pair.settle()
    assert pair.host.is_up


@pytest.mark.parametrize("message", [bytes(31), bytes(47), bytes(61), b"\x09" + bytes(60)])
def test_a_host_ends_what_no_band_with_its_key_says(message):
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    pair.to_band(pair.from_host())
    pair.to_host(pair.from_band())
    pair.to_band(pair.from_host())
    step, _, is_clear = pair.band_session.messages.pop()
    pair.band_session.messages.append((step, message, is_clear))
    pair.to_host(pair.from_band())
    assert pair.host.refusal == REFUSAL_MALFORMED


def test_a_band_that_tells_too_little_of_itself_is_none():
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    pair.to_band(pair.from_host())
    pair.band_session.identity = BAND_ID
    pair.keys.take_finder_key = lambda key: None
    pair.to_host(pair.from_band())
    pair.settle()
    assert pair.host.refusal == REFUSAL_MALFORMED
    assert not pair.host.is_up


def test_a_host_ends_what_is_not_due():
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    pair.to_band(pair.from_host())
    pair.to_host(pair.from_band())
    assert pair.to_host(handshake_record(HANDSHAKE_STEP_PAIRED, bytes(14))) == [REFUSED]
    assert pair.host.refusal == REFUSAL_MALFORMED


def test_a_host_may_ask_for_a_session_of_the_other_kind_on_the_same_carrier():
    pair = SecurePair(keys=(KEY,), host_keys=(OTHER_KEY,), is_clear_allowed=False)
    pair.settle()
    assert pair.host.refusal == REFUSAL_UNKNOWN_KEY
    for number, session in enumerate((None, HostSession(Primitives(7), keys=(KEY,)), None)):
        pair.host.ask_for(session)
        pair.host.restart(bytes([number + 1]) * 8, pair.now_ms)
        pair.settle()
        assert pair.host.is_up == (session is not None)
        assert session is not None or pair.host.refusal == REFUSAL_SECURE_ONLY


def test_what_a_host_asks_for_next_changes_nothing_before_it_begins_anew():
    pair = resumed()
    session = pair.host_session
    pair.host.ask_for(None)
    pair.host.request_time(0, 1000, 0)
    record = pair.from_host()
    assert record[0] & 0x10
    assert [event[0] for event in pair.to_band(record)] == [EVENT_FRAME]
    pair.host.restart(b"session2", 0)
    assert not session.is_live
    pair.settle()
    assert pair.host.is_up
    assert (pair.band.right, pair.band.slot) == (HOST_RIGHT_OWNER, -1)
    pair.host.ask_for(session)
    pair.host.restart(b"session3", 0)
    pair.settle()
    assert pair.host.is_up
    assert pair.band.slot == 0
