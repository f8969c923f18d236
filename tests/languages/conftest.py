"""What the tests of a run share: corpora, as those of the protocol do, and a capture of the virtual band."""

from pathlib import Path

import pytest

from languages.traffic import live_capture
from protocol.conftest import _shared_corpora

__all__ = ["_shared_corpora"]


@pytest.fixture(scope="session")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The link of the virtual band with a host that wants everything, for 40 s of its life."""
    path = tmp_path_factory.mktemp("capture") / "rest.pcap"
    live_capture(path)
    return path
