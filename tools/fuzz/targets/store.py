"""A store with damaged frames, or a damaged file: nothing but StoreError, and what is sound comes out."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from functools import cache
from pathlib import Path

from bandschema.enums import StreamId
from bandschema.records import Event, SampleBlock, StreamDescriptor, Vitals
from fuzz import vectors
from fuzz.memory import memory_folder
from fuzz.source import Source
from fuzz.tally import Tally
from vitalband.bluetooth import MonitorSource, ReceivedPressure
from vitalband.clock import TimeExchange
from vitalband.errors import StoreError
from vitalband.store import StoreReader
from vitalband.store.cuff_rows import CuffRow
from vitalband.store.database import ExchangeRow, FrameRow, Store
from vitalband.store.tables import cuff_batches

MAX_INPUT_BYTES = 300
_BAND_ID = b"band-one"
_CUFF_VALUE = bytes.fromhex("1e780050005d00ea070b1d1705094800010000")
"""120/80 mmHg, mean 93, on 2026-11-29 at 23:05:09, 72 /min, user 1, no remarks."""
_MOST_ROWS = 24
_SOUND_KINDS = (Vitals.KIND, Event.KIND, StreamDescriptor.KIND, SampleBlock.KIND)
_FILE_DAMAGE = 0x80


@dataclass
class _Content:
    """What a store is filled with; `sound` are the numbers of frames that nobody touched, by kind."""

    frames: list[FrameRow] = field(default_factory=list[FrameRow])
    exchanges: list[ExchangeRow] = field(default_factory=list[ExchangeRow])
    sound: dict[int, set[tuple[int, int]]] = field(default_factory=dict[int, set[tuple[int, int]]])

    def add(self, frame: bytes, kind: int) -> None:
        """Put a frame under the next number, whatever it says of itself."""
        sequence = len(self.frames)
        self.frames.append(FrameRow(_BAND_ID, 1, sequence, kind, sequence, 1_000_000 + sequence, frame))

    def add_sound(self, frame: bytes) -> None:
        """A golden frame under the next number, which it carries."""
        number = len(self.frames)
        named = frame[:2] + (1).to_bytes(2, "little") + number.to_bytes(3, "little") + frame[7:]
        self.sound.setdefault(frame[1], set()).add((1, number))
        self.add(named, frame[1])


def check(data: bytes, tally: Tally) -> None:
    """First byte: whether the file is damaged, else rows follow."""
    source = Source(data)
    if source.byte() & _FILE_DAMAGE:
        _check_damaged_file(source, tally)
        return
    content = _Content()
    while not source.is_empty and len(content.frames) < _MOST_ROWS:
        _add_row(content, source)
    if not content.frames:
        return
    _refill(content)
    with StoreReader(_folder() / "rows.vband") as reader:
        _check_read(reader, content)
        tally.add("refused", reader.unreadable_frames)
        tally.add("accepted", len(content.frames))


def _add_row(content: _Content, source: Source) -> None:
    way, golden = source.below(4), _golden()
    if way == 0:
        kind = _SOUND_KINDS[source.below(len(_SOUND_KINDS))]
        known = [frame for frame in golden if frame[1] == kind]
        content.add_sound(known[source.below(len(known))])
    elif way == 1:
        frame = bytearray(golden[source.below(len(golden))])
        kind = frame[1]
        for _ in range(source.below(4)):
            at = source.below(len(frame) + 1)
            frame[at : at + source.below(3)] = source.some(source.below(3))
        content.add(bytes(frame), kind)
    elif way == 2:
        content.add(source.some(source.byte()), source.byte())
    else:
        ticks, utc, uncertainty = (
            int.from_bytes(source.some(count), "little", signed=True) for count in (5, 8, 4)
        )
        content.exchanges.append(ExchangeRow(_BAND_ID, 1, TimeExchange(ticks, utc, uncertainty)))


def _check_read(reader: StoreReader, content: _Content) -> None:
    """Everything that can be asked for."""
    vitals = [(update.stamp.boot_id, update.stamp.sequence) for update in reader.vitals()]
    events = [(event.stamp.boot_id, event.stamp.sequence) for event in reader.events()]
    assert content.sound.get(Vitals.KIND, set()) <= set(vitals)
    assert content.sound.get(Event.KIND, set()) <= set(events)
    columns = reader.vitals_columns().stamps
    numbers = set(zip(columns.boot_id.tolist(), columns.sequence.tolist(), strict=True))
    assert content.sound.get(Vitals.KIND, set()) <= numbers
    assert len(vitals) == len(columns.boot_id)
    reader.identity()
    reader.manifest()
    reader.vitals_table()
    reader.readings_table()
    reader.events_table()
    reader.vitals_array()
    cuff_batches(reader.store.cuff_readings()).read_all()
    for stream_id in StreamId:
        list(reader.waveform(stream_id))
        if reader.stream_descriptor(stream_id) is not None:
            reader.waveform_table(stream_id)


def _check_damaged_file(source: Source, tally: Tally) -> None:
    image = bytearray(_sound_image())
    while not source.is_empty:
        at = source.below(len(image))
        image[at : at + 4] = source.some(1 + source.below(4)).ljust(4, b"\0")[: len(image[at : at + 4])]
    path = _folder() / "file.vband"
    path.write_bytes(image)
    try:
        with StoreReader(path) as reader:
            _check_read(reader, _Content())
    except StoreError:
        tally.add("refused")
    else:
        tally.add("accepted")


@cache
def _golden() -> list[bytes]:
    return vectors.frames()


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="vitalband-fuzz-", dir=memory_folder())


def _folder() -> Path:
    return Path(_temporary().name)


@cache
def _store() -> Store:
    return Store.create(_folder() / "rows.vband")


def _refill(content: _Content) -> None:
    """The one store of this process, with other rows: making a file each time would take most of the time."""
    store = _store()
    with store._connection as connection:
        connection.execute("DELETE FROM frames")
        connection.execute("DELETE FROM time_exchanges")
    store.write(content.frames, content.exchanges)


@cache
def _sound_image() -> bytes:
    path = _folder() / "sound.vband"
    content = _Content()
    for frame in _golden()[:60]:
        content.add_sound(frame)
    content.exchanges.append(ExchangeRow(_BAND_ID, 1, TimeExchange(5, 1_700_000_000_000_000, 900)))
    store = Store.create(path)
    store.write(content.frames, content.exchanges)
    said = MonitorSource(maker="A maker", model="M1", firmware="1.0")
    cuff_row = CuffRow.of(ReceivedPressure(_CUFF_VALUE, 1_700_000_000_000_000, said), b"cuff-one", UTC)
    store.write_cuff_readings([cuff_row])
    store._connection.execute("PRAGMA journal_mode=DELETE")
    store.close()
    return path.read_bytes()


def seeds() -> Iterator[bytes]:
    """Sound rows of each kind, each golden frame touched, and a file changed here and there."""
    yield bytes([0]) + bytes([0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 1, 1]) * 2
    for index in range(len(_golden())):
        yield bytes([0, 0, 0, 0, 1, index, 1, 14, 1, 1, 99, 0, 0, 1])
    yield bytes([0, 2, 3, 1, 2, 3, 4, 0, 0, 0])
    yield bytes([0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    for at in range(0, 4000, 300):
        yield bytes([_FILE_DAMAGE]) + at.to_bytes(2, "little") + bytes([0, 255])
