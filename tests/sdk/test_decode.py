"""Whatever bytes come, decoding gives a value or a `FrameError`, and agrees with the reference codec."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.codec import decode, encode
from bandschema.frames import FRAMES
from bandschema.readings import BY_READING, NO_VALUE
from bandschema.records import Header, SampleBlock, StreamDescriptor, Vitals
from bandschema.strategies import frames, headers, records
from sdk.fake_records import descriptor, sample_bytes
from vitalband import FrameError, ReadingId, SampleChunk, VitalsUpdate
from vitalband.decode import Decoder

any_frame = st.sampled_from([spec.name for spec in FRAMES]).flatmap(frames)


@given(st.lists(any_frame, max_size=5))
def test_every_frame_of_the_schema_gives_a_value_or_a_frame_error(many):
    decoder = Decoder()
    for frame in many:
        with suppress(FrameError):
            decoder.decode(frame)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_noise_is_a_frame_error_and_nothing_worse(many):
    decoder = Decoder()
    for noise in many:
        with suppress(FrameError):
            decoder.decode(noise)


@given(any_frame, st.data())
def test_a_damaged_frame_is_a_value_or_a_frame_error(frame, data):
    damaged = bytearray(frame)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(0, len(damaged)))
    with suppress(FrameError):
        Decoder().decode(bytes(damaged[:length]))


@given(frames("vitals"))
def test_readings_agree_with_the_reference_codec(frame):
    header, record = decode(frame)
    assert isinstance(record, Vitals)
    update = Decoder().decode(frame)
    assert isinstance(update, VitalsUpdate)
    assert (update.stamp.boot_id, update.stamp.sequence) == (header.boot_id, header.sequence)
    known = {int(item.reading_id): item for item in record.readings if item.reading_id in list(ReadingId)}
    assert {int(reading_id) for reading_id in update.readings} == set(known)
    for reading in update:
        item = known[int(reading.reading_id)]
        spec = BY_READING[reading.reading_id]
        expected = None if item.raw_value == NO_VALUE else float(item.raw_value * spec.scale)
        assert reading.value == expected
        assert reading.quality == item.quality


@given(headers(SampleBlock.KIND), st.integers(0, 30), st.integers(0, (1 << 32) - 64))
def test_blocks_agree_with_the_reference_codec(header, count, first):
    decoder = Decoder()
    start = Header(kind=StreamDescriptor.KIND, boot_id=header.boot_id, sequence=0, ticks_ms=0)
    decoder.decode(encode(start, descriptor(2)))
    number = first % 1000
    block = SampleBlock(
        stream_id=2,
        encoding=0,
        sample_count=count,
        first_sample=first,
        samples=sample_bytes(2, number, count),
    )
    chunk = decoder.decode(encode(header, block))
    assert isinstance(chunk, SampleChunk)
    assert chunk.first_sample == first
    assert chunk.counts.tolist() == [[-value, value, value] for value in range(number, number + count)]


@given(records("stream_descriptor"))
def test_a_descriptor_outside_its_ranges_is_refused(record):
    header = Header(kind=StreamDescriptor.KIND, boot_id=1, sequence=0, ticks_ms=0)
    frame = bytearray(encode(header, record))
    frame[14] = 9  # channel_count
    with pytest.raises(FrameError, match=r"channel_count: wanted 1\.\.8, got 9"):
        Decoder().decode(bytes(frame))


def test_a_block_whose_stream_was_never_described_is_counted():
    decoder = Decoder()
    header = Header(kind=SampleBlock.KIND, boot_id=1, sequence=0, ticks_ms=0)
    block = SampleBlock(stream_id=1, encoding=0, sample_count=0, first_sample=0, samples=b"")
    assert decoder.decode(encode(header, block)) is None
    assert decoder.counters.blocks_without_descriptor == 1
