"""The handshakes are those of Noise: another implementation of it understands them, from either side."""

import json
import os
from pathlib import Path

import pytest
from dissononce.cipher.chachapoly import ChaChaPolyCipher
from dissononce.dh.x25519.x25519 import X25519DH
from dissononce.hash.sha256 import SHA256Hash
from dissononce.processing.handshakepatterns.interactive.NN import NNHandshakePattern
from dissononce.processing.impl.cipherstate import CipherState
from dissononce.processing.impl.handshakestate import HandshakeState
from dissononce.processing.impl.symmetricstate import SymmetricState
from dissononce.processing.modifiers.psk import PSKPatternModifier
from hypothesis import given
from hypothesis import strategies as st

from bandwire.secure import curve25519
from bandwire.secure.chacha20 import ChaCha20Poly1305
from bandwire.secure.noise import Handshake, HandshakeFailure

KEYS = [bytes([number]) * 32 for number in (1, 2)]
PUBLIC = [curve25519.agreed(key) for key in KEYS]
PSKS = [None, bytes(range(32))]
VECTORS = [Path(__file__).parent / "noise_vectors.json"]
"""Made with the other implementation, in the form in which the project snow writes its own."""
if published := os.environ.get("VITALBAND_NOISE_VECTORS"):
    VECTORS.append(Path(published))


class Other:
    """Either side by the other implementation, with the surface of ours."""

    def __init__(self, is_initiator, prologue, psk):
        pattern = NNHandshakePattern()
        if psk is not None:
            pattern = PSKPatternModifier(0).modify(pattern)
        self._state = HandshakeState(
            SymmetricState(CipherState(ChaChaPolyCipher()), SHA256Hash()), X25519DH()
        )
        self._state.initialize(pattern, is_initiator, prologue, psks=None if psk is None else [psk])
        self.ciphers = None

    @property
    def hash(self):
        return self._state.symmetricstate.get_handshake_hash()

    def write(self, payload):
        message = bytearray()
        self.ciphers = self._state.write_message(payload, message)
        return bytes(message)

    def read(self, message):
        payload = bytearray()
        self.ciphers = self._state.read_message(message, payload)
        return bytes(payload)


def ours(number, prologue, psk):
    return Handshake(ChaCha20Poly1305, prologue, PUBLIC[number], psk)


def both(prologue=b"prologue", psk=None, payloads=(b"", b"")):
    """A whole handshake of ours; gives both ends and the two messages."""
    one, two = ours(0, prologue, psk), ours(1, prologue, psk)
    first = one.write_first(payloads[0])
    assert two.read_first(first) == payloads[0]
    second = two.write_second(payloads[1], curve25519.agreed(KEYS[1], two.other_public))
    assert one.read_second(second, curve25519.agreed(KEYS[0], one.public_of(second))) == payloads[1]
    return one, two, first, second


payloads = st.binary(max_size=80)


@pytest.mark.parametrize("psk", PSKS)
@given(prologue=payloads, said=st.tuples(payloads, payloads))
def test_both_ends_come_to_the_same_secrets(psk, prologue, said):
    one, two, _, _ = both(prologue, psk, said)
    assert one.split() == two.split()
    assert one.hash == two.hash
    assert len(set(one.split())) == 2


@pytest.mark.parametrize("psk", PSKS)
def test_other_implementation_answers_our_first_message(psk):
    one, other = ours(0, b"prologue", psk), Other(False, b"prologue", psk)
    assert other.read(one.write_first(b"first")) == b"first"
    second = other.write(b"second")
    assert one.read_second(second, curve25519.agreed(KEYS[0], one.public_of(second))) == b"second"
    assert_same_secrets(one, other)


@pytest.mark.parametrize("psk", PSKS)
def test_we_answer_the_first_message_of_another_implementation(psk):
    two, other = ours(1, b"prologue", psk), Other(True, b"prologue", psk)
    assert two.read_first(other.write(b"first")) == b"first"
    second = two.write_second(b"second", curve25519.agreed(KEYS[1], two.other_public))
    assert other.read(second) == b"second"
    assert_same_secrets(two, other)


