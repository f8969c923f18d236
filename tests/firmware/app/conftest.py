"""A whole band above fake pins: the real firmware, drivers, chip models and host link in one process.

Virtual time is the test's; the band's `time` functions read it. The vital signs are a stand-in that
notes what it is given: they have their own tests.
"""

import gc
import sys
import time
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest

TICKS_MASK = (1 << 30) - 1
JOURNAL_SECTORS = 32


class VirtualTime:
    """Milliseconds since the world began; `ticks_ms` wraps at 2^30 as on a 32-bit port."""

    now_ms = 0


def _ticks_diff(end, start):
    return ((end - start + (1 << 29)) & TICKS_MASK) - (1 << 29)


gc.mem_free = lambda: 50_000
time.ticks_ms = lambda: VirtualTime.now_ms & TICKS_MASK
time.ticks_diff = _ticks_diff
time.ticks_add = lambda ticks, delta: (ticks + delta) & TICKS_MASK

import band as band_module  # noqa: E402
from bandschema import codec  # noqa: E402
from bandschema.enums import CommandCode, Group  # noqa: E402
from bandschema.records import Header, VitalsRun  # noqa: E402
from bandschema.vitals_run import decode_updates  # noqa: E402
from bandsim.bus import I2cBus, MachineI2c  # noqa: E402
from bandsim.chips import band_chips  # noqa: E402
from bandsim.nor_flash import NorFlash  # noqa: E402
from bandsim.stimulus import Battery  # noqa: E402
from bandwire.events import EVENT_FRAME, EVENT_REPLY  # noqa: E402
from bandwire.frames import CAUSE_STARTING  # noqa: E402
from bandwire.hostlink import HostLink  # noqa: E402
from bandwire.serial import SerialCarrier  # noqa: E402
from boards import virtual  # noqa: E402
from dsp.workspace import Workspace  # noqa: E402
from firmware.app.ports import FakeButton, FakeUart  # noqa: E402
from firmware.journal.world import BlockFlash  # noqa: E402
from hal.clock import Clock  # noqa: E402
from hal.entropy import Entropy  # noqa: E402
from hal.handover import Handover  # noqa: E402
from hal.host_keys import HostKeys  # noqa: E402
from hal.storage import Storage  # noqa: E402
from identity import Identity  # noqa: E402
from question import CLOSED  # noqa: E402
from tasks.button import LONG_PRESS_MS  # noqa: E402
from vitalband.upkeep import TIME_INTERVAL_MS  # noqa: E402

ALL_GROUPS = ~Group.STANDARD_SERVICES


class Stimulus:
    """Every sample carries its number, so that a test can see what is missing."""

    duration_s = 1e9
    optical_stack = "max30101"

    def __init__(self):
        self.battery_now = Battery(percent=80.0, volts=3.9, charge_rate_percent_per_h=-2.0)

    def optical(self, start_s, count, rate_hz):
        red = np.rint((start_s + np.arange(count) / rate_hz) * rate_hz) % 250_000
        return np.stack([red, red + 1, red + 2], axis=1)

    def acceleration_g(self, start_s, count, rate_hz):
        number = np.rint((start_s + np.arange(count) / rate_hz) * rate_hz) % 8192
        return np.stack([number, -number, np.full(count, 8192.0)], axis=1) / 8192

    def skin_temperature_c(self, t_s):
        return 33.25

    def battery(self, t_s):
        return self.battery_now


class FakeVitals:
    """Takes what the engine takes, notes it, and sets a reading from it."""

    def __init__(self, _stack, table, _curve=None):
        self.table = table
        self.counts = defaultdict(int)
        self.faults = {}
        self.cuff = None
        self.takes_cuff = True
        self.rate = 700
        self.contact = 2
        self.workspace = Workspace()

    def start(self):
        self.counts["start"] += 1
        for index in range(11):
            self.table.withhold(index, CAUSE_STARTING)

    def forget(self):
        self.counts["forget"] += 1

    def on_optical(self, _samples, count):
        self.counts["optical"] += count

    def on_motion(self, _samples, count):
        self.counts["motion"] += count

    def on_skin_temperature(self, raw_128):
        self.counts["temperature"] += 1
        self.skin_raw = raw_128

    def on_cuff_reading(self, *reading):
        self.cuff = reading
        return self.takes_cuff

    def on_fault(self, part, is_faulty):
        self.faults[part] = is_faulty

    def step(self, _now_s):
        self.counts["step"] += 1
        self.table.set_contact(self.contact)
        self.table.set(0, self.rate, 90)


