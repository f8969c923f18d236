"""What a session counts: everything that came, and every loss."""

from dataclasses import dataclass

from bandschema.enums import StreamId
from bandschema.frames import BY_KIND
from bandwire.frames import KIND_COMPRESSED_BLOCK
from vitalband.bulk.vitals import VITALS_DECODERS
from vitalband.session import Session


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """Frames of one stream: came in turn, came when asked for again, came once more.

    `name` is `vitals`, that of a stream of samples, or that of a frame. Of a number that did not come
    nobody can say what it was of.
    """

    name: str
    received_frames: int
    repaired_frames: int
    duplicate_frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatistics:
    """Counts since the band was opened.

    Numbered frames: `received_frames` came in turn, or lie in the store from before; `repaired_frames`
    came when asked for again; `dropped_on_band` the band has no more; `missing_frames` did not come
    yet. Together they are `assigned_frames`, all that the band is known to have numbered.
    `good_packets` passed the carrier's check (0 where the carrier checks by itself), `bad_packets`
    failed it, `bad_records` the link's; `unknown_kinds` are frames of a later version,
    `undecodable_frames` frames that do not hold what they should, `unknown_readings` readings of a
    later version. `dropped_items` were not taken by an iterator in time; `store_lost` frames could not
    be written, `store_waiting` are in memory only. Of `held_frames` it is not known yet whether the wearer
    had agreed to them; `refused_frames` were not taken, as nothing proves that (`vitalband.consent_gate`).
    `impossible_changes` of the connection's state are faults of the SDK (`vitalband.connection`).
    `streams` tells frames by what they are of.
    """

    assigned_frames: int
    received_frames: int
    repaired_frames: int
    missing_frames: int
    duplicate_frames: int
    dropped_on_band: int
    good_packets: int
    bad_packets: int
    bad_records: int
    lost_records: int
    unknown_kinds: int
    undecodable_frames: int
    unknown_readings: int
    blocks_without_descriptor: int
    dropped_items: int
    received_bytes: int
    sent_bytes: int
    connections: int
    impossible_changes: int
    backfill_requests: int
    backfill_failed: int
    store_written: int
    store_waiting: int
    store_lost: int
    held_frames: int
    refused_frames: int
    streams: tuple[StreamStatistics, ...]


def statistics_of(session: Session) -> LinkStatistics:
    """The counts of a session as they are now."""
    link, ledger, recorder = session.link, session.link.ledger, session.recorder
    decoding = session.dispatch.decoder.counters
    return LinkStatistics(
        assigned_frames=ledger.assigned,
        received_frames=ledger.received,
        repaired_frames=ledger.repaired,
        missing_frames=ledger.missing,
        duplicate_frames=ledger.duplicates,
        dropped_on_band=ledger.dropped_on_band,
        good_packets=session.carrier.good_packets,
        bad_packets=session.carrier.bad_packets,
        bad_records=sum(link.bad_counts),
        lost_records=link.lost_records,
        unknown_kinds=link.unknown_kinds,
        undecodable_frames=session.dispatch.undecodable_frames,
        unknown_readings=decoding.unknown_readings,
        blocks_without_descriptor=decoding.blocks_without_descriptor,
        dropped_items=session.dispatch.dropped_items(),
        received_bytes=session.carrier.counters.received_bytes,
        sent_bytes=session.carrier.counters.sent_bytes,
        connections=session.connections,
        impossible_changes=session.connection.impossible_changes,
        backfill_requests=session.upkeep.repair.counters.requests,
        backfill_failed=session.upkeep.repair.counters.failed,
        store_written=0 if recorder is None else recorder.counters.written,
        store_waiting=0 if recorder is None else recorder.waiting_frames,
        store_lost=0 if recorder is None else recorder.counters.lost,
        held_frames=session.dispatch.gate.held_frames,
        refused_frames=session.dispatch.gate.refused_frames,
        streams=_streams(link.counts_of),
    )


def _streams(counts_of: dict[int, list[int]]) -> tuple[StreamStatistics, ...]:
    by_name: dict[str, list[int]] = {}
    for key, counts in counts_of.items():
        sums = by_name.setdefault(_name_of(key & 0xFF, key >> 8), [0, 0, 0])
        sums[:] = [one + other for one, other in zip(sums, counts, strict=True)]
    return tuple(StreamStatistics(name, *by_name[name]) for name in sorted(by_name))


def _name_of(kind: int, stream_id: int) -> str:
    if kind in VITALS_DECODERS:
        return "vitals"
    if kind == KIND_COMPRESSED_BLOCK:
        is_known = stream_id in StreamId.__members__.values()
        return StreamId(stream_id).name.lower() if is_known else f"stream_{stream_id}"
    return BY_KIND[kind].name if kind in BY_KIND else f"kind_{kind}"
