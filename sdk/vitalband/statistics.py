"""What a session counts: everything that came, and every loss."""

from dataclasses import dataclass

from vitalband.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatistics:
    """Counts since the band was opened.

    Numbered frames: `received_frames` came in turn, `repaired_frames` came when asked for again,
    `missing_frames` did not come; `dropped_on_band` of them the band gave up itself. `bad_packets` failed
    the carrier's check, `bad_records` the link's; `unknown_kinds` are frames of a later version,
    `undecodable_frames` frames that do not hold what they should, `unknown_readings` readings of a later
    version. `dropped_items` were not taken by an iterator in time; `store_lost` frames could not be
    written, `store_waiting` are in memory only.
    """

    received_frames: int
    repaired_frames: int
    missing_frames: int
    duplicate_frames: int
    dropped_on_band: int
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
    backfill_requests: int
    backfill_failed: int
    store_written: int
    store_waiting: int
    store_lost: int


def statistics_of(session: Session) -> LinkStatistics:
    """The counts of a session as they are now."""
    link, ledger, recorder = session.link, session.link.ledger, session.recorder
    decoding = session.dispatch.decoder.counters
    return LinkStatistics(
        received_frames=ledger.received,
        repaired_frames=ledger.repaired,
        missing_frames=ledger.missing,
        duplicate_frames=ledger.duplicates,
        dropped_on_band=ledger.dropped_on_band,
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
        backfill_requests=session.upkeep.backfill.requests,
        backfill_failed=session.upkeep.backfill.failed,
        store_written=0 if recorder is None else recorder.counters.written,
        store_waiting=0 if recorder is None else recorder.waiting_frames,
        store_lost=0 if recorder is None else recorder.counters.lost,
    )
