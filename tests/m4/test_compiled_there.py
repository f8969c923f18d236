"""Native code that the image compiles itself takes the names it is written with, whatever their number."""

from pathlib import Path

from linker.native import THUMB_NAMES_MAX
from m4.test_flash_objects import run_until

FUNCTIONS = 150
TWELVE_BITS = 4095
"""The largest number that an immediate of most of Thumb's instructions holds."""

MAIN = f"""
import micropython

BODY = '''
@micropython.{{0}}
def store(to):
    to.late_place_{{1}} = late_value_{{1}}


@micropython.{{0}}
def call(to):
    return to.late_way_{{1}}(late_value_{{1}})


def name():
    return "late_place_{{1}}"
'''


class Kept:
    pass


def run(board):
    for number in range({FUNCTIONS}):
        space = {{"micropython": micropython, "late_value_%d" % number: number}}
        exec(BODY.format(("native", "viper")[number % 2], number), space)
        kept = Kept()
        setattr(kept, "late_way_%d" % number, lambda value: -value)
        called = space["call"](kept)
        space["store"](kept)
        # A name is a word of three lowest bits 010, its number above them.
        print(id(space["name"]()) >> 3, called, sorted(kept.__dict__.items())[0])
"""


def test_native_code_of_the_image_reaches_names_that_frozen_code_does_not(tmp_path: Path) -> None:
    printed = [line.split(" ", 1) for line in run_until("its main program returned", MAIN, tmp_path)[1:]]
    assert [what for _, what in printed] == [
        f"{-number} ('late_place_{number}', {number})" for number in range(FUNCTIONS)
    ]
    numbers = [int(number) for number, _ in printed]
    # The image's own names come before, so these are after the last that frozen code would reach.
    assert THUMB_NAMES_MAX < numbers[0] < numbers[-1]
    assert numbers[-1] > TWELVE_BITS