class FakeMotor:
    """Notes when it was switched."""

    def __init__(self):
        self.switched = []

    def switch(self, is_on):
        if not self.switched or self.switched[-1][1] != is_on:
            self.switched.append((VirtualTime.now_ms, is_on))


class Host:
    """The host's end: decodes all that comes, and asks for the time as the SDK does."""

    def __init__(self, uart, session_id=b"session1", session=None):
        self._uart = uart
        self._next_time_ms = VirtualTime.now_ms + TIME_INTERVAL_MS
        self.link = HostLink(session_id, session=session)
        self.carrier = SerialCarrier(self.link)
        self.frames, self.replies, self.events, self.backfilled = [], {}, [], []
        self.details = []

    def exchange(self):
        now_ms = VirtualTime.now_ms
        self.link.poll(now_ms)
        data, self._uart.to_host[:] = bytes(self._uart.to_host), b""
        self.carrier.receive(data, len(data), now_ms)
        while (event := self.carrier.next_event(now_ms)) is not None:
            self._take(event)
        if self.link.is_up and now_ms >= self._next_time_ms:
            self._next_time_ms = now_ms + TIME_INTERVAL_MS
            self.link.request_time(0, 1000, now_ms)
        while self.carrier.fill(now_ms):
            out = bytes(self.carrier.output[self.carrier.output_start : self.carrier.output_stop])
            self._uart.to_band.extend(out)
            self.carrier.sent(len(out))

    def records(self, name):
        """Decoded records of one kind, in order."""
        return [record for _, record in self.frames if type(record).__name__ == name]

    def updates(self):
        """Updates of the readings, in order."""
        return [
            update
            for header, record in self.frames
            if isinstance(record, VitalsRun)
            for update in decode_updates(record.updates, header.ticks_ms)
        ]

    def _take(self, event):
        if event[0] == EVENT_FRAME:
            (self.backfilled if event[2] else self.frames).append(codec.decode(bytes(event[1])))
        elif event[0] == EVENT_REPLY:
            self.replies[event[1]] = event[2]
            self.details.append(event[3])
        else:
            self.events.append(event)


def encode(record):
    """A record as a frame; the link fills in the header."""
    header = Header(version=1, kind=record.KIND, boot_id=0, sequence=0, ticks_ms=0, drops=0)
    return bytearray(codec.encode(header, record))


