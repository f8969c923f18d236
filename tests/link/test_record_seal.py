"""A session's seal: nothing opens but what was sealed, as it was, where it belongs; keys go forwards only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.frames import ROLE_BAND, ROLE_HOST
from bandwire.secure.aes_ccm import AesCcm
from bandwire.secure.record_seal import RECORDS_PER_KEY_BITS, RecordSeal
from link.real_seal import SECRETS, LibraryCcm, real_seal

EPOCH = 1 << RECORDS_PER_KEY_BITS
ROLES = (ROLE_BAND, ROLE_HOST)
counters = st.one_of(st.integers(0, 3 * EPOCH), st.integers(0, 3).map(lambda epoch: epoch * EPOCH))
contents = st.binary(max_size=60)


def sealed_by(seal, content, counter, sender=ROLE_BAND):
    record = bytearray(b"\x12" + counter.to_bytes(4, "little")[:2] + content + bytes(8))
    return bytes(record[: seal.seal_into(record, 3 + len(content), counter, sender)])


def opened_by(seal, record, counter, sender=ROLE_BAND):
    opened = bytearray(514)
    length = seal.open_into(record, counter, sender, opened)
    return bytes(opened[3:length]) if length else None


@given(contents, counters, st.sampled_from(ROLES))
def test_own_cipher_and_a_library_open_what_the_other_sealed(content, counter, sender):
    for one, other in ((AesCcm, LibraryCcm), (LibraryCcm, AesCcm)):
        record = sealed_by(real_seal(one), content, counter, sender)
        assert len(record) == 3 + len(content) + 8
        assert opened_by(real_seal(other), record, counter, sender) == content


@given(contents, counters, st.data())
def test_record_with_any_bit_changed_does_not_open_and_moves_no_keys(content, counter, data):
    record = bytearray(sealed_by(real_seal(), content, counter))
    reader = real_seal()
    bit = data.draw(st.integers(0, 8 * len(record) - 1))
    record[bit // 8] ^= 1 << bit % 8
    assert opened_by(reader, bytes(record), counter) is None
    record[bit // 8] ^= 1 << bit % 8
    assert opened_by(reader, sealed_by(real_seal(), b"the first", 0), 0) == b"the first"
    assert opened_by(reader, bytes(record), counter) == content


@given(contents, st.integers(0, 10))
def test_record_that_breaks_off_does_not_open(content, left):
    record = sealed_by(real_seal(), content, 5)
    assert opened_by(real_seal(), record[: min(left, len(record) - 1)], 5) is None


@given(contents, counters, counters)
def test_record_opens_under_its_own_number_and_direction_only(content, counter, other):
    record = sealed_by(real_seal(), content, counter)
    assert opened_by(real_seal(), record, counter, ROLE_HOST) is None
    if other != counter:
        assert opened_by(real_seal(), record, other) is None


@given(st.lists(counters, min_size=1, max_size=8).map(sorted))
def test_records_open_however_many_are_lost_between_them(numbers):
    writer, reader = real_seal(), real_seal()
    for number in numbers:
        assert opened_by(reader, sealed_by(writer, b"content", number), number) == b"content"


@given(st.integers(EPOCH, 3 * EPOCH), st.integers(0, 3 * EPOCH))
def test_keys_that_are_gone_open_nothing_more(newer, older):
    reader = real_seal()
    late = sealed_by(real_seal(), b"late", older)
    assert opened_by(reader, sealed_by(real_seal(), b"new", newer), newer) == b"new"
    is_gone = older // EPOCH < newer // EPOCH
    assert opened_by(reader, late, older) == (None if is_gone else b"late")


def test_no_two_records_of_a_session_are_sealed_under_one_key_and_nonce():
    seen = set()

    class Noted(LibraryCcm):
        def __init__(self, key):
            super().__init__(key)
            self.key = key

        def seal(self, buffer, header_bytes, stop, tag, nonce):
            seen.add((self.key, bytes(nonce)))
            super().seal(buffer, header_bytes, stop, tag, nonce)

    seal = real_seal(Noted)
    for counter in range(2 * EPOCH + 10):
        for sender in ROLES:
            sealed_by(seal, b"", counter, sender)
    assert len(seen) == 2 * (2 * EPOCH + 10)
    assert len({key for key, _ in seen}) == 2 * 3


@pytest.mark.parametrize("sender", ROLES)
def test_sessions_of_other_secrets_do_not_open(sender):
    other = RecordSeal(LibraryCcm, {role: secret[::-1] for role, secret in SECRETS.items()})
    assert opened_by(other, sealed_by(real_seal(), b"content", 1, sender), 1, sender) is None
