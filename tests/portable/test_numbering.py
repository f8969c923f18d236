"""(band, boot, sequence) never repeats, also when numbers run out within a boot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.errors import LocalError
from bandwire.numbering import LAST_SEQUENCE, Numbering


@given(st.integers(1, 50), st.lists(st.integers(LAST_SEQUENCE - 3, LAST_SEQUENCE + 1), max_size=5), st.data())
def test_no_number_is_given_out_twice(boot_id, jumps, data):
    stored = [boot_id]

    def raise_boot_id() -> int:
        stored.append(stored[-1] + data.draw(st.integers(1, 3)))
        return stored[-1]

    numbering = Numbering(boot_id, raise_boot_id)
    given_out = []
    for jump in [0, *jumps]:
        numbering.next_sequence = max(numbering.next_sequence, jump)
        for _ in range(data.draw(st.integers(1, 8))):
            sequence = numbering.take()
            given_out.append((numbering.boot_id, sequence))
            assert 0 <= sequence <= LAST_SEQUENCE
            assert numbering.next_sequence < 1 << 24
            # What a session frame names as the next number is not given out yet.
            assert (numbering.boot_id, numbering.next_sequence) > given_out[-1]
    assert given_out == sorted(set(given_out))
    assert {boot for boot, _ in given_out} <= set(stored)


def test_boot_id_is_raised_only_when_the_next_number_is_needed():
    numbering = Numbering(7, lambda: 8, LAST_SEQUENCE)
    assert numbering.take() == LAST_SEQUENCE
    assert (numbering.boot_id, numbering.next_sequence) == (7, LAST_SEQUENCE + 1)
    assert numbering.take() == 0
    assert numbering.boot_id == 8


@pytest.mark.parametrize("raised", [6, 7, 0x10000])
def test_boot_id_that_does_not_rise_is_refused(raised):
    numbering = Numbering(7, lambda: raised, LAST_SEQUENCE + 1)
    with pytest.raises(LocalError, match=rf"8\.\.65535, got {raised}"):
        numbering.take()
    assert (numbering.boot_id, numbering.next_sequence) == (7, LAST_SEQUENCE + 1)
