"""Tasks run in order, on time, and one that fails takes nobody with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.clock import Clock
from tasks.scheduler import Scheduler

WRAP = 1 << 30


class Supervisor:
    """Restarts after 1 s; notes what it is told."""

    def __init__(self):
        self.told = []

    def on_failure(self, task, failures, error):
        self.told.append((task.name, failures, type(error)))
        return 1000

    def on_proven(self, task):
        self.told.append((task.name, "proven"))


class Task:
    """Notes its steps in `log`; runs every `period_ms`."""

    def __init__(self, name, period_ms, log):
        self.name, self.period_ms, self.log, self.part = name, period_ms, log, 0
        self.error = self.on_step = None
        self.starts = 0

    def start(self, _now_ms):
        self.starts += 1

    def step(self, now_ms):
        self.log.append((now_ms, self.name))
        if self.error:
            raise self.error
        if self.on_step:
            self.on_step()
        return self.period_ms


@pytest.fixture
def loop(virtual_time):
    virtual_time.now_ms = 0
    return Loop(virtual_time)


class Loop:
    """A scheduler and the time that it waits for."""

    def __init__(self, virtual_time):
        self.time = virtual_time
        self.log = []
        self.supervisor = Supervisor()
        self.scheduler = Scheduler(Clock(), self.supervisor)

    def task(self, name, period_ms, **options):
        task = Task(name, period_ms, self.log)
        self.scheduler.add(task, **options)
        return task

    def run(self, duration_ms):
        end_ms = self.time.now_ms + duration_ms
        while self.time.now_ms <= end_ms:
            delay_ms = self.scheduler.run_due()
            self.time.now_ms += delay_ms


@given(
    periods=st.lists(st.integers(1, 500), min_size=1, max_size=5),
    start_ms=st.sampled_from([0, WRAP - 1500, WRAP // 2 - 1500]),
)
def test_each_task_runs_at_its_period_and_ties_in_the_order_of_adding(virtual_time, periods, start_ms):
    virtual_time.now_ms = start_ms
    loop = Loop(virtual_time)
    for number, period_ms in enumerate(periods):
        loop.task(number, period_ms)
    loop.run(3_000)
    for number, period_ms in enumerate(periods):
        times = [now_ms for now_ms, name in loop.log if name == number]
        assert times[:5] == [(start_ms + at * period_ms) % WRAP for at in range(len(times[:5]))]
    passed = [((now_ms - start_ms) % WRAP, name) for now_ms, name in loop.log]
    assert passed == sorted(passed)


def test_a_period_does_not_drift_when_steps_take_time(loop):
    loop.task("a", 100).on_step = lambda: setattr(loop.time, "now_ms", loop.time.now_ms + 7)
    loop.run(1_000)
    assert [now_ms for now_ms, _ in loop.log][:5] == [0, 100, 200, 300, 400]


def test_a_task_that_is_late_by_more_than_its_period_does_not_catch_up_in_a_burst(loop):
    task = loop.task("a", 100)
    task.on_step = lambda: setattr(loop.time, "now_ms", loop.time.now_ms + (950 if len(loop.log) == 2 else 0))
    loop.run(1_500)
    assert [now_ms for now_ms, _ in loop.log][:5] == [0, 100, 1050, 1150, 1250]


def test_a_ready_task_runs_early_and_counts_from_then(loop):
    ready = []
    loop.task("a", 1000, is_ready=lambda: bool(ready) and not ready.clear())
    loop.task("b", 300)
    loop.run(250)
    ready.append(True)
    loop.run(2_000)
    assert [now_ms for now_ms, name in loop.log if name == "a"][:3] == [0, 300, 1300]


def test_what_becomes_ready_while_others_run_does_not_wait(loop):
    ready = []
    pressed = loop.task("pressed", 1000, is_ready=lambda: bool(ready))
    pressed.on_step = ready.clear
    later = loop.task("later", 500)
    later.on_step = lambda: ready.append(True) if loop.time.now_ms == 500 else None
    loop.run(900)
    assert [now_ms for now_ms, name in loop.log if name == "pressed"] == [0, 500]


def test_a_failing_task_is_started_again_after_its_delay_and_others_run_on(loop):
    bad, _ = loop.task("bad", 100), loop.task("good", 100)
    bad.error = ValueError("no")
    loop.run(2_500)
    bad.error = None
    loop.run(1_000)
    assert [now_ms for now_ms, name in loop.log if name == "bad"][:4] == [0, 1000, 2000, 3000]
    assert [now_ms for now_ms, name in loop.log if name == "good"][:30] == [at * 100 for at in range(30)]
    assert bad.starts == 4
    told = [entry for entry in loop.supervisor.told if entry[0] == "bad"]
    assert told == [("bad", at, ValueError) for at in (1, 2, 3)] + [("bad", "proven")]


def test_readiness_does_not_shorten_the_wait_for_a_restart(loop):
    loop.task("bad", 100, is_ready=lambda: True).error = OSError(5)
    loop.task("tick", 50)
    loop.run(990)
    assert [name for _, name in loop.log].count("bad") == 1


def test_last_tasks_run_after_all_others_even_those_added_later(loop):
    last = Task("last", 100, loop.log)
    loop.scheduler.add_last(last)
    loop.task("a", 100)
    loop.run(50)
    loop.task("b", 100)
    loop.run(100)
    at_100 = [name for now_ms, name in loop.log if now_ms >= 100]
    assert at_100[-1] == "last"
    assert [name for now_ms, name in loop.log if now_ms == 0] == ["a", "last"]


def test_a_removed_task_does_not_run_in_the_pass_that_removes_it(loop):
    first, second = loop.task("first", 100), loop.task("second", 100)
    first.on_step = lambda: loop.scheduler.remove(second)
    loop.run(500)
    assert {name for _, name in loop.log} == {"first"}


def test_two_runs_give_the_same_bytes(tmp_path, make_rig_in):
    def run(name):
        (tmp_path / name).mkdir()
        rig = make_rig_in(tmp_path / name)
        rig.connect()
        rig.agree()
        rig.band.collection.streams.start(1)
        rig.run(5_000)
        rig.fail("tmp117")
        rig.run(20_000)
        return rig.host.frames

    assert run("first") == run("second")
