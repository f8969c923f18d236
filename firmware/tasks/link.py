"""Serves the host: takes its frames, sends what waits for it.

A connection that ends, by a new one or by the silence of a host that was unplugged, takes its streams with
it: raw samples that nobody has asked for would fill the journal within hours. The report
interval that its host chose ends with it too: the next host may not know that one can be chosen.
"""

from bandwire.events import EVENT_DOWN, EVENT_FRAME, EVENT_UP
from bandwire.frames import PART_LINK

_IDLE_MS = 60_000


class LinkTask:
    """Runs the link over its carriers. Bad bytes are counted in the link, they are no failure."""

    BUDGET_PER_2_S = 1_100_000

    def __init__(self, carriers, requests, backfill, report, hosts, collection, core):
        self.name = "link"
        self.part = PART_LINK
        self._carriers = carriers
        self._queue = core.queue
        self._requests = requests
        self._backfill = backfill
        self._report = report
        self._hosts = hosts
        self._collection = collection
        self._status = core.status
        self._clock = core.clock
        requests.link = carriers.link
        backfill.link = carriers.link
        report.link = carriers.link
        hosts.link = carriers.link

    def is_ready(self):
        """Whether bytes came in, or frames wait for a host that is there and a port that is free."""
        carriers = self._carriers
        if carriers.is_ready() or self._hosts.has_news:
            return True
        if not carriers.link.is_up or carriers.is_blocked:
            return False
        return bool(self._queue.unsent_count or self._backfill.has_news or self._report.is_busy)

    def start(self, _now_ms):
        """The link keeps its state over restarts of the task."""

    def step(self, _now_ms):
        """Take in what came, send what can be sent."""
        carriers = self._carriers
        self._hosts.has_news = False
        # Sensors were read since the pass began: milliseconds that a time exchange would not know of.
        self._clock.update()
        now_ms = self._clock.ticks_high << 16 | self._clock.ticks_low
        carriers.link.poll(now_ms)
        carrier_ms = carriers.advance(now_ms)
        is_receiving = True
        while is_receiving:
            is_receiving = carriers.receive(now_ms)
            event = carriers.next_event(now_ms)
            while event is not None:
                self._take(event)
                event = carriers.next_event(now_ms)
            carriers.send(now_ms)
        self._report.advance()
        carriers.send(now_ms)
        while self._backfill.tell_news():
            carriers.send(now_ms)
        self._hosts.let_go()
        self._note_drops()
        return self._delay_ms(now_ms, carrier_ms)

    def _take(self, event):
        if event[0] == EVENT_FRAME:
            self._requests.take(event[1])
        elif event[0] in (EVENT_UP, EVENT_DOWN):
            self._collection.end_streams()
            self._backfill.cancel()
            self._report.cancel()
            self._status.is_link_up = event[0] == EVENT_UP
            self._status.updates_per_frame = 1
            self._collection.close_run()
            self._status.touch()

    def _note_drops(self):
        if self._status.drops != self._queue.drops:
            self._status.drops = self._queue.drops
            self._status.touch()

    def _delay_ms(self, now_ms, carrier_ms):
        link = self._carriers.link
        if self._carriers.is_blocked and self._carriers.is_taken:
            return self._carriers.blocked_ms
        deadline_ms = link.poll(now_ms)
        delay_ms = _IDLE_MS if carrier_ms < 0 else carrier_ms
        return delay_ms if deadline_ms < 0 else max(min(deadline_ms - now_ms, delay_ms), 1)
