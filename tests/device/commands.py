"""`vitalband` as a program of its own, whatever runs the tests: how Ctrl-C finds it."""

_PROGRAM = "import signal; signal.signal(signal.SIGINT, {}); from vitalband.cli import main; main()"

IN_A_TERMINAL = _PROGRAM.format("signal.default_int_handler")
"""Ctrl-C ends it. Said outright, as tests that run in a shell's background hand down that it is ignored."""

IN_THE_BACKGROUND = _PROGRAM.format("signal.SIG_IGN")
