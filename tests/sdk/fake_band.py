"""A scripted band for the SDK's tests: the band's end of a link, with vitals and streams made up.

No firmware and no chips here: what is tested is the host. The same band runs in memory on a virtual
clock (`tests/sdk/paced.py`) and behind a pseudo-terminal or a TCP port in real time (`tests/sdk/wire.py`).
"""

from dataclasses import dataclass, field, replace
from typing import Any

from bandschema.codec import decode, encode, encode_header
from bandschema.enums import (
    Capability,
    Cause,
    CommandCode,
    ConsentAction,
    Contact,
    EventKind,
    Group,
    Part,
    Reading,
    Result,
    StreamId,
    Validity,
)
from bandschema.readings import NO_VALUE, READINGS
from bandschema.records import (
    Acknowledge,
    Alert,
    BackfillRange,
    BackfillRequest,
    Command,
    ConsentRecord,
    CuffReading,
    Event,
    Header,
    Issuance,
    JournalExtent,
    PairedHost,
    Record,
    Reply,
    SampleBlock,
    SelfTestResult,
    StoreConfirm,
    Vitals,
    VitalsReading,
    VitalsRun,
)
from bandschema.vitals_run import RunReading, RunUpdate
from bandschema.vitals_run_writer import encode_updates
from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME, EVENT_UP
from bandwire.frames import MAX_FRAME_BYTES
from bandwire.numbering import Numbering
from fuzz.kept_frames import FrameMemory, MemoryReader, number_of
from sdk.fake_records import consent, descriptor, identity, manifest, sample_bytes

BAND_ID = bytes.fromhex("0102030405060708")
VITALS_MS = 2000
BLOCK_MS = 800
BLOCK_SAMPLES = 20

DEFAULT_VALUES = {
    Reading.HEART_RATE_BPM: 720,
    Reading.RESPIRATORY_RATE_BPM: 160,
    Reading.SPO2_PERCENT: 970,
    Reading.SKIN_TEMPERATURE_C: 3312,
    Reading.STEPS: 12,
    Reading.BATTERY_PERCENT: 80,
}


@dataclass
class Script:
    """What the band says and how it behaves; changed by a test as it goes."""

    values: dict[Reading, int] = field(default_factory=lambda: dict(DEFAULT_VALUES))
    contact: Contact = Contact.ON_WRIST
    capabilities: Capability = Capability.DISPLAY | Capability.BACKFILL
    lose: set[int] = field(default_factory=set)
    """Sequence numbers of live frames that never reach the host."""
    refuse: dict[int, Result] = field(default_factory=dict)
    cuff_result: Result = Result.OK
    silent_commands: set[int] = field(default_factory=set)
    has_journal: bool = True
    """Whether it tells what it keeps; earlier bands know no such command."""
    lose_extents: list[set[int]] = field(default_factory=list[set[int]])
    """Of each answer about the journal, in turn, the extents that never reach the host."""
    agreed: Group | None = ~Group.STANDARD_SERVICES
    """What it tells at its start to be agreed to; None for a band of before, which tells nothing."""
    end_ms: int | None = None
    self_test: list[SelfTestResult] = field(default_factory=list)
    """What a self-test tells, at once; the number of the run is filled in."""
    hosts: list[PairedHost] = field(default_factory=list)
    lose_hosts: set[int] = field(default_factory=set)
    """Numbers of hosts that are never told."""


