"""A run of vitals gives what as many vitals frames would have given, live, stored, and in bulk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema import codec
from bandschema.readings import READINGS
from bandschema.records import Header, Vitals, VitalsReading, VitalsRun
from bandschema.run_vectors import drawn_updates
from bandschema.strategies import run_updates
from bandschema.vitals_run import RunUpdate
from bandschema.vitals_run_writer import encode_updates
from bandwire.errors import FrameError
from sdk.fake_band import BAND_ID
from vitalband import StoreReader
from vitalband.clock import TimeExchange
from vitalband.decode import Decoder
from vitalband.store.database import ExchangeRow, FrameRow, Store

VERSION = 3


def run_frame(updates: list[RunUpdate], sequence: int = 0) -> bytes:
    header = Header(
        version=VERSION,
        kind=VitalsRun.KIND,
        boot_id=1,
        sequence=sequence,
        ticks_ms=updates[-1].ticks_ms,
        drops=0,
    )
    return codec.encode(header, VitalsRun(updates=encode_updates(updates)))


def plain_frame(update: RunUpdate, sequence: int = 0) -> bytes:
    header = Header(
        version=VERSION, kind=Vitals.KIND, boot_id=1, sequence=sequence, ticks_ms=update.ticks_ms, drops=0
    )
    told = [(spec.reading, update.readings.get(int(spec.reading))) for spec in READINGS]
    readings = tuple(
        VitalsReading(
            reading_id=reading,
            validity=one.validity,
            quality=one.quality,
            cause=one.cause,
            raw_value=one.raw_value,
        )
        for reading, one in told
        if one is not None
    )
    return codec.encode(header, Vitals(contact=update.contact, readings=readings))


@given(run_updates(), st.booleans())
def test_a_run_gives_what_a_frame_an_update_would_give(updates: list[RunUpdate], is_backfilled: bool) -> None:
    decoder = Decoder()
    decoder.times.add(1, TimeExchange(updates[0].ticks_ms, 1_700_000_000_000_000, 2000))
    frames = [plain_frame(update) for update in updates]
    wanted = tuple(decoder.decode(frame, is_backfilled=is_backfilled) for frame in frames)
    given_ = decoder.decode(run_frame(updates), is_backfilled=is_backfilled)
    assert given_ == wanted
    assert [list(update.readings) for update in given_] == [list(update.readings) for update in wanted]


def test_a_damaged_run_is_a_frame_error_as_a_whole() -> None:
    frame = run_frame(drawn_updates("damaged", 4))
    with pytest.raises(FrameError):
        Decoder().decode(frame + b"\0")


def test_a_store_of_both_kinds_is_read_in_order_with_every_update_at_its_tick(tmp_path) -> None:
    updates = drawn_updates("a store", 30)
    frames = [
        plain_frame(updates[0], 0),
        run_frame(updates[1:20], 1),
        run_frame(updates[20:21], 2)[:-1],
        plain_frame(updates[21], 3),
        run_frame(updates[22:], 4),
    ]
    kinds = [frame[1] for frame in frames]
    with Store.create(tmp_path / "runs.vband") as store:
        exchange = TimeExchange(updates[0].ticks_ms, 1_700_000_000_000_000, 2000)
        rows = [
            FrameRow(BAND_ID, 1, place, kinds[place], updates[0].ticks_ms, 0, frame)
            for place, frame in enumerate(frames)
        ]
        store.write(rows, [ExchangeRow(BAND_ID, 1, exchange)])
    kept = updates[:20] + updates[21:]
    with StoreReader(tmp_path / "runs.vband") as reader:
        one_by_one = list(reader.vitals())
        columns, table = reader.vitals_columns(), reader.vitals_table()
        damage = reader.damage.total
    assert [update.stamp.ticks_ms for update in one_by_one] == [update.ticks_ms for update in kept]
    assert columns.stamps.ticks_ms.tolist() == [update.ticks_ms for update in kept]
    assert columns.stamps.sequence.tolist() == [0] + [1] * 19 + [3] + [4] * 8
    assert table["time"].to_pylist() == [update.time for update in one_by_one]
    for spec in READINGS:
        assert table[spec.name].to_pylist() == [update[spec.name].value for update in one_by_one]
        quality = table[f"{spec.name}_quality"].to_pylist()
        assert quality == [update[spec.name].quality for update in one_by_one]
    assert damage == 3, "once one by one, and once each for columns and table"
