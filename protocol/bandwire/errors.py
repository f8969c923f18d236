"""Errors of the protocol, told apart by whose fault they are; one root, both runtimes."""


class BandError(Exception):
    """Root of every error that the protocol raises."""


class LocalError(BandError):
    """We broke a rule: a value that does not fit its field, a call at the wrong time."""


class RemoteError(BandError):
    """The other side broke a rule."""


class FrameError(RemoteError):
    """Bytes that are not the frame they say they are."""


class UnknownKindError(FrameError):
    """A frame of a kind that this version does not know: to be skipped and counted."""