def assert_same_secrets(own, other):
    assert own.hash == other.hash
    for secret, cipher in zip(own.split(), other.ciphers, strict=True):
        sealed = bytes(cipher.encrypt_with_ad(b"header", b"content"))
        assert ChaCha20Poly1305(secret).open(bytes(12), sealed, b"header") == b"content"


@given(st.data())
def test_changed_second_message_is_refused(data):
    one, two = ours(0, b"", None), ours(1, b"", None)
    two.read_first(one.write_first(b""))
    second = bytearray(two.write_second(b"content", curve25519.agreed(KEYS[1], two.other_public)))
    bit = data.draw(st.integers(0, 8 * len(second) - 1))
    second[bit // 8] ^= 1 << bit % 8
    with pytest.raises(HandshakeFailure, match="the same keys"):
        one.read_second(bytes(second), curve25519.agreed(KEYS[0], one.public_of(bytes(second))))


@given(st.data())
def test_first_message_under_another_key_is_refused_before_any_agreement(data):
    one = ours(0, b"", PSKS[1])
    first = bytearray(one.write_first(b""))
    with pytest.raises(HandshakeFailure, match="the same keys"):
        ours(1, b"", bytes(32)).read_first(bytes(first))
    with pytest.raises(HandshakeFailure, match="the same keys"):
        ours(1, b"another prologue", PSKS[1]).read_first(bytes(first))
    bit = data.draw(st.integers(0, 8 * len(first) - 1))
    first[bit // 8] ^= 1 << bit % 8
    with pytest.raises(HandshakeFailure, match="the same keys"):
        ours(1, b"", PSKS[1]).read_first(bytes(first))


@given(st.integers(0, 47))
def test_message_that_breaks_off_is_refused(length):
    one, _, first, second = both()
    with pytest.raises(HandshakeFailure, match="wanted"):
        one.public_of(second[:length])
    if length < 32:
        with pytest.raises(HandshakeFailure, match="wanted a key"):
            ours(1, b"", None).read_first(first[:length])


def test_point_of_low_order_is_refused():
    two = ours(1, b"", None)
    two.read_first(bytes(32))
    with pytest.raises(HandshakeFailure, match="low order"):
        two.write_second(b"", curve25519.agreed(KEYS[1], two.other_public))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_handshakes_that_are_written_down_come_out(path):
    names = ("Noise_NN_25519_ChaChaPoly_SHA256", "Noise_NNpsk0_25519_ChaChaPoly_SHA256")
    cases = [case for case in json.loads(path.read_text())["vectors"] if case["protocol_name"] in names]
    assert {case["protocol_name"] for case in cases} == set(names)
    for case in cases:
        held_to(case)


def held_to(case):
    """Both messages and what is sent after them, of a vector as snow writes it."""
    keys = [bytes.fromhex(case[name]) for name in ("init_ephemeral", "resp_ephemeral")]
    psks = case.get("init_psks")
    psk = bytes.fromhex(psks[0]) if psks else None
    prologue = bytes.fromhex(case["init_prologue"])
    one, two = (Handshake(ChaCha20Poly1305, prologue, curve25519.agreed(key), psk) for key in keys)
    said = [
        tuple(bytes.fromhex(each[name]) for name in ("payload", "ciphertext")) for each in case["messages"]
    ]
    assert one.write_first(said[0][0]) == said[0][1]
    assert two.read_first(said[0][1]) == said[0][0]
    shared = curve25519.agreed(keys[1], two.other_public)
    assert two.write_second(said[1][0], shared) == said[1][1]
    assert one.read_second(said[1][1], shared) == said[1][0]
    assert case.get("handshake_hash", one.hash.hex()) == one.hash.hex()
    for number, (payload, sealed) in enumerate(said[2:]):
        box = ChaCha20Poly1305(one.split()[number % 2])
        assert box.encrypt(bytes(4) + (number // 2).to_bytes(8, "little"), payload, b"") == sealed
