"""Boots the firmware in the image: arguments READ_FILE WRITE_FILE BOARD, then folders to import from before
what is frozen.
"""

import sys


def _boot(read_file, write_file, board):
    import channel
    import runner

    # Open as long as the firmware lives.
    requests = open(write_file, "wb")  # noqa: SIM115
    replies = open(read_file, "rb")  # noqa: SIM115
    channel.open_channel(requests, replies, board)
    runner.run(board)


sys.path[:] = sys.argv[4:] + [".frozen"]
_boot(*sys.argv[1:4])
