"""A small part of each table of `make bench-ble`: all is fetched, and no faster than the air allows."""

import pytest

from bandsim.radio.phy import sent_bytes
from bench.document import DOCUMENT, with_figures
from bench_ble import minutes, rates
from bench_ble.__main__ import TABLES, main
from bench_ble.sizes import Sizes

TINY = Sizes(recorded_s=20.0, mtus=(23, 247), minutes=1)


@pytest.fixture(scope="module")
def rows():
    return rates.measure(TINY)


def test_no_more_passes_than_the_modelled_phy_allows_and_long_packets_carry_more(rows):
    short, long = rows
    for row in rows:
        free, phy, late = row.fetched
        # The band lives on meanwhile.
        assert 10 < free.frames <= phy.frames <= late.frames
        assert phy.frame_bytes / phy.seconds < rates.ceiling_bytes_s(row.mtu)
        assert free.seconds < phy.seconds < late.seconds
    assert long.fetched[1].seconds < short.fetched[1].seconds
    assert rates.table(rows).row_count == 2


def test_the_ceiling_is_that_of_full_notifications_and_few_packets_are_fewer():
    # 244 bytes in a packet of 251, 2088 us, answered in 380 us.
    assert rates.ceiling_bytes_s(247) == pytest.approx(244 / 2468e-6)
    assert rates.few_packets_bytes_s(247) == pytest.approx(6 * 244 / 0.030)
    assert rates.few_packets_bytes_s(517) == pytest.approx(2 * 514 / 0.030)


def test_a_minute_of_all_vital_signs_together_is_less_than_each_and_samples_less_than_a_straps():
    heart, each, together, whole, samples, strap = minutes.measure(TINY)
    assert 0 < together.air_bytes < each.air_bytes < whole.air_bytes
    assert samples.air_bytes == whole.air_bytes - each.air_bytes < strap.air_bytes
    # The band tells its heart rate each 2 s: a notification of flags and a rate at least.
    assert 28 <= heart.packets <= 32
    assert heart.air_bytes >= heart.packets * sent_bytes(4 + 3 + 2)
    assert minutes.table([heart, each]).row_count == 2


@pytest.mark.parametrize("name", TABLES)
def test_the_document_has_a_part_for_each_table(name):
    text = DOCUMENT.read_text("utf-8")
    assert with_figures(text, f"ble-{name}", "new") != text


def test_a_name_that_is_no_table_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["everything"])
    assert "got everything" in capsys.readouterr().err
