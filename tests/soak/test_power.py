"""What a band keeps after a cut of its power is held against all that it has made, and each lie is found."""

import pytest

from bandschema.codec import encode
from bandschema.enums import EventKind, JournalClass, LossCause
from bandschema.records import Event, Header, JournalLoss, Record
from soak.power import account

BOOT = 3


def frame(sequence: int, record: Record) -> tuple[tuple[int, int], bytes]:
    header = Header(kind=record.KIND, boot_id=BOOT, sequence=sequence, ticks_ms=1000 * sequence)
    return (BOOT, sequence), bytes(encode(header, record))


def loss(sequence: int, first: int, last: int, count: int) -> tuple[tuple[int, int], bytes]:
    return frame(
        sequence,
        JournalLoss(
            lost_boot_id=BOOT,
            first_sequence=first,
            last_sequence=last,
            frame_count=count,
            lost_class=JournalClass.EVENTS,
            loss_cause=LossCause.FULL,
        ),
    )


EVENTS = dict(frame(n, Event(event=EventKind.STARTED, part=0, detail=n)) for n in range(8))
KEPT = {key: data for key, data in EVENTS.items() if key[1] > 2}
TOLD = dict([loss(8, 0, 2, 3)])


def test_what_is_kept_or_told_lost_once_is_right():
    assert account(EVENTS | TOLD, KEPT | TOLD, set()) == []


def test_what_a_host_has_confirmed_may_be_told_lost_or_not():
    confirmed = {(BOOT, 0), (BOOT, 1), (BOOT, 2)}
    assert account(EVENTS | TOLD, KEPT | TOLD, confirmed) == []
    assert account(EVENTS, KEPT, confirmed) == []


@pytest.mark.parametrize(
    ("made", "fetched", "what"),
    [
        (EVENTS, KEPT, "3 to 3 lost, 0 told"),
        (EVENTS | TOLD | dict([loss(9, 0, 2, 3)]), KEPT | TOLD | dict([loss(9, 0, 2, 3)]), "6 told"),
        (EVENTS | TOLD, EVENTS | TOLD, "tells of frames that are kept"),
        (EVENTS | dict([loss(8, 0, 3, 4)]), KEPT | dict([loss(8, 0, 3, 4)]), "tells of frames that are kept"),
        (KEPT, EVENTS, "is invented"),
        (EVENTS, EVENTS | {(BOOT, 5): EVENTS[BOOT, 4]}, "is invented"),
    ],
    ids=["not told", "told twice", "told but kept", "told too much", "invented", "other bytes"],
)
def test_every_lie_is_found(made, fetched, what):
    assert any(what in wrong for wrong in account(made, fetched, set()))
