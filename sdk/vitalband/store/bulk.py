"""Many stored frames at once, column by column: what `vitalband.decode` gives frame by frame.

A night holds tens of thousands of frames, for which the decoder and its values take seconds; here each
batch is decoded by the NumPy dtypes of the schema.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.dtype import Columns, decode_many
from bandschema.enums import Encoding, StreamId
from bandschema.readings import NO_VALUE, READINGS
from bandschema.records import SampleBlock, Vitals
from bandwire.errors import FrameError
from vitalband.clock import UNKNOWN_UTC_US, TimeModel
from vitalband.decode import Decoder, is_known_version
from vitalband.store.database import Store
from vitalband.streams import BlockClock, decode_samples
from vitalband.values import StreamDescriptor

Bytes = NDArray[np.uint8]
Rows = NDArray[np.intp]

_COLUMN_OF_READING = np.full(256, -1)
_COLUMN_OF_READING[[int(spec.reading) for spec in READINGS]] = np.arange(len(READINGS))


@dataclass(frozen=True, slots=True)
class StampColumns:
    """Where (n,) frames stand, as `vitalband.values.Stamp`.

    `boot_id` uint16, `sequence` and `ticks_ms` uint32; `utc_us` int64, `UNKNOWN_UTC_US` where the time
    cannot be told; `uncertainty_ms` float64, NaN there.
    """

    boot_id: NDArray[np.uint16]
    sequence: NDArray[np.uint32]
    ticks_ms: NDArray[np.uint32]
    utc_us: NDArray[np.int64]
    uncertainty_ms: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VitalsColumns:
    """(n,) vitals frames: `contact` (n,), all else (n, readings) in the order of `READINGS`.

    `value` is in the unit of the reading, NaN where there is none; a reading that a frame does not hold
    is not `is_sent`, and has code 0 everywhere.
    """

    stamps: StampColumns
    contact: Bytes
    is_sent: NDArray[np.bool_]
    value: NDArray[np.float64]
    validity: Bytes
    quality: Bytes
    cause: Bytes


@dataclass(frozen=True, slots=True)
class SampleColumns:
    """Consecutive blocks of one stream and boot, (n,) samples.

    `sample` uint32 numbers, `ticks_ms` float64, `utc_us` int64 and `uncertainty_ms` float64 as in
    `StampColumns`, `counts` (n, channels) int32.
    """

    boot_id: int
    sample: NDArray[np.uint32]
    ticks_ms: NDArray[np.float64]
    utc_us: NDArray[np.int64]
    uncertainty_ms: NDArray[np.float64]
    counts: NDArray[np.int32]


@dataclass(slots=True)
class BulkReader:
    """Columns of one band of a store; `unreadable_frames` counts those that were left out."""

    store: Store
    band_id: bytes
    times: TimeModel
    unreadable_frames: int = 0

    def vitals(self) -> Iterator[VitalsColumns]:
        """Every vitals frame, in batches."""
        for _, columns in self._batches(Vitals.KIND, Vitals.NAME):
            yield _vitals(columns, self._stamps(columns.fixed))

    def samples(
        self, stream_id: StreamId, descriptor: StreamDescriptor, decoder: Decoder
    ) -> Iterator[SampleColumns]:
        """Every sample of a stream, in batches of one boot each; `decoder` knows the descriptors.

        Blocks of a boot without a descriptor, or with other channels than `descriptor`, are left out.
        """
        clocks: dict[int, BlockClock] = {}
        for frames, columns in self._batches(SampleBlock.KIND, SampleBlock.NAME):
            is_wanted = columns.fixed["stream_id"] == int(stream_id)
            for boot_id in np.unique(columns.fixed["boot_id"][is_wanted]):
                known = decoder.descriptor(int(boot_id), stream_id)
                rows = np.flatnonzero(is_wanted & (columns.fixed["boot_id"] == boot_id))
                if known is None or known.channels != descriptor.channels:
                    self.unreadable_frames += len(rows)
                    continue
                clock = clocks.setdefault(int(boot_id), BlockClock(known.rate_hz))
                yield from self._samples(frames, columns, rows, known, clock)

    def _samples(
        self,
        frames: bytes,
        columns: Columns,
        rows: NDArray[np.intp],
        descriptor: StreamDescriptor,
        clock: BlockClock,
    ) -> Iterator[SampleColumns]:
        bodies = [frames[columns.tail_starts[row] : columns.tail_stops[row]] for row in rows]
        rows, counts = self._decoded(columns.fixed, rows, bodies, descriptor)
        if not len(rows):
            return
        fixed, stamps = columns.fixed[rows], self._stamps(columns.fixed[rows])
        first, sizes = fixed["first_sample"].astype(np.int64), fixed["sample_count"].astype(np.int64)
        start_ms, period_ms = clock.place(first, sizes, fixed["ticks_ms"].astype(np.int64))
        block = np.repeat(np.arange(len(rows)), sizes)
        index = np.arange(len(block)) - (np.cumsum(sizes) - sizes)[block]
        since_read_ms = start_ms[block] + index * period_ms[block]
        is_known = stamps.utc_us[block] != UNKNOWN_UTC_US
        utc_us = stamps.utc_us[block] + (since_read_ms * 1000).astype(np.int64)
        yield SampleColumns(
            boot_id=int(fixed["boot_id"][0]),
            sample=(first[block] + index).astype(np.uint32),
            ticks_ms=fixed["ticks_ms"][block] + since_read_ms,
            utc_us=np.where(is_known, utc_us, UNKNOWN_UTC_US),
            uncertainty_ms=stamps.uncertainty_ms[block] + period_ms[block] / 2,
            counts=counts,
        )

    def _decoded(
        self,
        fixed: NDArray[np.void],
        rows: NDArray[np.intp],
        bodies: list[bytes],
        descriptor: StreamDescriptor,
    ) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """The rows whose blocks can be read, and their samples in turn."""
        sizes = fixed["sample_count"][rows].astype(np.int64)
        sample_bytes = len(descriptor.channels) * descriptor.channel_bytes
        lengths = np.array([len(body) for body in bodies])
        if (fixed["encoding"][rows] == Encoding.PLAIN).all() and (lengths == sizes * sample_bytes).all():
            return rows, decode_samples(Encoding.PLAIN, b"".join(bodies), int(sizes.sum()), descriptor)
        kept: list[int] = []
        parts = [np.empty((0, len(descriptor.channels)), np.int32)]
        for place, (row, body) in enumerate(zip(rows, bodies, strict=True)):
            try:
                parts.append(decode_samples(int(fixed["encoding"][row]), body, int(sizes[place]), descriptor))
            except FrameError:
                self.unreadable_frames += 1
            else:
                kept.append(place)
        return rows[kept], np.concatenate(parts)

    def _batches(self, kind: int, name: str) -> Iterator[tuple[bytes, Columns]]:
        for frames in self.store.frame_batches(self.band_id, kind):
            known = [frame for frame in frames if frame and is_known_version(frame[0])]
            self.unreadable_frames += len(frames) - len(known)
            yield from self._readable(name, known)

    def _readable(self, name: str, frames: list[bytes]) -> Iterator[tuple[bytes, Columns]]:
        lengths = np.array([len(frame) for frame in frames], np.int64)
        joined = b"".join(frames)
        try:
            columns = decode_many(name, joined, np.cumsum(lengths) - lengths, lengths)
        except FrameError:
            # One bad frame refuses its batch: by halves it is found and left out.
            if len(frames) == 1:
                self.unreadable_frames += 1
                return
            middle = len(frames) // 2
            yield from self._readable(name, frames[:middle])
            yield from self._readable(name, frames[middle:])
        else:
            yield joined, columns

    def _stamps(self, fixed: NDArray[np.void]) -> StampColumns:
        utc_us = np.full(len(fixed), UNKNOWN_UTC_US)
        uncertainty_ms = np.full(len(fixed), np.nan)
        for boot_id in np.unique(fixed["boot_id"]):
            rows = np.flatnonzero(fixed["boot_id"] == boot_id)
            placed = self.times.place_many(int(boot_id), fixed["ticks_ms"][rows].astype(np.int64))
            if placed is not None:
                utc_us[rows], uncertainty_ms[rows] = placed[0], placed[1] / 1000
        return StampColumns(fixed["boot_id"], fixed["sequence"], fixed["ticks_ms"], utc_us, uncertainty_ms)


def joined(batches: Iterable[VitalsColumns]) -> VitalsColumns:
    """Batches as one, which may be of no frames at all."""
    parts = list(batches)
    stamps = [part.stamps for part in parts]

    def one(pieces: Sequence[NDArray[Any]], kind: Any, width: int | None = None) -> NDArray[Any]:
        empty = np.empty(0 if width is None else (0, width), kind)
        return np.concatenate([empty, *pieces], dtype=kind)

    width = len(READINGS)
    return VitalsColumns(
        stamps=StampColumns(
            boot_id=one([each.boot_id for each in stamps], np.uint16),
            sequence=one([each.sequence for each in stamps], np.uint32),
            ticks_ms=one([each.ticks_ms for each in stamps], np.uint32),
            utc_us=one([each.utc_us for each in stamps], np.int64),
            uncertainty_ms=one([each.uncertainty_ms for each in stamps], np.float64),
        ),
        contact=one([part.contact for part in parts], np.uint8),
        is_sent=one([part.is_sent for part in parts], np.bool_, width),
        value=one([part.value for part in parts], np.float64, width),
        validity=one([part.validity for part in parts], np.uint8, width),
        quality=one([part.quality for part in parts], np.uint8, width),
        cause=one([part.cause for part in parts], np.uint8, width),
    )


def _vitals(columns: Columns, stamps: StampColumns) -> VitalsColumns:
    shape = (len(columns.fixed), len(READINGS))
    reading = _COLUMN_OF_READING[columns.items["reading_id"]]
    is_ours = reading >= 0
    where = columns.frame_of_item[is_ours], reading[is_ours]
    items = columns.items[is_ours]

    def table(name: str) -> Bytes:
        codes = np.zeros(shape, np.uint8)
        codes[where] = items[name]
        return codes

    is_sent = np.zeros(shape, np.bool_)
    is_sent[where] = True
    raw_value = np.full(shape, NO_VALUE, np.int64)
    raw_value[where] = items["raw_value"]
    numerator = np.array([spec.scale.numerator for spec in READINGS])
    denominator = np.array([spec.scale.denominator for spec in READINGS])
    value = np.where(raw_value == NO_VALUE, np.nan, raw_value * numerator / denominator)
    codes = {name: table(name) for name in ("validity", "quality", "cause")}
    return VitalsColumns(stamps, columns.fixed["contact"], is_sent, value, **codes)
