"""Tables are read in bulk, and hold what the iterators give frame by frame."""

import csv
import io
import sqlite3
from itertools import pairwise

import numpy as np
import pyarrow.csv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from bandschema.records import SampleBlock
from sdk.fake_band import BAND_ID, Script
from sdk.helpers import utc_us_of
from sdk.recordings import record
from vitalband import Channel, SampleChunk, StoreReader, StreamDescriptor, StreamId, Unit
from vitalband.bulk.samples import SampleColumns
from vitalband.clock import TICKS_MODULUS, TimeExchange, TimeModel
from vitalband.store import database
from vitalband.store.tables import waveform_batches
from vitalband.streams import READS_KEPT, BlockClock, SampleClock
from vitalband.values import label

TICKS = st.integers(0, TICKS_MODULUS - 1)
EXCHANGES = st.lists(
    st.builds(TimeExchange, TICKS, st.integers(1, 2**50), st.integers(1000, 10**6)), min_size=1, max_size=60
)


@given(EXCHANGES, st.lists(TICKS, min_size=1, max_size=20))
def test_many_ticks_are_placed_as_one_by_one(exchanges, ticks):
    times = TimeModel()
    for exchange in exchanges:
        times.add(1, exchange)
    utc_us, uncertainty_us = times.place_many(1, np.array(ticks))
    for index, tick in enumerate(ticks):
        placed = times.place(1, tick)
        assert (utc_us[index], uncertainty_us[index]) == (placed.utc_us, placed.uncertainty_us)


def test_ticks_of_an_unknown_boot_have_no_place():
    assert TimeModel().place_many(1, np.arange(3)) is None


@given(
    start=TICKS,
    lost=st.lists(st.sampled_from([0, 0, 0, 20, 400]), min_size=1, max_size=READS_KEPT + 40),
    late_ms=st.lists(st.integers(0, 30), min_size=1, max_size=7),
    period_ms=st.sampled_from([39.6, 40.0, 40.3, 50.0]),
    cut=st.integers(1, 50),
)
def test_many_blocks_are_placed_as_one_by_one(start, lost, late_ms, period_ms, cut):
    firsts = np.cumsum([20 + gap for gap in lost]) - 20
    ticks = [
        (start + round((first + 20) * period_ms) + late_ms[index % len(late_ms)]) % TICKS_MODULUS
        for index, first in enumerate(firsts)
    ]
    slow, fast = SampleClock(25.0), BlockClock(25.0)
    for begin in range(0, len(firsts), cut):
        rows = slice(begin, begin + cut)
        counts = np.full(len(firsts[rows]), 20)
        starts_ms, periods_ms = fast.place(firsts[rows], counts, np.array(ticks[rows]))
        for first, tick, start_ms, measured_ms in zip(
            firsts[rows], ticks[rows], starts_ms, periods_ms, strict=True
        ):
            read_ms = slow.add_read(int(first) + 19, tick)
            assert measured_ms == slow.period_ms
            # The same sums in another order: the rounding of doubles near 2^33 ms stays below 0.01 ms.
            assert start_ms == pytest.approx(slow.ticks_of(int(first), 1)[0] - read_ms, abs=0.01)


@pytest.fixture(params=[{}, {"lose": {13, 14, 31}, "capabilities": 1}], ids=["whole", "with gaps"])
def reader(request, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "READ_BATCH_FRAMES", 7)  # so that a short recording has many batches
    record(tmp_path / "a.vband", Script(**request.param), seconds=100)
    with StoreReader(tmp_path / "a.vband") as opened:
        yield opened


def stamp_of(row):
    return row["time"], row["uncertainty_ms"], row["boot_id"], row["sequence"], row["ticks_ms"]


def stamp(value):
    return value.time, value.uncertainty_ms, value.boot_id, value.sequence, value.ticks_ms


