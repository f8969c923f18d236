"""What the frames of a store hold: whether they can be read, and whether samples follow each other."""

from dataclasses import dataclass, replace

import numpy as np

from bandschema.codec import decode
from bandschema.records import StreamDescriptor, Vitals, VitalsRun
from bandwire.errors import FrameError
from vitalband.bulk.damage import DamageReport
from vitalband.bulk.frames import UNKNOWN_KIND, UNKNOWN_VERSION, FrameBatch, Integers, decode_frames
from vitalband.bulk.samples import BlockColumns, block_columns, decode_counts
from vitalband.bulk.vitals import VITALS_DECODERS, VitalsRows
from vitalband.decode import Decoder
from vitalband.store.check.consent import groups_of
from vitalband.store.check.report import CheckReport, Finding, FindingKind
from vitalband.store.rows import FrameRow
from vitalband.streams import NUMBER_MODULUS, SampleNumbers

_LATER = (UNKNOWN_KIND, UNKNOWN_VERSION)


@dataclass(slots=True)
class _Stream:
    """How far the samples of one stream of a boot have come."""

    numbers: SampleNumbers
    next_sample: int | None = None
    last_sequence: int = 0


class Contents:
    """The frames of one band, a batch of one boot at a time; descriptors first, as blocks may come before."""

    def __init__(self, report: CheckReport, band_id: bytes) -> None:
        self._report = report
        self._band_id = band_id
        self._decoder = Decoder()
        self._streams: dict[int, _Stream] = {}
        self._starts: dict[int, list[int]] = {}

    def add_descriptor(self, row: FrameRow) -> None:
        """Take in a frame of kind `stream_descriptor`; one that cannot be read is told with its batch."""
        try:
            self._decoder.decode(row.frame)
        except FrameError as error:
            cause = f"{StreamDescriptor.NAME} cannot be read"
            place = self._band_id, row.boot_id, row.sequence
            self._report.add(Finding(FindingKind.FRAME, f"{cause}: {error}", *place), cause=cause)

    def begin_boot(self) -> None:
        """Samples are numbered anew."""
        self._streams.clear()
        self._starts.clear()

    def take(self, rows: list[FrameRow]) -> Integers:
        """Look at frames of one boot, in their order; gives the groups of which each holds data."""
        batch = FrameBatch.of_rows([(row.boot_id, row.sequence, row.frame) for row in rows])
        damage = DamageReport()
        by_kind = decode_frames(batch, damage)
        self._note_starts(rows)
        vitals: list[VitalsRows] = []
        for kind in (Vitals.KIND, VitalsRun.KIND):
            if kind in by_kind:
                found = VITALS_DECODERS[kind](batch.taken(by_kind[kind].rows), damage)
                vitals.append(replace(found, rows=by_kind[kind].rows[found.rows]))
        # Damage of their frames as such has been told above.
        blocks = block_columns(np.array([row.kind for row in rows], np.int64), batch, DamageReport())
        for stream_id in np.unique(blocks.stream_id).tolist():
            some = blocks.taken(np.flatnonzero(blocks.stream_id == stream_id))
            self._take_blocks(stream_id, batch, some, damage)
        for cause, count in damage.counts.items():
            self._report.counts[_kind_of(cause), cause] += count
        for place in damage.first:
            kind = _kind_of(place.cause)
            self._report.note_place(Finding(kind, place.cause, self._band_id, place.boot_id, place.sequence))
        return groups_of(len(rows), vitals, blocks)

    def _note_starts(self, rows: list[FrameRow]) -> None:
        """Numbers of the descriptors of each stream, which each start makes, and the last one before."""
        for stream_id, starts in self._starts.items():
            self._starts[stream_id] = starts[-1:]
        for row in rows:
            if row.kind == StreamDescriptor.KIND:
                try:
                    _, record = decode(row.frame)
                except FrameError:
                    continue  # told with its batch
                if isinstance(record, StreamDescriptor):
                    self._starts.setdefault(int(record.stream_id), []).append(row.sequence)

    def _take_blocks(
        self, stream_id: int, batch: FrameBatch, blocks: BlockColumns, damage: DamageReport
    ) -> None:
        boot_id = int(blocks.boot_id[0])
        descriptor = self._decoder.descriptor(boot_id, stream_id)
        if descriptor is None:
            cause = f"the samples of stream {stream_id} cannot be read without its descriptor"
            sequence = int(batch.sequences[blocks.rows[0]])
            finding = Finding(FindingKind.DESCRIPTOR, cause, self._band_id, boot_id, sequence)
            self._report.add(finding, len(blocks.rows))
            return
        read, _ = decode_counts(batch, blocks, descriptor, damage)
        if len(read):
            stream = self._streams.setdefault(stream_id, _Stream(SampleNumbers(descriptor.rate_hz)))
            self._follow(stream_id, stream, batch, blocks.taken(read))

    def _follow(self, stream_id: int, stream: _Stream, batch: FrameBatch, blocks: BlockColumns) -> None:
        numbers = stream.numbers.whole(blocks.first_sample, blocks.is_compressed, blocks.ticks_ms)
        for row, first, steps in zip(
            blocks.rows.tolist(), numbers.tolist(), blocks.steps.tolist(), strict=True
        ):
            wanted = first if stream.next_sample is None else stream.next_sample
            ahead = (first - wanted + NUMBER_MODULUS // 2) % NUMBER_MODULUS - NUMBER_MODULUS // 2
            sequence = int(batch.sequences[row])
            place = self._band_id, int(batch.boot_ids[row]), sequence
            starts = self._starts.get(stream_id, [])
            if ahead > 0 and any(stream.last_sequence < start < sequence for start in starts):
                cause = f"stream {stream_id} was started again: none wanted its samples before"
                self._report.add(Finding(FindingKind.SAMPLE_GAP, cause, *place))
            elif ahead > 0:
                self._report.missing_samples += ahead
                self._report.add(
                    Finding(FindingKind.SAMPLE_GAP, f"samples of stream {stream_id} missing", *place)
                )
            elif ahead < 0:
                cause = f"samples of stream {stream_id} that another frame has"
                self._report.add(Finding(FindingKind.SAMPLES_TWICE, cause, *place))
            if ahead + steps > 0:
                stream.next_sample = (first + steps) % NUMBER_MODULUS
            stream.last_sequence = sequence


def _kind_of(cause: str) -> FindingKind:
    return FindingKind.LATER_VERSION if cause in _LATER else FindingKind.FRAME
