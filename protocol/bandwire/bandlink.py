"""The band's end of the link; see `bandwire.link` for what both ends share."""

from bandwire.errors import FrameError, LocalError
from bandwire.events import (
    BAD_BEFORE_HELLO,
    BAD_FRAME,
    DOWN_CARRIER_LOST,
    DOWN_PEER_RESTARTED,
    DOWN_SILENT,
    EVENT_DOWN,
    EVENT_FRAME,
)
from bandwire.frames import (
    CAPABILITY_SECURE_SESSION,
    FIRST_SESSION_KIND,
    HEADER_BYTES,
    HOST_RIGHT_OWNER,
    KIND_HANDSHAKE,
    KIND_HELLO,
    KIND_TIME_REPLY,
    KIND_TIME_REQUEST,
    MAX_FRAME_BYTES,
    REFUSAL_SECURE_ONLY,
    ROLE_BAND,
    ROLE_HOST,
    TIME_REPLY_BYTES,
    pack_header_into,
    pack_time_reply_into,
    unpack_time_request,
)
from bandwire.inbox import TICKS_MASK
from bandwire.link import STATE_CLOSED, STATE_REFUSED, Link
from bandwire.moving import copy_into

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.numbering import Numbering
    from bandwire.seams import Hello, LiveSource, Source
    from bandwire.secure.band_session import BandSession

HOST_SILENCE_LIMIT_MS = 30_000
"""A host that has said nothing for so long is gone; a choice of this design: three of its time exchanges."""
_NUMBER_AT = 2
_NUMBER_BYTES = 5
"""Boot id and sequence in the header, from its third byte."""
_NO_BAND_ID = bytes(8)


