"""The link between a band and a host, sans-I/O: records in, events out; time is an argument.

    band: `link = BandLink(numbering, ...)`     (bandwire.bandlink)
    host: `link = HostLink(session_id, ...)`    (bandwire.hostlink)

Both share what follows; `bandwire.events` lists what `next_event` gives. A byte stream puts
`bandwire.serial.SerialCarrier` around a link; `bandwire.gatt` tells of BLE.

    link.post(frame, length) -> bool        queue a frame (urgent); False when the queue is full
    link.next_record_into(buffer, max_bytes, now_ms) -> int
                                            the carrier can send: length of the record, 0 = nothing
    link.receive_record(record, now_ms)     a record came in (bytes-like; any bytes are safe)
    link.next_event() -> tuple | None       take events until None after each record and each poll
    link.poll(now_ms) -> int                time-outs; when to poll next (ms), -1 = when something comes
    link.is_up, link.version, link.peer_max_frame_bytes, link.peer_capabilities, link.peer_band_id
    link.bad_counts[BAD_...], link.unknown_kinds, link.lost_records, link.unsendable_frames

The link writes the header of every posted frame when it goes out (kind is taken from byte 1, so
`frame[1] = KIND_...` or `pack_header_into` with zeros will do): boot, number and ticks are those of
the moment of sending. Frames from `live` and `backfill` go out byte for byte.

`live` and `backfill` are anything with `peek() -> length or 0`, `buffer`, `start` and `advance()`: the link
takes a frame from them only when it is about to send it.
Urgent (posted) frames go before live before backfilled ones, also between the fragments of a longer
one; several small frames of one class share a record.

A connection:

| state   | band                                 | host                                            |
|---------|--------------------------------------|-------------------------------------------------|
| closed  | silent; takes nothing but a hello    | sends its hello, again every second             |
| handshake | answered a hello that wants a secure session | got the answer of a band that offers one |
| up      | answered a hello, common version; the handshake is done, if there is one | the same     |
| refused | answered a hello, no common version, or wanted a secure one | cannot go on; asks no more |

A hello with another session id begins a new connection (EVENT_DOWN, EVENT_UP); the same hello again
is only answered again, with the number at which the connection began, so that nothing sent meanwhile
goes unaccounted. A serial line does not tell that its host has gone: a host says something every 10 s
or so (a time request will do), and a band that has heard nothing for 30 s closes (EVENT_DOWN); the host
comes back with another session id. `now_ms` is the caller's clock in ms and must not run backwards. On
the band it is the device ticks, extended to 32 bits.

A link that is given a `session` (`bandwire.secure`) exchanges handshake frames after the hellos, and seals
every record from then on. Whatever ends that ends the connection: EVENT_DOWN with DOWN_REFUSED, and `refusal`
says why. While a band computes, `poll` wants to be called at once again.
"""

from bandwire.errors import FrameError, LocalError
from bandwire.events import (
    BAD_BEFORE_HELLO,
    BAD_FRAME,
    BAD_SEAL,
    BAD_VERSION,
    DOWN_INCOMPATIBLE,
    DOWN_REFUSED,
    EVENT_DOWN,
    EVENT_PAIRING,
    EVENT_UNKNOWN_KIND,
    EVENT_UP,
    EventQueue,
)
from bandwire.frames import (
    CAPABILITY_SECURE_SESSION,
    HANDSHAKE_BYTES,
    HEADER_BYTES,
    HELLO_BYTES,
    KIND_HANDSHAKE,
    KIND_HELLO,
    KINDS,
    ROLE_BAND,
    ROLE_HOST,
    VERSION,
    pack_handshake_into,
    pack_hello_into,
    unpack_handshake,
    unpack_hello,
)
from bandwire.inbox import Inbox
from bandwire.outbox import Outbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Event, Hello, Source
    from bandwire.secure.secure_session import SecureSession

OLDEST_VERSION = 1
"""Lowest protocol version that a host speaks; the highest is `frames.VERSION`. A band speaks that one only:
what lies in its ring was numbered and written before it knew its host."""
STATE_CLOSED = 0
STATE_UP = 1
STATE_REFUSED = 2
STATE_HANDSHAKE = 3
_NO_CHALLENGE = bytes(8)


def common_version(oldest: int, minimum: int, maximum: int) -> int:
    """Highest version that `oldest` to `VERSION` share with a peer of these bounds; 0 for none."""
    version = min(VERSION, maximum)
    return version if version >= max(oldest, minimum) else 0


