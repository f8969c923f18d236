"""Functions, classes and names of the image lie in flash, and do what those that Python makes do."""

from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from m4.tool_chain import need_image

RAM_FROM = 0x20000000
"""Where RAM begins (`image.ld`); flash lies below."""

MAIN = """
import linked


def kind_of(thing):
    return "class" if isinstance(thing, type) else "function"


def run(board):
    for name in dir(linked):
        thing = getattr(linked, name)
        if isinstance(thing, type) or "function" in str(type(thing)) or "closure" in str(type(thing)):
            print(kind_of(thing), name, id(thing))

    class Louder(linked.Vitals):
        def __init__(self):
            self.volume = 11

    louder = Louder()
    print("instance", louder.volume, isinstance(louder, linked.Vitals))
    for thing, name in ((linked.Vitals, "step"), (linked, "Vitals"), (linked, "elapsed_ms")):
        try:
            setattr(thing, name, None)
            print("written")
        except AttributeError:
            print("refused", name)
    linked.anew = 1
    print("bound", linked.anew, "linked" in str(linked))
"""


WRITES_TO_FLASH = """
import uctypes


def run(board):
    print("writes")
    uctypes.bytearray_at({place}, 1)[0] = 0
    print("written")
"""


def run_until(said: str, main: str, folder: Path) -> list[str]:
    """Run a main program until the firmware ends with these words; give the lines that it printed."""
    need_image()
    (folder / "main.py").write_text(main)
    settings = BandSettings(lane=LaneSettings(kind="m4", firmware_dir=folder))
    with VirtualBand(load_scenario("rest"), settings) as band:
        with pytest.raises(FirmwareError, match=said):
            band.run_for(1)
        return [line.text for line in band.conductor.log.lines]


@pytest.fixture
def printed(tmp_path: Path) -> list[str]:
    return run_until("its main program returned", MAIN, tmp_path)


def test_nearly_all_functions_and_classes_of_the_image_take_no_heap(printed: list[str]) -> None:
    things = [line.split() for line in printed if line.startswith(("class ", "function "))]
    in_ram = dict.fromkeys(("class", "function"), 0)
    for kind, *_, place in things:
        in_ram[kind] += int(place) >= RAM_FROM
    assert len(things) > 250
    # What is bound twice, written to, or made by code that runs stays on the heap: a few of each.
    assert in_ram["class"] <= 4
    assert in_ram["function"] <= 4


def test_a_class_in_flash_has_subclasses_and_cannot_be_written_to(printed: list[str]) -> None:
    assert "instance 11 True" in printed
    assert "refused step" in printed


def test_a_name_in_flash_cannot_be_bound_anew_and_another_can(printed: list[str]) -> None:
    assert {"refused Vitals", "refused elapsed_ms", "bound 1 True"} <= set(printed)
    assert "written" not in printed


@pytest.mark.parametrize("place", [0x1000, 1024 * 1024 - 1])
def test_a_write_to_flash_is_a_fault_as_on_a_chip(tmp_path: Path, place: int) -> None:
    printed = run_until("fault pc", WRITES_TO_FLASH.format(place=place), tmp_path)
    assert printed[-1] == "writes"
