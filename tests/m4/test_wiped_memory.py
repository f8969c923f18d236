"""After a wipe nothing of the wearer before is in the image's whole memory, which a reset does not erase."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bandsim.lane import LaneSettings
from bandsim.nor_flash import Cut, Erasure
from bandsim.scenario import load_scenario
from bandsim.virtual_band import LEAST_FLASH_KB, BandSettings, VirtualBand
from device.bands import unconsented
from device.wear import (
    CONTACT,
    HOST_NAME,
    ISSUER,
    NOTICE,
    PURPOSE,
    REFUSAL,
    Wear,
    pieces,
    session_secrets,  # noqa: F401 - a fixture
)
from m4.kept_memory import KeptMemoryLane
from m4.tool_chain import need_image
from vitalband.keys import memory_keys

SECRET_BYTES = 8
"""A quarter of a key. That chance makes one of some 10^3 pieces in 2.6e5 places: 1 in 10^11."""
FRAME_BYTES = 12
LEAST_VALUES = 8
"""Pieces of frames with fewer values of bytes are numbers that other things have too."""


class Searched(Wear):
    """Its host is let in by the wearer, and all sessions are secure."""

    def __init__(self, folder: Path, sessions: dict[str, bytes]) -> None:
        self.state = folder / "state"
        settings = LaneSettings(kind="m4", state_dir=self.state)
        self.lane = KeptMemoryLane("virtual", settings)
        scenario = load_scenario(unconsented(folder).removeprefix("sim:"))
        board = BandSettings(lane=settings, flash_kb=LEAST_FLASH_KB, demands_secure=True)
        super().__init__(VirtualBand(scenario, board, lane=self.lane), folder)
        self.keys = memory_keys()
        self._sessions = sessions

    def be_worn(self) -> None:
        """From the first start to the last frame."""
        self.band.run_for(2)
        self.band.console.agree()
        self.band.run_for(30)  # else the hand that lets in would answer the question
        self.pair(self.wear, self.keys, HOST_NAME, record_to=self.store)
        (paired,) = self.keys.bands()
        keys = self.keys.keys_of(paired)
        self.secrets |= {"key": keys.psk, "finder key": keys.finder_key}
        self.texts[HOST_NAME] = HOST_NAME.encode()
        self.note_recording()

    def found_in(self, memory: bytes) -> set[str]:
        """The names of what is there of the wearer, or a piece of it."""
        return {
            *(name for name, content in (self.secrets | self.texts | self._sessions).items()
              if any(piece in memory for piece in pieces(content, SECRET_BYTES))),
            *(name for name, content in self.frames.items()
              if any(piece in memory for piece in pieces(content, FRAME_BYTES)
                     if len(set(piece)) >= LEAST_VALUES)),
            *(name for name, content in self.samples.items() if content in memory),
        }  # fmt: skip

    def kinds_in(self, memory: bytes) -> set[str]:
        """The first words of these names."""
        return {name.split()[0] for name in self.found_in(memory)}


KEYS_OF_A_SESSION = {"secret", "record", "start"}
"""Which the band has in memory only. What it agreed on with the host may have been written over by then."""
OF_HOST = {"band", "key", "finder", HOST_NAME}
TERMS = {ISSUER, CONTACT, PURPOSE, NOTICE, REFUSAL}


@pytest.fixture
def worn(tmp_path: Path, session_secrets: dict[str, bytes]) -> Iterator[Searched]:  # noqa: F811
    need_image()
    searched = Searched(tmp_path, session_secrets)
    with searched.band:
        searched.be_worn()
        yield searched


def test_a_wipe_leaves_nothing_in_memory_though_a_reset_does_and_power_goes_in_it(worn):
    band, lane = worn.band, worn.lane
    before = worn.kinds_in(lane.memory())
    assert before >= KEYS_OF_A_SESSION | OF_HOST | TERMS | {"frame", "samples"}
    band.console.restart()
    band.run_for(2)
    assert worn.kinds_in(lane.memory()) & KEYS_OF_A_SESSION, "of before the reset"

    worn.confirm(keys=worn.keys)
    assert worn.kinds_in(lane.left) >= {"band"} | TERMS, "as the wipe begins"
    flash = band.conductor.flash
    for operations in (1, 4, 9, 10):
        cut_at = flash.operations + operations
        flash.cut_at(cut_at, Cut(erasure=Erasure.MIXED, seed=operations))
        while flash.operations < cut_at:
            band.run_for(0.01)
        assert not band.conductor.is_running
    band.run_for(5)
    assert worn.found_in(lane.memory()) == set()
    assert worn.remains() == []
