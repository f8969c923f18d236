"""The account of a soak finds what it is there to find: what is lost untold, invented, or wrong in time."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bandschema.codec import encode
from bandschema.enums import EventKind, JournalClass, LossCause, Part
from bandschema.records import CompressedBlock, Event, Header, JournalLoss, Record
from bandsim.nor_flash import SECTOR_BYTES
from bandsim.sealed_journal import frame_in, frames_in
from bandwire.frames import HEADER_BYTES
from firmware.journal.world import KINDS, World
from journal.layout import ENTRY_HEAD_BYTES, entry_bytes
from sdk.fake_records import descriptor
from soak.account import account_for
from soak.plan import LONG_OFFLINE_S, draw
from soak.truth import Key, MadeFrame, holes_in_samples
from vitalband import Store
from vitalband.clock import TimeExchange
from vitalband.store.database import ExchangeRow, FrameRow, LostRow

BAND = b"band-one"
BOOT = 3
START_UTC_US = 1_700_000_000_000_000
EXCHANGE_US = 1500


def frame_of(sequence: int, record: Record) -> bytes:
    header = Header(kind=record.KIND, boot_id=BOOT, sequence=sequence, ticks_ms=sequence * 1000)
    return bytes(encode(header, record))


def made_of(records: list[Record]) -> dict[Key, MadeFrame]:
    frames = [frame_of(sequence, record) for sequence, record in enumerate(records)]
    return {(BOOT, at): MadeFrame(frame, at * 1_000_000) for at, frame in enumerate(frames)}


def event(detail: int) -> Event:
    return Event(event=EventKind.WORN, part=Part.NONE, detail=detail)


LOSS = JournalLoss(
    lost_boot_id=BOOT,
    first_sequence=3,
    last_sequence=5,
    frame_count=2,
    lost_class=JournalClass.EVENTS,
    loss_cause=LossCause.FULL,
)
MADE = made_of([*(event(detail) for detail in range(9)), LOSS])


def write(
    path: Path,
    made: dict[Key, MadeFrame],
    lost: tuple[LostRow, ...] = (),
    late_us: int = 0,
    uncertainty_us: int = EXCHANGE_US,
) -> Path:
    rows = [
        FrameRow(BAND, *key, frame.frame[1], frame.ticks_ms, START_UTC_US, frame.frame)
        for key, frame in made.items()
    ]
    utc_us = START_UTC_US + late_us
    exchanges = [
        ExchangeRow(BAND, BOOT, TimeExchange(second * 1000, second * 1_000_000 + utc_us, uncertainty_us))
        for second in (0, 4, 8)
    ]
    with Store.create(path) as store:
        store.write(rows, exchanges, lost)
    return path


def account(path: Path, made: dict[Key, MadeFrame] = MADE):
    return account_for(made, path, start_utc_us=START_UTC_US, step_ms=2000)


def test_a_store_of_all_that_was_made_is_right(tmp_path):
    found = account(write(tmp_path / "a.vband", MADE))
    assert found.failures() == []
    assert (found.made, found.stored, found.times.placed, found.times.share_inside) == (10, 10, 10, 1.0)


def test_what_is_neither_stored_nor_told_lost_is_unexplained(tmp_path):
    kept = {key: made for key, made in MADE.items() if key[1] not in (4, 7)}
    lost = (LostRow(BAND, BOOT, 4, 1),)
    found = account(write(tmp_path / "a.vband", kept, lost))
    assert (found.stored, found.lost, found.unexplained, found.untold) == (8, 1, 1, 0)
    assert found.failures() == ["1 unexplained"]


def test_what_is_noted_as_lost_without_the_bands_word_is_untold(tmp_path):
    kept = {key: made for key, made in MADE.items() if key[1] != 7}
    found = account(write(tmp_path / "a.vband", kept, (LostRow(BAND, BOOT, 7, 1),)))
    assert found.failures() == ["1 lost, but not told"]


def test_another_frame_under_the_number_of_one_that_was_made_is_invented(tmp_path):
    other = MADE | {(BOOT, 2): MadeFrame(frame_of(2, event(77)), 2_000_000)}
    assert account(write(tmp_path / "a.vband", other)).failures() == ["1 invented"]


@pytest.mark.parametrize(("late_us", "failures"), [(1000, 0), (5_000, 1), (30_000, 2)])
def test_times_are_held_against_the_truth(tmp_path, late_us, failures):
    found = account(write(tmp_path / "a.vband", MADE, late_us=late_us))
    # A tick is a millisecond long.
    assert found.times.worst_connected_ms == pytest.approx(late_us / 1000, abs=1.0)
    assert len(found.failures()) == failures


def test_a_boot_that_had_no_quick_exchange_is_told_apart_and_may_be_one_in_a_hundred(tmp_path):
    found = account(write(tmp_path / "a.vband", MADE, late_us=200_000, uncertainty_us=225_000))
    assert (found.times.stalled, found.times.share_inside) == (10, 1.0)
    assert found.times.worst_stalled_ms == pytest.approx(200, abs=1.0)
    assert found.failures() == ["10 times are of boots without a quick exchange"]
    few = replace(found.times, placed=10 * found.times.placed * 10, inside=1000)
    assert few.failures() == []


def block(first: int) -> CompressedBlock:
    """Ten samples of stream 1."""
    return CompressedBlock(head=10 | 1 << 11, first_sample=first, block=b"")


def test_samples_without_a_block_are_a_hole_but_not_before_a_start():
    assert holes_in_samples(made_of([block(0), block(10), block(25)])) == 5
    assert holes_in_samples(made_of([block(0), block(10), descriptor(1), block(25), block(36)])) == 1


def test_what_a_journal_has_sealed_is_opened_by_the_key_in_its_flash():
    world = World()
    world.append(*KINDS["event"])
    image = world.nor.image()
    (frame,) = world.appended.values()
    (entry,) = frames_in(image)
    assert entry == frame
    at = image.find(frame[:HEADER_BYTES]) - ENTRY_HEAD_BYTES
    entry = image[at : at + entry_bytes(len(frame))]
    assert frame_in(image, *divmod(at, SECTOR_BYTES), entry) == frame
    assert frame_in(image, 0, 60, bytes(24)) is None
    assert frame_in(image, 0, 60, entry[:8]) is None
    assert frame_in(bytes(SECTOR_BYTES), 0, 60, entry) is None


def test_the_plan_of_a_day_leaves_eight_hours_in_which_the_link_is_away():
    plan = draw(1, 24 * 3600.0)
    (away,) = [f for f in plan.faults if f.request.get("duration_ms") == round(LONG_OFFLINE_S * 1000)]
    within = [f for f in plan.faults if 0 < f.at_us - away.at_us < LONG_OFFLINE_S * 1e6]
    assert all(f.request == plan.faults[0].request for f in within), "the line as it is when nothing is wrong"
    assert plan == draw(1, 24 * 3600.0)
    assert plan != replace(plan, faults=[])
    assert min(plan.cuts, plan.power_cuts, len(plan.kills_at_s)) > 10


@pytest.mark.parametrize("seed", range(1, 21))
def test_no_link_is_slow_for_as_long_as_it_is_away(seed):
    lines = [f for f in draw(seed, 24 * 3600.0).faults if f.request["do"] == "set_link_faults"]
    slow = [(f, after) for f, after in pairwise(lines) if "most_bytes_per_s" in f.request]
    assert max(after.at_us - f.at_us for f, after in slow) <= 300e6, "five minutes are the longest"
