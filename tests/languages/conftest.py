"""What the tests of a run share: a capture of the virtual band."""

from pathlib import Path

import pytest

from languages.traffic import live_capture


@pytest.fixture(scope="session")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The link of the virtual band with a host that wants everything, for two minutes of its life."""
    path = tmp_path_factory.mktemp("capture") / "rest.pcap"
    live_capture(path)
    return path