class BandLink(Link):
    """Answers a host: silent until its hello, then sends what is posted, live or backfilled.

    `live` holds the frames that wait to be sent (its drops go into the headers),
    `backfill` those that the host asked for again. Frames of up to `max_frame_bytes` are taken in, of up
    to `max_sent_frame_bytes` sent. A hello and a time request are answered here (the latter is given on
    too, for the host's clock in it); all else that the host sends comes as EVENT_FRAME, whose memory is
    valid until the next `receive_record`. `hellos_repeated` counts hellos that were only answered again.

    With a `session` it offers secure sessions, without `is_clear_allowed` no others: what tells bands apart
    comes sealed only then. After `accept_pairing`, `decline_pairing` and `end_session` events may wait.
    """

    def __init__(
        self,
        numbering: "Numbering",
        *,
        band_id: bytes,
        capabilities: int = 0,
        max_frame_bytes: int = 256,
        max_sent_frame_bytes: int = MAX_FRAME_BYTES,
        post_bytes: int = 256,
        live: "LiveSource | None" = None,
        backfill: "Source | None" = None,
        session: "BandSession | None" = None,
        is_clear_allowed: bool = True,
    ) -> None:
        Link.__init__(
            self,
            ROLE_BAND,
            ROLE_HOST,
            class_count=1,
            capabilities=capabilities,
            max_frame_bytes=max_frame_bytes,
            max_sent_frame_bytes=max_sent_frame_bytes,
            post_bytes=post_bytes,
            live=live,
            backfill=backfill,
            session=session,
        )
        self.hellos_repeated = 0
        self._secure = session
        self._is_clear_allowed = is_clear_allowed
        self._is_discreet = False
        self._answer = bytearray(0)
        self._band_id = band_id
        self._numbering = numbering
        self._live = live
        self._session_id = b""
        self._first_number = bytearray(_NUMBER_BYTES)
        self._time_reply = bytearray(TIME_REPLY_BYTES)
        self._time_reply[1] = KIND_TIME_REPLY

    @property
    def is_backfill_sent(self) -> bool:
        """Whether every frame that `backfill` offers is on its way, to the last fragment."""
        return self._outbox.backfill is None or self._outbox.backfill.is_idle

    @property
    def right(self) -> int:
        """What the host of this connection may do (`HOST_RIGHT_...`), 0 for none: all in a clear session."""
        if not self.is_up:
            return 0
        return self._secure.right if self._secure is not None and self._is_secure else HOST_RIGHT_OWNER

    @property
    def slot(self) -> int:
        """The slot of the host of this connection, -1 for none and in a clear session."""
        return self._secure.slot if self._secure is not None and self.is_up else -1

    def accept_pairing(self, now_ms: int) -> None:
        """The wearer held the button as `Wearer.ask_button` asked; without a question nothing happens."""
        if self._secure is not None:
            self._secure.accept(now_ms)
            self._follow(self._secure)

    def decline_pairing(self) -> None:
        """The wearer does not want the host whose code is shown, or which is asked about."""
        if self._secure is not None:
            self._secure.decline()
            self._follow(self._secure)

    def end_session(self, refusal: int) -> None:
        """End a secure session, or one that is being made, and tell its host why; else nothing happens."""
        if self._secure is not None and self._is_secure:
            self._secure.refuse(refusal)
            self._follow(self._secure)

    def post(self, frame: "bytes | bytearray | memoryview", length: int) -> bool:
        """Queue a session frame as urgent; numbered frames go through the ring, in their order."""
        if frame[1] < FIRST_SESSION_KIND:
            raise LocalError("a frame of kind 0x%02x is numbered: append it to the ring" % frame[1])
        return Link.post(self, frame, length)

    def hang_up(self) -> None:
        """The carrier is gone: nothing but a new session's hello is taken from now on."""
        self._close(DOWN_CARRIER_LOST)

    def receive_record(self, record: "bytes | bytearray | memoryview", now_ms: int) -> None:
        """Take in a record; LocalError while events wait, as their frames would be overwritten."""
        if len(self._events):
            raise LocalError("take every event before the next record: %d wait" % len(self._events))
        Link.receive_record(self, record, now_ms)

    def poll(self, now_ms: int) -> int:
        """Do what time demands; when to poll again (ms), -1 when only input can change anything."""
        deadline_ms = Link.poll(self, now_ms)
        if not self.is_up:
            return deadline_ms
        left_ms = HOST_SILENCE_LIMIT_MS - (now_ms - self._heard_ms & TICKS_MASK)
        if left_ms <= 0:
            self._close(DOWN_SILENT)
            return -1
        silent_ms = now_ms + left_ms
        return silent_ms if deadline_ms < 0 else min(deadline_ms, silent_ms)

    def stamp(self, buffer: "bytearray | memoryview", start: int, now_ms: int) -> None:
        """Write the header of the session frame at `start`, with the number that is sent next.

        What goes out clear on the way to a secure session tells none: numbers and ticks tell bands apart.
        """
        kind = buffer[start + 1]
        if self._is_discreet and (kind == KIND_HELLO or (kind == KIND_HANDSHAKE and self._outbox.is_clear)):
            pack_header_into(buffer, start, kind, 0, 0, 0, 0, 0)
            return
        numbering = self._numbering
        drops = 0 if self._live is None else self._live.drops & 0xFF
        pack_header_into(
            buffer,
            start,
            kind,
            numbering.boot_id,
            numbering.next_sequence,
            now_ms & 0xFFFF,
            now_ms >> 16 & 0xFFFF,
            drops,
        )
        if kind == KIND_HELLO:
            copy_into(buffer, start + _NUMBER_AT, self._first_number, 0, _NUMBER_BYTES)
        elif self._outbox.live is not None:
            self._outbox.live.next_number_into(buffer, start + _NUMBER_AT)

    def _take_hello(self, start: int, stop: int, hello: "Hello", now_ms: int) -> None:
        if hello[6] != self._session_id:
            self._begin_session(start, stop, hello, now_ms)
        elif self.state == STATE_CLOSED:
            # Let go for its silence: under the same session id record counters must not start over.
            self._events.bad(BAD_BEFORE_HELLO)
            return
        else:
            self.hellos_repeated += 1
            self._inbox.reader.rejoin()
        self._queue_hello(self._answer)

    def _begin_session(self, start: int, stop: int, hello: "Hello", now_ms: int) -> None:
        self._close(DOWN_PEER_RESTARTED)
        self._session_id = hello[6]
        self._note_first_number()
        session = self._secure
        is_secure = session is not None and hello[4] & CAPABILITY_SECURE_SESSION != 0
        self._is_discreet = is_secure or not self._is_clear_allowed
        band_id = _NO_BAND_ID if self._is_discreet else self._band_id
        if session is None or not is_secure:
            self._answer = self._hello(band_id, self._session_id)
        else:
            self._answer = self._hello(band_id, self._session_id, session.draw_challenge())
        if not self._agree(hello):
            return
        if session is not None and is_secure:
            session.identity = self._band_id + bytes(self._first_number)
            said = bytes(memoryview(self._inbox.buffer)[start + HEADER_BYTES : stop])
            self._begin_handshake(session, said, bytes(self._answer[HEADER_BYTES:]), now_ms)
        elif self._is_clear_allowed:
            self._rise()
        else:
            self._fall(REFUSAL_SECURE_ONLY)
            self.state = STATE_REFUSED

    def _close(self, reason: int) -> None:
        """End the connection: frames posted for it are gone, the rest waits for the next hello."""
        if self.is_up:
            self._events.put((EVENT_DOWN, reason))
        self.state = STATE_CLOSED
        if self._secure is not None:
            self._is_secure = False
            self._secure.end()
        self._inbox.close()
        self._outbox.restart()

    def _note_first_number(self) -> None:
        live = self._outbox.live
        if live is not None and live.next_number_into(self._first_number, 0):
            return
        numbering = self._numbering
        number = self._first_number
        number[0] = numbering.boot_id & 0xFF
        number[1] = numbering.boot_id >> 8
        number[2] = numbering.next_sequence & 0xFF
        number[3] = numbering.next_sequence >> 8 & 0xFF
        number[4] = numbering.next_sequence >> 16

    def _take_frame(self, kind: int, start: int, stop: int, now_ms: int) -> None:
        buffer = self._inbox.buffer
        if kind == KIND_TIME_REQUEST:
            try:
                request_id = unpack_time_request(buffer, start, stop - start)[0]
            except FrameError:
                self._events.bad(BAD_FRAME)
                return
            pack_time_reply_into(self._time_reply, 0, request_id, now_ms & TICKS_MASK)
            self.post(self._time_reply, TIME_REPLY_BYTES)
        self._events.put((EVENT_FRAME, memoryview(buffer)[start:stop], self._inbox.is_backfilled))
