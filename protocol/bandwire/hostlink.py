"""The host's end of the link; see `bandwire.link` for what both ends share."""

from bandwire.accounting import Ledger
from bandwire.errors import FrameError, LocalError
from bandwire.events import (
    BAD_BEFORE_HELLO,
    BAD_FRAME,
    DOWN_RESTARTED,
    EVENT_DOWN,
    EVENT_FRAME,
    EVENT_GAP,
    EVENT_REPLY,
    EVENT_TIME,
    EVENT_TIMEOUT,
)
from bandwire.frames import (
    BACKFILL_REQUEST_BYTES,
    BACKFILL_STATE_SENDING,
    CAPABILITY_SECURE_SESSION,
    COMMAND_BYTES,
    COMMAND_CODE_START_STREAM,
    COMMAND_CODE_STOP_STREAM,
    FIRST_SESSION_KIND,
    HEADER_BYTES,
    KIND_BACKFILL_RANGE,
    KIND_BACKFILL_REQUEST,
    KIND_COMMAND,
    KIND_COMPRESSED_BLOCK,
    KIND_HANDSHAKE,
    KIND_HELLO,
    KIND_REPLY,
    KIND_STORE_CONFIRM,
    KIND_TIME_REPLY,
    KIND_TIME_REQUEST,
    MAX_FRAME_BYTES,
    REFUSAL_CLEAR_ONLY,
    REFUSAL_DECLINED,
    REFUSAL_SECURE_ONLY,
    ROLE_BAND,
    ROLE_HOST,
    STORE_CONFIRM_BYTES,
    TIME_REQUEST_BYTES,
    pack_backfill_request_into,
    pack_command_into,
    pack_header_into,
    pack_store_confirm_into,
    pack_time_request_into,
    unpack_backfill_range,
    unpack_header,
    unpack_reply,
    unpack_time_reply,
)
from bandwire.link import STATE_CLOSED, STATE_HANDSHAKE, Link
from bandwire.record import CLASS_COUNT
from bandwire.requests import Requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Hello
    from bandwire.secure.host_session import HostSession

HELLO_INTERVAL_MS = 1000
"""How often an unanswered hello is sent again; a choice of this design."""
_NO_BAND_ID = bytes(8)


