"""What the workers of one run share."""

import pytest

from protocol import lanes


@pytest.fixture(scope="session", autouse=True)
def _shared_corpora(tmp_path_factory, worker_id):
    """Let every worker use the corpora that another has drawn: pytest's folder of the run removes them."""
    if worker_id != "master":
        lanes.shared_folder = tmp_path_factory.getbasetemp().parent
