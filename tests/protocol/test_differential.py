"""Four readers, valid, damaged and random frames: the same verdict, the same values.

construct is the reference; the generated code runs here, under MicroPython's unix port and in the image on
the emulated Cortex-M4F; NumPy reads through its dtypes.
"""

import binascii
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.layout import HEADER_BYTES, LAYOUTS, Layout
from bandschema.strategies import frames as frames_of
from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.micropython import find_micropython
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from bandwire import frames as generated
from fuzz import readers, vectors
from m4.tool_chain import need_image
from protocol import flat
from protocol.lanes import ROOT

SEED = 20_240
CHANGED, RANDOM = 25, 8
"""Frames of each kind that are changed golden ones, and random ones: all are read in one run of a lane."""
_HEAP_BYTES = 200 * 1024
"""The generated code is compiled on the heap there, as it is not frozen in whole."""
_TIMEOUT_S = 120


def _damaged(frame: bytes, chance: random.Random) -> bytes:
    """A frame cut, made longer, or changed in a few bytes, its kind left as it is."""
    changed = bytearray(frame)
    for _ in range(chance.randint(1, 3)):
        way, at = chance.randrange(4), chance.randrange(2, len(changed) + 1)
        if way == 0:
            del changed[at:]
        elif way == 1:
            changed[at:at] = chance.randbytes(chance.randint(1, 9))
        elif way == 2 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif way == 3 and len(changed) > HEADER_BYTES:
            changed[min(HEADER_BYTES + chance.randrange(3), len(changed) - 1)] = chance.randrange(256)
    return bytes(changed)


def _corpus(seed: int) -> list[tuple[Layout, bytes]]:
    """Golden, damaged and random frames of every kind."""
    chance = random.Random(seed)
    found: list[tuple[Layout, bytes]] = []
    for layout in LAYOUTS:
        golden = [frame for frame in vectors.frames() if frame[1] == layout.kind]
        changed = [_damaged(chance.choice(golden), chance) for _ in range(CHANGED)]
        beginning = bytes([chance.randrange(256), layout.kind])
        noise = [beginning + chance.randbytes(chance.choice([0, 10, 30, 120])) for _ in range(RANDOM)]
        found += [(layout, frame) for frame in [*golden, *changed, *noise]]
    return found


def _check_on_this_side(layout: Layout, frame: bytes) -> bool:
    """Hold the three readers of CPython against each other; whether they took the frame."""
    reference = readers.by_construct(layout, frame)
    assert readers.by_generated(layout, frame, 3) == reference, (SEED, frame.hex())
    columns = readers.by_dtype(layout, frame, [0], [len(frame)])
    assert columns == (None if reference is None else [reference]), (SEED, frame.hex())
    return reference is not None


def test_three_readers_agree_on_valid_damaged_and_random_frames() -> None:
    verdicts = [_check_on_this_side(layout, frame) for layout, frame in _corpus(SEED)]
    assert 0.2 < sum(verdicts) / len(verdicts) < 0.8


@settings(max_examples=max(settings().max_examples // 4, 50))
@given(
    st.sampled_from(LAYOUTS).flatmap(lambda layout: frames_of(layout.name)), st.randoms(use_true_random=False)
)
def test_three_readers_agree_on_any_frame_and_on_what_damage_makes_of_it(
    frame: bytes, chance: random.Random
) -> None:
    layout = readers.layout_of(frame)
    assert layout is not None
    assert _check_on_this_side(layout, frame)
    _check_on_this_side(layout, _damaged(frame, chance))


def _answer(layout: Layout, frame: bytes) -> str:
    tail = layout.tail.name if layout.tail else None
    try:
        read = flat.decode(generated, layout.name, tail, memoryview(b"\xa5\xa5\xa5" + frame), 3, len(frame))
    except generated.FrameError:
        return "refused"
    return hex(binascii.crc32(repr(flat.plain(read)).encode()))


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """What a lane needs: the generated code, the script, and the frames."""
    for name in ("main.py", "flat.py"):
        shutil.copy(ROOT / "tests/protocol" / ("on_band" if name == "main.py" else "") / name, tmp_path)
    shutil.copy(ROOT / "protocol/bandwire/frames.py", tmp_path)
    package = tmp_path / "bandwire"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(ROOT / "protocol/bandwire/errors.py", package)
    names = {layout.kind: (layout.name, layout.tail and layout.tail.name) for layout in LAYOUTS}
    place = f"FOLDER = {str(tmp_path)!r}\nNAMES = {names!r}\n"
    (tmp_path / "place.py").write_text(place, encoding="utf-8")
    taken = b"".join(len(frame).to_bytes(2, "little") + frame for _, frame in _corpus(SEED))
    (tmp_path / "frames.bin").write_bytes(taken)
    return tmp_path


def _check_answers(folder: Path) -> None:
    answers = (folder / "answers.txt").read_text(encoding="ascii").split()
    wanted = [_answer(layout, frame) for layout, frame in _corpus(SEED)]
    assert len(answers) == len(wanted)
    for (layout, frame), answer, mine in zip(_corpus(SEED), answers, wanted, strict=True):
        assert answer == mine, (SEED, layout.name, frame.hex())


def test_the_unix_port_reads_valid_damaged_and_random_frames_alike(folder: Path) -> None:
    subprocess.run(
        [find_micropython(), folder / "main.py"],
        env={**os.environ, "MICROPYPATH": f".frozen:{folder}"},
        timeout=_TIMEOUT_S,
        check=True,
    )
    _check_answers(folder)


def test_the_image_reads_valid_damaged_and_random_frames_alike(folder: Path) -> None:
    need_image()
    settings = BandSettings(lane=LaneSettings(kind="m4", firmware_dir=folder, heap_bytes=_HEAP_BYTES))
    returned = pytest.raises(FirmwareError, match="its main program returned")
    with VirtualBand(load_scenario("rest"), settings) as band, returned:
        band.run_for(1)
    _check_answers(folder)