class Rig:
    """The world: chips, pins, host, time, and the band in it."""

    def __init__(self, folder, *, start_ms=0, board=virtual):
        VirtualTime.now_ms = start_ms
        self.folder = str(folder) + "/"
        self.board = board
        self.stimulus = Stimulus()
        self.bus = I2cBus(band_chips(self.stimulus))
        self.bus.trace = []
        self.nor = NorFlash(JOURNAL_SECTORS)
        self.uart, self.button, self.motor = FakeUart(), FakeButton(), FakeMotor()
        self.host = None
        self.is_tied_secure = False
        self.boot()

    def boot(self):
        """Switch the band on, with what its storage holds."""
        clock = Clock()
        self.storage = Storage(self.folder)
        self.handover = Handover(self.folder)
        hardware = SimpleNamespace(
            clock=clock,
            handover=self.handover,
            reset=sys.exit,
            storage=self.storage,
            host_keys=HostKeys(self.folder),
            entropy=Entropy(self.folder),
            is_tied_secure=self.is_tied_secure,
            uart=self.uart,
            radio=None,
            button=self.button,
            motor=self.motor,
            flash=BlockFlash(self.nor),
        )
        i2c = MachineI2c(self.bus, lambda: VirtualTime.now_ms * 1000)
        unique_id, digest = bytes(range(1, 9)), bytes(range(32))
        self.identity = identity = Identity(self.board, unique_id, self.handover.band_id, digest, "dev")
        original, band_module.Vitals = band_module.Vitals, FakeVitals
        try:
            self.band = band_module.Band(
                self.board, hardware, band_module.Chips(i2c, self.board.THERMOMETER_OFFSET_128), identity
            )
        finally:
            band_module.Vitals = original
        self.band.start()
        self.core = self.band.core
        self.vitals = self.band.vitals

    def run(self, duration_ms):
        """Let time pass; the host takes part every time the band has run."""
        end_ms = VirtualTime.now_ms + duration_ms
        while True:
            waiting_bytes = len(self.uart.to_band)
            delay_ms = self.band.run_due()
            has_read = len(self.uart.to_band) < waiting_bytes
            if self.host is not None:
                self.host.exchange()
                # Time must pass for a band that takes nothing of what waits for it.
                if self.uart.to_band and (has_read or not waiting_bytes):
                    continue
            if VirtualTime.now_ms + delay_ms > end_ms:
                VirtualTime.now_ms = end_ms
                self.band.run_due()
                return
            VirtualTime.now_ms += delay_ms

    def connect(self, session_id=b"session1", session=None):
        """Connect a host, clear or with a `HostSession`, and wait until the link is up."""
        self.meet(session_id, session)
        assert self.host.link.is_up
        return self.host

    def meet(self, session_id, session, duration_ms=200):
        """Connect a host and wait until both have said what they say without a person."""
        self.host = Host(self.uart, session_id, session)
        self.run(50 if session is None else duration_ms)
        return self.host

    def press(self, duration_ms=100):
        """Press and release the button."""
        self.button.set(True)
        self.run(duration_ms)
        self.button.set(False)
        self.run(50)

    def agree(self, groups=ALL_GROUPS):
        """Answer the question on the manifest page: yes to these groups, no to the others."""
        question, manifest = self.band.question, self.band.manifest
        self.run(300)
        self.press()
        while question.at != CLOSED:
            self.run(250)
            sheet = question.at - question.first_group_sheet
            is_group = 0 <= sheet < manifest.sheet_count
            is_wanted = not is_group or bool(manifest.sheet_group(sheet) & groups)
            self.press(100 if is_wanted else LONG_PRESS_MS + 100)
        assert self.band.consent.agreement is not None

    def command(self, code, stream_id=0, argument=0):
        """Send a command; gives the result of its reply, None for one that other frames answer."""
        request_id = self.host.link.send_command(code, stream_id, argument, 1000, VirtualTime.now_ms)
        self.host.exchange()
        self.run(50)
        self.host.exchange()
        if code == CommandCode.SEND_CONSENT:
            return self.host.replies.get(request_id)
        return self.host.replies[request_id]

    def ask(self, record):
        """Send a request (its id is filled in); gives the result of its reply."""
        frame = encode(record)
        request_id = self.host.link.request(frame, len(frame), 1000, VirtualTime.now_ms)
        self.host.exchange()
        self.run(50)
        self.host.exchange()
        return self.host.replies[request_id]

    def send(self, record):
        """Send a record of the host's as a frame."""
        frame = encode(record)
        self.host.link.post(frame, len(frame))
        self.host.exchange()
        self.run(50)
        self.host.exchange()

    def chip(self, name):
        return self.bus.chip_named(name)

    def fail(self, name):
        self.bus.fail(self.chip(name).address)

    def restore(self, name):
        self.bus.restore(self.chip(name).address)

    def reads_of(self, name):
        """Transfers to a chip that read more than one byte: identities are single bytes or words."""
        address = self.chip(name).address
        return [
            transfer for transfer in self.bus.trace if transfer.address == address and transfer.read_count
        ]

    def events(self, kind):
        """Events of a kind that the host has got, as (part, detail)."""
        return [(e.part, e.detail) for e in self.host.records("Event") if e.event == kind]


@pytest.fixture
def make_rig(tmp_path):
    """Makes bands; each test may make several, one after the other."""
    return lambda **options: Rig(tmp_path, **options)


@pytest.fixture
def make_rig_in():
    """The same in a folder of the test's choice."""
    return Rig


@pytest.fixture
def rig(make_rig):
    return make_rig()


@pytest.fixture(scope="module")
def lasting_rig(tmp_path_factory):
    """One connected band for all examples of a property."""
    rig = Rig(tmp_path_factory.mktemp("band"))
    rig.connect()
    return rig


@pytest.fixture(scope="session")
def virtual_time():
    return VirtualTime
