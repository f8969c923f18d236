"""What a link tells its owner: `link.next_event()` gives one of these tuples, or None.

| first item         | the rest                                              | who gets it |
|--------------------|-------------------------------------------------------|-------------|
| EVENT_UP           | version: the protocol version spoken from now on      | both        |
| EVENT_DOWN         | reason: one of `DOWN_...`                             | both        |
| EVENT_FRAME        | frame, is_backfilled: a whole frame of a known kind   | both        |
| EVENT_REPLY        | request_id, result (`RESULT_...`), detail             | host        |
| EVENT_TIMEOUT      | request_id: no answer came in time                    | host        |
| EVENT_GAP          | boot_id, first_sequence, count: numbers that are missing | host     |
| EVENT_TIME         | sent_ms, received_ticks, sent_ticks, received_ms      | host        |
| EVENT_UNKNOWN_KIND | kind: a frame that was skipped                        | both        |
| EVENT_BAD          | reason: one of `BAD_...`; also counted                | both        |
| EVENT_PAIRING      | what a person is wanted for: one of `PAIRING_...`     | host        |

Host: `frame` is `bytes` of its own. Band: `frame` is a memoryview into memory of the link, valid
until the next `receive_record`; so the band takes every event after each record.
The four times of EVENT_TIME: host clock at sending, device ticks at arrival and at answering, host
clock at arrival of the answer, all in ms.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from bandwire.seams import Event

EVENT_UP: "Final" = 1
EVENT_DOWN: "Final" = 2
EVENT_FRAME: "Final" = 3
EVENT_REPLY: "Final" = 4
EVENT_TIMEOUT: "Final" = 5
EVENT_GAP: "Final" = 6
EVENT_TIME: "Final" = 7
EVENT_UNKNOWN_KIND: "Final" = 8
EVENT_BAD: "Final" = 9
EVENT_PAIRING: "Final" = 10

PAIRING_CODE_WANTED: "Final" = 1
"""The band shows a code: `HostLink.type_code` is to be told."""
PAIRING_BUTTON_WANTED: "Final" = 2
"""The code was right: the wearer is to hold the band's button."""

DOWN_INCOMPATIBLE: "Final" = 1
"""The two sides have no protocol version in common; asking again is no use."""
DOWN_PEER_RESTARTED: "Final" = 2
"""The other side began a new connection; EVENT_UP follows when the versions allow."""
DOWN_RESTARTED: "Final" = 3
"""`restart` was called on this side."""
DOWN_SILENT: "Final" = 4
"""The host has said nothing for too long (`bandlink.HOST_SILENCE_LIMIT_MS`)."""
DOWN_CARRIER_LOST: "Final" = 5
"""The carrier that it stood on is used no more."""
DOWN_REFUSED: "Final" = 6
"""One side refused a session, or ended it, up or not: `link.refusal` says why (`REFUSAL_...`)."""

BAD_RECORD: "Final" = 0
"""Not a record: too short, a content that does not fit, an unknown type."""
BAD_SEAL: "Final" = 1
"""A sealed record whose tag is wrong, or one sealed or clear against the agreement."""
BAD_REPLAY: "Final" = 2
"""A record number that was there before, or is older than the newest."""
BAD_REASSEMBLY: "Final" = 3
"""A fragment without its beginning, of a frame too long, or given up as stale."""
BAD_FRAME: "Final" = 4
"""A frame too short for its kind, a hello that is not in a hello's record, a step of no handshake."""
BAD_VERSION: "Final" = 5
"""A frame of a higher protocol version than the one agreed on: skipped."""
BAD_BEFORE_HELLO: "Final" = 6
"""Anything but a hello, or a handshake, before the connection stands, or a hello that is not for us."""
BAD_REASONS: "Final" = 7
"""Number of reasons; `link.bad_counts` is indexed by them."""


class EventQueue:
    """Events that wait to be taken, and the count of each kind of bad input."""

    def __init__(self) -> None:
        self.bad_counts = [0] * BAD_REASONS
        self._events: "list[Event]" = []

    def put(self, event: "Event") -> None:
        """Add an event."""
        self._events.append(event)

    def bad(self, reason: int) -> None:
        """Count bad input and say so."""
        self.bad_counts[reason] += 1
        self._events.append((EVENT_BAD, reason))

    def take(self) -> "Event | None":
        """The oldest event, or None."""
        return self._events.pop(0) if self._events else None

    def __len__(self) -> int:
        return len(self._events)
