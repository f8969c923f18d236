"""Types of mpremote's transport, as far as `vitalband flash` uses it."""

class TransportError(Exception): ...

class TransportExecError(TransportError):
    error_output: str
