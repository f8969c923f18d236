"""The model of the flash keeps the rules of NOR memory, and loses power as one does."""

from errno import EIO, EROFS
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bandsim.nor_flash import (
    ERASED,
    PAGE_BYTES,
    PAGE_PROGRAM_US,
    SECTOR_BYTES,
    WORD_BYTES,
    Cut,
    Erasure,
    FlashMisuseError,
    FlashOperation,
    NorFlash,
    PowerCutError,
    program_us,
)

SECTORS = 3
WORDS = SECTOR_BYTES // WORD_BYTES
BLANK = bytes([ERASED]) * SECTOR_BYTES

sectors = st.integers(0, SECTORS - 1)
word_offsets = st.integers(0, WORDS - 1).map(lambda word: word * WORD_BYTES)
contents = st.integers(1, 20).flatmap(lambda words: st.binary(min_size=4 * words, max_size=4 * words))
seeds = st.integers(0, 2**32)


class AgainstPlainBytes(RuleBasedStateMachine):
    """Any order of operations leaves what three plain arrays of bytes would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.flash = NorFlash(SECTORS)
        self.held = [bytearray(BLANK) for _ in range(SECTORS)]
        self.done = 0

    @rule(sector=sectors, offset=word_offsets, data=contents)
    def program(self, sector: int, offset: int, data: bytes) -> None:
        span = slice(offset, offset + len(data))
        fits = offset + len(data) <= SECTOR_BYTES
        if not fits or any(value != ERASED for value in self.held[sector][span]):
            with pytest.raises(FlashMisuseError):
                self.flash.program(sector, offset, data)
            return
        self.flash.program(sector, offset, memoryview(data))
        self.held[sector][span] = data
        self.done += 1

    @rule(sector=sectors)
    def erase(self, sector: int) -> None:
        self.flash.erase(sector)
        self.held[sector][:] = BLANK
        self.done += 1

    @rule(sector=sectors, offset=word_offsets, data=contents, prefix=st.integers(0, 100))
    def lose_power_in_a_program(self, sector: int, offset: int, data: bytes, prefix: int) -> None:
        assume(offset + len(data) <= SECTOR_BYTES)
        assume(self.held[sector][offset : offset + len(data)].count(ERASED) == len(data))
        self.flash.cut_at(self.flash.operations + 1, Cut(prefix_bytes=prefix))
        with pytest.raises(PowerCutError):
            self.flash.program(sector, offset, data)
        written = data[:prefix]
        self.held[sector][offset : offset + len(written)] = written
        self.done += 1

    @invariant()
    def content_is_as_foretold(self) -> None:
        assert self.flash.image() == b"".join(self.held)
        assert self.flash.operations == self.done
        assert sum(wear.erases + wear.programs for wear in self.flash.wear) == self.done


TestAgainstPlainBytes = AgainstPlainBytes.TestCase
TestAgainstPlainBytes.settings = settings(
    stateful_step_count=30, max_examples=max(settings().max_examples // 10, 30)
)


@given(sectors, word_offsets, contents)
def test_what_is_programmed_is_read_back_and_its_neighbours_stay_erased(
    sector: int, offset: int, data: bytes
) -> None:
    assume(offset + len(data) <= SECTOR_BYTES)
    flash = NorFlash(SECTORS)
    flash.program(sector, offset, data)
    assert flash.read(sector, offset, len(data)) == data
    assert flash.image().count(ERASED) == SECTORS * SECTOR_BYTES - len(data) + data.count(ERASED)
    wear = flash.wear[sector]
    assert (wear.programs, wear.programmed_bytes, wear.erases) == (1, len(data), 0)


@pytest.mark.parametrize(
    ("sector", "offset", "count", "what"),
    [
        (SECTORS, 0, 4, "sector of 0 to 2"),
        (-1, 0, 4, "sector of 0 to 2"),
        (0, SECTOR_BYTES - 4, 8, "within a sector"),
        (0, -4, 4, "within a sector"),
        (0, 2, 4, "whole words"),
        (0, 0, 6, "whole words"),
        (0, 0, 0, "whole words"),
    ],
)
def test_a_program_out_of_place_is_the_firmwares_error(
    sector: int, offset: int, count: int, what: str
) -> None:
    flash = NorFlash(SECTORS)
    with pytest.raises(FlashMisuseError, match=what):
        flash.program(sector, offset, bytes(count))
    assert flash.operations == 0
    assert flash.image() == BLANK * SECTORS


def test_setting_a_bit_and_clearing_more_of_a_word_are_told_apart() -> None:
    flash = NorFlash(SECTORS)
    flash.program(1, 8, b"\xf0\xf0\xf0\xf0")
    with pytest.raises(FlashMisuseError, match="set bits"):
        flash.program(1, 4, b"\x00\x00\x00\x00\x0f\xf0\xf0\xf0")
    with pytest.raises(FlashMisuseError, match="programmed once"):
        flash.program(1, 8, b"\x00\xf0\xf0\xf0")
    assert flash.read(1, 4, 8) == b"\xff\xff\xff\xff\xf0\xf0\xf0\xf0"


@given(contents, st.integers(0, 100), seeds)
def test_a_torn_byte_keeps_only_bits_of_its_old_or_new_value(data: bytes, prefix: int, seed: int) -> None:
    flash = NorFlash(SECTORS)
    flash.cut_at(1, Cut(prefix_bytes=prefix, tears_byte=True, seed=seed))
    with pytest.raises(PowerCutError):
        flash.program(0, 0, data)
    found = flash.read(0, 0, len(data))
    assert found[:prefix] == data[:prefix]
    if prefix < len(data):
        assert found[prefix] & data[prefix] == data[prefix]
    assert found[prefix + 1 :].count(ERASED) == max(0, len(data) - prefix - 1)


@pytest.mark.parametrize("erasure", Erasure)
def test_an_erase_that_power_goes_in_is_not_begun_or_half_done_or_done(erasure: Erasure) -> None:
    flash = NorFlash(SECTORS)
    before = bytes([0x5A]) * SECTOR_BYTES
    flash.program(1, 0, before)
    flash.cut_at(2, Cut(erasure=erasure, seed=7))
    with pytest.raises(PowerCutError, match="operation 2"):
        flash.erase(1)
    after = flash.read(1, 0, SECTOR_BYTES)
    assert (after == before) is (erasure == Erasure.NOTHING)
    assert (after == BLANK) is (erasure == Erasure.WHOLE)
    if erasure == Erasure.MIXED:
        # Each of the three is meant to come a quarter of the time or more.
        assert all(after.count(value) > SECTOR_BYTES // 5 for value in (0x5A, ERASED, 0))
    assert flash.read(0, 0, SECTOR_BYTES) == flash.read(2, 0, SECTOR_BYTES) == BLANK
    flash.erase(1)
    assert flash.image() == BLANK * SECTORS


def test_the_same_seed_leaves_the_same_mixture_and_another_another() -> None:
    images = set[bytes]()
    for seed in (7, 8, 7):
        flash = NorFlash(1)
        flash.cut_at(1, Cut(erasure=Erasure.MIXED, seed=seed))
        with pytest.raises(PowerCutError):
            flash.erase(0)
        images.add(flash.image())
    assert len(images) == 2


def test_power_goes_once_and_in_the_operation_that_was_named_only() -> None:
    flash = NorFlash(SECTORS)
    flash.cut_at(3, Cut(prefix_bytes=2))
    flash.program(0, 0, bytes(4))
    flash.erase(1)
    with pytest.raises(PowerCutError):
        flash.program(0, 4, bytes(4))
    flash.program(0, 8, bytes(4))
    assert flash.read(0, 0, 12) == bytes(6) + b"\xff\xff" + bytes(4)
    with pytest.raises(ValueError, match="after 4, got 3"):
        flash.cut_at(3, Cut())


def test_a_failing_flash_refuses_and_changes_nothing() -> None:
    flash = NorFlash(SECTORS)
    flash.program(0, 0, b"abcd")
    flash.is_read_only = True
    for refused in (lambda: flash.program(0, 4, b"efgh"), lambda: flash.erase(0)):
        with pytest.raises(OSError, match="read-only") as caught:
            refused()
        assert caught.value.errno == EROFS
    assert flash.read(0, 0, 8) == b"abcd\xff\xff\xff\xff"
    flash.is_failing = True
    for refused in (
        lambda: flash.program(0, 4, b"efgh"),
        lambda: flash.erase(0),
        lambda: flash.read(0, 0, 1),
    ):
        with pytest.raises(OSError, match="fails") as caught:
            refused()
        assert caught.value.errno == EIO
    flash.is_failing = flash.is_read_only = False
    assert flash.read(0, 0, 8) == b"abcd\xff\xff\xff\xff"
    assert flash.operations == 5


def test_each_operation_is_told_with_its_data_before_it_is_done() -> None:
    flash = NorFlash(SECTORS)
    flash.erase(2)
    steps: list[tuple[FlashOperation, bytes]] = []
    flash.on_operation = lambda step: steps.append((step, flash.read(1, 16, 2)))
    flash.program(1, 16, bytes(8))
    flash.erase(1)
    assert steps == [
        (FlashOperation(1, 16, bytes(8)), b"\xff\xff"),
        (FlashOperation(1, 0, b""), b"\0\0"),
    ]
    assert [(step.count, step.is_erase) for step, _ in steps] == [(8, False), (0, True)]


def test_a_file_keeps_the_content_for_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    flash = NorFlash(SECTORS, path)
    flash.program(2, 0, b"kept")
    assert NorFlash(SECTORS, path).read(2, 0, 4) == b"kept"
    assert path.stat().st_size == SECTORS * SECTOR_BYTES
    with pytest.raises(ValueError, match="wanted 4096 bytes"):
        NorFlash(1, path)


def test_an_image_can_be_put_back() -> None:
    flash = NorFlash(SECTORS)
    flash.program(0, 0, b"one.")
    image = flash.image()
    flash.erase(0)
    flash.restore(image)
    assert flash.image() == image
    with pytest.raises(ValueError, match="wanted 12288 bytes, got 3"):
        flash.restore(b"abc")


@given(st.integers(0, SECTOR_BYTES - 1), st.integers(1, SECTOR_BYTES))
def test_a_program_takes_the_time_of_the_pages_that_it_touches(offset: int, count: int) -> None:
    assume(offset + count <= SECTOR_BYTES)
    pages = len({at // PAGE_BYTES for at in range(offset, offset + count)})
    assert program_us(offset, count) // PAGE_PROGRAM_US >= pages
    assert program_us(offset, count) - pages * PAGE_PROGRAM_US < count + 100