class Link:
    """What both ends share; used through `BandLink` and `HostLink`.

    `role` and `peer_role` are `ROLE_...`; `class_count` classes are received, from urgent on.
    """

    def __init__(
        self,
        role: int,
        peer_role: int,
        *,
        class_count: int,
        capabilities: int,
        max_frame_bytes: int,
        max_sent_frame_bytes: int,
        post_bytes: int,
        live: "Source | None",
        backfill: "Source | None",
        session: "SecureSession | None",
    ) -> None:
        self.state = STATE_CLOSED
        self.version = VERSION
        self.refusal = 0
        self.unknown_kinds = 0
        self.peer_band_id = bytes(8)
        self.peer_capabilities = 0
        self.peer_max_frame_bytes = 0
        self._role = role
        self._peer_role = peer_role
        self._oldest_version = OLDEST_VERSION if role == ROLE_HOST else VERSION
        self._capabilities = capabilities | (0 if session is None else CAPABILITY_SECURE_SESSION)
        self._max_frame_bytes = max_frame_bytes
        self._session = session
        self._is_secure = False
        self._events = EventQueue()
        self._inbox = Inbox(peer_role, class_count, max_frame_bytes, session is not None, self._events)
        self._outbox = Outbox(
            role, self, post_bytes, max_sent_frame_bytes, live, backfill, session is not None
        )
        self._refused_posts = 0
        self._heard_ms = 0

    @property
    def is_up(self) -> bool:
        """Whether the connection stands."""
        return self.state == STATE_UP

    @property
    def bad_counts(self) -> "list[int]":
        """How much bad input there was, by `BAD_...`."""
        return self._events.bad_counts

    @property
    def lost_records(self) -> int:
        """Records of the other side that never came."""
        return self._inbox.reader.lost_records

    @property
    def unsendable_frames(self) -> int:
        """Frames not sent: longer than the other side takes in, or posted to a full queue."""
        return self._outbox.unsendable_frames + self._refused_posts

    def post(self, frame: "bytes | bytearray | memoryview", length: int) -> bool:
        """Queue the first `length` bytes of `frame` as urgent; False, and counted, when there is no room."""
        if length < HEADER_BYTES:
            raise LocalError("a frame has at least %d bytes, got %d" % (HEADER_BYTES, length))
        is_queued = self._outbox.queue.push(frame, length)
        if not is_queued:
            self._refused_posts += 1
        return is_queued

    def next_record_into(self, record: bytearray, max_bytes: int, now_ms: int) -> int:
        """Write what is to be sent next, at most `max_bytes` (19 or more); its length, 0 for nothing."""
        if self._session is not None and self._outbox.handshake.is_idle:
            self._queue_message(self._session)
        return self._outbox.next_record_into(record, max_bytes, now_ms, self.state == STATE_UP)

    def receive_record(self, record: "bytes | bytearray | memoryview", now_ms: int) -> None:
        """Take in a record; any bytes are safe."""
        reason = self._inbox.take(record, now_ms)
        if self._session is not None and self._inbox.reader.seal is not None:
            self._note_sealed(self._session, reason)
        while self._inbox.next_frame():
            self._heard_ms = now_ms
            self._sort_frame(now_ms)

    def next_event(self) -> "Event | None":
        """The next event (`bandwire.events`), or None."""
        return self._events.take()

    def poll(self, now_ms: int) -> int:
        """Do what time demands; when to poll again (ms), -1 when only input can change anything."""
        deadline_ms = self._inbox.expire(now_ms)
        if self._session is None or not self._is_secure:
            return deadline_ms
        session_ms = self._session.poll(now_ms)
        self._follow(self._session)
        if deadline_ms < 0 or session_ms < 0:
            return max(deadline_ms, session_ms)
        return min(deadline_ms, session_ms)

    if TYPE_CHECKING:

        def stamp(self, buffer: "bytearray | memoryview", start: int, now_ms: int) -> None:
            """Write the header of the frame at `start`, which goes out now."""

        def _take_hello(self, start: int, stop: int, hello: "Hello", now_ms: int) -> None: ...

        def _take_frame(self, kind: int, start: int, stop: int, now_ms: int) -> None: ...

    def _is_news(self, kind: int, start: int) -> bool:
        """Account for a frame; False for one that was there before."""
        return True

    def _sort_frame(self, now_ms: int) -> None:
        inbox = self._inbox
        buffer = inbox.buffer
        start = inbox.start
        if inbox.stop - start < HEADER_BYTES:
            self._events.bad(BAD_FRAME)
            return
        kind = buffer[start + 1]
        if inbox.is_hello:
            self._sort_hello(kind, start, inbox.stop, now_ms)
        elif kind == KIND_HELLO:
            self._events.bad(BAD_FRAME)
        elif kind == KIND_HANDSHAKE:
            self._sort_handshake(start, inbox.stop, now_ms)
        elif self.state != STATE_UP:
            self._events.bad(BAD_BEFORE_HELLO)
        elif not self._is_news(kind, start):
            return
        elif not 0 < buffer[start] <= self.version:
            self._events.bad(BAD_VERSION)
        elif kind not in KINDS:
            self.unknown_kinds += 1
            self._events.put((EVENT_UNKNOWN_KIND, kind))
        else:
            self._take_frame(kind, start, inbox.stop, now_ms)

    def _sort_hello(self, kind: int, start: int, stop: int, now_ms: int) -> None:
        if kind != KIND_HELLO:
            self._events.bad(BAD_BEFORE_HELLO)
            return
        try:
            hello = unpack_hello(self._inbox.buffer, start, stop - start)
        except FrameError:
            self._events.bad(BAD_FRAME)
            return
        if hello[0] == self._peer_role:
            self._take_hello(start, stop, hello, now_ms)
        else:
            self._events.bad(BAD_FRAME)

    def _sort_handshake(self, start: int, stop: int, now_ms: int) -> None:
        buffer = self._inbox.buffer
        session = self._session
        if session is None or not self._is_secure or stop - start < HANDSHAKE_BYTES:
            self._events.bad(BAD_FRAME)
        elif not 0 < buffer[start] <= self.version:
            self._events.bad(BAD_VERSION)
        else:
            step = unpack_handshake(buffer, start, stop - start)[0]
            session.take(step, bytes(memoryview(buffer)[start + HANDSHAKE_BYTES : stop]), now_ms)
            self._follow(session)

    def _note_sealed(self, session: "SecureSession", reason: int) -> None:
        """Tell how a record fared under the seal: one of a hello has none, a replay is no forgery."""
        is_good = reason < 0
        if reason == BAD_SEAL or (is_good and not self._inbox.is_hello):
            session.note_record(is_good)
            self._follow(session)

    def _begin_handshake(
        self, session: "SecureSession", host_hello: bytes, band_hello: bytes, now_ms: int
    ) -> None:
        self.state = STATE_HANDSHAKE
        self._is_secure = True
        session.begin(self.version, host_hello, band_hello, now_ms)
        self._follow(session)

    def _follow(self, session: "SecureSession") -> None:
        """Do what has come of a session."""
        if not self._is_secure:
            return
        while session.notices:
            self._events.put((EVENT_PAIRING, session.notices.pop(0)))
        if session.refusal:
            self._fall(session.refusal)
            return
        self._inbox.use_seal(session.seal)
        self._outbox.writer.seal = session.seal
        if session.is_live and self.state == STATE_HANDSHAKE:
            self._rise()

    def _rise(self) -> None:
        self.state = STATE_UP
        self._events.put((EVENT_UP, self.version))

    def _fall(self, refusal: int) -> None:
        """There is no session: nothing is taken; what is still to be said keeps its seal until it is sent."""
        self.refusal = refusal
        self._is_secure = False
        self.state = STATE_CLOSED if self._role == ROLE_BAND else STATE_REFUSED
        self._inbox.close()
        self._events.put((EVENT_DOWN, DOWN_REFUSED))

    def _queue_message(self, session: "SecureSession") -> None:
        """Have the next frame of a handshake sent; after the last of a session the seal is gone."""
        outbox = self._outbox
        if session.messages:
            step, message, outbox.is_clear = session.messages.pop(0)
            frame = bytearray(HANDSHAKE_BYTES) + message
            frame[1] = KIND_HANDSHAKE
            pack_handshake_into(frame, 0, step)
            outbox.handshake_queue.push(frame, len(frame))
        elif not self._is_secure:
            outbox.writer.seal = None

    def _hello(self, band_id: bytes, session_id: bytes, challenge: bytes = _NO_CHALLENGE) -> bytearray:
        frame = bytearray(HELLO_BYTES)
        frame[1] = KIND_HELLO
        pack_hello_into(
            frame,
            0,
            self._role,
            self._oldest_version,
            VERSION,
            self._max_frame_bytes,
            self._capabilities,
            band_id,
            session_id,
            challenge,
        )
        return frame

    def _queue_hello(self, frame: bytearray) -> None:
        if self._outbox.hello.is_idle:
            self._outbox.hello_queue.push(frame, HELLO_BYTES)

    def _agree(self, hello: "Hello") -> bool:
        """Take what the other side says of itself; whether there is a common version."""
        version = common_version(self._oldest_version, hello[1], hello[2])
        self.peer_max_frame_bytes = hello[3]
        self.peer_capabilities = hello[4]
        self.peer_band_id = hello[5]
        self._outbox.agree(hello[3], version)
        if version == 0:
            self.state = STATE_REFUSED
            self._events.put((EVENT_DOWN, DOWN_INCOMPATIBLE))
            return False
        self.version = version
        self.refusal = 0
        self._inbox.restart()
        return True
