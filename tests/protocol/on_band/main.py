"""Reads each frame of a file by the generated code and writes what came of it, as a check of its text a line.

Runs in the image, which calls `run`, and as a script of the unix port. `place.py` beside it says where the
file lies, what each kind is called and how its tail is; each frame has its length before it, two bytes.
"""

import binascii

import flat
import frames
import place


def run(board):
    with open(place.FOLDER + "/frames.bin", "rb") as taken:
        answer_all(taken)


def answer_all(taken):
    with open(place.FOLDER + "/answers.txt", "wb") as answers:
        while True:
            length = taken.read(2)
            if not length:
                return
            answers.write((answer_of(taken.read(length[0] | length[1] << 8)) + "\n").encode())


def answer_of(frame):
    name, tail = place.NAMES[frame[1]]
    try:
        read = flat.decode(frames, name, tail, memoryview(b"\xa5\xa5\xa5" + frame), 3, len(frame))
    except frames.FrameError:
        return "refused"
    # MicroPython 1.25 gives the hex of no bytes as bytes.
    return hex(binascii.crc32(repr(flat.plain(read)).replace("b''", "''").encode()))


if __name__ == "__main__":
    run("")
