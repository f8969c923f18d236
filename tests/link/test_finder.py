"""The token of a band that waits to be found: who has its key knows it, and to others it is chance."""

import hmac
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from bandwire.finder import FINDER_KEY_BYTES, NONCE_BYTES, TOKEN_BYTES, is_token_of, token_of
from link.secured import KEY, SecurePair, paired

_KEYS = st.binary(min_size=FINDER_KEY_BYTES, max_size=FINDER_KEY_BYTES)
_NONCES = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)


@given(_KEYS, _NONCES)
def test_a_token_is_a_nonce_and_the_first_bytes_of_its_code(key: bytes, nonce: bytes) -> None:
    token = token_of(key, nonce)
    assert len(token) == TOKEN_BYTES
    assert token == nonce + hmac.digest(key, nonce, sha256)[:5]
    assert is_token_of(key, token)


@given(_KEYS, _KEYS, _NONCES)
def test_another_key_does_not_know_it(key: bytes, other: bytes, nonce: bytes) -> None:
    assert is_token_of(other, token_of(key, nonce)) == (other == key)


@given(_KEYS, st.binary(max_size=20))
def test_what_is_no_token_is_known_by_nobody(key: bytes, token: bytes) -> None:
    nonce = token[:NONCE_BYTES]
    assert is_token_of(key, token) == (len(nonce) == NONCE_BYTES and token == token_of(key, nonce))


def test_a_host_is_told_the_finder_key_as_it_is_paired_and_another_one_later_on() -> None:
    pair = paired()
    key = pair.host_session.finder_key
    assert len(key) == FINDER_KEY_BYTES
    assert pair.keys.finder_key == key
    pair.host.restart(b"session2", pair.now_ms)
    pair.settle()
    assert pair.host_session.finder_key == key
    pair.keys.finder_key = b""
    pair.host.restart(b"session3", pair.now_ms)
    pair.settle()
    assert len(pair.keys.finder_key) == FINDER_KEY_BYTES
    assert pair.host_session.finder_key == pair.keys.finder_key != key


def test_a_band_that_tells_no_finder_key_is_taken_without_one() -> None:
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,))
    pair.keys.take_finder_key = lambda key: None
    pair.settle()
    assert pair.host.is_up
    assert pair.host_session.finder_key == b""
