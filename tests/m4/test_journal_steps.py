"""What a step of the journal takes while a sector is thinned and its losses are told, counted."""

from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import LEAST_FLASH_KB, BandSettings, VirtualBand
from bandwire.frames import JOURNAL_LOSS_BYTES, KIND_COMPRESSED_BLOCK, KIND_JOURNAL_LOSS, KIND_VITALS
from m4.test_counts import counting, run_to_its_end
from m4.tool_chain import need_image

MOST_A_STEP = 235_000
"""Own choice: 7.3 ms at two cycles an instruction. Most steps take 115,000; one that copies a frame opens it
and seals it anew, the longest of these 228,000."""

MOST_A_BLOCK = 175_000
"""Of 241 bytes, to flash or from it: 167,241 and 168,167, of which the seal takes 97,000."""
MOST_HEAP_BYTES = 112
"""Views of the buffer, for the check and the flash; the seal takes none."""

FIRMWARE = """
import counters
from boards import virtual
from linked import AesCtr, FrameLog, open_flash, pack_header_into, pack_journal_loss_into

frame = bytearray(KIND_VITALS_BYTES)
loss = bytearray(LOSS_BYTES)
numbers = [0]


def number(into, kind, seconds):
    ticks = seconds * 1000
    pack_header_into(into, 0, kind, 1, numbers[0], ticks & 0xFFFF, ticks >> 16, 0)
    numbers[0] += 1


def run(board):
    log = FrameLog(open_flash(virtual), lambda count: bytes(range(count)), AesCtr())

    def tell(boot_id, first, last, count, lost_class, cause, subject):
        log.reserve_loss(LOSS_BYTES)
        number(loss, LOSS_KIND, 0)
        pack_journal_loss_into(loss, 0, boot_id, first, last, count, lost_class, cause)
        log.append_loss(loss, LOSS_BYTES, subject)

    log.losses.tell = tell
    log.start(1)
    log.finish_start()
    seconds = 0
    while not log.room.thinner.is_busy:
        seconds += STEP_S
        log.reserve(VITALS_KIND, len(frame))
        number(frame, VITALS_KIND, seconds)
        log.append(VITALS_KIND, frame, 0, len(frame))
        while log.has_work and not log.room.thinner.is_busy:
            log.step()
    while log.has_work:
        counters.pause()
        before = counters.computed()
        counters.resume()
        log.step()
        counters.pause()
        took = counters.computed() - before
        counters.resume()
        print(took)
"""


FRAME_LIFE = """
block = bytearray(BLOCK_BYTES)
log = linked.FrameLog(linked.open_flash(virtual), lambda count: bytes(range(count)), linked.AesCtr())
log.start(1)
log.finish_start()
def append(sequence):
    linked.pack_header_into(block, 0, KIND, 1, sequence, 0, 0, 0)
    log.append(KIND, block, 0, BLOCK_BYTES)
def read(_nothing):
    log.reader.peek()
for sequence in range(3):
    log.reserve(KIND, BLOCK_BYTES)
    gc.collect()
    free = gc.mem_free()
    took = count(append, sequence)
    used = free - gc.mem_free()
print(took)
print(used)
log.reader.begin(1, 0, 3)
while log.reader.count():
    pass
for _ in range(2):
    took = count(read, None)
    log.reader.advance()
print(took)
"""


def test_what_a_block_of_samples_takes_to_go_to_flash_sealed_and_to_come_back(tmp_path: Path) -> None:
    body = FRAME_LIFE.replace("BLOCK_BYTES", "241").replace("KIND", str(KIND_COMPRESSED_BLOCK))
    with counting(tmp_path, f"import linked\nfrom boards import virtual\n{body}") as band:
        writing, written_bytes, reading = run_to_its_end(band)
    print(f"written {writing:,}, read {reading:,}, on the heap {written_bytes:,} bytes")
    assert max(writing, reading) <= MOST_A_BLOCK
    assert written_bytes <= MOST_HEAP_BYTES


@pytest.mark.parametrize(("frame_bytes", "step_s"), [(46, 2), (46, 20), (110, 30)])
def test_no_step_of_thinning_or_telling_takes_long(tmp_path: Path, frame_bytes: int, step_s: int) -> None:
    need_image()
    text = FIRMWARE.replace("KIND_VITALS_BYTES", str(frame_bytes)).replace("STEP_S", str(step_s))
    for name, value in (
        ("VITALS_KIND", KIND_VITALS), ("LOSS_KIND", KIND_JOURNAL_LOSS), ("LOSS_BYTES", JOURNAL_LOSS_BYTES),
    ):  # fmt: skip
        text = text.replace(name, str(value))
    (tmp_path / "main.py").write_text(text)
    lane = LaneSettings(kind="m4", counts_instructions=True, firmware_dir=tmp_path)
    settings = BandSettings(lane=lane, flash_kb=LEAST_FLASH_KB)
    with (
        VirtualBand(load_scenario("rest"), settings) as band,
        pytest.raises(FirmwareError, match="its main program returned"),
    ):
        band.run_for(60)
    counts = [int(line.text) for line in list(band.conductor.log.lines)[1:]]
    # Three times through the entries, 3 or 4 of them a step.
    assert len(counts) > 3 * (4032 // (frame_bytes + 10)) // 4
    assert max(counts) <= MOST_A_STEP
