"""The parts of a secure session give what their documents say, and what a library gives, on both runtimes."""

import sys
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305 as LibraryBox
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from bandwire.secure import curve25519, hashes
from bandwire.secure.chacha20 import ChaCha20Poly1305
from portable.runtimes import SCRIPTS, run_cpython, run_micropython

PUBLISHED = {
    # RFC 7748, section 5.2
    "agreement 0": "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    "agreement 1": "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    "iterated 1": "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
    # RFC 4231, cases 1, 2 and 6
    "code 0": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    "code 1": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "code 2": "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    # RFC 5869, case 1
    "derived 0": "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    # FIPS-197, appendix C.1
    "block 0": "69c4e0d86a7b0430d8cdb78070b4c55a",
    # RFC 3610, packet vectors 1, 2, 3, 4 and 13
    "packet 0": "0001020304050607588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0",
    "packet 1": "000102030405060772c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916",
    "packet 2": "000102030405060751b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5",
    "packet 3": "000102030405060708090a0ba28c6865939a9a79faaa5c4c2a9d4a91cdac8c96c861b9c9e61ef1",
    "packet 4": "0be1a88bace018b14cb97f86a2a4689a877947ab8091ef5386a6ffbdd080f8e78cf7cb0cddd7b3",
}
MESSAGE_TAG = "1ae10b594f09e26a7e902ecbd0600691"
"""Of the message of RFC 8439, section 2.8.2."""
AFTER_1000 = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"
"""RFC 7748, section 5.2: agreements with what came of the one before."""


@pytest.fixture(scope="module")
def printed():
    with pytest.MonkeyPatch.context() as patch:
        return run_cpython("secure_cases", patch)


@pytest.fixture(scope="module")
def cases():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        import secure_cases

        yield secure_cases
        sys.modules.pop("secure_cases")


def test_published_vectors_come_out(printed):
    results = dict(line.rsplit(" ", 1) for line in printed)
    assert {name: results[name] for name in PUBLISHED} == PUBLISHED
    assert results["message 0"].endswith(MESSAGE_TAG)


def test_both_runtimes_give_the_same(printed):
    assert run_micropython("secure_cases") == printed


def test_agreement_a_thousand_times_over_is_the_published_one():
    private = public = curve25519.BASE_POINT
    for _ in range(1000):
        private, public = curve25519.agreed(private, public), private
    assert private.hex() == AFTER_1000


def test_a_thousand_random_records_are_sealed_as_a_library_seals_them(printed, cases):
    digest = sha256()
    for key, nonce, header_bytes, packet in cases.random_cases(cases.SEED, cases.RECORDS):
        header, content = packet[:header_bytes], packet[header_bytes:]
        digest.update(header + AESCCM(key, tag_length=8).encrypt(nonce, content, header))
    assert f"records {digest.hexdigest()}" in printed


def test_a_thousand_random_buffers_are_masked_as_a_library_masks_them(printed, cases):
    digest = sha256()
    for key, nonce, _, packet in cases.random_cases(cases.SEED, cases.RECORDS):
        buffer = packet + bytes(4 + -len(packet) % 4)
        stream = Cipher(algorithms.AES(key), modes.CTR(b"\x01" + nonce + b"\x00\x01")).encryptor()
        digest.update(buffer[:4] + stream.update(buffer[4:]))
    assert f"masks {digest.hexdigest()}" in printed


def test_random_agreements_are_those_of_a_library(printed, cases):
    digest = sha256()
    for private, public in cases.random_keys(cases.SEED, cases.AGREEMENTS):
        key = X25519PrivateKey.from_private_bytes(private)
        digest.update(key.exchange(X25519PublicKey.from_public_bytes(public)))
    assert f"agreements {digest.hexdigest()}" in printed


def test_agreement_in_steps_is_the_same_and_stops_often(cases):
    private, public = next(iter(cases.random_keys(1, 1)))
    steps = list(curve25519.agree(private, public))
    assert steps[-1] == curve25519.agreed(private, public)
    # 256 bits by sixteen, and after each of the three powers that take the most squarings.
    assert len(steps) == 16 + 3 + 1
    assert set(steps[:-1]) == {b""}


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31)])
def test_point_of_low_order_gives_nothing_but_zeros(public):
    assert curve25519.agreed(bytes(range(32)), public) == bytes(32)


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=200),
    st.binary(),
)
def test_message_is_sealed_as_a_library_seals_it_and_opens(key, nonce, data, associated):
    box = ChaCha20Poly1305(key)
    sealed = box.encrypt(nonce, data, associated)
    assert sealed == LibraryBox(key).encrypt(nonce, data, associated)
    assert box.open(nonce, sealed, associated) == data


@given(st.binary(max_size=80), st.binary(max_size=20), st.data())
def test_forged_message_does_not_open(data, associated, drawn):
    box = ChaCha20Poly1305(bytes(32))
    sealed = bytearray(box.encrypt(bytes(12), data, associated))
    bit = drawn.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    assert box.open(bytes(12), bytes(sealed), associated) is None
    assert (
        box.open(bytes(12), bytes(sealed[: drawn.draw(st.integers(0, len(sealed) - 1))]), associated) is None
    )


@given(
    st.binary(min_size=1, max_size=80), st.binary(max_size=80), st.binary(max_size=40), st.integers(1, 600)
)
def test_derived_bytes_are_those_of_a_library(secret, salt, purpose, count):
    found = hashes.hkdf_expand(hashes.hkdf_extract(salt, secret), purpose, count)
    assert found == HKDF(SHA256(), count, salt, purpose).derive(secret)


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_secrets_are_equal_when_all_bytes_are(one, other):
    assert hashes.is_equal(one, other) == (one == other)
    assert hashes.is_equal(one, bytes(one))
