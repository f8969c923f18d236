"""Puts the band together: every object is made here, once, at start."""

from bandwire.bandlink import BandLink
from bandwire.catalogue import INDEX_BATTERY_PERCENT
from bandwire.frames import (
    CAPABILITY_SEALED_RECORDS,
    CAPABILITY_SECURE_SESSION,
    CAUSE_SENSOR_FAULT,
    CAUSE_STARTING,
    EVENT_KIND_STARTED,
    IMAGE_PROFILE_DEVELOPMENT,
    LOG_LEVEL_WARNING,
    LOSS_CAUSE_WITHDRAWN,
    PART_FUEL_GAUGE,
    PART_STORAGE,
)
from bandwire.numbering import Numbering
from bandwire.predictors import ENERGIES_0, TABLE_0
from bandwire.secure.aes_ctr import AesCtr
from bandwire.secure.band_session import BandSession
from bandwire.secure.pairing_window import PairingWindow
from collected import Manifest
from consent import Consent
from display.canvas import Canvas
from display.screen import Screen
from display.trend import Trends
from drivers.lsm6dso import Lsm6dso
from drivers.max17048 import Max17048
from drivers.max30101 import Max30101
from drivers.ssd1306 import Ssd1306
from drivers.tmp117 import Tmp117
from dsp.block_encoder import BlockEncoder
from dsp.optical_stack import stack_named
from dsp.oxygen_curve import OxygenCurve
from dsp.rom import table
from hal.terms import TermsSlots
from issuance import Issued
from journal.log import FrameLog
from journal.no_flash import NoFlash
from journal.queue import LiveQueue
from paired_hosts import PairedHosts
from primitives import Primitives
from question import Question
from readings import ReadingTable
from standard_services.host_pairing import HostPairing
from standard_services.server import StandardServices
from standard_services.utc import UtcTime
from status import Status
from streams import CHANNEL_COUNT, motion_row, optical_row
from tasks.backfill import Backfill
from tasks.blocks import CAPACITY_STEPS, BlockFrame, BlockWriter
from tasks.button import ButtonTask
from tasks.chip import Chip
from tasks.collection import Collection
from tasks.commands import Commands
from tasks.display import DisplayTask
from tasks.frame_log import FrameLogTask
from tasks.handover import HandoverTask
from tasks.haptics import HapticsTask
from tasks.interface import Interface
from tasks.journal_report import JournalReport
from tasks.keeper import KeeperTask
from tasks.link import LinkTask
from tasks.outbox import MOST_FRAME_BYTES, Outbox
from tasks.pairing_button import PairingButton
from tasks.requests import Requests
from tasks.sampling import Source
from tasks.scheduler import Scheduler
from tasks.self_test import SelfTest
from tasks.supervisor import Supervisor
from tasks.term import TermTask
from tasks.vitals_frame import run_writer
from transports.carriers import Carriers
from vitals.engine import Vitals


class Core:
    """What almost every part needs: time, numbers, readings, state, and the loop."""

    def __init__(self, board, hardware):
        self.clock = hardware.clock
        self.storage = hardware.storage
        self.issued = Issued(TermsSlots(hardware.storage.folder))
        self.handover = hardware.handover
        self.status = Status()
        self.table = ReadingTable()
        self.trends = Trends()
        self.utc = UtcTime()
        self.queue = LiveQueue(board.QUEUE_BYTES)
        self.log = FrameLog(hardware.flash or NoFlash(), hardware.entropy.take, AesCtr())
        self.numbering = Numbering(self._raise_boot_id(), self._raise_boot_id)
        self.outbox = Outbox(self.clock, self.numbering, self.queue, self.log)
        self.supervisor = Supervisor(self.outbox, self.status)
        self.scheduler = Scheduler(self.clock, self.supervisor)

    def _raise_boot_id(self):
        """The next boot id, durable; one by chance when the medium fails, which the keeper then tells.

        Nothing may be sent from here: the frame that wants the number is in the outbox's buffer.
        """
        try:
            boot_id = self.storage.raise_boot_id()
        except OSError:
            boot_id = self.storage.take_random_boot_id()
        self.queue.drops = 0
        self.log.begin_boot(boot_id)
        self.status.boot_id = boot_id
        self.status.touch()
        return boot_id


