"""Many stored frames at once, column by column: what `vitalband.decode` gives frame by frame.

A night holds tens of thousands of frames, for which the decoder and its values take seconds; here each
batch is decoded by the NumPy dtypes of the schema.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import StreamId
from bandschema.records import CompressedBlock, SampleBlock
from vitalband.bulk.damage import DamageReport
from vitalband.bulk.frames import FrameBatch, Integers, KindColumns, decode_frames
from vitalband.bulk.samples import BlockColumns, SampleColumns, block_columns, decode_counts
from vitalband.bulk.vitals import (
    VITALS_DECODERS,
    StampColumns,
    VitalsColumns,
    VitalsRows,
    decode_vitals,
    values_of,
)
from vitalband.clock import UNKNOWN_UTC_US, TimeModel
from vitalband.decode import Decoder
from vitalband.rates import MeasuredRate, RateMeter
from vitalband.store.database import Store
from vitalband.streams import BlockClock, SampleNumbers, drift_ms
from vitalband.values import StreamDescriptor

SAMPLE_KINDS = (SampleBlock.KIND, CompressedBlock.KIND)


@dataclass(slots=True)
class BulkReader:
    """Columns of one band of a store; `damage` tells of the frames that were left out, and `on_frames` is
    called with the number of frames that each batch took in."""

    store: Store
    band_id: bytes
    times: TimeModel
    damage: DamageReport = field(default_factory=DamageReport)
    on_frames: Callable[[int], None] | None = None

    def vitals(self) -> Iterator[VitalsColumns]:
        """Every update of readings, in batches."""
        for kinds, batch, came_utc_us in self._batches(tuple(VITALS_DECODERS)):
            yield self._vitals(batch, decode_vitals(kinds, batch, self.damage), came_utc_us)

    def samples(
        self, stream_id: StreamId, descriptor: StreamDescriptor, decoder: Decoder
    ) -> Iterator[SampleColumns]:
        """Every sample of a stream, in batches of one boot each; `decoder` knows the descriptors.

        Blocks of a boot without a descriptor, or with other channels than `descriptor`, are left out.
        """
        lines: dict[int, _Line] = {}
        for kinds, batch, came_utc_us in self._batches(SAMPLE_KINDS):
            blocks = block_columns(kinds, batch, self.damage)
            blocks = blocks.taken(np.flatnonzero(blocks.stream_id == int(stream_id)))
            for boot_id in np.unique(blocks.boot_id).tolist():
                known = decoder.descriptor(boot_id, stream_id)
                some = blocks.taken(np.flatnonzero(blocks.boot_id == boot_id))
                if known is None or known.channels != descriptor.channels:
                    self._refuse(batch, some, known)
                    continue
                line = lines.setdefault(boot_id, _Line.of(known))
                read, counts = decode_counts(batch, some, known, self.damage)
                if len(read):
                    yield self._samples(some.taken(read), counts, line, came_utc_us)

    def rates(self, stream_id: StreamId, descriptor: StreamDescriptor) -> list[MeasuredRate]:
        """The chip's own rate in each boot, by all its blocks; their samples are not decoded."""
        meters: dict[int, tuple[SampleNumbers, RateMeter]] = {}
        for kinds, batch, _ in self._batches(SAMPLE_KINDS, is_told=False):
            blocks = block_columns(kinds, batch, DamageReport())
            blocks = blocks.taken(np.flatnonzero(blocks.stream_id == int(stream_id)))
            for boot_id in np.unique(blocks.boot_id).tolist():
                some = blocks.taken(np.flatnonzero(blocks.boot_id == boot_id))
                new = SampleNumbers(descriptor.rate_hz), RateMeter(descriptor.rate_hz)
                numbers, meter = meters.setdefault(boot_id, new)
                first = numbers.whole(some.first_sample, some.is_compressed, some.ticks_ms)
                meter.add(first + some.steps - 1, some.ticks_ms)
        return [rate for _, meter in meters.values() if (rate := meter.measured) is not None]

    def _refuse(self, batch: FrameBatch, blocks: BlockColumns, known: StreamDescriptor | None) -> None:
        cause = "is of a boot without" if known is None else "has other channels than the latest"
        for row in blocks.rows.tolist():
            self.damage.add(batch.damage(row, f"block {cause} descriptor of its stream"))

    def _vitals(self, batch: FrameBatch, found: VitalsRows, came_utc_us: Integers) -> VitalsColumns:
        boot_ids, sequences = batch.boot_ids[found.rows], batch.sequences[found.rows]
        placed = self._placed(boot_ids, found.ticks_ms, came_utc_us[found.rows])
        stamps = StampColumns(
            boot_ids.astype(np.uint16), sequences.astype(np.uint32), found.ticks_ms, *placed
        )
        value, codes = values_of(found.raw_value), (found.validity, found.quality, found.cause)
        return VitalsColumns(stamps, found.contact, found.is_sent, value, *codes)

    def _samples(
        self, blocks: BlockColumns, counts: NDArray[np.int32], line: "_Line", came_utc_us: Integers
    ) -> SampleColumns:
        came_utc_us = came_utc_us[blocks.rows]
        read_utc_us, read_uncertainty_ms = self._placed(blocks.boot_id, blocks.ticks_ms, came_utc_us)
        first = line.numbers.whole(blocks.first_sample, blocks.is_compressed, blocks.ticks_ms)
        sizes = blocks.steps
        start_ms, period_ms = line.clock.place(first, sizes, blocks.ticks_ms)
        block = np.repeat(np.arange(len(sizes)), sizes)
        index = np.arange(len(block)) - (np.cumsum(sizes) - sizes)[block]
        since_read_ms = start_ms[block] + index * period_ms[block]
        is_known = read_utc_us[block] != UNKNOWN_UTC_US
        utc_us = read_utc_us[block] + (since_read_ms * 1000).astype(np.int64)
        return SampleColumns(
            boot_id=int(blocks.boot_id[0]),
            sample=(first[block] + index).astype(np.uint32),
            ticks_ms=blocks.ticks_ms[block] + since_read_ms,
            utc_us=np.where(is_known, utc_us, UNKNOWN_UTC_US),
            uncertainty_ms=(read_uncertainty_ms + period_ms / 2 + drift_ms(start_ms))[block],
            counts=counts,
        )

    def frames(self) -> Iterator[tuple[FrameBatch, dict[int, KindColumns]]]:
        """Every frame, in batches, and the columns of each kind in it."""
        for _, batch, _ in self._batches(None):
            yield batch, decode_frames(batch, self.damage)

    def _batches(
        self, kinds: Collection[int] | None, *, is_told: bool = True
    ) -> Iterator[tuple[Integers, FrameBatch, Integers]]:
        """(n,) kinds and the frames, by boot and number, and when each came, UTC in us."""
        for rows in self.store.frame_batches(self.band_id, kinds):
            batch = FrameBatch.of_rows([(row[0], row[1], row[3]) for row in rows])
            numbers = np.array([(row[2], row[4]) for row in rows], np.int64)
            yield numbers[:, 0], batch, numbers[:, 1]
            if is_told and self.on_frames is not None:
                self.on_frames(len(rows))

    def _placed(
        self, boot_ids: Integers, ticks_ms: NDArray[np.uint32] | Integers, came_utc_us: Integers
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(n,) `utc_us` and `uncertainty_ms`, as `StampColumns` has them, of ticks in their boots."""
        utc_us = np.full(len(boot_ids), UNKNOWN_UTC_US)
        uncertainty_ms = np.full(len(boot_ids), np.nan)
        for boot_id in np.unique(boot_ids).tolist():
            rows = np.flatnonzero(boot_ids == boot_id)
            ticks = ticks_ms[rows].astype(np.int64)
            placed = self.times.place_many(boot_id, ticks, came_utc_us[rows])
            if placed is not None:
                utc_us[rows], uncertainty_ms[rows] = placed[0], placed[1] / 1000
        return utc_us, uncertainty_ms


@dataclass(frozen=True, slots=True)
class _Line:
    """How the samples of one stream and boot follow each other."""

    numbers: SampleNumbers
    clock: BlockClock

    @classmethod
    def of(cls, descriptor: StreamDescriptor) -> "_Line":
        return cls(SampleNumbers(descriptor.rate_hz), BlockClock(descriptor.rate_hz))