def test_the_readings_table_holds_every_reading(reader):
    rows = reader.readings_table().to_pylist()
    for row, reading in zip(rows, reader.readings(), strict=True):
        assert stamp_of(row) == stamp(reading)
        names = {"reading": reading.name, "value": reading.value, "unit": label(reading.unit)}
        names |= {name: label(getattr(reading, name)) for name in ("validity", "contact", "cause")}
        assert row | names | {"quality": reading.quality} == row


def test_the_vitals_table_holds_every_update(reader):
    rows = reader.vitals_table().to_pylist()
    for row, update in zip(rows, reader.vitals(), strict=True):
        assert row["contact"] == label(update.contact)
        for reading in update:
            assert stamp_of(row) == stamp(reading)
            assert row[reading.name] == reading.value
            assert row[f"{reading.name}_validity"] == label(reading.validity)
            assert row[f"{reading.name}_quality"] == reading.quality
            assert row[f"{reading.name}_cause"] == label(reading.cause)


def test_the_vitals_array_has_nan_for_what_is_not_valid(reader):
    for row, update in zip(reader.vitals_array(), reader.vitals(), strict=True):
        assert row["utc_us"] == utc_us_of(update.time)
        for reading in update:
            assert row[reading.name] == reading.value if reading.is_valid else np.isnan(row[reading.name])


def test_the_waveform_table_holds_every_sample(reader):
    table = reader.waveform_table(StreamId.OPTICAL)
    chunks = [item for item in reader.waveform(StreamId.OPTICAL) if isinstance(item, SampleChunk)]
    assert table.num_rows == sum(len(chunk.counts) for chunk in chunks) > 1000
    numbers = np.concatenate([chunk.first_sample + np.arange(len(chunk.counts)) for chunk in chunks])
    assert np.array_equal(table["sample"].to_numpy(), numbers)
    for index, name in enumerate(chunks[0].descriptor.channel_names):
        counts = np.concatenate([chunk.counts[:, index] for chunk in chunks])
        assert np.array_equal(table[name].to_numpy(), counts)
    ticks_ms = np.concatenate([chunk.ticks_ms for chunk in chunks])
    assert np.allclose(table["ticks_ms"].to_numpy(), ticks_ms, rtol=0, atol=0.01)
    utc_us = np.concatenate([chunk.utc_us for chunk in chunks])
    assert np.abs(table["time"].to_numpy().astype(np.int64) - utc_us).max() <= 10
    uncertain_ms = np.repeat(
        [chunk.uncertainty_ms for chunk in chunks], [len(chunk.counts) for chunk in chunks]
    )
    assert np.allclose(table["uncertainty_ms"].to_numpy(), uncertain_ms)


def test_the_measured_rate_is_told_beside_the_nominal_one(reader):
    rate = reader.stream_rate(StreamId.OPTICAL)
    assert abs(rate.rate_hz - 25.0) <= rate.uncertainty_hz < 0.2  # the band of the recording is exact
    told = reader.waveform_table(StreamId.OPTICAL).schema.field("infrared").metadata
    assert float(told[b"measured_rate_hz"]) == pytest.approx(rate.rate_hz)
    assert float(told[b"measured_rate_uncertainty_hz"]) == pytest.approx(rate.uncertainty_hz)
    assert float(told[b"rate_hz"]) == 25.0
    *_, last = (item for item in reader.waveform(StreamId.OPTICAL) if isinstance(item, SampleChunk))
    assert abs(last.rate.rate_hz - 25.0) <= last.rate.uncertainty_hz


@given(scale_nano=st.integers(0, 2**32 - 1), rate_mhz=st.integers(1, 2**32 - 1), unit=st.sampled_from(Unit))
def test_a_parquet_file_says_how_counts_become_values(scale_nano, rate_mhz, unit):
    scale = scale_nano * 1e-9 if scale_nano else None
    channels = (Channel.X, Channel.Y, Channel.Z)
    table = waveform_batches(
        StreamDescriptor(2, 1, channels, 16, True, rate_mhz / 1000, scale, unit), []
    ).read_all()
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(table, sink)
    schema = parquet.read_schema(pyarrow.BufferReader(sink.getvalue()))
    for name in ("x", "y", "z"):
        told = schema.field(name).metadata
        assert float(told[b"rate_hz"]) == rate_mhz / 1000
        assert told[b"unit"].decode() == label(unit)
        # Of an uncalibrated stream nothing is told: a scale of 0 or 1 would be taken for one.
        assert (b"scale" in told) is bool(scale_nano)
        assert round(float(told.get(b"scale", 0)) * 1e9) == scale_nano


