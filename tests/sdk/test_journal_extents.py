"""What the band tells of its journal may be lost on the way like all else: it is asked for again."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from sdk.helpers import AT_ONCE, paced_band, run
from sdk.test_repair import EARLIER_BOOT, balance, keep, stored
from vitalband.repair import TRIES


@given(st.lists(st.sets(st.integers(0, 3), min_size=1), max_size=TRIES - 1))
def test_what_the_band_keeps_is_asked_for_again_where_a_part_of_the_answer_was_lost(lost):
    async def work(path):
        band, transport = paced_band(record_to=path)
        transport.band.script.lose_extents = list(lost)
        for boot_id in range(EARLIER_BOOT - 2, EARLIER_BOOT + 1):
            keep(transport.band, boot_id, range(3))
        async with band:
            async for _ in band.sync():
                pass
            statistics = band.statistics
        for boot_id in range(EARLIER_BOOT - 2, EARLIER_BOOT + 1):
            assert len(stored(path, boot_id)) == 3
        assert (statistics.missing_frames, balance(statistics)) == (0, 0)

    with TemporaryDirectory() as folder:
        run(work(Path(folder) / "a.vband"))


def test_what_the_band_told_of_its_journal_has_to_do_where_a_part_is_lost_each_time(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path, reconnect=AT_ONCE)
        transport.band.script.lose_extents = [{0}] * TRIES
        for boot_id in (EARLIER_BOOT - 1, EARLIER_BOOT):
            keep(transport.band, boot_id, range(3))
        async with band:
            async for _ in band.sync():
                pass
            assert (len(stored(path, EARLIER_BOOT - 1)), len(stored(path, EARLIER_BOOT))) == (0, 3)
            transport.fail_at_ms = transport.clock.now_ms
            await band.run_for(3)
            async for _ in band.sync():
                pass
        assert len(stored(path, EARLIER_BOOT - 1)) == 3

    run(work())
