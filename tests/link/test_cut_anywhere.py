"""A cut after any byte of a session, in either direction: the next connection brings what the store lacks."""

import os
from functools import cache

import pytest

from bandschema.codec import decode_header
from bandschema.layout import BY_NAME
from bandwire.frames import FIRST_SESSION_KIND
from link.kept_session import HOST_KINDS, JournalBand, Line, StoringHost, come_back, play

STRIDE = 1 if os.environ.get("VITALBAND_EVERY_BYTE") else 7
"""Every byte is cut at by `make soak`; all of them take a minute."""


@cache
def whole() -> "tuple[Line, JournalBand, StoringHost]":
    line = Line()
    return line, *play(line)


def test_the_reference_session_holds_every_kind_that_is_numbered_and_ends_complete():
    line, band, host = whole()
    kinds = {layout.kind for layout in BY_NAME.values() if layout.kind < FIRST_SESSION_KIND}
    assert {decode_header(frame).kind for frame in band.journal.values()} == kinds
    assert host.store == band.journal
    assert host.is_done
    assert set(band.journal) == band.confirmed
    assert 4_000 < line.band_bytes < 8_000
    assert line.host_bytes > 800
    assert set(HOST_KINDS) <= set(BY_NAME)


@pytest.mark.unmeasured
def test_after_a_cut_at_any_byte_from_the_band_the_store_equals_the_journal():
    for count in range(0, whole()[0].band_bytes, STRIDE):
        check(Line(from_band=count))


@pytest.mark.unmeasured
def test_after_a_cut_at_any_byte_from_the_host_the_store_equals_the_journal():
    for count in range(0, whole()[0].host_bytes, STRIDE):
        check(Line(from_host=count))


def check(line: Line) -> None:
    band, host = play(line)
    assert line.is_cut
    stored = set(host.store)
    again = come_back(band, host.store)
    assert again.is_done
    assert again.store == band.journal
    assert set(band.journal) - stored <= band.confirmed
    assert again.link.ledger.missing == 0
