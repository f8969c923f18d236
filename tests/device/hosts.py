"""A host without the SDK: the link alone, with a session id of the test's choice, so that bytes repeat; and
what no host has a part in: the journal in the band's flash."""

import os
from typing import Any

from bandschema.codec import decode
from bandschema.enums import CommandCode
from bandschema.records import Header, Record, VitalsRun
from bandschema.vitals_run import RunUpdate, decode_updates
from bandsim.sealed_journal import LibraryCtr
from bandsim.virtual_band import VirtualBand
from bandwire.events import EVENT_FRAME, EVENT_REPLY
from bandwire.hostlink import HostLink
from bandwire.serial import SerialCarrier
from firmware.journal.world import BlockFlash
from journal.log import FrameLog

TURN_US = 20_000


class RawHost:
    """Drives a virtual band and its link by hand; `sent` is every byte that the band has sent."""

    def __init__(self, band: VirtualBand, session_id: bytes = b"12345678") -> None:
        self.band = band
        self.link = HostLink(session_id)
        self.carrier = SerialCarrier(self.link)
        self.sent = bytearray()
        self.frames: list[tuple[Header, Record]] = []
        self.events: list[tuple[Any, ...]] = []

    @property
    def now_ms(self) -> int:
        """Virtual time."""
        return self.band.now_us // 1000

    def run_for(self, seconds: float) -> None:
        """Let time pass; every so often both ends say what they have to say."""
        end_us = self.band.now_us + round(seconds * 1e6)
        self.band.start()
        while self.band.now_us < end_us:
            self.exchange()
            limit_us = min(end_us, self.band.now_us + TURN_US)
            self.band.conductor.run_until(limit_us, stop_on_output=True)
        self.exchange()

    def exchange(self) -> None:
        """Take what the band has sent, and send what waits."""
        now_ms = self.now_ms
        self.link.poll(now_ms)
        data = self.band.link.take_output()
        self.sent += data
        self.carrier.receive(data, len(data), now_ms)
        self.take_events()
        while count := self.carrier.fill(now_ms):
            start = self.carrier.output_start
            self.band.link.feed(bytes(self.carrier.output[start : start + count]))
            self.carrier.sent(count)

    def packet_of(self, frame: bytes) -> bytes:
        """The packet that would carry a frame of the host's next, without sending it."""
        self.link.post(frame, len(frame))
        count = self.carrier.fill(self.now_ms)
        packet = bytes(self.carrier.output[self.carrier.output_start : self.carrier.output_start + count])
        self.carrier.sent(count)
        return packet

    def command(self, code: CommandCode) -> int | None:
        """Send a command and let a second pass; gives the result of the reply, None when none came."""
        request_id = self.link.send_command(int(code), 0, 0, 1000, self.now_ms)
        self.run_for(1.0)
        replies = [event for event in self.events if event[:2] == (EVENT_REPLY, request_id)]
        return replies[0][2] if replies else None

    def take_events(self) -> None:
        """Take the events of the link."""
        while (event := self.carrier.next_event(self.now_ms)) is not None:
            if event[0] == EVENT_FRAME:
                self.frames.append(decode(bytes(event[1])))
            else:
                self.events.append(event)

    def updates(self) -> list[RunUpdate]:
        """Updates of the readings, in order."""
        found = self.of_kind(VitalsRun)
        return [update for header, run in found for update in decode_updates(run.updates, header.ticks_ms)]

    def of_kind(self, kind: type[Record]) -> list[tuple[Header, Any]]:
        """Frames of one kind, in order."""
        return [(header, record) for header, record in self.frames if isinstance(record, kind)]


def journal_of(band: VirtualBand, boot_id: int) -> dict[int, bytes]:
    """Every frame of a boot in the band's flash by its number, read here."""
    log = FrameLog(BlockFlash(band.conductor.flash), os.urandom, LibraryCtr())
    log.start(0xFFFF)
    log.finish_start()
    reader = log.reader
    reader.begin(boot_id, 0, 1 << 23)
    while reader.count():
        pass
    found: dict[int, bytes] = {}
    while length := reader.peek():
        frame = bytes(reader.buffer[reader.start : reader.start + length])
        found[int.from_bytes(frame[4:7], "little")] = frame
        reader.advance()
    return found
