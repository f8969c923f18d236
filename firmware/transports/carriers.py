"""Which carrier the link goes over: the cable, or the radio.

There is one link, and a host's hello takes it for the carrier on which it comes: over the cable always, as
whoever plugs it in holds the band; over the radio while the cable has it not. A host on the radio is let go
then, and the band is not to be found there as long as the link stands on the cable. A central that says no
hello within `HELLO_LIMIT_MS` makes room for another, unless the wearer has turned the standard services on:
whoever reads those never says one.

Services change while nobody is connected: whoever is, is let go.

A connection that is lost ends the link no sooner than a host's silence does: most come back within seconds,
and what was asked for is made meanwhile.
"""

from bandwire.finder import ROTATION_MS
from bandwire.link import STATE_HANDSHAKE, STATE_UP
from bandwire.record import is_hello
from transports.radio import RadioTransport
from transports.serial import SerialTransport

HELLO_LIMIT_MS = 10_000
"""Own choice: above what connecting, an MTU exchange and the discovery of services take."""
FAST_MS = 30_000
FAST_INTERVAL_US = 100_000
SLOW_INTERVAL_US = 1_022_500
"""Found within a moment for half a minute after the start and after each connection, later at a tenth of the
energy: own choices, of intervals that phones listen for well (unconfirmed).
"""

BLOCKED_MS = 5
"""Until a carrier that takes no more is asked again: 57 bytes at 115 200 baud."""
APART_MS = 1_000
"""The same where no host is there: the radio says when one comes."""

_TICKS_MASK = 0xFFFFFFFF
_AGAIN_MS = 1_000
"""Until a radio that refused is asked again."""


class Line:
    """The link as one carrier sees it: it says nothing while another one has it."""

    def __init__(self, link, carriers):
        self.refused_records = 0
        self._link = link
        self._carriers = carriers

    def poll(self, now_ms):
        """See the link."""
        return self._link.poll(now_ms)

    def next_event(self):
        """See the link."""
        return self._link.next_event()

    def next_record_into(self, record, max_bytes, now_ms):
        """See the link; nothing on any other line than the one in use."""
        return self._link.next_record_into(record, max_bytes, now_ms) if self._carriers.line is self else 0

    def receive_record(self, record, now_ms):
        """See the link; on any other line only what may take the link over is not refused."""
        if self._carriers.line is self or self._carriers.take_over(self, record):
            self._link.receive_record(record, now_ms)
        else:
            self.refused_records += 1


class Carriers:
    """The transports of a link in one; `radio` may be None, `services` are the standard services beside it.
    `keys` are those of paired hosts.

    `line` is the one in use, `refusals` counts what the radio would not do.
    """

    def __init__(self, link, uart, radio, services, keys):
        self.link = link
        self._cable = Line(link, self)
        self._air = Line(link, self)
        self.line = self._cable
        self._serial = self._source = SerialTransport(self._cable, uart)
        self._radio = None if radio is None else RadioTransport(self._air, radio, keys)
        self._services = services
        self._transports = (self._serial,) if radio is None else (self._serial, self._radio)
        self.refusals = 0
        self._since_ms = 0
        self._found_ms = 0
        self._interval_us = None

    @property
    def is_taken(self):
        """Whether the link stands for a host, or is being made: a pairing waits for people."""
        return self.link.state in (STATE_UP, STATE_HANDSHAKE)

    @property
    def is_blocked(self):
        """Whether the carrier in use takes no more now."""
        return (self._serial if self.line is self._cable else self._radio).is_blocked

    @property
    def blocked_ms(self):
        """When to ask a carrier again that is blocked."""
        return BLOCKED_MS if self.line is self._cable or self._radio.is_greeted else APART_MS

    def is_ready(self):
        """Whether a transport has something."""
        if self._serial.is_ready():
            return True
        if self._radio is None:
            return False
        if self._radio.is_ready() or self._services.is_ready():
            return True
        pairing = self._services.pairing
        return pairing is not None and pairing.is_ready()

    def receive(self, now_ms):
        """Take in what has come on one of them; False when there was nothing."""
        for transport in self._transports:
            if transport.receive(now_ms):
                self._source = transport
                return True
        return False

    def next_event(self, now_ms):
        """The next event of the link, or None."""
        return self._source.next_event(now_ms)

    def send(self, now_ms):
        """Send until nothing waits or the carrier takes no more; frames before what has a later value."""
        self._serial.send(now_ms)
        if self._radio is None:
            return
        if self.line is self._air:
            self._radio.send(now_ms)
        self._services.send(not self._radio.is_greeted or not self._radio.is_blocked)

    def take_over(self, line, record):
        """Whether a record that came on a line not in use is to be taken: the hello of who may have the link.

        Where the link stood for another, it is hung up, and the hello is to be said once more.
        """
        if not is_hello(record) or (self.is_taken and line is self._air):
            return False
        self.line = line
        if not self.is_taken:
            return True
        self.link.hang_up()
        return False

    def advance(self, now_ms):
        """Follow the connection, be found where one may be made; ms until the next step, -1 for none."""
        if self._radio is None:
            return -1
        try:
            return self._pair(self._advance(now_ms), now_ms)
        except OSError:
            self.refusals += 1
            self._interval_us = None
            return _AGAIN_MS

    def _advance(self, now_ms):
        radio = self._radio.radio
        if radio.has_news:
            radio.has_news = False
            self._since_ms = now_ms
            self._interval_us = None
        is_on_cable = self.is_taken and self.line is self._cable
        if self._services.notice():
            if radio.connection >= 0:
                radio.disconnect()
                return _AGAIN_MS
            self._interval_us = None
            self._services.register()
        if radio.connection < 0:
            return self._be_found(now_ms, is_on_cable)
        self._interval_us = None
        if self._services.is_on and not is_on_cable:
            self._since_ms = now_ms
            return -1
        left_ms = HELLO_LIMIT_MS - ((now_ms - self._since_ms) & _TICKS_MASK)
        if not is_on_cable and self._radio.is_greeted and self.is_taken:
            self._since_ms = now_ms
            return -1
        if not is_on_cable and left_ms > 0:
            return left_ms
        radio.disconnect()
        return _AGAIN_MS

    def _pair(self, delay_ms, now_ms):
        pairing = self._services.pairing
        if pairing is None:
            return delay_ms
        pairing_ms = pairing.advance(now_ms, self._radio.is_greeted)
        return pairing_ms if delay_ms < 0 or 0 <= pairing_ms < delay_ms else delay_ms

    def _be_found(self, now_ms, is_on_cable):
        if is_on_cable:
            self._since_ms = now_ms
        left_ms = FAST_MS - ((now_ms - self._since_ms) & _TICKS_MASK)
        wanted_us = FAST_INTERVAL_US if left_ms > 0 else SLOW_INTERVAL_US
        if is_on_cable:
            wanted_us = None
        rotation_ms = ROTATION_MS - ((now_ms - self._found_ms) & _TICKS_MASK)
        if wanted_us != self._interval_us or rotation_ms <= 0:
            self._radio.be_found(wanted_us)
            self._interval_us = wanted_us
            self._found_ms = now_ms
            rotation_ms = ROTATION_MS
        if wanted_us is None:
            return -1
        return left_ms if wanted_us == FAST_INTERVAL_US else rotation_ms
