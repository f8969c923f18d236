"""On the band's own interpreter: the path of the samples makes no object, streams and journal included."""

import pytest

from bandschema.enums import Part
from bench.firmware import measure_allocation

SAMPLE_PATH = [
    ("sampling", Part.OPTICAL),
    ("sampling", Part.MOTION),
    ("temperature", Part.THERMOMETER),
    ("power", Part.FUEL_GAUGE),
    ("vitals", Part.NONE),
    ("blocks", Part.NONE),
    ("button", Part.NONE),
]
LINK_STEP_BYTES = 512
"""Some memoryviews a packet; bounded so that it does not grow unseen. Objects are half that on a board."""


@pytest.fixture(scope="module")
def allocation():
    return measure_allocation(60.0)


@pytest.fixture(scope="module")
def rows(allocation):
    return {(row.task, row.part): row for row in allocation.rows}


@pytest.mark.parametrize("task", SAMPLE_PATH, ids=lambda task: f"{task[0]}-{task[1].name}".lower())
def test_a_step_on_the_path_of_the_samples_allocates_nothing(rows, task):
    assert rows[task].steps >= 5
    assert rows[task].in_all_bytes == 0


def test_a_step_of_the_link_allocates_little(rows):
    link = rows["link", Part.LINK]
    assert link.steps >= 30
    assert 0 < link.largest_bytes <= LINK_STEP_BYTES
    assert link.largest_bytes <= link.in_all_bytes


def test_every_frame_comes_while_this_is_measured(allocation):
    assert allocation.missing_frames == 0


def test_steps_allocate_no_more_than_the_heap_grows(allocation):
    assert allocation.virtual_s == 60.0
    assert allocation.outside_bytes >= 0
