"""Reading a store back: typed values, NumPy arrays and Arrow tables of one band."""

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from bandschema.enums import StreamId
from bandschema.records import ConsentRecord, Event, Identity, Issuance, ManifestEntry, Record
from bandschema.records import StreamDescriptor as StreamDescriptorRecord
from bandwire.errors import FrameError
from vitalband.bulk.damage import DamageReport, FrameDamage
from vitalband.bulk.frames import FrameBatch, KindColumns
from vitalband.bulk.vitals import VITALS_DECODERS, VitalsColumns, joined
from vitalband.decode import Decoder, Value
from vitalband.errors import StoreError
from vitalband.rates import MeasuredRate, sharpest
from vitalband.store import tables
from vitalband.store.bulk import SAMPLE_KINDS, BulkReader
from vitalband.store.database import FrameRow, Store
from vitalband.store.select import chosen_band, fill_time_model
from vitalband.streams import GapFinder
from vitalband.values import (
    BandEvent,
    ConsentChange,
    Reading,
    SampleChunk,
    SampleGap,
    StreamDescriptor,
    TimeStatus,
    VitalsUpdate,
)


class StoreReader:
    """One band's recording; opened by path, closed by `close` or `with`.

    Iterators give the values that a live band gives, one by one; tables and arrays hold the same and are
    read in bulk.
    """

    def __init__(self, path: Path | str, band_id: bytes | None = None) -> None:
        self.damage = DamageReport()
        self._store = Store.open(path)
        try:
            self.band_id = chosen_band(self._store, band_id)
            self._decoder = Decoder()
            fill_time_model(self._decoder.times, self._store, self.band_id)
            self._bulk = BulkReader(self._store, self.band_id, self._decoder.times, self.damage)
            self._read_descriptors()
        except StoreError:
            self._store.close()
            raise

    @property
    def store(self) -> Store:
        """The store underneath, for verbatim frames."""
        return self._store

    @property
    def unreadable_frames(self) -> int:
        """Times that a frame was met which this version cannot read (of a later protocol version, say);
        it stays in the store as it came. `damage` tells their causes and the first places."""
        return self.damage.total

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def frames(self, kind: int | None = None) -> Iterator[FrameRow]:
        """Verbatim frames by boot and sequence."""
        return self._store.frames(self.band_id, kind=kind)

    def identity(self) -> Identity | None:
        """The latest identity that the band gave, None when it gave none."""
        found = [value for value in self._values((Identity.KIND,)) if isinstance(value, Identity)]
        return found[-1] if found else None

    def manifest(self) -> list[ManifestEntry]:
        """The latest manifest entries, by their index."""
        entries = (value for value in self._values((ManifestEntry.KIND,)) if isinstance(value, ManifestEntry))
        latest = {entry.entry: entry for entry in entries}
        return [latest[index] for index in sorted(latest)]

    def issuance(self) -> Issuance | None:
        """Who asks for the wearing, as the band told last; None when it told of nobody."""
        found = [value for value in self._values((Issuance.KIND,)) if isinstance(value, Issuance)]
        return found[-1] if found else None

    def vitals(self) -> Iterator[VitalsUpdate]:
        """Vitals updates, as they were iterated live."""
        for value in self._values(tuple(VITALS_DECODERS)):
            if isinstance(value, VitalsUpdate):
                yield value
            elif isinstance(value, tuple):
                yield from value

    def readings(self) -> Iterator[Reading]:
        """Every reading of every update."""
        return (reading for update in self.vitals() for reading in update)

    def events(self) -> Iterator[BandEvent | ConsentChange]:
        """Events and consent changes."""
        for value in self._values((Event.KIND, ConsentRecord.KIND)):
            if isinstance(value, BandEvent | ConsentChange):
                yield value

    def waveform(self, stream_id: StreamId) -> Iterator[SampleChunk | SampleGap]:
        """Chunks of a stream with explicit gaps, in order of sample numbers."""
        gaps = GapFinder(stream_id)
        for chunk in self._values(SAMPLE_KINDS):
            if isinstance(chunk, SampleChunk) and chunk.descriptor.stream_id == stream_id:
                gap = gaps.gap_before(chunk.stamp.boot_id, chunk.first_sample, len(chunk.counts))
                if gap is not None:
                    yield gap
                yield chunk

    def stream_descriptor(self, stream_id: StreamId) -> StreamDescriptor | None:
        """How the stream was sampled, in its latest boot."""
        boots = self._store.boots(self.band_id)
        found = (self._decoder.descriptor(boot_id, stream_id) for boot_id in reversed(boots))
        return next((descriptor for descriptor in found if descriptor is not None), None)

    def stream_rate(self, stream_id: StreamId) -> MeasuredRate | None:
        """The rate of a stream's chip as it was measured, by all blocks of the boot that tells it best;
        None when there are too few. `StreamDescriptor.rate_hz` is the nominal one."""
        descriptor = self.stream_descriptor(stream_id)
        return None if descriptor is None else sharpest(self._bulk.rates(stream_id, descriptor))

    def time_status(self, boot_id: int | None = None) -> TimeStatus:
        """How well the time of a boot is known, by all exchanges of it that the store has; without
        `boot_id`, of the latest boot that has one."""
        times = self._decoder.times
        if boot_id is None:
            known = [boot for boot in self._store.boots(self.band_id) if times.exchange_count(boot)]
            boot_id = known[-1] if known else None
        return TimeStatus.of(times, boot_id)

    def vitals_columns(self) -> VitalsColumns:
        """All vitals updates as columns, with codes as they came."""
        return joined(self._bulk.vitals())

    def frame_columns(self) -> Iterator[tuple[FrameBatch, dict[int, KindColumns]]]:
        """Every frame, a few thousand at a time: the frames as they came, and by their kind the rows and
        columns of those that can be read. `damage` tells of the others."""
        return self._bulk.frames()

    def vitals_batches(self) -> tables.Batches:
        """Arrow, one row an update; columns `<reading>`, `<reading>_validity`, `_quality`, `_cause`.

        A reading without a value is null, never zero. `time` is UTC in microseconds, null when it
        cannot be told, right within `uncertainty_ms`.

        This and the other `..._batches` give a `pyarrow.RecordBatchReader`, which reads the store as it is
        asked for the next batch: memory stays the same however long the recording is.
        """
        return tables.vitals_batches(self._bulk.vitals())

    def readings_batches(self) -> tables.Batches:
        """Arrow, one row a reading: `reading`, `value`, `unit`, `validity`, `quality`, `contact`, `cause`."""
        return tables.readings_batches(self._bulk.vitals())

    def events_batches(self) -> tables.Batches:
        """Arrow, one row an event: `event`, `part`, `detail`."""
        found = self._values((Event.KIND,))
        return tables.events_batches(event for event in found if isinstance(event, BandEvent))

    def consents_batches(self) -> tables.Batches:
        """Arrow, one row a consent record: `action`, `groups` (names), and the digests in hex."""
        found = self._values((ConsentRecord.KIND,))
        return tables.consents_batches(change for change in found if isinstance(change, ConsentChange))

    def waveform_batches(self, stream_id: StreamId) -> tables.Batches:
        """Arrow, one row a sample: `sample`, `ticks_ms`, `time`, one column a channel in raw counts.

        Missing samples are missing rows; the sample numbers say where. `StoreError` when the store
        holds no such stream.
        """
        descriptor = self.stream_descriptor(stream_id)
        if descriptor is None:
            raise StoreError(f"{self._store.path} holds no {stream_id.name.lower()} stream")
        rate = self.stream_rate(stream_id)
        samples = self._bulk.samples(stream_id, descriptor, self._decoder)
        return tables.waveform_batches(descriptor, samples, rate)

    def vitals_table(self) -> tables.Table:
        """`vitals_batches` as one table."""
        return self.vitals_batches().read_all()

    def readings_table(self) -> tables.Table:
        """`readings_batches` as one table."""
        return self.readings_batches().read_all()

    def events_table(self) -> tables.Table:
        """`events_batches` as one table."""
        return self.events_batches().read_all()

    def waveform_table(self, stream_id: StreamId) -> tables.Table:
        """`waveform_batches` as one table."""
        return self.waveform_batches(stream_id).read_all()

    def vitals_array(self) -> tables.Structured:
        """NumPy, one row an update: `utc_us` (NaT's number when unknown), `boot_id`, `sequence`,
        `ticks_ms`, and each reading as float64 with NaN where it is not valid."""
        return tables.vitals_array(self._bulk.vitals())

    def _values(self, kinds: Collection[int]) -> Iterator[Value | Record]:
        for rows in self._store.frame_batches(self.band_id, kinds):
            for boot_id, sequence, _, frame, came_utc_us in rows:
                try:
                    value = self._decoder.decode(frame, came_utc_us=came_utc_us)
                except FrameError as error:
                    self.damage.add(FrameDamage(boot_id, sequence, str(error)))
                    continue
                if value is not None:
                    yield value
            self._count(len(rows))

    def _count(self, frames: int) -> None:
        if self._bulk.on_frames is not None:
            self._bulk.on_frames(frames)

    def count_of(self, kinds: Collection[int]) -> int:
        """Number of frames of some kinds."""
        return self._store.count_of(self.band_id, kinds)

    @contextmanager
    def telling(self, on_frames: Callable[[int], None]) -> Generator[None, None, None]:
        """While the `with` block runs, call `on_frames` with how many more frames were read."""
        self._bulk.on_frames = on_frames
        try:
            yield
        finally:
            self._bulk.on_frames = None

    def _read_descriptors(self) -> None:
        # A descriptor may lie after blocks that need it: it was asked for once one had come.
        for _ in self._values((StreamDescriptorRecord.KIND,)):
            pass
