"""The link over the radio: a record in each notification, records in what is written (`bandwire.gatt`)."""

from bandwire.finder import NONCE_BYTES, TOKEN_BYTES, token_of
from bandwire.gatt import (
    FROM_BAND_UUID,
    MOST_MTU,
    SERVICE_UUID,
    TO_BAND_UUID,
    WrittenRecords,
    sent_record_bytes,
)
from bandwire.record import is_hello


class RadioTransport:
    """Joins a link and a radio. One record waits at most, while the radio has no room (`is_blocked`).

    Nothing is sent over a connection before a hello has come over it (`is_greeted`): what a link still has
    for the host of the connection before is not for another central. The `finder_key` of `keys` is what
    paired hosts find the band by, b"" where there is none.
    """

    def __init__(self, link, radio, keys):
        self.link = link
        self._keys = keys
        self.radio = radio
        self.is_blocked = True
        self._greeted_connection = 0
        self._record_connection = 0
        self._records = WrittenRecords()
        self._record = bytearray(sent_record_bytes(MOST_MTU))
        self._length = 0
        radio.serve((SERVICE_UUID, FROM_BAND_UUID, TO_BAND_UUID), MOST_MTU)

    @property
    def is_greeted(self):
        """Whether there is a connection over which a hello has come."""
        return self.radio.connection >= 0 and self._greeted_connection == self.radio.connections

    def be_found(self, interval_us):
        """Be found, every so often, under a fresh token; None to be found no more. OSError: see `Radio`."""
        radio = self.radio
        key = self._keys.finder_key
        token = token_of(key, radio.draw(NONCE_BYTES)) if key else radio.draw(TOKEN_BYTES)
        radio.advertise(interval_us, token)

    def is_ready(self):
        """Whether something was written, or the connection has changed."""
        return self.radio.has_input or self.radio.has_news

    def receive(self, _now_ms):
        """Take in what was written; False when there was nothing."""
        if not self.radio.has_input:
            return False
        self._records.feed(self.radio.read())
        return True

    def next_event(self, now_ms):
        """The next event of the link, or None."""
        while True:
            event = self.link.next_event()
            if event is not None:
                return event
            record = self._records.next_record()
            if record is None:
                return None
            if is_hello(record):
                self._greeted_connection = self.radio.connections
            self.link.receive_record(record, now_ms)

    def send(self, now_ms):
        """Send until nothing waits or the radio takes no more."""
        self.is_blocked = not self.is_greeted
        if self._record_connection != self.radio.connections:
            # What waits was for another connection.
            self._record_connection = self.radio.connections
            self._length = 0
        while not self.is_blocked:
            if not self._length:
                room = sent_record_bytes(self.radio.mtu)
                self._length = self.link.next_record_into(self._record, room, now_ms)
                if not self._length:
                    return
            if self.radio.notify(memoryview(self._record)[: self._length]):
                self._length = 0
            else:
                self.is_blocked = True
