"""Types of mpremote's state of a session."""

from mpremote.transport_serial import SerialTransport

class State:
    transport: SerialTransport | None
