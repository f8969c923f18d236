"""Frames of mixed kinds are decoded together as one by one; what cannot be read is told frame by frame."""

import sqlite3
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.blocks import Choice, Shape, encode_block, encode_raw_block
from bandschema.codec import decode, encode
from bandschema.enums import StreamId
from bandschema.records import CompressedBlock, Header, SampleBlock, Vitals, VitalsReading
from bandschema.strategies import frames
from bandwire.errors import FrameError
from sdk.fake_band import BAND_ID
from sdk.fake_records import descriptor, sample_bytes
from vitalband import SampleChunk, Store, StoreReader
from vitalband.bulk import DamageReport, FrameBatch, decode_frames
from vitalband.bulk.damage import FIRST_TOLD
from vitalband.store.database import FrameRow

KINDS = ("vitals", "sample_block", "compressed_block", "event", "reply", "self_test_result", "vitals_run")
"""Kinds without text: bytes that are no text are refused by those who read texts only."""


def batch_of(many):
    return FrameBatch.of_rows([(7, 100 + index, frame) for index, frame in enumerate(many)])


def plain(frame):
    try:
        return decode(frame)
    except FrameError:
        return None


def columns_of(many):
    """The header's and a few other numbers of each frame that can be read, by its place."""
    report = DamageReport()
    found = {}
    for kind, part in decode_frames(batch_of(many), report).items():
        columns = part.columns
        items = np.bincount(columns.frame_of_item, minlength=len(part.rows))
        sizes = columns.tail_stops - columns.tail_starts
        for place, row in enumerate(part.rows.tolist()):
            numbers = [int(columns.fixed[name][place]) for name in ("boot_id", "sequence", "ticks_ms")]
            tail = many[row][len(many[row]) - int(sizes[place]) :]
            found[row] = (kind, *numbers, items[place], tail)
    return found, report


def told(frame):
    header, record = decode(frame)
    tail, items = b"", 0
    if isinstance(record, Vitals):
        items, tail = len(record.readings), None
    elif isinstance(record, SampleBlock):
        tail = record.samples
    elif isinstance(record, CompressedBlock):
        tail = record.block
    elif record.NAME == "vitals_run":
        tail = record.updates
    elif record.NAME == "handshake":
        tail = record.message
    return (int(header.kind), header.boot_id, header.sequence, header.ticks_ms, items, tail)


def assert_as_one_by_one(many):
    found, report = columns_of(many)
    readable = [index for index, frame in enumerate(many) if plain(frame) is not None]
    assert sorted(found) == readable
    for index in readable:
        wanted = told(many[index])
        assert found[index][:5] == wanted[:5]
        assert wanted[5] in (None, found[index][5])
    assert report.total == len(many) - len(readable)
    bad = [index for index in range(len(many)) if index not in found]
    assert {each.sequence - 100 for each in report.first} <= set(bad)
    assert len(report.first) == min(len(bad), FIRST_TOLD)


any_frame = st.sampled_from(KINDS).flatmap(frames)


@settings(max_examples=30)
@given(st.lists(any_frame, max_size=6))
def test_frames_of_mixed_kinds_decode_as_one_by_one(many):
    assert_as_one_by_one(many)


DAMAGE = st.tuples(any_frame, st.integers(1, 15), st.integers(0, 255), st.integers(0, 40))


@settings(max_examples=40)
@given(st.lists(DAMAGE, min_size=1, max_size=6))
def test_damaged_frames_are_told_one_by_one_and_their_neighbours_stay(many):
    damaged = []
    for frame, at, byte, cut in many:
        changed = bytearray(frame)
        changed[min(at, len(frame) - 1)] = byte
        damaged.append(bytes(changed[: len(changed) - cut]))
    assert_as_one_by_one([frame for frame in damaged if len(frame) < 2 or frame[1] not in TEXT_KINDS])


TEXT_KINDS = (0x01, 0x02, 0x0A, 0x0B)


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(1, 3)), max_size=8))
def test_noise_is_told_frame_by_frame(many):
    noise = [bytes([version]) + rest for rest, version in many]
    assert_as_one_by_one([frame for frame in noise if len(frame) < 2 or frame[1] not in TEXT_KINDS])


def test_a_report_counts_all_and_keeps_the_first():
    _, report = columns_of([b"\1\4"] * 30 + [bytes([99]) + bytes(20)] * 3)
    assert report.total == 33
    assert [each.sequence for each in report.first] == list(range(100, 100 + FIRST_TOLD))
    first, second, *places = report.lines()
    assert first.startswith("30 x is shorter than a header")
    assert second.startswith("3 x is of a protocol version")
    assert places[0] == "at boot 7, frame 100: is shorter than a header of 12 bytes"


class Writer:
    """Frames into a store, numbered in turn; the first one describes the optical stream."""

    def __init__(self, path):
        self.path, self.rows = path, []
        self.add(descriptor(StreamId.OPTICAL), 0)

    def add(self, record, ticks_ms, boot_id=1):
        header = Header(kind=record.KIND, boot_id=boot_id, sequence=len(self.rows), ticks_ms=ticks_ms)
        place = (BAND_ID, boot_id, len(self.rows), record.KIND, ticks_ms, ticks_ms)
        self.rows.append(FrameRow(*place, encode(header, record)))

    def write(self):
        with Store.create(self.path) as store:
            store.write(self.rows)
        return StoreReader(self.path)


SHAPE = Shape(3, 18, False)
CHOICES = [Choice(2, 1, 8), Choice(1, 2, -3), Choice(0, 3, 0)]


