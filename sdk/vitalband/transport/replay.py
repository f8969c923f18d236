"""A recording as a transport: `replay:night.vband` plays stored frames, verbatim, as a band would.

The frames go through the band's end of a link, so a session cannot tell them from live ones. Time is
the recording's: it advances inside `receive` only, from frame to frame by their ticks, and UTC comes
from the stored time exchanges. What the recording holds can be asked for again (identity, manifest,
stream descriptors); every other request is refused as not available.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bandschema.codec import decode, encode
from bandschema.enums import CommandCode, Result
from bandschema.records import (
    Command,
    CuffReading,
    Header,
    Identity,
    Issuance,
    ManifestEntry,
    Reply,
    StreamDescriptor,
)
from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME
from bandwire.frames import MAX_FRAME_BYTES
from bandwire.numbering import Numbering
from bandwire.record import MAX_RECORD_BYTES
from vitalband.clock import TimeModel
from vitalband.errors import EndOfDataError, LocalError, TransportError
from vitalband.store.database import FrameRow, Store
from vitalband.store.select import chosen_band, fill_time_model

MAX_PACKET = MAX_RECORD_BYTES


class FrameSource:
    """Frames to be sent, taken when the link is about to send (`bandwire.seams.Source`)."""

    def __init__(self) -> None:
        self.buffer = b""
        self.start = 0
        self.drops = 0
        """None: a recording gives up nothing."""
        self._frames: list[bytes] = []

    def put(self, frame: bytes) -> None:
        """Add a frame."""
        self._frames.append(frame)

    def peek(self) -> int:
        """Length of the next frame, 0 when there is none."""
        self.buffer = self._frames[0] if self._frames else b""
        return len(self.buffer)

    def advance(self) -> None:
        """The next frame is on its way."""
        del self._frames[0]


class ReplayClock:
    """The recording's time; UTC by its time exchanges, by the time of receipt where it has none."""

    def __init__(self, times: TimeModel) -> None:
        self.now_ms = 0
        self.boot_id = 0
        self.ticks_ms = 0
        self.received_utc_us = 0
        self._times = times

    def monotonic_ms(self) -> int:
        """Milliseconds played so far."""
        return self.now_ms

    def utc_us(self) -> int:
        """UTC of the moment that is played."""
        placed = self._times.place(self.boot_id, self.ticks_ms)
        return self.received_utc_us if placed is None else placed.utc_us

    def advance(self, duration_ms: int) -> None:
        """Let time pass."""
        self.now_ms += duration_ms
        self.ticks_ms += duration_ms
        self.received_utc_us += duration_ms * 1000


