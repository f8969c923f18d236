"""What the workers of one run share, as the tests of the protocol do."""

from protocol.conftest import _shared_corpora

__all__ = ["_shared_corpora"]
