"""A store of a million frames, exported: CPU seconds and peak memory of `vitalband export`, one process each.

Nine frames in ten are vitals of a made session, the others runs of vitals and compressed blocks of noise
that walks. A tenth as many frames are exported beside it: memory must not follow their number.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from rich.table import Table

from bandschema.codec import encode
from bandschema.enums import Channel, Sensor, StreamId, Unit
from bandschema.records import CompressedBlock, Header, StreamDescriptor
from bench.output import table_of
from bench_codec.recordings import Group
from bench_codec.sender import Block, blocks_of
from bench_codec.session import run_frame, session_updates, vitals_frame
from vitalband.export import ExportTable
from vitalband.store.database import FrameRow, Store

FRAMES = 1_000_000
_BAND_ID = bytes(range(8))
_BOOT_ID = 1
_RATE_HZ, _SAMPLE_BITS, _CHANNELS = 25, 16, 3
_TEMPLATES = 200
_RUN_UPDATES = 10
_AT_ONCE = 20_000
_KIB = 1024
_CHILD = """
import sys
from vitalband.cli import main
try:
    main()
finally:
    with open("/proc/self/status") as status:
        (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM"))
    print(peak, file=sys.stderr)
"""
"""Tells its own peak on stderr: what the system tells of a child counts its parent's memory too."""


@dataclass(frozen=True)
class ExportRow:
    """One export: rows, seconds of CPU time, and the most memory that its process held, in bytes."""

    frames: int
    table: str
    rows: int
    cpu_s: float
    peak_bytes: int


def _descriptor() -> StreamDescriptor:
    names = (Channel.RED, Channel.INFRARED, Channel.GREEN)
    channels = {f"channel_{at}": names[at] if at < len(names) else Channel.NONE for at in range(8)}
    return StreamDescriptor(
        stream_id=StreamId.OPTICAL,
        sensor=Sensor.OPTICAL,
        channel_count=_CHANNELS,
        sample_bits=_SAMPLE_BITS,
        is_signed=0,
        rate_mhz=_RATE_HZ * 1000,
        scale_nano=0,
        unit=Unit.NONE,
        **channels,
    )


def _blocks() -> list[Block]:
    noise = np.random.default_rng(3)
    walk = 30_000 + np.cumsum(noise.normal(0, 6, (100 * _TEMPLATES, _CHANNELS)), axis=0)
    samples = np.rint(walk).clip(0, 65_535).astype(np.int32)
    return blocks_of(samples, Group("walk", _RATE_HZ, _SAMPLE_BITS, False, (), (samples,)))[:-1]


def store_rows(count: int) -> Iterator[FrameRow]:
    """`count` frames of one boot: templates whose number and tick are written anew."""
    updates = session_updates(_TEMPLATES * _RUN_UPDATES)
    vitals = [vitals_frame(update, 0) for update in updates]
    runs = [run_frame(updates[at : at + _RUN_UPDATES], 0) for at in range(0, len(updates), _RUN_UPDATES)]
    blocks, samples, ticks_ms = _blocks(), 0, 0
    header = Header(kind=StreamDescriptor.KIND, boot_id=_BOOT_ID, sequence=0, ticks_ms=0)
    yield FrameRow(_BAND_ID, _BOOT_ID, 0, StreamDescriptor.KIND, 0, 1, encode(header, _descriptor()))
    for sequence in range(1, count):
        if sequence % 20 == 0:
            block = blocks[sequence // 20 % len(blocks)]
            head = block.head | int(StreamId.OPTICAL) << 11
            record = CompressedBlock(head=head, first_sample=samples % (1 << 24), block=block.body)
            samples += block.steps
            at_ms = samples * 1000 // _RATE_HZ
            header = Header(kind=record.KIND, boot_id=_BOOT_ID, sequence=sequence, ticks_ms=at_ms % (1 << 32))
            frame = encode(header, record)
        else:
            templates = runs if sequence % 20 == 10 else vitals
            ticks_ms += 1000
            place = sequence.to_bytes(3, "little") + (ticks_ms % (1 << 32)).to_bytes(4, "little")
            template = templates[sequence % len(templates)]
            frame = template[:4] + place + template[11:]
        yield FrameRow(_BAND_ID, _BOOT_ID, sequence, frame[1], 0, sequence, frame)


def write_store(path: Path, count: int) -> None:
    """Make the store."""
    rows = store_rows(count)
    with Store.create(path) as store:
        while some := list(islice(rows, _AT_ONCE)):
            store.write(some)


def measure_export(store: Path, table: ExportTable, suffix: str, frames: int) -> ExportRow:
    """Export one table in a process of its own; RuntimeError when it fails."""
    output = store.with_name(f"out{suffix}")
    command = [
        sys.executable,
        "-c",
        _CHILD,
        "export",
        str(store),
        str(output),
        "--table",
        table.value,
        "--json",
    ]
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as peak:
        child = subprocess.Popen(command, stdout=told, stderr=peak)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        texts: list[str] = []
        for file in (told, peak):
            file.seek(0)
            texts.append(file.read().decode())
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {texts}")
    rows = int(texts[0].split('"rows": ')[1].split(",")[0])
    output.unlink()
    peak_bytes = int(texts[1].split()[-1]) * _KIB
    return ExportRow(frames, f"{table.value} to {suffix}", rows, usage.ru_utime + usage.ru_stime, peak_bytes)


EXPORTS = ((ExportTable.VITALS, ".parquet"), (ExportTable.VITALS, ".csv"), (ExportTable.OPTICAL, ".parquet"))


def measure(count: int = FRAMES) -> list[ExportRow]:
    """Export every table of a store of `count` frames, and of one of a tenth as many."""
    rows: list[ExportRow] = []
    for frames in (count // 10, count):
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "made.vband"
            write_store(store, frames)
            rows += [measure_export(store, table, suffix, frames) for table, suffix in EXPORTS]
    return rows


def table(rows: list[ExportRow]) -> Table:
    """The table of exports."""
    return table_of(
        "`vitalband export` of made stores: seconds of CPU time and peak memory of the whole process",
        ("frames", "table", "rows", "seconds", "frames/s", "peak MB"),
        [
            (
                f"{row.frames:,}",
                row.table,
                f"{row.rows:,}",
                f"{row.cpu_s:.1f}",
                f"{row.frames / row.cpu_s:,.0f}",
                f"{row.peak_bytes / 1e6:.0f}",
            )
            for row in rows
        ],
    )


def run(_: Path) -> list[Table]:
    """Measure; the store is made, so that no data folder is looked at."""
    return [table(measure())]
