"""The firmware's `hal.flash` is the same over block devices that raise and those that give a number."""

import shutil
from errno import EINVAL, EIO, EROFS
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bandsim.lane import find_firmware
from bandsim.nor_flash import SECTOR_BYTES, FlashOperation, NorFlash
from boards import esp32s3, nrf52840, virtual, virtual_phone_rgb
from hal.flash import Flash, open_flash
from sim.helpers import FOREVER, rig

BOARDS = (virtual, virtual_phone_rgb, nrf52840, esp32s3)


class RaisingBlocks:
    """As `esp32.Partition`: a failure is raised, success gives nothing."""

    def __init__(self, flash: NorFlash, block_bytes: int = SECTOR_BYTES) -> None:
        self.flash = flash
        self.block_bytes = block_bytes
        self.buffers: list[object] = []

    def readblocks(self, block: int, buffer: bytearray | memoryview, offset: int) -> int | None:
        self.buffers.append(buffer)
        buffer[:] = self.flash.read(block, offset, len(buffer))
        return None

    def writeblocks(self, block: int, buffer: bytearray | memoryview, offset: int) -> int | None:
        self.buffers.append(buffer)
        self.flash.program(block, offset, bytes(buffer))
        return None

    def ioctl(self, request: int, argument: int) -> int | None:
        if request == 6:
            self.flash.erase(argument)
            return 0
        return {4: self.flash.sector_count, 5: self.block_bytes}[request]


class CountingBlocks(RaisingBlocks):
    """As `zephyr.FlashArea`: a failure is a number below 0, success 0."""

    def readblocks(self, block: int, buffer: bytearray | memoryview, offset: int) -> int | None:
        try:
            super().readblocks(block, buffer, offset)
        except OSError as error:
            return -(error.errno or EINVAL)
        return 0

    def writeblocks(self, block: int, buffer: bytearray | memoryview, offset: int) -> int | None:
        try:
            super().writeblocks(block, buffer, offset)
        except OSError as error:
            return -(error.errno or EINVAL)
        return 0

    def ioctl(self, request: int, argument: int) -> int | None:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            return -(error.errno or EINVAL)


@pytest.fixture(params=[RaisingBlocks, CountingBlocks])
def blocks(request: pytest.FixtureRequest) -> RaisingBlocks:
    return request.param(NorFlash(4))


@given(
    kind=st.sampled_from([RaisingBlocks, CountingBlocks]),
    offset=st.integers(0, 1023).map(lambda word: word * 4),
    start=st.integers(0, 40),
    words=st.integers(1, 20),
    rest=st.integers(0, 9),
)
def test_a_part_of_a_buffer_is_programmed_and_read_into_a_part(
    kind: type[RaisingBlocks], offset: int, start: int, words: int, rest: int
) -> None:
    count = 4 * words
    assume(offset + count <= SECTOR_BYTES)
    flash = Flash(kind(NorFlash(2)), 2)
    source = bytes(range(1, 1 + start + count + rest))
    flash.program(1, offset, source, start, count)
    target = bytearray(start + count + rest)
    flash.read_into(1, offset, target, start, count)
    assert target == bytes(start) + source[start : start + count] + bytes(rest)


def test_a_whole_buffer_is_given_as_it_is(blocks: RaisingBlocks) -> None:
    flash = Flash(blocks, 4)
    buffer = bytearray(16)
    flash.program(0, 0, buffer, 0, 16)
    flash.read_into(0, 0, buffer, 0, 16)
    assert all(given is buffer for given in blocks.buffers)


def test_what_fails_is_an_oserror_with_its_number(blocks: RaisingBlocks) -> None:
    flash = Flash(blocks, 4)
    flash.program(0, 0, b"abcd", 0, 4)
    for is_read_only, number in ((True, EROFS), (False, EIO)):
        blocks.flash.is_read_only, blocks.flash.is_failing = is_read_only, not is_read_only
        for refused in (lambda: flash.program(0, 4, b"efgh", 0, 4), lambda: flash.erase(0)):
            with pytest.raises(OSError) as caught:
                refused()
            assert caught.value.args[0] == number
    with pytest.raises(OSError) as caught:
        flash.read_into(0, 0, bytearray(4), 0, 4)
    assert caught.value.args[0] == EIO
    blocks.flash.is_failing = False
    flash.erase(0)
    assert blocks.flash.image() == b"\xff" * len(blocks.flash.image())


