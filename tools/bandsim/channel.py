"""The conductor's end of the channel to a lane: whole requests in, whole replies out."""

import os
import select
import socket
from struct import pack
from typing import Protocol

from bandsim.protocol import MAX_PAYLOAD_BYTES, REPLY, REPLY_BYTES, REQUEST, REQUEST_BYTES


class ChannelClosedError(Exception):
    """The lane has closed its end."""


class ChannelSilentError(Exception):
    """Nothing came within the time-out."""


class ChannelMisuseError(Exception):
    """What came is no request."""


class ChannelEnd(Protocol):
    """A byte stream; `recv_into` and `send` raise BlockingIOError at a time-out."""

    def recv_into(self, target: memoryview, /) -> int:
        """Take what has come, at most a full `target`; 0 when the other end is closed."""
        ...

    def send(self, data: memoryview, /) -> int:
        """Give bytes; gives how many were taken."""
        ...

    def fileno(self) -> int:
        """Give the descriptor that can be read when something has come."""
        ...

    def close(self) -> None:
        """Close this end."""
        ...


def socket_end(end: socket.socket, timeout_s: float) -> ChannelEnd:
    """Give a stream socket with a time-out of the kernel's."""
    # It costs nothing an exchange; Python's time-out adds a poll to each.
    seconds, fraction = divmod(timeout_s, 1)
    limit = pack("ll", int(seconds), int(fraction * 1_000_000))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    return end


class PipeEnd:
    """Two pipes, one for each direction: for a lane that can open files only."""

    def __init__(self, receive_descriptor: int, send_descriptor: int, timeout_s: float) -> None:
        self._receive = receive_descriptor
        self._send = send_descriptor
        self._timeout_ms = int(timeout_s * 1000)
        self._poll = select.poll()
        self._poll.register(receive_descriptor, select.POLLIN)

    def recv_into(self, target: memoryview, /) -> int:
        """As `ChannelEnd`."""
        if not self._poll.poll(self._timeout_ms):
            raise BlockingIOError
        return os.readv(self._receive, [target])

    def send(self, data: memoryview, /) -> int:
        """As `ChannelEnd`: a lane waits for its reply, so the pipe is empty and takes it whole."""
        return os.write(self._send, data)

    def fileno(self) -> int:
        """As `ChannelEnd`."""
        return self._receive

    def close(self) -> None:
        """Close both pipes."""
        os.close(self._receive)
        os.close(self._send)


class Channel:
    """A byte stream with one request or one reply under way at a time.

    `payload` is that of the last request, valid until the next `receive`.
    """

    def __init__(self, end: ChannelEnd) -> None:
        self._end = end
        self._incoming = memoryview(bytearray(REQUEST_BYTES + MAX_PAYLOAD_BYTES))
        self._outgoing = memoryview(bytearray(REPLY_BYTES + MAX_PAYLOAD_BYTES))
        self.payload = self._incoming[:0]

    def fileno(self) -> int:
        """Give the descriptor that can be read when a request has come, or the end of the stream."""
        return self._end.fileno()

    def has_request(self) -> bool:
        """Whether one has come, or the end of the stream."""
        return bool(select.select([self._end], [], [], 0)[0])

    def receive(self) -> tuple[int, int, int, int, int]:
        """Give operation, unit, argument and value of the next request, and the instructions before it."""
        incoming = self._incoming
        held = self._take(incoming)
        while held < REQUEST_BYTES:
            held += self._take(incoming[held:REQUEST_BYTES])
        operation, unit, argument, value, instructions, length = REQUEST.unpack_from(incoming)
        if length > MAX_PAYLOAD_BYTES:
            raise ChannelMisuseError(f"wanted a payload of at most {MAX_PAYLOAD_BYTES} bytes, got {length}")
        stop = REQUEST_BYTES + length
        while held < stop:
            held += self._take(incoming[held:stop])
        if held > stop:
            raise ChannelMisuseError(f"{held - stop} bytes came behind a request")
        self.payload = incoming[REQUEST_BYTES:stop]
        return operation, unit, argument, value, instructions

    def reply(self, status: int, ticks_ms: int, low: int, input_bytes: int, pins: int, changed: int) -> None:
        """Answer without a payload; `low` is the word of microseconds and flags."""
        REPLY.pack_into(self._outgoing, 0, status, ticks_ms, low, input_bytes, pins, changed, 0)
        self._send(REPLY_BYTES)

    def reply_with(
        self, data: bytes, status: int, ticks_ms: int, low: int, input_bytes: int, pins: int, changed: int
    ) -> None:
        """Answer with a payload."""
        length = len(data)
        REPLY.pack_into(self._outgoing, 0, status, ticks_ms, low, input_bytes, pins, changed, length)
        self._outgoing[REPLY_BYTES : REPLY_BYTES + length] = data
        self._send(REPLY_BYTES + length)

    def close(self) -> None:
        """Close this end; the lane reads the end of the stream."""
        self._end.close()

    def _take(self, target: memoryview) -> int:
        try:
            count = self._end.recv_into(target)
        except BlockingIOError as error:
            raise ChannelSilentError from error
        except ConnectionError as error:
            raise ChannelClosedError from error
        if not count:
            raise ChannelClosedError
        return count

    def _send(self, count: int) -> None:
        # A lane waits for its reply, so the stream is empty and takes it whole.
        try:
            self._end.send(self._outgoing[:count])
        except BlockingIOError as error:
            raise ChannelSilentError from error
        except ConnectionError as error:
            raise ChannelClosedError from error
