"""The token of a band that waits to be found: who has its key knows it, and to others it is chance."""

import hmac
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from bandwire.finder import FINDER_KEY_BYTES, NONCE_BYTES, TOKEN_BYTES, is_token_of, token_of

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
