"""The journal of the whole band: what a host has is in flash, outlives power that goes, and comes again."""

from collections.abc import Iterator

import pytest

from bandschema.codec import encode
from bandschema.enums import BackfillState, CommandCode, ConsentAction, Result
from bandschema.records import BackfillRange, ConsentRecord, JournalExtent
from bandsim.lane import LaneSettings
from bandsim.lanes import default_kind
from bandsim.nor_flash import Cut, Erasure
from bandsim.power_supply import Outage
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from bandwire.frames import HEADER_BYTES
from device.hosts import RawHost, journal_of

pytestmark = pytest.mark.on_a_line(reason="the host is a link by hand, on a line")

AGREES_S = 6.0
CUTS = [
    (1, Cut()),
    (2, Cut(5)),
    (4, Cut(3, tears_byte=True)),
    (7, Cut(1 << 12)),
    (9, Cut(200)),
]
"""Programs after the 20th second, and how far each gets."""


@pytest.fixture
def host() -> Iterator[RawHost]:
    settings = BandSettings(lane=LaneSettings(kind=default_kind()))
    with VirtualBand(load_scenario("rest"), settings) as band:
        yield RawHost(band)


def live_for(host: RawHost, seconds: int):
    """Let time pass with a host that says something every 10 s, as a band expects."""
    for _ in range(0, seconds, 10):
        host.link.request_time(0, 1000, host.now_ms)
        host.run_for(10)


def frames_of(host: RawHost, boot_id: int) -> dict[int, bytes]:
    """Numbered frames of a boot that the host has got."""
    return {
        header.sequence: encode(header, record)
        for header, record in host.frames
        if header.kind < 0x40 and header.boot_id == boot_id
    }


def test_what_a_host_gets_live_is_in_the_flash_byte_for_byte(host):
    live_for(host, 40)
    got = frames_of(host, 1)
    assert len(got) > 15
    assert got.items() <= journal_of(host.band, 1).items()


@pytest.mark.parametrize(("operation", "cut"), CUTS)
def test_power_that_goes_in_the_flash_takes_nothing_that_a_host_has(host, operation, cut):
    live_for(host, 20)
    flash = host.band.conductor.flash
    flash.cut_at(flash.operations + operation, cut)
    live_for(host, 30)
    host.link.restart(b"23456789", host.now_ms)
    live_for(host, 20)
    assert host.link.peer_boot_id == 2
    got = frames_of(host, 1)
    kept = journal_of(host.band, 1)
    assert got.items() <= kept.items()
    # Written, and not yet sent when power went.
    assert set(kept) - set(got) <= {max(got) + 1, max(got) + 2}
    assert sorted(kept) == list(range(len(kept)))
    assert frames_of(host, 2).items() <= journal_of(host.band, 2).items()


@pytest.mark.parametrize("operation", [1, 2, 3, 7])
def test_power_that_goes_while_the_first_sectors_are_made_does_no_harm(host, operation):
    host.band.conductor.flash.cut_at(operation, Cut(5, erasure=Erasure.MIXED, seed=operation))
    host.run_for(2)
    host.link.restart(b"23456789", host.now_ms)
    live_for(host, 30)
    got = frames_of(host, 2)
    assert len(got) > 10
    assert got.items() <= journal_of(host.band, 2).items()


def test_a_host_gets_again_what_an_earlier_boot_has_kept(host):
    host.run_for(30)
    band = host.band
    kept = journal_of(host.band, 1)
    band.conductor.power.plan(Outage(band.now_us))
    again = RawHost(band, b"another1")
    again.run_for(5)
    assert again.command(CommandCode.SEND_JOURNAL) == Result.OK
    extents = [record for _, record in again.of_kind(JournalExtent)]
    assert [(extent.described_boot_id, extent.extent, extent.extent_count) for extent in extents] == [
        (1, 0, 2),
        (2, 1, 2),
    ]
    assert (extents[0].first_sequence, extents[0].next_sequence, extents[0].frame_count) == (
        0,
        len(kept),
        len(kept),
    )
    again.link.request_backfill(1, 0, len(kept), 5_000, again.now_ms)
    again.run_for(2)
    ranges = [(record.state, record.frame_count) for _, record in again.of_kind(BackfillRange)]
    assert ranges == [(BackfillState.SENDING, len(kept)), (BackfillState.DONE, len(kept))]
    assert frames_of(again, 1) == kept


def test_a_host_that_comes_late_gets_the_records_of_consent_and_no_other_frame(host):
    live_for(host, 30)
    again = RawHost(host.band, b"another1")
    again.run_for(5)
    before = len(again.frames)
    again.link.send_command(CommandCode.SEND_CONSENT, 0, 1, 5_000, again.now_ms)
    again.run_for(1)
    ranges = [(record.state, record.frame_count) for _, record in again.of_kind(BackfillRange)]
    assert ranges == [(BackfillState.SENDING, 2), (BackfillState.DONE, 2)]
    kept = {number: frame for number, frame in journal_of(host.band, 1).items() if frame[1] == 0x07}
    got = {h.sequence: encode(h, record) for h, record in again.frames[before:] if h.kind == 0x07}
    assert got == kept
    assert [frame[HEADER_BYTES] for _, frame in sorted(kept.items())] == [
        ConsentAction.IN_FORCE,
        ConsentAction.AGREED,
    ]


def test_a_withdrawal_leaves_nothing_of_the_wearer_in_the_flash(host):
    live_for(host, 60)
    assert {frame[1] for frame in journal_of(host.band, 1).values()} >= {0x06, 0x0E}
    host.band.console.press_button(1_600)
    host.run_for(3)
    kept = journal_of(host.band, 1)
    assert 0x0E not in {frame[1] for frame in kept.values()}
    live_for(host, 10)
    image = host.band.conductor.flash.image()
    for frame in frames_of(host, 1).values():
        if frame[1] == 0x0E:
            assert frame not in image
    assert [record.action for _, record in host.of_kind(ConsentRecord)] == [3, 1, 2]
