"""On the band's own interpreter: the path of the samples makes no object, streams and journal included."""

import subprocess
from pathlib import Path

import pytest

import boards
from bandschema.enums import Part
from bandsim.micropython import find_micropython

FIRMWARE = Path(boards.__file__).parent.parent
ROOT = FIRMWARE.parent
SHARED_SCRIPTS = ROOT / "tools" / "bench" / "on_band"
SCRIPTS = Path(__file__).parent / "on_band"

SAMPLE_PATH = [
    ("sampling", Part.OPTICAL),
    ("sampling", Part.MOTION),
    ("temperature", Part.THERMOMETER),
    ("power", Part.FUEL_GAUGE),
    ("vitals", Part.NONE),
    ("button", Part.NONE),
]
LINK_STEP_BYTES = 1024
"""Some memoryviews a packet, most where a hello is answered; bounded so that it does not grow unseen.
Objects are half that on a board.
"""


@pytest.fixture(scope="module")
def allocated():
    """(steps, bytes in all, most bytes in one step) by (task name, part), over a virtual minute."""
    done = subprocess.run(
        [find_micropython(), "-X", "heapsize=4M", str(SCRIPTS / "allocation.py")],
        env={"MICROPYPATH": f"{SCRIPTS}:{FIRMWARE}:{ROOT / 'protocol'}:{SHARED_SCRIPTS}:.frozen"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    *tasks, last = (line.split() for line in done.stdout.splitlines())
    assert last[0] == "sent"
    assert int(last[2]) == int(last[3]) == 0
    return {(name, int(part)): tuple(map(int, rest)) for name, part, *rest in tasks}


@pytest.mark.parametrize("task", SAMPLE_PATH, ids=lambda task: f"{task[0]}-{task[1].name}".lower())
def test_a_step_on_the_path_of_the_samples_allocates_nothing(allocated, task):
    steps, in_all, _ = allocated[task]
    assert steps >= 5
    assert in_all == 0


def test_a_step_of_the_link_allocates_little(allocated):
    steps, _, most = allocated["link", Part.LINK]
    assert steps >= 30
    assert most <= LINK_STEP_BYTES