class FakeBand:
    """Sans-I/O: `take` records, `step` at a time, `next_record_into` what is to be sent."""

    def __init__(self, script: Script | None = None, boot_id: int = 7) -> None:
        self.script = script or Script()
        self.boot_id = boot_id
        self.numbering = Numbering(boot_id, lambda: boot_id + 1)
        self.memory = FrameMemory(256 * 1024)
        self.reader = MemoryReader(self.memory)
        self.link = BandLink(
            self.numbering,
            band_id=BAND_ID,
            capabilities=int(self.script.capabilities),
            live=self.memory,
            backfill=self.reader,
            max_frame_bytes=MAX_FRAME_BYTES,
            post_bytes=4096,
            **self.link_options(),
        )
        self.received: list[Record] = []
        self.asked: list[tuple[int, int, int]] = []
        self._range: BackfillRange | None = None
        self._payloads: dict[Record, bytes] = {}
        self.active: dict[int, int] = {}
        self.sample_numbers = {1: 0, 2: 0}
        self.updates_per_frame = 1
        self._gathered: list[RunUpdate] = []
        self._next_vitals_ms = VITALS_MS
        self._next_block_ms = BLOCK_MS
        if self.script.agreed is not None:
            self.emit(consent(ConsentAction.IN_FORCE, self.script.agreed), 0)

    def link_options(self) -> dict[str, Any]:
        """What else its link is made with."""
        return {}

    def take_events(self, now_ms: int, next_event) -> None:
        """Answer what the link tells; `next_event` is that of the link or of its serial carrier."""
        while (event := next_event()) is not None:
            if event[0] == EVENT_FRAME:
                self._answer(decode(bytes(event[1]))[1], now_ms)
            elif event[0] == EVENT_UP:
                self._close_run(1)

    def next_due_ms(self) -> int:
        due = [self._next_vitals_ms, *([self._next_block_ms] if self.active else [])]
        return min(due)

    def step(self, now_ms: int) -> None:
        while self._next_vitals_ms <= now_ms:
            self._update(self._next_vitals_ms)
            self._next_vitals_ms += VITALS_MS
        while self._next_block_ms <= now_ms:
            for stream_id in sorted(self.active):
                self.emit(self._block(stream_id), self._next_block_ms)
            self._next_block_ms += BLOCK_MS

    def _update(self, now_ms: int) -> None:
        """One update: a `vitals` frame as bands of before version 3 send it, or one more of a run."""
        vitals = self.vitals()
        if self.updates_per_frame == 1:
            self.emit(vitals, now_ms)
            return
        readings = {
            int(told.reading_id): RunReading(
                Validity(told.validity), told.quality, int(told.cause), told.raw_value
            )
            for told in vitals.readings
        }
        self._gathered.append(RunUpdate(now_ms, vitals.contact, readings))
        if len(self._gathered) >= self.updates_per_frame:
            self._close_run(self.updates_per_frame)

    def _close_run(self, updates_per_frame: int) -> None:
        if self._gathered:
            body = encode_updates(self._gathered, len(READINGS))
            self.emit(VitalsRun(updates=body), self._gathered[-1].ticks_ms)
            self._gathered.clear()
        self.updates_per_frame = updates_per_frame

    def emit(self, record: Record, now_ms: int) -> bytes:
        """Number a frame and queue it live, or keep it for backfill only when the script loses it."""
        sequence = self.numbering.take()
        header = self._header(record.KIND, sequence, now_ms)
        # The vitals are the same most of the time, and construct takes a millisecond to encode them.
        payload = self._payloads.get(record)
        if payload is None:
            payload = self._payloads[record] = encode(header, record)[12:]
        frame = encode_header(header) + payload
        self.emit_raw(frame)
        return frame

    def emit_raw(self, frame: bytes) -> None:
        self.memory.append(frame, len(frame))
        if number_of(frame)[1] in self.script.lose:
            assert self.memory.unsent_count == 1, "a lost frame must be the only one that waits"
            self.memory.peek()
            self.memory.advance()

    def _header(self, kind: int, sequence: int, now_ms: int) -> Header:
        return Header(kind=kind, boot_id=self.numbering.boot_id, sequence=sequence, ticks_ms=now_ms)

    def vitals(self) -> Vitals:
        readings = [self._reading(spec.reading) for spec in READINGS]
        return Vitals(contact=self.script.contact, readings=tuple(readings))

    def _reading(self, reading: Reading) -> VitalsReading:
        raw = self.script.values.get(reading)
        if raw is None:
            cause = Cause.NO_CUFF_READING if reading == Reading.SYSTOLIC_MMHG else Cause.STARTING
            return VitalsReading(
                reading_id=reading, validity=Validity.UNKNOWN, quality=0, cause=cause, raw_value=NO_VALUE
            )
        return VitalsReading(
            reading_id=reading, validity=Validity.VALID, quality=90, cause=Cause.NONE, raw_value=raw
        )

    def _block(self, stream_id: int) -> SampleBlock:
        first = self.sample_numbers[stream_id]
        self.sample_numbers[stream_id] = first + BLOCK_SAMPLES
        return SampleBlock(
            stream_id=StreamId(stream_id),
            encoding=0,
            sample_count=BLOCK_SAMPLES,
            first_sample=first,
            samples=sample_bytes(stream_id, first, BLOCK_SAMPLES),
        )

    def _post(self, record: Record) -> None:
        frame = encode(Header(kind=record.KIND, boot_id=0, sequence=0, ticks_ms=0), record)
        assert self.link.post(frame, len(frame))

    def _answer(self, record: Record, now_ms: int) -> None:
        self.received.append(record)
        match record:
            case Command():
                if record.command == CommandCode.SEND_JOURNAL and self.script.has_journal:
                    self._send_journal(record.request_id)
                elif record.command == CommandCode.SEND_CONSENT and self.script.agreed is not None:
                    self._send_consent(record)
                elif int(record.command) not in self.script.silent_commands:
                    result = self._do(record, now_ms)
                    is_set = record.command == CommandCode.SET_REPORT_INTERVAL and result == Result.OK
                    detail = self.updates_per_frame * VITALS_MS if is_set else 0
                    if record.command == CommandCode.SEND_HOSTS:
                        detail = len(self.script.hosts)
                    self._post(Reply(request_id=record.request_id, result=result, detail=detail))
                    if record.command == CommandCode.SEND_HOSTS and result == Result.OK:
                        self._send_hosts()
            case CuffReading() if self.script.cuff_result != Result.OK:
                self._post(Reply(request_id=record.request_id, result=self.script.cuff_result, detail=0))
            case CuffReading():
                self.script.values[Reading.SYSTOLIC_MMHG] = record.systolic_mmhg
                self.script.values[Reading.DIASTOLIC_MMHG] = record.diastolic_mmhg
                self.script.values[Reading.CUFF_AGE_S] = record.age_s
                self._post(Reply(request_id=record.request_id, result=Result.OK, detail=0))
            case Issuance():
                self._post(Reply(request_id=record.request_id, result=Result.OK, detail=0))
            case Alert():
                self.emit(Acknowledge(alert_id=record.alert_id, acknowledged_by=0), now_ms)
            case BackfillRequest():
                self._backfill(record)
            case _:
                pass

    def _do(self, command: Command, now_ms: int) -> Result:
        if int(command.command) in self.script.refuse:
            return self.script.refuse[int(command.command)]
        match command.command:
            case CommandCode.SEND_IDENTITY:
                self.emit(identity(self.script.capabilities), now_ms)
            case CommandCode.SEND_MANIFEST:
                for entry in manifest():
                    self.emit(entry, now_ms)
            case CommandCode.START_STREAM | CommandCode.DESCRIBE_STREAM:
                if command.stream_id not in (1, 2):
                    return Result.BAD_ARGUMENT
                self.emit(descriptor(command.stream_id), now_ms)
                if command.command == CommandCode.START_STREAM:
                    if not self.active:
                        self._next_block_ms = now_ms + BLOCK_MS
                    self.active[command.stream_id] = now_ms
            case CommandCode.STOP_STREAM:
                self.active.pop(command.stream_id, None)
            case CommandCode.RUN_SELF_TEST:
                for told in self.script.self_test:
                    self.emit(replace(told, run_id=command.argument), now_ms)
            case CommandCode.SET_REPORT_INTERVAL:
                self._close_run(max(1, command.argument // VITALS_MS))
            case CommandCode.FORGET_HOST:
                self.script.hosts = [h for h in self.script.hosts if h.host_id != command.argument]
            case (
                CommandCode.VIBRATE
                | CommandCode.SHOW_PAGE
                | CommandCode.END_SELF_TEST
                | CommandCode.SEND_HOSTS
                | CommandCode.ALLOW_PAIRING
            ):
                pass
            case _:
                return Result.UNKNOWN_COMMAND
        return Result.OK

    def _send_hosts(self) -> None:
        for host in self.script.hosts:
            if host.host_id not in self.script.lose_hosts:
                self._post(host)

    def _backfill(self, request: BackfillRequest) -> None:
        count = self.reader.begin(request.wanted_boot_id, request.first_sequence, request.frame_count)
        self.asked.append((request.wanted_boot_id, request.first_sequence, request.frame_count))
        self._offer(request.request_id, request.wanted_boot_id, count)

    def _send_consent(self, command: Command) -> None:
        count = self.reader.begin(command.argument, 0, 1 << 24, ConsentRecord.KIND)
        self._offer(command.request_id, command.argument, count)

    def _offer(self, request_id: int, boot_id: int, count: int) -> None:
        self._range = BackfillRange(
            request_id=request_id,
            state=0 if count else 2,
            wanted_boot_id=boot_id,
            first_sequence=self.reader.first_sequence if count else 0,
            frame_count=count,
        )
        self._post(self._range)

    def finish_backfill(self) -> None:
        """Say that all is sent, once it is."""
        if self._range is not None and self._range.state == 0 and self.link.is_backfill_sent:
            self._post(replace(self._range, state=1))
            self._range = None

    def _send_journal(self, request_id: int) -> None:
        boots: dict[int, list[int]] = {}
        for boot_id, sequence in map(number_of, self.memory.frames):
            boots.setdefault(boot_id, []).append(sequence)
        self._post(Reply(request_id=request_id, result=Result.OK, detail=len(boots)))
        lost = self.script.lose_extents.pop(0) if self.script.lose_extents else set[int]()
        for index, (boot_id, numbers) in enumerate(sorted(boots.items())):
            if index in lost:
                continue
            is_current = boot_id == self.numbering.boot_id
            self._post(
                JournalExtent(
                    extent=index,
                    extent_count=len(boots),
                    described_boot_id=boot_id,
                    first_sequence=min(numbers),
                    next_sequence=self.numbering.next_sequence if is_current else max(numbers) + 1,
                    frame_count=len(numbers),
                )
            )

    def confirmed(self) -> set[int]:
        """Sequence numbers that the host said it has stored."""
        confirms = (record for record in self.received if isinstance(record, StoreConfirm))
        return {
            number for c in confirms for number in range(c.first_sequence, c.first_sequence + c.frame_count)
        }

    def press_button(self, now_ms: int) -> None:
        self.emit(Event(event=EventKind.BUTTON_SHORT, part=Part.NONE, detail=0), now_ms)
