"""Requests of the host that wait for an answer, and answers that nobody waits for any more."""

from bandwire.errors import LocalError

MAX_OPEN = 32
_REMEMBERED = 64
"""So many answered and so many timed out requests are known again when another answer comes."""
_LAST_ID = 0xFFFF


class _Open:
    def __init__(self, timeout_ms: int, now_ms: int) -> None:
        self.timeout_ms = timeout_ms
        self.deadline_ms = now_ms + timeout_ms
        self.sent_ms = now_ms


class Requests:
    """Open requests by id. `late`, `duplicate` and `unexpected` answers are counted.

    An answer is late when its request had timed out, duplicate when it had been answered, unexpected
    when no such request is remembered.
    """

    def __init__(self) -> None:
        self.late = 0
        self.duplicate = 0
        self.unexpected = 0
        self._last_id = 0
        self._open: "dict[int, _Open]" = {}
        self._answered: "list[int]" = []
        self._timed_out: "list[int]" = []

    def open(self, timeout_ms: int, now_ms: int) -> int:
        """A new request; returns its id."""
        if len(self._open) >= MAX_OPEN:
            raise LocalError("at most %d requests may wait for an answer" % MAX_OPEN)
        request_id = self._last_id % _LAST_ID + 1
        while request_id in self._open:
            request_id = request_id % _LAST_ID + 1
        self._last_id = request_id
        for closed in (self._answered, self._timed_out):
            if request_id in closed:
                closed.remove(request_id)
        self._open[request_id] = _Open(timeout_ms, now_ms)
        return request_id

    def note_sent(self, request_id: int, now_ms: int) -> None:
        """The request goes out now."""
        request = self._open.get(request_id)
        if request is not None:
            request.sent_ms = now_ms

    def sent_ms(self, request_id: int) -> int:
        """When an open request went out."""
        return self._open[request_id].sent_ms

    def is_open(self, request_id: int) -> bool:
        """Whether an answer is awaited; if not, this answer is counted."""
        if request_id in self._open:
            return True
        if request_id in self._answered:
            self.duplicate += 1
        elif request_id in self._timed_out:
            self.late += 1
        else:
            self.unexpected += 1
        return False

    def prolong(self, request_id: int, now_ms: int) -> None:
        """An open request was answered in part: wait its full time again."""
        request = self._open[request_id]
        request.deadline_ms = now_ms + request.timeout_ms

    def close(self, request_id: int, is_answered: bool) -> None:
        """An open request is answered or given up."""
        del self._open[request_id]
        closed = self._answered if is_answered else self._timed_out
        closed.append(request_id)
        if len(closed) > _REMEMBERED:
            closed.pop(0)

    def overdue(self, now_ms: int) -> "list[int]":
        """Ids of the open requests whose time is over."""
        return sorted([key for key, request in self._open.items() if request.deadline_ms <= now_ms])

    def open_ids(self) -> "list[int]":
        """Ids of the open requests."""
        return sorted(self._open)

    def next_deadline_ms(self) -> int:
        """When the next open request times out, or -1."""
        return min([request.deadline_ms for request in self._open.values()], default=-1)