class Chips:
    """The chips fitted to the board, none of them touched yet."""

    def __init__(self, bus, thermometer_offset_128):
        self.bus = bus
        self.optical = Chip(lambda: Max30101(bus))
        self.motion = Chip(lambda: Lsm6dso(bus))
        self.thermometer = Chip(lambda: Tmp117(bus, thermometer_offset_128))
        self.display = Chip(lambda: Ssd1306(bus))
        self.gauge = Chip(lambda: Max17048(bus))


class Band:
    """The whole firmware above the hardware; `run_due` runs what is due."""

    def __init__(self, board, hardware, chips, identity):
        core = self.core = Core(board, hardware)
        curve = OxygenCurve(*board.OXYGEN_CURVE) if board.OXYGEN_CURVE else None
        self.vitals = Vitals(stack_named(board.OPTICAL_STACK), core.table, curve)
        frame = BlockFrame()
        optical = self._make_source(optical_row(board.OPTICAL_STACK), chips.optical, frame)
        motion = self._make_source(motion_row(), chips.motion, frame)
        self.manifest = Manifest((optical.row, motion.row))
        self.question = Question(self.manifest, core.issued, core.clock)
        window = PairingWindow()
        self.hosts = PairedHosts(hardware.host_keys, window, core)
        self.screen = Screen(
            Canvas(), core, self.manifest, self.question, identity, hardware.radio, self.hosts
        )
        run = run_writer(core.table, self.screen.pages())
        self.collection = Collection(
            core, self.vitals, (optical, motion), chips.thermometer, chips.gauge, run
        )
        self._bonds = _bonds_of(hardware)
        self.consent = self._make_consent(identity)
        self.haptics = HapticsTask(hardware.motor)
        self.self_test = SelfTest(core, chips, self.collection, self.screen, self.haptics)
        session = BandSession(Primitives(hardware.entropy), hardware.host_keys, window, self.hosts)
        is_clear_allowed = may_be_clear(board, hardware, identity)
        identity.capabilities |= CAPABILITY_SECURE_SESSION
        if not is_clear_allowed:
            identity.capabilities |= CAPABILITY_SEALED_RECORDS
        self.handover = HandoverTask(self.screen, self.consent, core, self.hosts, hardware.reset)
        self.link_task = self._make_link_task(hardware, identity, session, is_clear_allowed)
        self._add_tasks(hardware, chips)

    def start(self):
        """Say that the band has started; take up the agreement kept from before, if there is one."""
        core = self.core
        core.supervisor.on_fault = self._on_fault
        core.outbox.send_event(EVENT_KIND_STARTED)
        if core.storage.is_damaged:
            core.outbox.send_log(LOG_LEVEL_WARNING, PART_STORAGE, b"one of two state slots was damaged")
        if self.hosts.keys.is_damaged or (self._bonds is not None and self._bonds.is_damaged):
            core.outbox.send_log(LOG_LEVEL_WARNING, PART_STORAGE, b"a slot of paired hosts was damaged")
        if core.handover.is_damaged:
            core.outbox.send_log(LOG_LEVEL_WARNING, PART_STORAGE, b"a slot of the hand-over was damaged")
        self.collection.rest()
        if core.storage.is_withdrawn():
            core.outbox.wipe_cause = LOSS_CAUSE_WITHDRAWN
        self.consent.restore()
        if self.consent.agreement is not None:
            self.screen.show_first_reading()

    def run_due(self):
        """Run every task that is due; gives the ms until the next one is."""
        return self.core.scheduler.run_due()

    def _make_consent(self, identity):
        collection = self.collection
        consent = Consent(self.manifest, identity.firmware_digest, self._bonds, self.core)
        consent.on_agreed = self._on_agreed
        consent.on_withdrawn = collection.end
        consent.on_finishing = collection.finish
        consent.on_paused = collection.wait
        consent.on_ended = collection.end_kindly
        return consent

    def _on_issued(self):
        """Somebody asks on other terms: what was agreed to is over, and the wearer is asked anew."""
        self.question.close()
        self.consent.end()
        self.screen.show_manifest()

    def _add_tasks(self, hardware, chips):
        """Tasks that need no agreement; those that do run before display and link."""
        core = self.core
        pairing = PairingButton(self.screen, self.consent, self.haptics, core.outbox)
        interface = Interface(
            self.screen, self.question, self.consent, core.status, self.haptics, self.self_test, pairing,
            self.handover, core.outbox,
        )  # fmt: skip
        button = ButtonTask(hardware.button, interface.on_short, interface.on_long)
        keeper = KeeperTask((
            core.issued.slots, core.storage, self._bonds, hardware.host_keys, hardware.entropy,
            core.handover,
        ))  # fmt: skip
        term = TermTask(self.consent, core, self.screen.show_manifest)
        journal = FrameLogTask(core)
        display = DisplayTask(chips.display, self.screen, core)
        scheduler = core.scheduler
        scheduler.add(button, hardware.button.is_ready)
        scheduler.add(keeper, keeper.is_ready)
        scheduler.add(term)
        scheduler.add(self.handover, self.handover.is_ready)
        scheduler.add(self.haptics, self.haptics.is_ready)
        scheduler.add_last(journal, journal.is_ready)
        scheduler.add_last(display, display.is_ready)
        scheduler.add_last(self.link_task, self.link_task.is_ready)

    def _make_source(self, row, chip, frame):
        folded = self.vitals.workspace.wide_words(0, CAPACITY_STEPS * CHANNEL_COUNT)
        energies = table("h", ENERGIES_0)
        encoder = BlockEncoder(
            CHANNEL_COUNT, row.sample_bits, row.is_signed, CAPACITY_STEPS, folded, TABLE_0, energies
        )
        return Source(row, chip, BlockWriter(row, encoder, frame))

    def _make_link_task(self, hardware, identity, session, is_clear_allowed):
        core = self.core
        backfill = Backfill(core.outbox)
        report = JournalReport(core)
        hosts = self.hosts
        commands = Commands(
            identity,
            self.manifest,
            self.collection,
            self.screen,
            self.haptics,
            self.self_test,
            hosts,
            self.handover,
            core,
        )
        requests = Requests(commands, self.consent, self.vitals, self.haptics, backfill, report, hosts, core)
        requests.on_issued = self._on_issued
        link = BandLink(
            core.numbering,
            band_id=identity.band_id,
            capabilities=identity.capabilities,
            max_sent_frame_bytes=MOST_FRAME_BYTES,
            live=core.queue,
            backfill=backfill,
            session=session,
            is_clear_allowed=is_clear_allowed,
        )
        services = None
        radio = hardware.radio
        if radio is not None:
            services = StandardServices(
                radio,
                HostPairing(radio, core.status) if radio.can_encrypt else None,
                self.consent,
                self.collection,
                self.vitals,
                core.utc,
                identity,
            )
        carriers = Carriers(link, hardware.uart, radio, services, hosts.keys)
        return LinkTask(carriers, requests, backfill, report, hosts, self.collection, core)

    def _on_agreed(self, agreement):
        self.core.handover.note_worn()
        self.collection.begin(agreement)

    def _on_fault(self, part, is_faulty):
        self.vitals.on_fault(part, is_faulty)
        if part == PART_FUEL_GAUGE and self.consent.agreement is not None:
            self.core.table.withhold(
                INDEX_BATTERY_PERCENT, CAUSE_SENSOR_FAULT if is_faulty else CAUSE_STARTING
            )


def may_be_clear(board, hardware, identity):
    """Whether a host may speak to the band without a secure session: to a developer's, never to a product.

    A virtual band has a pin for it, as its image is a product's and most tests are not about this.
    """
    if board.SECURE_PIN is None:
        return identity.image_profile == IMAGE_PROFILE_DEVELOPMENT
    return not hardware.is_tied_secure


def _bonds_of(hardware):
    """The keys of paired hosts, None where nobody can pair."""
    return None if hardware.radio is None else hardware.radio.bonds
