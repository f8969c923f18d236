"""Random bytes of the firmware: by the seed of a life, never twice in it, and true chance without one."""

import re
from pathlib import Path

import pytest

from bandsim.lane import LaneSettings
from bandsim.protocol import MAX_PAYLOAD_BYTES
from bandsim.randomness import Randomness
from bandsim.scenario import load_scenario
from bandsim.transport import band_options
from bandsim.virtual_band import BandSettings, VirtualBand
from sim.helpers import rig, write_firmware

DRAWS = """
    import os
    from binascii import hexlify
    for count in (0, 1, 32, 32):
        print("drew", hexlify(os.urandom(count)).decode())
    while True:
        poll.ipoll(1000)
"""


def drawn(folder: Path, seed: int | None, *, boots: int = 1, state_dir: Path | None = None) -> list[bytes]:
    """What a band draws in so many boots."""
    lane = LaneSettings(firmware_dir=write_firmware(folder, DRAWS), state_dir=state_dir)
    with VirtualBand(load_scenario("rest", seed=seed), BandSettings(lane=lane)) as band:
        for _ in range(boots):
            band.run_for(0.1)
            band.stop()
        text = band.conductor.log.tail(1000)
    found = re.findall(r"drew ([0-9a-f]*)$", text, re.MULTILINE)
    assert len(found) == 4 * boots
    return [bytes.fromhex(digits) for digits in found]


def long_ones(draws: list[bytes]) -> list[bytes]:
    """Those that chance does not make equal."""
    return [draw for draw in draws if len(draw) == 32]


def test_a_draw_is_as_long_as_asked_and_each_is_another(tmp_path):
    draws = drawn(tmp_path, 3)
    assert [len(draw) for draw in draws] == [0, 1, 32, 32]
    assert draws[2] != draws[3]


def test_the_same_seed_gives_the_same_bytes_boot_by_boot_and_another_seed_others(tmp_path):
    first = drawn(tmp_path, 3, boots=2)
    assert drawn(tmp_path, 3, boots=2) == first
    assert not set(long_ones(first)) & set(long_ones(drawn(tmp_path, 4, boots=2)))


def test_no_boot_draws_what_one_before_it_drew(tmp_path):
    draws = long_ones(drawn(tmp_path, 3, boots=3))
    assert len(set(draws)) == len(draws)


def test_a_life_that_goes_on_in_its_state_folder_draws_nothing_twice(tmp_path):
    state_dir = tmp_path / "state"
    first, second = (drawn(tmp_path, 3, state_dir=state_dir) for _ in range(2))
    assert not set(long_ones(first)) & set(long_ones(second))
    assert first + second == drawn(tmp_path, 3, boots=2)


def test_without_a_given_seed_no_two_lives_draw_the_same(tmp_path):
    # The scenario's own file states a seed: of the wearer, not of these.
    assert not set(long_ones(drawn(tmp_path, None))) & set(long_ones(drawn(tmp_path, None)))


def test_more_than_a_payload_is_refused(tmp_path):
    body = f"""
    import os
    try:
        os.urandom({MAX_PAYLOAD_BYTES + 1})
    except OSError as error:
        print("errno", error.errno)
    print(len(os.urandom({MAX_PAYLOAD_BYTES})))
    while True:
        poll.ipoll(1000)
    """
    with rig(tmp_path, body) as made:
        made.run_ms(100)
        assert made.log == ["errno 22", str(MAX_PAYLOAD_BYTES)]


@pytest.mark.one_lane("no firmware runs")
def test_how_much_is_drawn_at_once_does_not_matter():
    whole, parts = Randomness("a life"), Randomness("a life")
    whole.begin_boot()
    parts.begin_boot()
    assert parts.take(7) + parts.take(0) + parts.take(200) == whole.take(207)


@pytest.mark.one_lane("no firmware runs")
def test_a_seed_counts_as_given_in_a_url_and_not_in_a_file():
    assert band_options("sim:rest", "rest", "", {"seed": "3"})[0].is_repeatable
    unseeded = band_options("sim:rest", "rest", "", {})[0]
    assert (unseeded.seed, unseeded.is_repeatable) == (load_scenario("rest").seed, False)
