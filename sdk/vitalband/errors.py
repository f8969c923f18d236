"""What can go wrong, by whose fault; every error of the SDK is a `BandError`.

A loss on the link (bad bytes, gaps, drops) is no error: it is an event and a counter.
"""

from bandwire.errors import BandError, FrameError, LocalError, RemoteError

__all__ = [
    "BandError",
    "DeviceError",
    "EndOfDataError",
    "FrameError",
    "HandshakeError",
    "InsecureError",
    "InstallError",
    "KeyStoreError",
    "LinkTimeoutError",
    "LocalError",
    "LostForGoodError",
    "NotPairedError",
    "PairingError",
    "RemoteError",
    "StoreConflictError",
    "StoreError",
    "TransportError",
    "UnsupportedError",
]


class TransportError(BandError):
    """The carrier failed: no such port, busy port, unplugged cable, refused connection."""


class EndOfDataError(TransportError):
    """The recording or the scenario is at its end: iterators end, nothing failed."""


class LostForGoodError(TransportError):
    """The band cannot come back, however often it is sought: a simulated one whose firmware failed."""


class HandshakeError(RemoteError):
    """Something is there, but it is not a band that speaks a protocol version of ours."""


class InsecureError(HandshakeError):
    """What answers offers a clear session where a secure one is wanted: another band, or one that poses."""


class NotPairedError(HandshakeError):
    """The band takes part in secure sessions only, and knows no key of this computer's: pair first."""


class PairingError(RemoteError):
    """No pairing came about, and no key is kept; `refusal` is a number of `bandschema.session_enums.Refusal`,
    0 when this side gave up.
    """

    def __init__(self, message: str, refusal: int = 0) -> None:
        super().__init__(message)
        self.refusal = refusal


class LinkTimeoutError(RemoteError, TimeoutError):
    """The band did not answer in time."""


class DeviceError(RemoteError):
    """The band refused a request; `result` is a number of `bandschema.enums.Result`."""

    def __init__(self, message: str, result: int, detail: int = 0) -> None:
        super().__init__(message)
        self.result = result
        self.detail = detail


class UnsupportedError(LocalError):
    """The band or the transport cannot do what was asked of it."""


class StoreError(BandError):
    """The store cannot be opened, read or written; `unsaved_frames` counts frames not written."""

    def __init__(self, message: str, *, unsaved_frames: int = 0) -> None:
        super().__init__(message)
        self.unsaved_frames = unsaved_frames


class StoreConflictError(StoreError):
    """The store holds other frames of the same numbers: it is of another recording, and stays so."""


class UnloggedAccessWarning(UserWarning):
    """Data was read of a store whose access log could not be written: the store does not tell of it."""


class KeyStoreError(BandError):
    """The keys of paired bands cannot be read or written: the file, or the operating system's key store."""


class InstallError(BandError):
    """What lies on a board is not what its release says, or cannot become it; nothing there claims to be."""
