"""Where the real recordings lie, and the mark of tests that need them."""

import os
from pathlib import Path

import pytest

from bandsim.datasets import DATA_VARIABLE

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get(DATA_VARIABLE) or CHECKOUT.parent / "shared" / "data")

needs_data = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data folder: {DATA_VARIABLE} or ../shared/data"),
]
