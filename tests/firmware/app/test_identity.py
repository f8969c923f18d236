"""The digest is over the files of the firmware, wherever they lie; boards hold data only."""

import ast
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

import boards
from bandschema.enums import Capability
from bandsim.micropython import find_micropython
from boards import board_named
from identity import PARTS

FIRMWARE = Path(boards.__file__).parent.parent
PROTOCOL = FIRMWARE.parent / "protocol"
NAMES = ("virtual", "virtual_phone_rgb", "esp32s3", "nrf52840")
PIECES = """
import sys
from binascii import hexlify
from hal import files
from identity import digest_of_files
print(hexlify(digest_of_files((("firmware", sys.argv[1]), ("bandwire", sys.argv[2])), files)).decode())
"""


def digest_by_the_band(firmware, bandwire, tmp_path):
    """The digest as the firmware's own code computes it, on MicroPython."""
    (tmp_path / "script").mkdir(exist_ok=True)
    script = tmp_path / "script" / "digest.py"
    script.write_text(PIECES)
    done = subprocess.run(
        [find_micropython(), str(script), str(firmware), str(bandwire)],
        env={"MICROPYPATH": f"{FIRMWARE}:{PROTOCOL}:.frozen"},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def expected_digest(firmware, bandwire):
    digest = sha256()
    for name, folder in (("firmware", firmware), ("bandwire", bandwire)):
        for relative in sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py")):
            if name == "firmware" and relative.split("/")[0] not in PARTS:
                continue
            digest.update(f"{name}/{relative}".encode() + b"\0" + (folder / relative).read_bytes() + b"\0")
    return digest.hexdigest()


@pytest.fixture
def small_tree(tmp_path):
    for name in ("firmware", "bandwire"):
        (tmp_path / name / "tasks").mkdir(parents=True)
        (tmp_path / name / "main.py").write_text("a = 1\n" * 300)
        (tmp_path / name / "tasks" / "part.py").write_text("b = 2\n")
        (tmp_path / name / "tasks" / "note.txt").write_text("not code\n")
    return tmp_path


def test_the_band_and_a_checker_get_the_same_digest(tmp_path):
    bandwire = PROTOCOL / "bandwire"
    assert digest_by_the_band(FIRMWARE, bandwire, tmp_path) == expected_digest(FIRMWARE, bandwire)


def test_a_changed_renamed_or_added_file_changes_the_digest(small_tree):
    firmware, bandwire = small_tree / "firmware", small_tree / "bandwire"

    def digest():
        return digest_by_the_band(firmware, bandwire, small_tree)

    seen = [digest()]
    (firmware / "tasks" / "part.py").write_text("b = 3\n")
    seen.append(digest())
    (firmware / "tasks" / "part.py").rename(firmware / "tasks" / "other.py")
    seen.append(digest())
    (bandwire / "more.py").write_text("")
    seen.append(digest())
    assert len(set(seen)) == len(seen)


def test_a_file_that_is_not_code_does_not_change_the_digest(small_tree):
    before = digest_by_the_band(small_tree / "firmware", small_tree / "bandwire", small_tree)
    (small_tree / "firmware" / "tasks" / "note.txt").write_text("other\n")
    assert digest_by_the_band(small_tree / "firmware", small_tree / "bandwire", small_tree) == before


def lie_in_the_checkout(folder):
    return folder / "firmware", folder / "protocol" / "bandwire"


def lie_in_the_wheel(folder):
    return folder / "bandsim" / "firmware", folder / "bandwire"


def lie_on_the_board(folder):
    return folder, folder / "bandwire"


def digest_of_layout(layout, folder):
    """What the band itself gives when the files lie so, and those of others beside them."""
    firmware, bandwire = layout(folder / "root")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(FIRMWARE, firmware, ignore=ignore)
    shutil.copytree(PROTOCOL / "bandwire", bandwire, ignore=ignore)
    (firmware / "boot.py").write_text("print('a file of the port')\n")
    (firmware / "lib").mkdir()
    (firmware / "lib" / "foreign.py").write_text("x = 1\n")
    (folder / "machine.py").write_text("I2C = UART = Pin = unique_id = None\n")
    paths = [str(path.relative_to(folder / "root")) for path in (firmware, bandwire.parent)]
    path = [*("" if path == "." else path for path in paths), str(folder), ".frozen"]
    code = f"import sys; sys.path[:] = {path}; import main; print(main.firmware_digest().hex())"
    done = subprocess.run(
        [find_micropython(), "-c", code],
        cwd=folder / "root", capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("layout", [lie_in_the_checkout, lie_in_the_wheel, lie_on_the_board])
def test_the_digest_is_the_same_wherever_the_files_lie_and_whatever_lies_beside_them(tmp_path, layout):
    assert digest_of_layout(layout, tmp_path) == expected_digest(FIRMWARE, PROTOCOL / "bandwire")


@pytest.mark.parametrize("name", NAMES)
def test_every_board_has_every_item(name):
    board = board_named(name)
    items = {item for item in vars(board) if item.isupper()}
    assert items == {item for item in vars(board_named("virtual")) if item.isupper()}
    assert name == board.NAME
    assert board.QUEUE_BYTES < board.HEAP_BUDGET_BYTES < board.RAM_BUDGET_BYTES
    assert len(board.MODEL) <= 16
    assert len(board.HARDWARE) <= 12
    assert 0 < len(board.CERTIFICATION) <= 16


@pytest.mark.parametrize("name", NAMES)
def test_a_board_is_data_only(name):
    tree = ast.parse((FIRMWARE / "boards" / f"{name}.py").read_text("utf-8"))
    kinds = {type(node) for node in tree.body}
    assert kinds <= {ast.Assign, ast.Expr, ast.ImportFrom}


def test_an_unknown_board_is_refused_by_name():
    with pytest.raises(ValueError, match="got toaster"):
        board_named("toaster")


def test_the_digest_is_over_every_part_that_there_is():
    there = {path.relative_to(FIRMWARE).parts[0] for path in FIRMWARE.rglob("*.py")}
    assert there - {"ports"} == set(PARTS)


@pytest.mark.parametrize("is_demanded", [False, True])
def test_the_identity_tells_whether_a_session_can_be_sealed_and_whether_there_is_no_other(rig, is_demanded):
    rig.is_tied_secure = is_demanded
    rig.boot()
    stated = Capability(rig.identity.capabilities)
    assert Capability.SECURE_SESSION in stated
    assert (Capability.SEALED_RECORDS in stated) == is_demanded
