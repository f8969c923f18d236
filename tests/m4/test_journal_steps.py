"""What a step of the journal takes while a sector is thinned and its losses are told, counted."""

from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import LEAST_FLASH_KB, BandSettings, VirtualBand
from bandwire.frames import JOURNAL_LOSS_BYTES, KIND_JOURNAL_LOSS, KIND_VITALS
from m4.tool_chain import need_image

MOST_A_STEP = 132_000
"""Own choice: 4.1 ms at two cycles an instruction. Most steps take 112,000; one looks for its frame behind
what lies on the heap of this run, and the heap of a band that runs has gaps: docs/budget.md."""

FIRMWARE = """
import counters
from boards import virtual
from linked import FrameLog, open_flash, pack_header_into, pack_journal_loss_into

frame = bytearray(KIND_VITALS_BYTES)
loss = bytearray(LOSS_BYTES)
numbers = [0]


def number(into, kind, seconds):
    ticks = seconds * 1000
    pack_header_into(into, 0, kind, 1, numbers[0], ticks & 0xFFFF, ticks >> 16, 0)
    numbers[0] += 1


def run(board):
    log = FrameLog(open_flash(virtual))

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