class HostLink(Link):
    """Asks a band: says hello until answered, then takes its frames and keeps account of them.

    `session_id` (8 bytes) is fresh for each connection. `ledger` accounts for sequence numbers,
    `requests` for answers; `hellos_repeated` counts answers to a hello that was answered before.
    `peer_boot_id` and `peer_next_sequence` are those that the band's newest session frame named;
    `backfilled_frames` counts frames that were sent again, `counts_of` by `stream_key` those that came in
    turn, came later, and were there before. A frame that was there before is not given on.

    With a `session` it goes up with a secure one only; `peer_band_id` is known then.
    """

    def __init__(
        self,
        session_id: bytes,
        *,
        capabilities: int = 0,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        post_bytes: int = 2048,
        session: "HostSession | None" = None,
    ) -> None:
        Link.__init__(
            self,
            ROLE_HOST,
            ROLE_BAND,
            class_count=CLASS_COUNT,
            capabilities=capabilities,
            max_frame_bytes=max_frame_bytes,
            max_sent_frame_bytes=MAX_FRAME_BYTES,
            post_bytes=post_bytes,
            live=None,
            backfill=None,
            session=session,
        )
        self._secure = session
        self._wanted = session
        self.ledger = Ledger()
        self.requests = Requests()
        self.hellos_repeated = 0
        self.peer_boot_id = 0
        self.peer_next_sequence = 0
        self.backfilled_frames = 0
        self.counts_of: "dict[int, list[int]]" = {}
        self._session_id = session_id
        self._next_hello_ms = -1

    def restart(self, session_id: bytes, now_ms: int) -> None:
        """Begin a new connection, as after the carrier broke; the account goes on.

        Posted frames are gone, open requests give EVENT_TIMEOUT.
        """
        if self.is_up:
            self._events.put((EVENT_DOWN, DOWN_RESTARTED))
        self._close_requests(self.requests.open_ids())
        self.state = STATE_CLOSED
        if self._secure is not None:
            self._is_secure = False
            self._secure.end()
        self._session_id = session_id
        self._inbox.close()
        self._outbox.restart()
        self._session = self._secure = self._wanted
        self._capabilities &= ~CAPABILITY_SECURE_SESSION
        if self._wanted is not None:
            self._capabilities |= CAPABILITY_SECURE_SESSION
        self._next_hello_ms = now_ms

    def ask_for(self, session: "HostSession | None") -> None:
        """What the next `restart` asks for: this session, or with None a clear one.

        Of a link that was made with a session, as only that has room for what comes sealed.
        """
        self._wanted = session

    def type_code(self, code: str, now_ms: int) -> bool:
        """The digits that a person read off the band, when PAIRING_CODE_WANTED asks for them.

        False, and the end of the connection, when they are wrong: whoever answered may stand between.
        LocalError when no code is awaited.
        """
        if self._secure is None:
            raise LocalError("no code is awaited: this link makes clear connections")
        is_right = self._secure.type_code(code, now_ms)
        self._follow(self._secure)
        return is_right

    def cancel_pairing(self) -> None:
        """The person does not go on with a pairing: the band is told; nothing happens when there is none."""
        if self._secure is not None and self.state == STATE_HANDSHAKE:
            self._secure.refuse(REFUSAL_DECLINED)
            self._follow(self._secure)

    def request(self, frame: bytearray, length: int, timeout_ms: int, now_ms: int) -> int:
        """Post a frame whose payload begins with a request id, which is written here and returned.

        EVENT_REPLY or EVENT_TIMEOUT follows with that id. LocalError when too much waits already.
        """
        request_id = self.requests.open(timeout_ms, now_ms)
        frame[HEADER_BYTES] = request_id & 0xFF
        frame[HEADER_BYTES + 1] = request_id >> 8
        if not self.post(frame, length):
            self.requests.close(request_id, False)
            raise LocalError("a request of %d bytes does not fit the queue: wait for answers first" % length)
        return request_id

    def send_command(self, command: int, stream_id: int, argument: int, timeout_ms: int, now_ms: int) -> int:
        """Ask the band to do something (`COMMAND_CODE_...`); returns the request id."""
        frame = _frame(KIND_COMMAND, COMMAND_BYTES)
        pack_command_into(frame, 0, 0, command, stream_id, argument)
        return self.request(frame, COMMAND_BYTES, timeout_ms, now_ms)

    def start_stream(self, stream_id: int, timeout_ms: int, now_ms: int) -> int:
        """Ask for raw samples (`STREAM_ID_...`); returns the request id."""
        return self.send_command(COMMAND_CODE_START_STREAM, stream_id, 0, timeout_ms, now_ms)

    def stop_stream(self, stream_id: int, timeout_ms: int, now_ms: int) -> int:
        """Ask for an end of raw samples; returns the request id."""
        return self.send_command(COMMAND_CODE_STOP_STREAM, stream_id, 0, timeout_ms, now_ms)

    def request_time(self, unix_time_s: int, timeout_ms: int, now_ms: int) -> int:
        """Ask for the band's ticks, which come as EVENT_TIME; `unix_time_s` is shown there, 0 for none."""
        frame = _frame(KIND_TIME_REQUEST, TIME_REQUEST_BYTES)
        pack_time_request_into(frame, 0, 0, unix_time_s)
        return self.request(frame, TIME_REQUEST_BYTES, timeout_ms, now_ms)

    def request_backfill(
        self, boot_id: int, first_sequence: int, frame_count: int, timeout_ms: int, now_ms: int
    ) -> int:
        """Ask for frames again; the band's backfill_range frames answer it, the last ends the wait."""
        frame = _frame(KIND_BACKFILL_REQUEST, BACKFILL_REQUEST_BYTES)
        pack_backfill_request_into(frame, 0, 0, boot_id, first_sequence, frame_count)
        return self.request(frame, BACKFILL_REQUEST_BYTES, timeout_ms, now_ms)

    def confirm_stored(self, boot_id: int, first_sequence: int, frame_count: int) -> bool:
        """Tell the band that frames are written durably; False when the queue is full."""
        frame = _frame(KIND_STORE_CONFIRM, STORE_CONFIRM_BYTES)
        pack_store_confirm_into(frame, 0, boot_id, first_sequence, frame_count)
        return self.post(frame, STORE_CONFIRM_BYTES)

    def next_record_into(self, record: bytearray, max_bytes: int, now_ms: int) -> int:
        """Write what is to be sent next, at most `max_bytes` (19 or more); its length, 0 for nothing."""
        self._say_hello(now_ms)
        return Link.next_record_into(self, record, max_bytes, now_ms)

    def poll(self, now_ms: int) -> int:
        """Do what time demands; when to poll again (ms), -1 when only input can change anything."""
        self._close_requests(self.requests.overdue(now_ms))
        deadlines = [Link.poll(self, now_ms), self.requests.next_deadline_ms()]
        if self.state == STATE_CLOSED:
            deadlines.append(max(self._next_hello_ms, now_ms))
        return min([deadline for deadline in deadlines if deadline >= 0], default=-1)

    def stamp(self, buffer: "bytearray | memoryview", start: int, now_ms: int) -> None:
        """Write the header of a frame of the host's: it has neither boot nor number.

        It says the version that both sides speak: an earlier band refuses any higher one.
        """
        kind = buffer[start + 1]
        is_clear = kind == KIND_HELLO or (kind == KIND_HANDSHAKE and self._outbox.is_clear)
        # The host's clock would tell hosts apart.
        ticks_ms = 0 if self._secure is not None and is_clear else now_ms
        pack_header_into(buffer, start, kind, 0, 0, ticks_ms & 0xFFFF, ticks_ms >> 16 & 0xFFFF, 0)
        buffer[start] = self.version
        if kind == KIND_TIME_REQUEST:
            self.requests.note_sent(buffer[start + 12] | buffer[start + 13] << 8, now_ms)

    def _say_hello(self, now_ms: int) -> None:
        if self.state == STATE_CLOSED and self._next_hello_ms <= now_ms:
            self._next_hello_ms = now_ms + HELLO_INTERVAL_MS
            self._queue_hello(self._hello(_NO_BAND_ID, self._session_id))

    def _take_hello(self, start: int, stop: int, hello: "Hello", now_ms: int) -> None:
        if hello[6] != self._session_id:
            self._events.bad(BAD_BEFORE_HELLO)
        elif self.state != STATE_CLOSED:
            self.hellos_repeated += 1
            self._inbox.reader.rejoin()
        elif self._agree(hello):
            self._enter(start, stop, hello, now_ms)

    def _enter(self, start: int, stop: int, hello: "Hello", now_ms: int) -> None:
        """The band has answered, and speaks a common version."""
        session = self._secure
        is_offered = hello[4] & CAPABILITY_SECURE_SESSION != 0
        if session is None:
            # A band that offers secure sessions and does not say who it is makes no others.
            if is_offered and hello[5] == _NO_BAND_ID:
                self._fall(REFUSAL_SECURE_ONLY)
            else:
                self._rise()
                self._note_next(start)
        elif not is_offered:
            self._fall(REFUSAL_CLEAR_ONLY)
        else:
            own = bytes(self._hello(_NO_BAND_ID, self._session_id)[HEADER_BYTES:])
            answer = bytes(memoryview(self._inbox.buffer)[start + HEADER_BYTES : stop])
            self._begin_handshake(session, own, answer, now_ms)

    def _rise(self) -> None:
        Link._rise(self)
        session = self._secure
        if session is not None:
            self.peer_band_id = session.peer_band_id
            number = session.number
            self._note_number(number[0] | number[1] << 8, number[2] | number[3] << 8 | number[4] << 16)

    def _is_news(self, kind: int, start: int) -> bool:
        if kind >= FIRST_SESSION_KIND:
            self._note_next(start)
            return True
        ledger = self.ledger
        received, repaired, duplicates = ledger.received, ledger.repaired, ledger.duplicates
        is_new = self._is_new_frame(start)
        counts = self.counts_of.setdefault(stream_key(kind, self._inbox.buffer, start), [0, 0, 0])
        counts[0] += ledger.received - received
        counts[1] += ledger.repaired - repaired
        counts[2] += ledger.duplicates - duplicates
        return is_new

    def _is_new_frame(self, start: int) -> bool:
        _, _, boot_id, sequence, _, _ = unpack_header(self._inbox.buffer, start)
        if self._inbox.is_backfilled:
            self.backfilled_frames += 1
            return self.ledger.note_backfilled(boot_id, sequence)
        is_new, first, count = self.ledger.note_live(boot_id, sequence)
        self._report_gap(boot_id, first, count)
        return is_new

    def _note_next(self, start: int) -> None:
        _, _, boot_id, sequence, _, _ = unpack_header(self._inbox.buffer, start)
        self._note_number(boot_id, sequence)

    def _note_number(self, boot_id: int, sequence: int) -> None:
        self.peer_boot_id, self.peer_next_sequence = boot_id, sequence
        first, count = self.ledger.note_next(boot_id, sequence)
        self._report_gap(boot_id, first, count)

    def _report_gap(self, boot_id: int, first_sequence: int, count: int) -> None:
        if count:
            self._events.put((EVENT_GAP, boot_id, first_sequence, count))

    def _take_frame(self, kind: int, start: int, stop: int, now_ms: int) -> None:
        try:
            is_answer = self._take_answer(kind, start, stop - start, now_ms)
        except FrameError:
            self._events.bad(BAD_FRAME)
            return
        if not is_answer:
            frame = bytes(memoryview(self._inbox.buffer)[start:stop])
            self._events.put((EVENT_FRAME, frame, self._inbox.is_backfilled))

    def _take_answer(self, kind: int, start: int, length: int, now_ms: int) -> bool:
        """Take an answer to a request; whether all of it is told by an event of its own."""
        buffer = self._inbox.buffer
        if kind == KIND_REPLY:
            request_id, result, detail = unpack_reply(buffer, start, length)
            if self.requests.is_open(request_id):
                self.requests.close(request_id, True)
                self._events.put((EVENT_REPLY, request_id, result, detail))
            return True
        if kind == KIND_TIME_REPLY:
            self._take_time_reply(start, length, now_ms)
            return True
        if kind == KIND_BACKFILL_RANGE:
            request_id, state, _, _, _ = unpack_backfill_range(buffer, start, length)
            if self.requests.is_open(request_id):
                if state == BACKFILL_STATE_SENDING:
                    self.requests.prolong(request_id, now_ms)
                else:
                    self.requests.close(request_id, True)
        return False

    def _take_time_reply(self, start: int, length: int, now_ms: int) -> None:
        request_id, received_ticks_ms = unpack_time_reply(self._inbox.buffer, start, length)
        if self.requests.is_open(request_id):
            sent_ticks_ms = unpack_header(self._inbox.buffer, start)[4]
            sent_ms = self.requests.sent_ms(request_id)
            self.requests.close(request_id, True)
            self._events.put((EVENT_TIME, sent_ms, received_ticks_ms, sent_ticks_ms, now_ms))

    def _close_requests(self, request_ids: "list[int]") -> None:
        for request_id in request_ids:
            self.requests.close(request_id, False)
            self._events.put((EVENT_TIMEOUT, request_id))


def _frame(kind: int, length: int) -> bytearray:
    frame = bytearray(length)
    frame[1] = kind
    return frame


def stream_key(kind: int, buffer: "bytes | bytearray | memoryview", start: int) -> int:
    """What a numbered frame is counted with: its kind, and above it the stream of a compressed block."""
    head_at = start + HEADER_BYTES + 1
    if kind != KIND_COMPRESSED_BLOCK or head_at >= len(buffer):
        return kind
    return kind | (buffer[head_at] >> 3 & 7) << 8
