"""The library's cryptography behind the seams gives what the band's own gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.secure.aes_ccm import AesCcm
from bandwire.secure.chacha20 import ChaCha20Poly1305
from bandwire.secure.curve25519 import BASE_POINT, agreed
from vitalband.keys.ciphers import LibraryCcm, LibraryChaCha, LibraryPrimitives

KEY = st.binary(min_size=32, max_size=32)


@given(
    key=st.binary(min_size=16, max_size=16),
    nonce=st.binary(min_size=13, max_size=13),
    content=st.binary(max_size=60),
    flipped=st.integers(0, 7),
)
def test_records_are_sealed_alike_and_a_changed_one_stays_shut(key, nonce, content, flipped):
    sealed, tags = [], []
    for cipher in (LibraryCcm(key), AesCcm(key)):
        record, tag = bytearray(b"hdr" + content), bytearray(8)
        cipher.seal(record, 3, len(record), tag, bytearray(nonce))
        sealed.append(record)
        tags.append(tag)
    assert sealed[0] == sealed[1]
    assert tags[0] == tags[1]
    opened = bytearray(sealed[0])
    assert LibraryCcm(key).open(opened, 3, len(opened), tags[0], bytearray(nonce))
    assert opened == b"hdr" + content
    tags[0][flipped] ^= 1
    again = bytearray(sealed[0])
    assert not LibraryCcm(key).open(again, 3, len(again), tags[0], bytearray(nonce))
    assert again == sealed[0]


@given(
    key=KEY,
    nonce=st.binary(min_size=12, max_size=12),
    data=st.binary(max_size=80),
    with_=st.binary(max_size=9),
)
def test_messages_of_a_handshake_are_sealed_alike(key, nonce, data, with_):
    sealed = LibraryChaCha(key).encrypt(nonce, data, with_)
    assert sealed == ChaCha20Poly1305(key).encrypt(nonce, data, with_)
    assert LibraryChaCha(key).open(nonce, sealed, with_) == data
    assert LibraryChaCha(key).open(nonce, sealed, with_ + b"x") is None
    assert LibraryChaCha(key).open(nonce, sealed[:10], with_) is None


def last_step(private: bytes, public: bytes) -> bytes:
    return list(LibraryPrimitives().agree(private, public))[-1]


@pytest.mark.parametrize("seed", range(5))
def test_keys_are_agreed_on_alike(seed):
    private, other = bytes([seed + 1]) * 32, bytes([seed + 77]) * 32
    public = last_step(other, BASE_POINT)
    assert public == agreed(other)
    assert last_step(private, public) == agreed(private, public)


def test_a_point_of_low_order_gives_zeros_as_the_bands_does():
    private = bytes(range(32))
    assert last_step(private, bytes(32)) == agreed(private, bytes(32)) == bytes(32)


def test_no_two_draws_are_equal():
    draws = [LibraryPrimitives().random(16) for _ in range(100)]
    assert len(set(draws)) == 100
    assert {len(draw) for draw in draws} == {16}
