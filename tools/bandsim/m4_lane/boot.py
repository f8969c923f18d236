"""Boots the firmware in the image: arguments READ_FILE WRITE_FILE BOARD COUNTS, then folders to import from
before what is frozen. COUNTS is 1 where the emulator's time is that of its instructions, else 0.
"""

import sys


def _boot(read_file, write_file, board, counts):
    import channel
    import runner

    # Open as long as the firmware lives.
    requests = open(write_file, "wb")  # noqa: SIM115
    replies = open(read_file, "rb")  # noqa: SIM115
    if counts == "1":
        import meter

        meter.start()
    channel.open_channel(requests, replies, board)
    runner.run(board)


sys.path[:] = sys.argv[5:] + [".frozen"]
_boot(*sys.argv[1:5])
