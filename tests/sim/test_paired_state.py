"""A key that is put into a band's state folder is one that its firmware finds there."""

import pytest

from bandschema.enums import HostRight
from bandsim.paired_state import paired_beforehand
from hal.host_keys import HostKeys
from vitalband.keys import BandKeys, memory_keys

pytestmark = pytest.mark.one_lane(reason="no band runs")


@pytest.mark.parametrize("right", HostRight)
def test_the_firmware_finds_the_host(tmp_path, right):
    keys = memory_keys()
    band = paired_beforehand(tmp_path, keys, "sim:", name="ward 7", right=right)
    found = HostKeys(f"{tmp_path}/")
    assert (found.count, found.is_damaged, found.is_dirty) == (1, False, False)
    assert (found.right_of(0), found.name_of(0)) == (right, b"ward 7")
    assert keys.bands() == [band]
    assert BandKeys(found.key_of(0), found.finder_key) == keys.keys_of(band)