def steps_of(first, count):
    """What `sample_bytes` makes of the optical stream."""
    numbers = range(first, first + count)
    return [[(number * 3 + channel) & 0x3FFFF for channel in range(3)] for number in numbers]


def block_of(first, count, form):
    if form == "plain":
        samples = sample_bytes(1, first, count)
        return SampleBlock(stream_id=1, encoding=0, sample_count=count, first_sample=first, samples=samples)
    steps = steps_of(first, count)
    made = encode_block(steps, SHAPE, CHOICES, stream_id=1) if form == "compressed" else None
    head, block = made or encode_raw_block(steps, SHAPE, stream_id=1)
    return CompressedBlock(head=head, first_sample=first % (1 << 24), block=block)


FORMS = st.sampled_from(["plain", "compressed", "raw"])


@settings(max_examples=25)
@given(
    blocks=st.lists(
        st.tuples(FORMS, st.integers(1, 30), st.sampled_from([0, 0, 7, 20])), min_size=1, max_size=12
    ),
    start=st.sampled_from([0, 40, (1 << 24) - 20, (1 << 24) + 5]),
)
def test_stored_blocks_give_the_same_samples_in_bulk_and_one_by_one(tmp_path_factory, blocks, start):
    writer = Writer(tmp_path_factory.mktemp("store") / "a.vband")
    number, numbers = start, []
    for form, count, lost in blocks:
        number += lost
        writer.add(block_of(number, count, form), (number + count) * 40 % (1 << 32))
        numbers += range(number, number + count)
        number += count
    with writer.write() as reader:
        table = reader.waveform_table(StreamId.OPTICAL)
        assert table["sample"].to_pylist() == numbers
        values = np.array([table[name].to_numpy() for name in ("red", "infrared", "green")]).T
        assert values.tolist() == [step for each in numbers for step in steps_of(each, 1)]
        chunks = [item for item in reader.waveform(StreamId.OPTICAL) if isinstance(item, SampleChunk)]
        assert np.concatenate([chunk.counts for chunk in chunks]).tolist() == values.tolist()
        assert [chunk.first_sample + at for chunk in chunks for at in range(len(chunk.counts))] == numbers
        ticks_ms = np.concatenate([chunk.ticks_ms for chunk in chunks])
        assert np.allclose(table["ticks_ms"].to_numpy(), ticks_ms, rtol=0, atol=0.01)
        assert reader.unreadable_frames == 0


def test_blocks_that_cannot_be_read_are_told_with_their_causes(tmp_path):
    writer = Writer(tmp_path / "a.vband")
    good = block_of(0, 10, "compressed")
    bad = [
        CompressedBlock(head=good.head, first_sample=10, block=good.block[:4]),
        CompressedBlock(head=good.head | 0x8000, first_sample=10, block=good.block),
        SampleBlock(stream_id=1, encoding=0, sample_count=3, first_sample=20, samples=bytes(26)),
        SampleBlock(stream_id=1, encoding=9, sample_count=3, first_sample=20, samples=bytes(27)),
    ]
    for record in (good, *bad, block_of(40, 10, "plain")):
        writer.add(record, 2000)
    writer.add(block_of(60, 5, "raw"), 100, boot_id=2)
    with writer.write() as reader:
        assert reader.waveform_table(StreamId.OPTICAL).num_rows == 20
        places = [(each.boot_id, each.sequence) for each in reader.damage.first]
        assert sorted(places) == [(1, 2), (1, 3), (1, 4), (1, 5), (2, 7)]
        causes = " ".join(reader.damage.counts)
        for part in (
            "too short",
            "table of",
            "another length",
            "unknown encoding",
            "without descriptor",
        ):
            assert part in causes
    with writer.write() as reader:
        chunks = [item for item in reader.waveform(StreamId.OPTICAL) if isinstance(item, SampleChunk)]
        assert sum(len(chunk.counts) for chunk in chunks) == 20
        assert reader.unreadable_frames == 4


def vitals_store(path, count, kinds=1):
    writer = Writer(path)
    for number in range(count):
        reading = VitalsReading(reading_id=2, validity=1, quality=90, cause=0, raw_value=600 + number % 300)
        writer.add(Vitals(contact=1, readings=(reading,) * kinds), 2000 * number)
    return writer.write()


@pytest.mark.parametrize("table", ["vitals", "frames"])
def test_memory_does_not_follow_the_length_of_a_recording(tmp_path, table, monkeypatch):
    monkeypatch.setattr("vitalband.store.database.READ_BATCH_FRAMES", 256)

    def peak_bytes(count):
        with vitals_store(tmp_path / f"{count}.vband", count) as reader:
            tracemalloc.start()
            read = reader.vitals_batches() if table == "vitals" else reader.frame_columns()
            rows = sum(len(part[0]) if table == "frames" else part.num_rows for part in read)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert rows == count + (table == "frames")
        return peak

    peak_bytes(300)  # what is imported and kept at the first call is no part of the count
    assert peak_bytes(8000) < 2 * peak_bytes(1000)


def test_a_frame_of_another_kind_than_the_store_says_is_told(tmp_path):
    vitals_store(tmp_path / "a.vband", 3).close()
    with sqlite3.connect(tmp_path / "a.vband") as connection:
        connection.execute("UPDATE frames SET frame=x'030500000000000000000000' WHERE sequence=2")
    connection.close()
    with StoreReader(tmp_path / "a.vband") as reader:
        assert reader.vitals_table().num_rows == 2
        assert str(reader.damage.first[0]).startswith("boot 1, frame 2: vitals is ")
