"""What the firmware takes of its chip: the same to the instruction each time, and within the budgets."""

from pathlib import Path

import pytest

from bandsim.firmware_cost import TaskCost
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from boards import virtual
from budget.__main__ import budgets_of, measure_all, memory_of_image
from budget.census import census_of
from budget.report import lines_of
from budget.workload import Cost, Work, measure
from m4.tool_chain import need_image

HEAP_BYTES = 192 * 1024
BRIEF = Work("a moment's rest", "rest", start_s=16.0, window_s=10.0)

FIRMWARE_OF_TWO_TASKS = """
import select
from linked import Clock, Scheduler


class Supervisor:
    def on_proven(self, task):
        pass

    def on_failure(self, task, failures, error):
        raise error


class Task:
    BUDGET_PER_2_S = 123456

    def __init__(self, name):
        self.name = name

    def start(self, now_ms):
        pass

    def step(self, now_ms):
        return 100


class Unstated(Task):
    BUDGET_PER_2_S = 0


def run(board):
    scheduler = Scheduler(Clock(), Supervisor())
    scheduler.add(Task("stated"))
    scheduler.add(Unstated("unstated"))
    poll = select.poll()
    while True:
        poll.ipoll(scheduler.run_due())
"""


@pytest.fixture(autouse=True)
def _image() -> None:
    need_image()


@pytest.fixture(scope="module")
def brief() -> Cost:
    need_image()
    return measure(BRIEF, heap_bytes=HEAP_BYTES)


def test_two_measurements_are_the_same_to_the_instruction_and_the_byte(brief: Cost) -> None:
    assert measure(BRIEF, heap_bytes=HEAP_BYTES) == brief


def test_every_task_has_a_line_with_a_budget_and_samples_and_vitals_allocate_nothing(brief: Cost) -> None:
    names = [task.name for task in brief.tasks]
    assert len(set(names)) == len(names)
    assert {"sampling", "vitals", "display", "link", "power", "temperature"} <= set(names)
    assert all(task.budget > 0 for task in brief.tasks)
    steps = {task.name: task.steps for task in brief.tasks}
    allocated_bytes = {task.name: task.allocated_bytes for task in brief.tasks}
    assert steps["sampling"] > 20
    assert steps["vitals"] >= 5
    assert allocated_bytes["sampling"] == allocated_bytes["blocks"] == allocated_bytes["vitals"] == 0


def test_what_tasks_and_waiting_take_is_all_that_the_conductor_saw(brief: Cost) -> None:
    assert 0 < brief.rest < brief.instructions / 10
    assert brief.instructions > 20_000_000


def test_a_task_that_is_added_has_a_line_and_without_a_budget_it_is_past_it(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FIRMWARE_OF_TWO_TASKS)
    lane = LaneSettings(kind="m4", counts_instructions=True, firmware_dir=tmp_path)
    with VirtualBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
        band.run_for(10)
        reading = band.measure_cost()
    stated, unstated = reading.tasks
    assert (stated.name, stated.budget, unstated.name, unstated.budget) == ("stated", 123_456, "unstated", 0)
    assert 95 < stated.steps < 105
    held = {
        line.name: line.is_held for line in lines_of(BRIEF, cost_of(reading.tasks), budgets_of("nrf52840"))
    }
    assert held["a moment's rest: stated"]
    assert not held["a moment's rest: unstated"]


def cost_of(tasks: tuple[TaskCost, ...]) -> Cost:
    """Ten seconds of these tasks and of nothing else."""
    return Cost(10.0, tasks, 0, 0, 0, 0, 0, 0, 0, 0)


def test_what_a_heap_has_grown_by_is_held_to_a_budget() -> None:
    later = Work("later", "rest", start_s=40.0, window_s=4.0)
    lines = measure_all([Work("rest", "rest", start_s=20.0, window_s=4.0)], later)[1]
    (growth,) = (line for line in lines if line.name == "heap: grown in an hour")
    assert growth.is_held
    assert growth.budget < 1024


@pytest.mark.timeout(280)
def test_every_budget_is_held_while_walking() -> None:
    lines = measure_all([Work("walk", "walk", start_s=60.0, window_s=10.0)])[1]
    assert len(lines) > 10
    assert [line.name for line in lines if not line.is_held] == []


def test_flash_is_told_by_module_to_the_last_symbol() -> None:
    memory = memory_of_image()
    # Viper functions, a class, and a module that is frozen by itself.
    assert memory.modules["dsp/spectrum_viper"] > memory.modules["dsp/network_viper"] > 1000
    assert memory.modules["tasks/scheduler"] > 500
    assert memory.modules["channel"] > 500
    assert 0 < memory.modules["strings, and gaps"] < memory.flash_bytes // 8


def test_the_census_finds_every_byte_that_is_alive_and_who_holds_it(brief: Cost) -> None:
    every = census_of(BRIEF, HEAP_BYTES, "nrf52840")
    # The census's own module, and what the stack holds at its look.
    assert sum(held.size_bytes for held in every) == pytest.approx(brief.alive_bytes, abs=1200)
    index = next(held for held in every if held.path == "band.core.log.sectors.index.entries")
    assert (index.kind, index.owner, index.size_bytes) == ("buffer", "Index", 12 * virtual.JOURNAL_SECTORS)
    assert {"Respiration", "Lsm6dso", "Commands"} <= {held.owner for held in every}
