"""Boots the firmware in the image: arguments READ_FILE WRITE_FILE BOARD COUNTS COLLECT_EVERY, then folders
to import from before what is frozen. COUNTS is 1 where the emulator's time is that of its instructions, else
0; after COLLECT_EVERY bytes of allocation garbage is collected, if that is above 0.
"""

import sys


def _boot(read_file, write_file, board, counts, collect_every):
    import channel
    import runner

    # Open as long as the firmware lives.
    requests = open(write_file, "wb")  # noqa: SIM115
    replies = open(read_file, "rb")  # noqa: SIM115
    if counts == "1":
        import meter

        meter.start(int(collect_every))
    channel.open_channel(requests, replies, board)
    runner.run(board)


sys.path[:] = sys.argv[6:] + [".frozen"]
_boot(*sys.argv[1:6])