@given(st.lists(st.floats(0, 2**32), min_size=1), st.floats(0, 2**32))
def test_milliseconds_of_samples_have_at_most_three_digits(ticks_ms, uncertainty_ms):
    count = len(ticks_ms)
    batch = SampleColumns(
        boot_id=1,
        sample=np.arange(count, dtype=np.uint32),
        ticks_ms=np.array(ticks_ms),
        utc_us=np.zeros(count, np.int64),
        uncertainty_ms=np.full(count, uncertainty_ms),
        counts=np.zeros((count, 1), np.int32),
    )
    table = waveform_batches(
        StreamDescriptor(1, 1, (Channel.RED,), 18, False, 26.0, None, Unit.NONE), [batch]
    ).read_all()
    with io.BytesIO() as file:
        pyarrow.csv.write_csv(table.select(["ticks_ms", "uncertainty_ms"]), file)
        rows = list(csv.reader(file.getvalue().decode().splitlines()))[1:]
    for row, exact_ms in zip(rows, ticks_ms, strict=True):
        assert max(len(cell.partition(".")[2]) for cell in row) <= 3
        assert [float(cell) for cell in row] == pytest.approx([exact_ms, uncertainty_ms], abs=0.0006)


def test_times_without_an_exchange_are_null_and_not_zero(tmp_path):
    record(tmp_path / "a.vband")
    with sqlite3.connect(tmp_path / "a.vband") as connection:
        connection.execute("DELETE FROM time_exchanges")
    connection.close()
    with StoreReader(tmp_path / "a.vband") as reader:
        for table in (
            reader.vitals_table(),
            reader.readings_table(),
            reader.waveform_table(StreamId.OPTICAL),
        ):
            assert table["time"].null_count == table["uncertainty_ms"].null_count == table.num_rows > 0
        assert (reader.vitals_array()["utc_us"] == np.iinfo(np.int64).min).all()


def test_a_frame_that_cannot_be_read_is_counted_and_its_neighbours_stay(tmp_path):
    record(tmp_path / "a.vband", seconds=60)
    with StoreReader(tmp_path / "a.vband") as reader:
        whole = reader.vitals_table()["sequence"].to_pylist()
        blocks = reader.waveform_table(StreamId.OPTICAL).num_rows
    cut = whole[3]
    with sqlite3.connect(tmp_path / "a.vband") as connection:
        connection.execute("UPDATE frames SET frame=substr(frame, 1, 9) WHERE sequence=?", (cut,))
        connection.execute(
            "UPDATE frames SET frame=substr(frame, 1, length(frame)-1) WHERE sequence="
            "(SELECT MAX(sequence) FROM frames WHERE kind=?)",
            (SampleBlock.KIND,),
        )
    connection.close()
    with StoreReader(tmp_path / "a.vband") as reader:
        assert reader.vitals_table()["sequence"].to_pylist() == [number for number in whole if number != cut]
        assert reader.unreadable_frames == 1
        assert reader.waveform_table(StreamId.OPTICAL).num_rows == blocks - 20
        assert reader.unreadable_frames == 2


def test_a_recording_without_vitals_gives_an_empty_table_with_its_columns(tmp_path):
    record(tmp_path / "a.vband", seconds=1)
    with StoreReader(tmp_path / "a.vband", BAND_ID) as reader:
        table = reader.vitals_table()
        assert table.num_rows == len(reader.vitals_array()) == 0
        assert "heart_rate_bpm_quality" in table.column_names


def test_rows_are_in_order_of_time(reader):
    times = reader.vitals_table()["time"].to_pylist()
    assert all(earlier < later for earlier, later in pairwise(times))
