"""Types of mpremote's commands, as far as `vitalband flash` uses them."""

from argparse import Namespace

from mpremote.main import State

class CommandError(Exception): ...

def do_romfs(state: State, args: Namespace) -> None: ...
