"""Which names of a module lie in flash: those that are bound once, whatever way its code takes."""

import re
import subprocess
from pathlib import Path

import pytest

import firmware_image
from flash_objects.__main__ import built_ins_of, frozen_content, mpy_tool
from m4.tool_chain import SOC, need_image

SOURCE = """
NUMBER = 1
PAIR = (2, NUMBER)
TEXT = b"abc"
length = len
if NUMBER:
    IN_A_BRANCH = 3
for turn in (1, 2):
    IN_A_LOOP = 4
TWICE = 5
TWICE = 6
BOUND_BY_A_FUNCTION = 7
WRITTEN_FROM_OUTSIDE = 8
MADE_BY_CODE = [9]


def function(first=PAIR):
    global BOUND_BY_A_FUNCTION
    BOUND_BY_A_FUNCTION = length(first)
    return NUMBER, TEXT, IN_A_BRANCH


class Class:
    PARTS = (NUMBER, function)
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    need_image()
    compiler, source_dir = firmware_image.build_mpy_cross()
    folder = tmp_path_factory.mktemp("names")
    (folder / "part.py").write_text(SOURCE)
    subprocess.run([str(compiler), "-s", "part.py", str(folder / "part.py")], check=True)
    names = firmware_image.image_path(SOC).parent / "build" / "genhdr" / "qstrdefs.preprocessed.h"
    outside = {("part", "WRITTEN_FROM_OUTSIDE")}
    files, built_ins = [str(folder / "part.mpy")], built_ins_of(Path(source_dir))
    return frozen_content(mpy_tool(Path(source_dir)), files, str(names), outside, built_ins)[0]


def names_in(table: str, written: str) -> set[str]:
    (entries,) = re.findall(rf"{table}_table\[\] = {{(.*?)}};", written, re.DOTALL)
    return set(re.findall(r"{MP_ROM_QSTR\(MP_QSTR_(\w+)\)", entries))


def test_names_that_are_surely_bound_once_lie_in_flash_and_no_others(written: str) -> None:
    assert names_in("flash_names_0", written) == {"NUMBER", "PAIR", "TEXT", "length", "function", "Class"}


def test_the_module_has_room_in_ram_for_the_names_that_are_left(written: str) -> None:
    ((room, number),) = re.findall(r"{MP_QSTR_part, (\d+), &flash_names_(\d+)}", written)
    # Those in a branch and a loop, its variable, one bound twice, by a function, from outside, by code that
    # runs, `__name__`, and places that stay empty.
    assert (int(room), number) == (8 + 3, "0")


def test_what_a_class_and_a_default_hold_lies_in_flash_too(written: str) -> None:
    assert names_in("flash_type_part_Class_names", written) >= {"PARTS"}
    assert re.search(r"mp_obj_fun_bc_t flash_fun_part_function = .*?flash_tuple_", written, re.DOTALL)
