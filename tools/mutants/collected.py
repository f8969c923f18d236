"""`python -m mutants.collected run ...`: mutmut, whose tests are collected once and not anew for each mutant.

mutmut forks for a mutant and begins pytest in the child. To begin and to collect take ten times as long as
the test that notices; so both are done before the first fork, and a child runs tests that are there.
"""

import os
import signal
import sys
from collections.abc import Iterable
from contextlib import chdir, redirect_stdout
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

_FOLDER = "mutants"
"""Where mutmut puts what it changed, and runs the tests."""


_TEST_S = 2.0
"""Processor time of a test, by which a mutant hangs: four times what the longest takes, whatever the load."""


def _give_up(signal_number: int, frame: FrameType | None) -> NoReturn:
    del signal_number, frame
    os._exit(1)


class CollectedTests:
    """The tests of a session of pytest that stays open; a fork inherits it."""

    def __init__(self, arguments: list[str]) -> None:
        # By name, as these are no promised interface: pytest keeps its own sessions to itself.
        configuration: Any = import_module("_pytest.config")
        main: Any = import_module("_pytest.main")
        self._nothing = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, as long as the session
        with chdir(_FOLDER), redirect_stdout(self._nothing):
            config = configuration._prepareconfig(["--rootdir=.", "--tb=native", "-s", "-q", *arguments])
            config._do_configure()
            self._session = main.Session.from_config(config)
            config.hook.pytest_sessionstart(session=self._session)
            config.hook.pytest_collection(session=self._session)
        self.items = {item.nodeid: item for item in self._session.items}

    def run_and_exit(self, names: Iterable[str]) -> NoReturn:
        """End this process: 0 when all tests of these names pass, 1 at the first that does not."""
        verdict = 1
        try:
            os.chdir(_FOLDER)
            signal.signal(signal.SIGVTALRM, _give_up)
            for name in names:
                signal.setitimer(signal.ITIMER_VIRTUAL, _TEST_S)
                item = self.items[name]
                item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
                if self._session.testsfailed:
                    break
            else:
                verdict = 0
        finally:
            # Whatever a mutant does to pytest itself: a child must not go on as its parent.
            os._exit(verdict)

    def check(self) -> None:
        """All must pass while nothing is changed, or every mutant would count as noticed."""
        child = os.fork()
        if child == 0:
            self.run_and_exit(self.items)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
            raise SystemExit("mutants: a test fails though nothing is changed")


def main() -> None:
    """mutmut's own command line."""
    harness: Any = import_module("mutmut.runners.harness")
    isolation: Any = import_module("mutmut.workers.isolation")
    freeze = isolation.ForkRunner.startup

    def startup(runner: Any) -> None:
        settings = harness.config()
        collected = CollectedTests(
            [*settings.pytest_add_cli_args, *settings.pytest_add_cli_args_test_selection]
        )

        collected.check()

        def run_tests(*, mutant_name: str | None, tests: Iterable[str]) -> NoReturn:
            del mutant_name
            collected.run_and_exit(tests)

        runner.test_runner.run_tests = run_tests
        freeze(runner)

    def run_clean_tests(runner: Any, tests: Iterable[str]) -> int:
        """Nothing: `CollectedTests.check` runs them, and in the way that they are run for a mutant."""
        del runner, tests
        return 0

    isolation.ForkRunner.startup = startup
    isolation.ForkRunner.run_clean_tests = run_clean_tests
    import_module("mutmut.__main__").cli()


if __name__ == "__main__":
    sys.exit(main())
