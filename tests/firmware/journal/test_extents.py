"""Telling what the journal keeps of each boot reads a sector for the boots in it, not for all others."""

import pytest

from firmware.journal.test_log import fill
from firmware.journal.world import BlockFlash, World


@pytest.mark.parametrize("boots", [4, 12, 48])
def test_a_sector_is_read_twice_at_most_for_each_boot_that_is_in_it(boots, monkeypatch):
    world = World(sectors=64)
    for seed in range(boots):
        fill(world, seed, 30, {"update": 3, "event": 1})
        world.boot()
    world.settle()
    reads = 0
    read_into = BlockFlash.read_into

    def counted(self, *place):
        nonlocal reads
        reads += 1
        read_into(self, *place)

    monkeypatch.setattr(BlockFlash, "read_into", counted)
    extents = world.log.extents
    extents.begin()
    while extents.step():
        pass
    assert len(extents.boots) == boots
    for boot_id in extents.boots:
        extents.look_at(boot_id)
        while extents.step():
            pass
    index = world.log.sectors.index
    kept = [sector for sector in range(index.count) if index.is_alive(sector)]
    boots_in = {sector: index.last_boot(sector) - index.first_boot(sector) + 1 for sector in kept}
    # Once as boots are sought, once as it is looked at; the read that finds no entry more is one as well.
    assert reads <= sum(2 * boots_in[sector] * (index.frame_count(sector) + 1) for sector in kept)
