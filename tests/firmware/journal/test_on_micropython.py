"""The journal on the band's interpreter: the same bytes in the flash, the same searches.

Here a library seals, so that the band's own cipher is held to it.
"""

import os
import subprocess
from pathlib import Path

from bandsim.micropython import find_micropython
from bandsim.nor_flash import NorFlash
from bandsim.sealed_journal import LibraryCtr
from firmware.journal import band_side
from firmware.journal.world import BlockFlash

ROOT = Path(__file__).resolve().parents[3]
STEPS = 4 * 250


def test_the_journal_writes_the_same_on_both_interpreters_by_the_rules_of_the_flash():
    done = subprocess.run(
        [find_micropython(), band_side.__file__],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT / 'protocol'}:.frozen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    here = band_side.run(
        BlockFlash(NorFlash(band_side.SECTORS)), lambda flash: flash.nor.image(), LibraryCtr()
    )
    assert done.stdout.splitlines() == here
    assert here[-1] == str(STEPS)
