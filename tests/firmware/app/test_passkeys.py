"""Passkeys are drawn fairly and never 0; secrets are kept only where one was given."""

from types import SimpleNamespace

import pytest

from hal.bonds import OUR_IRK, Bonds
from hal.pairing import Pairing

GET_SECRET, SET_SECRET = 29, 30
PEER = bytes(7)


@pytest.fixture
def pairing(tmp_path):
    ble = SimpleNamespace(given=[], gap_passkey=lambda *given: ble.given.append(given))
    return Pairing(ble, Bonds(f"{tmp_path}/"))


@pytest.mark.parametrize(
    ("drawn", "passkey"),
    [
        ([1], 1),
        ([1_999_999], 999_999),
        ([0, 1_000_000, 271_828], 271_828),
        ([16_000_001, (1 << 24) - 1, 5], 5),
        ([15_999_999], 999_999),
    ],
)
def test_a_passkey_that_would_be_0_or_likelier_than_others_is_drawn_anew(
    pairing, monkeypatch, drawn, passkey
):
    chances = iter(drawn)
    monkeypatch.setattr("os.urandom", lambda count: next(chances).to_bytes(count, "little"))
    pairing.give_passkey(4)
    assert pairing.passkey == passkey
    assert pairing._ble.given == [(4, 3, passkey)]
    assert list(chances) == []


def test_a_peers_secret_is_kept_only_in_a_connection_for_which_a_passkey_was_given(pairing):
    assert not pairing.on_event(SET_SECRET, (1, PEER, b"keys"))
    assert pairing.on_event(SET_SECRET, (OUR_IRK, b"irk", b"own"))
    pairing.give_passkey(4)
    assert pairing.on_event(SET_SECRET, (1, PEER, b"keys"))
    pairing.begin()
    assert not pairing.on_event(SET_SECRET, (1, PEER, b"others"))
    assert pairing.on_event(GET_SECRET, (1, 0, PEER)) == b"keys"
    assert pairing.on_event(SET_SECRET, (1, PEER, None)), "or NimBLE would ask for ever"
    assert pairing.on_event(GET_SECRET, (1, 0, PEER)) is None
