"""How the drivers start and stop their chips is what is kept in the tree, to be seen when it changes."""

import pytest

import start_traffic


@pytest.mark.on_a_line(reason="no host is there")
def test_each_chip_is_started_and_stopped_by_the_registers_that_are_kept():
    text = start_traffic.text_of(*start_traffic.record())
    assert text == start_traffic.KEPT.read_text(encoding="ascii"), "renew it by `make gen` if that is meant"
