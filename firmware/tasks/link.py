"""Serves the host: takes its frames, sends what waits in the ring.

A connection that ends, by a new one or by the silence of a host that was unplugged, takes its streams with
it: raw samples that nobody takes would push the vital signs out of the ring within half a minute. The report
interval that its host chose ends with it too: the next host may not know that one can be chosen.
"""

from bandwire.events import EVENT_DOWN, EVENT_FRAME, EVENT_UP
from bandwire.frames import PART_LINK

_IDLE_MS = 60_000
_BLOCKED_MS = 5
"""Until the port is asked again: 57 bytes at 115 200 baud."""


class LinkTask:
    """Runs the link over a transport. Bad bytes are counted in the link, they are no failure."""

    BUDGET_PER_2_S = 1_100_000

    def __init__(self, transport, requests, backfill, collection, core):
        self.name = "link"
        self.part = PART_LINK
        self._transport = transport
        self._ring = core.ring
        self._requests = requests
        self._backfill = backfill
        self._collection = collection
        self._status = core.status
        self._clock = core.clock
        requests.link = transport.link
        backfill.link = transport.link

    def is_ready(self):
        """Whether bytes came in, or frames wait for a host that is there and a port that is free."""
        transport = self._transport
        if transport.is_ready():
            return True
        return bool(transport.link.is_up and self._ring.unsent_count and not transport.is_blocked)

    def start(self, _now_ms):
        """The link keeps its state over restarts of the task."""

    def step(self, _now_ms):
        """Take in what came, send what can be sent."""
        transport = self._transport
        now_ms = self._clock.ticks_high << 16 | self._clock.ticks_low
        transport.link.poll(now_ms)
        is_receiving = True
        while is_receiving:
            is_receiving = transport.receive(now_ms)
            event = transport.next_event(now_ms)
            while event is not None:
                self._take(event)
                event = transport.next_event(now_ms)
            transport.send(now_ms)
            self._backfill.finish()
        transport.send(now_ms)
        self._note_drops()
        return self._delay_ms(now_ms)

    def _take(self, event):
        if event[0] == EVENT_FRAME:
            self._requests.take(event[1])
        elif event[0] in (EVENT_UP, EVENT_DOWN):
            self._collection.end_streams()
            self._backfill.cancel()
            self._status.is_link_up = event[0] == EVENT_UP
            self._status.updates_per_frame = 1
            self._collection.close_run()
            self._status.touch()

    def _note_drops(self):
        if self._status.drops != self._ring.drops:
            self._status.drops = self._ring.drops
            self._status.touch()

    def _delay_ms(self, now_ms):
        link = self._transport.link
        if self._transport.is_blocked and link.is_up:
            return _BLOCKED_MS
        deadline_ms = link.poll(now_ms)
        return _IDLE_MS if deadline_ms < 0 else max(deadline_ms - now_ms, 1)
