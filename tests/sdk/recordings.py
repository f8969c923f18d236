"""Frames and whole recordings of the fake band, for the tests of stores."""

from pathlib import Path

from bandschema.codec import encode
from bandschema.records import Header, LogLine
from sdk.fake_band import BAND_ID, Script
from sdk.helpers import paced_band, run
from vitalband import Store, StreamId, VitalsUpdate
from vitalband.store.database import FrameRow


def row(sequence: int, boot_id: int = 1, text: str = "x", band_id: bytes = BAND_ID) -> FrameRow:
    record = LogLine(level=20, part=0, text=text)
    frame = encode(Header(kind=record.KIND, boot_id=boot_id, sequence=sequence, ticks_ms=sequence), record)
    return FrameRow(band_id, boot_id, sequence, record.KIND, sequence, 1_000_000 + sequence, frame)


def record(path: Path, script: Script | None = None, seconds: float = 30) -> list[VitalsUpdate]:
    """Record a fake band and give the vitals that were iterated live."""

    async def work():
        band, transport = paced_band(script, record_to=path)
        async with band:
            vitals = band.vitals()
            await band.start_stream(StreamId.OPTICAL)
            transport.band.press_button(transport.clock.now_ms)
            await band.run_for(seconds)
        return [item async for item in vitals]

    return run(work())


def limit_pages(store: Store, room: int) -> None:
    """Make the store's disk full: SQLite then fails as it does when the file system has no space."""
    connection = store._connection
    count = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={count + room}")