class ReplayTransport:
    """Plays one band's recording, the store at `path`, once; `recorded_times` places its ticks in UTC.

    With `takes_unproven` also what no record of consent tells of: recordings of before there were any.
    """

    is_stream = False
    is_paced = True
    max_packet = MAX_PACKET

    def __init__(
        self, url: str, path: Path, band_id: bytes | None = None, *, takes_unproven: bool = False
    ) -> None:
        self.url = url
        self.takes_unproven = takes_unproven
        self.recorded_times = TimeModel()
        self.clock = ReplayClock(self.recorded_times)
        self.path = path
        self._wanted_band_id = band_id
        self._store: Store | None = None
        self._live = FrameSource()
        self._again = FrameSource()
        self._packet = bytearray(MAX_PACKET)

    async def open(self) -> None:
        """Open the store at its first frame; raises `StoreError`."""
        store = await asyncio.to_thread(Store.open, self.path)
        try:
            self._begin(store)
        except BaseException:
            store.close()
            raise

    def _begin(self, store: Store) -> None:
        self._band_id = chosen_band(store, self._wanted_band_id)
        fill_time_model(self.recorded_times, store, self._band_id)
        self._rows = store.frames(self._band_id)
        self._next: FrameRow | None = next(self._rows, None)
        first = self._next
        if first is None:
            raise TransportError(f"{self.url} holds no frames")
        self._numbering = Numbering(first.boot_id, self._refuse_boot, first.sequence)
        self._enter_boot(first)
        self._link = BandLink(
            self._numbering,
            band_id=self._band_id,
            max_frame_bytes=MAX_FRAME_BYTES,
            live=self._live,
            backfill=self._again,
            post_bytes=4 * MAX_FRAME_BYTES,
        )
        self._store = store

    def _refuse_boot(self) -> int:
        raise LocalError("a replay numbers no frames of its own")

    def _enter_boot(self, row: FrameRow) -> None:
        self.clock.boot_id, self.clock.ticks_ms = row.boot_id, row.ticks_ms
        self.clock.received_utc_us = row.received_utc_us
        self._numbering.boot_id, self._numbering.next_sequence = row.boot_id, row.sequence

    async def send(self, data: bytes) -> None:
        """The host's packet: answered at the same moment of the recording."""
        self._opened()
        self._link.receive_record(data, self.clock.ticks_ms)
        while (event := self._link.next_event()) is not None:
            if event[0] == EVENT_FRAME:
                self._answer(bytes(event[1]))

    async def receive(self, timeout_ms: int) -> bytes:
        """The next packet, after letting the recording's time pass; `EndOfDataError` at its end."""
        self._opened()
        if packet := self._next_packet():
            return packet
        row = self._next
        if row is None:
            raise EndOfDataError(f"{self.url} is played to its end")
        if row.boot_id != self.clock.boot_id:
            self._enter_boot(row)
        wait_ms = max(0, row.ticks_ms - self.clock.ticks_ms)
        self.clock.advance(min(wait_ms, timeout_ms))
        if wait_ms > timeout_ms:
            return b""
        self._live.put(row.frame)
        self._numbering.next_sequence = row.sequence + 1
        self._next = next(self._rows, None)
        return self._next_packet()

    def _next_packet(self) -> bytes:
        length = self._link.next_record_into(self._packet, MAX_PACKET, self.clock.ticks_ms)
        return bytes(self._packet[:length])

    def _opened(self) -> Store:
        if self._store is None:
            raise TransportError(f"{self.url} is not open")
        return self._store

    async def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _answer(self, frame: bytes) -> None:
        _, record = decode(frame)
        if isinstance(record, Command):
            self._reply(record.request_id, self._do(record))
        elif isinstance(record, CuffReading | Issuance):
            self._reply(record.request_id, Result.NOT_AVAILABLE)

    def _do(self, command: Command) -> Result:
        match command.command:
            case CommandCode.SEND_IDENTITY:
                return self._send_again(self._recorded(Identity.KIND, 1))
            case CommandCode.SEND_MANIFEST:
                return self._send_again(self._recorded(ManifestEntry.KIND, 256))
            case CommandCode.DESCRIBE_STREAM:
                return self._send_again(self._descriptors(command.stream_id))
            case CommandCode.START_STREAM:
                return self._send_again(self._descriptors(command.stream_id))
            case CommandCode.STOP_STREAM:
                return Result.OK
            case _:
                return Result.NOT_AVAILABLE

    def _recorded(self, kind: int, limit: int) -> Iterator[bytes]:
        rows = self._opened().frames(self._band_id, kind=kind)
        return (row.frame for row, _ in zip(rows, range(limit), strict=False))

    def _descriptors(self, stream_id: int) -> Iterator[bytes]:
        # Of every boot: the host keeps them apart by the boot in their headers.
        for row in self._opened().frames(self._band_id, kind=StreamDescriptor.KIND):
            _, record = decode(row.frame)
            if isinstance(record, StreamDescriptor) and record.stream_id == stream_id:
                yield row.frame

    def _send_again(self, frames: Iterator[bytes]) -> Result:
        count = 0
        for frame in frames:
            self._again.put(frame)
            count += 1
        return Result.OK if count else Result.NOT_AVAILABLE

    def _reply(self, request_id: int, result: Result) -> None:
        reply = Reply(request_id=request_id, result=result, detail=0)
        frame = encode(Header(kind=Reply.KIND, boot_id=0, sequence=0, ticks_ms=0), reply)
        self._link.post(frame, len(frame))


def open_replay(
    url: str, *, band_id: bytes | None = None, unproven: bool = False, **options: Any
) -> ReplayTransport:
    """The transport for `replay:PATH`; `band_id` (8 bytes) chooses among the bands of the store.

    `unproven` plays also what no record of consent tells of.
    """
    path = url.removeprefix("replay:").removeprefix("//")
    if not path or options:
        raise LocalError(
            f"wanted replay:PATH, band_id and unproven at most, got {url!r} and {sorted(options)}"
        )
    return ReplayTransport(url, Path(path), band_id, takes_unproven=unproven)
