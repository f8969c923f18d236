"""The link over the host's UART: bytes in, bytes out, as many as the port takes."""

from bandwire.serial import SerialCarrier

_READ_BYTES = 256


class SerialTransport:
    """Joins a band's link and a UART by the serial carrier."""

    def __init__(self, link, uart):
        self.link = link
        self._uart = uart
        self._carrier = SerialCarrier(link)
        self._received = bytearray(_READ_BYTES)
        self.is_blocked = False

    def is_ready(self):
        """Whether bytes have arrived."""
        return self._uart.is_ready()

    def receive(self, now_ms):
        """Take in what has arrived, one buffer at a time; False when there was nothing."""
        count = self._uart.read_into(self._received)
        if count:
            self._carrier.receive(self._received, count, now_ms)
        return count > 0

    def next_event(self, now_ms):
        """The next event of the link, or None."""
        return self._carrier.next_event(now_ms)

    def send(self, now_ms):
        """Send until nothing waits or the port takes no more (`is_blocked`)."""
        carrier = self._carrier
        self.is_blocked = False
        while carrier.fill(now_ms):
            taken = self._uart.write(carrier.output[carrier.output_start : carrier.output_stop])
            if not taken:
                self.is_blocked = True
                return
            carrier.sent(taken)
