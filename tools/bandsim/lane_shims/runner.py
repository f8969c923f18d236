"""Runs the firmware on a lane whose channel is open: its prints are log lines, its failure is told."""

import builtins
import sys
from io import StringIO

import channel


def run(board, before_start=None):
    """Run the firmware on `board`; `before_start()` is called when its code is loaded, its result kept."""
    try:
        _print_to_log()
        import main

        kept = before_start() if before_start is not None else None
        main.run(board)
        del kept
    except Exception as error:  # noqa: BLE001 - whatever it is, the conductor is told
        text = StringIO()
        sys.print_exception(error, text)
        channel.fatal(text.getvalue().encode())
    channel.leave(channel.RETURNED)


def _print_to_log():
    original = builtins.print

    def log_print(*values, file=None, **options):
        if file is not None:
            return original(*values, file=file, **options)
        text = StringIO()
        original(*values, file=text, **options)
        return channel.log(text.getvalue().encode())

    builtins.print = log_print
