"""Boots the firmware on MicroPython's unix port: boot.py DESCRIPTOR BOARD FIRMWARE_DIR LIBRARY_DIR."""

import builtins
import sys
from io import StringIO

SHIMS_DIR = __file__.rpartition("/")[0]


def _use_conductor_log(channel):
    original = builtins.print

    def log_print(*values, file=None, **options):
        if file is not None:
            return original(*values, file=file, **options)
        text = StringIO()
        original(*values, file=text, **options)
        return channel.log(text.getvalue().encode())

    builtins.print = log_print


def _run(board):
    import channel

    try:
        channel.open_channel(int(sys.argv[1]), board)
        _use_conductor_log(channel)
        import main

        main.run(board)
    except Exception as error:  # noqa: BLE001 - whatever it is, the conductor is told
        text = StringIO()
        sys.print_exception(error, text)
        channel.fatal(text.getvalue().encode())
    channel.leave(channel.RETURNED)


sys.path[:] = [SHIMS_DIR, sys.argv[3], sys.argv[4], ".frozen"]
_run(sys.argv[2])