def test_a_device_is_used_up_to_what_the_board_allows_and_refused_with_other_sectors(
    blocks: RaisingBlocks,
) -> None:
    assert Flash(blocks, 256).sector_count == 4
    assert Flash(blocks, 3).sector_count == 3
    with pytest.raises(OSError) as caught:
        Flash(RaisingBlocks(NorFlash(4), block_bytes=512), 4)
    assert caught.value.args[0] == EINVAL


def test_a_board_without_such_a_flash_has_none() -> None:
    # CPython has neither module.
    for kind in ("zephyr", "esp32"):
        board = SimpleNamespace(JOURNAL_DEVICE=kind, JOURNAL_AREA="journal", JOURNAL_SECTORS=1)
        assert open_flash(board) is None


def test_every_board_names_a_flash_of_a_megabyte_or_more() -> None:
    for board in BOARDS:
        assert board.JOURNAL_DEVICE in {"zephyr", "esp32"}
        assert board.JOURNAL_AREA
        assert board.JOURNAL_SECTORS * SECTOR_BYTES >= 1024 * 1024


def test_the_board_files_make_the_partition_that_the_profile_names() -> None:
    ports = find_firmware() / "ports"
    rows = [
        [cell.strip() for cell in line.split(",")]
        for line in (ports / "esp32s3" / "partitions.csv").read_text().splitlines()
        if not line.startswith("#")
    ]
    (journal,) = (row for row in rows if row[0] == esp32s3.JOURNAL_AREA)
    assert int(journal[4], 16) == esp32s3.JOURNAL_SECTORS * SECTOR_BYTES
    spans = sorted((int(row[3], 16), int(row[4], 16)) for row in rows)
    for (start, size), (following, _) in pairwise(spans):
        assert start + size <= following
    assert sum(spans[-1]) <= 8 * 1024 * 1024
    overlay = (ports / "nrf52840" / "vitalband.overlay").read_text()
    assert f'label = "{nrf52840.JOURNAL_AREA}"' in overlay
    assert f"reg = <0x0 0x{nrf52840.JOURNAL_SECTORS * SECTOR_BYTES:x}>" in overlay


def test_on_each_lane_it_programs_and_reads_the_flash_of_the_conductor(
    tmp_path: Path, lane_kind: str
) -> None:
    (tmp_path / "firmware").mkdir()
    shutil.copy(find_firmware() / "hal" / "flash.py", tmp_path / "firmware" / "flash_of_firmware.py")
    body = """
    from flash_of_firmware import open_flash

    class Board:
        JOURNAL_DEVICE = "zephyr"
        JOURNAL_AREA = "journal"
        JOURNAL_SECTORS = 250

    flash = open_flash(Board)
    entry = bytearray(b"..entry.")
    flash.program(200, 16, entry, 2, 4)
    flash.read_into(200, 16, entry, 4, 4)
    print(flash.sector_count, entry)
    flash.erase(200)
    try:
        flash.program(201, 0, entry, 0, 8)
    except OSError as error:
        print(error.errno)
    """
    with rig(tmp_path, dedent(body) + dedent(FOREVER)) as band:
        flash = band.conductor.flash
        steps: list[FlashOperation] = []
        flash.on_operation = steps.append
        band.run_ms(40)
        flash.is_read_only = True
        band.run_ms(100)
        assert band.log == ["250 bytearray(b'..entry.')".replace("..entry.", "..enentr"), str(EROFS)]
        assert [(step.sector, step.offset, step.count) for step in steps] == [
            (200, 16, 4),
            (200, 0, 0),
            (201, 0, 8),
        ]
