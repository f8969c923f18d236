"""All that samples, computes and keeps: begins with an agreement and ends with it."""

from bandwire.catalogue import INDEX_BATTERY_PERCENT
from bandwire.frames import (
    CAUSE_NO_CONSENT,
    CAUSE_PAUSED,
    CAUSE_SENSOR_FAULT,
    CAUSE_STARTING,
    CONTACT_UNKNOWN,
    LOSS_CAUSE_WITHDRAWN,
    PART_FUEL_GAUGE,
    PART_THERMOMETER,
)
from tasks.blocks import BlockTask
from tasks.journal import Journal
from tasks.power import PowerTask
from tasks.quiet import QuietTask
from tasks.sampling import SamplerTask
from tasks.streams import Streams
from tasks.temperature import TemperatureTask
from tasks.vitals import VitalsTask

_ALL_GROUPS = 0xFFFF


class Collection:
    """Makes the tasks of an agreement and lets them go; without one `streams` and `journal` are None.

    `is_paused` while the chips are somebody else's. While there is no agreement, quiet tasks keep the chips
    stopped. `core` is the band's `Core`, `sources` are the sampled sensors, `run` writes the readings'
    frames.
    """

    def __init__(self, core, vitals, sources, thermometer, gauge, run):
        self.streams = None
        self.journal = None
        self._core = core
        self._vitals = vitals
        self.sources = sources
        self._thermometer = thermometer
        self._gauge = gauge
        self._run = run
        self._tasks = ()
        self.is_paused = False
        quiet = [QuietTask(source.chip, source.row.part) for source in sources]
        quiet.append(QuietTask(thermometer, PART_THERMOMETER))
        quiet.append(QuietTask(gauge, PART_FUEL_GAUGE))
        self._quiet_tasks = tuple(quiet)

    def rest(self):
        """Without an agreement: every chip stopped, every reading withheld."""
        self._rest(CAUSE_NO_CONSENT)

    def begin(self, agreement):
        """Let everything run that the agreement covers."""
        core = self._core
        core.table.open(agreement.groups)
        is_gauge_missing = core.status.has_fault(PART_FUEL_GAUGE)
        cause = CAUSE_SENSOR_FAULT if is_gauge_missing else CAUSE_STARTING
        core.table.withhold(INDEX_BATTERY_PERCENT, cause)
        self.journal = Journal(agreement, self._run, core)
        self.streams = Streams(agreement, self.sources, self.journal, core)
        self._exchange(self._make_tasks(agreement))

    def end(self):
        """Stop everything at once and forget the wearer's readings, those in the journal too."""
        self._core.outbox.wipe(LOSS_CAUSE_WITHDRAWN)
        self._stop(CAUSE_NO_CONSENT)

    def finish(self):
        """Keep what was measured until now: the agreement is about to pause or to end."""
        self.end_streams()
        self.close_run()

    def end_kindly(self):
        """Stop everything at once; what was measured under the agreement stays in the journal."""
        self._stop(CAUSE_NO_CONSENT)

    def wait(self):
        """The same while the wearer pauses."""
        self._stop(CAUSE_PAUSED)

    def _stop(self, cause):
        core = self._core
        self.end_streams()
        self.streams = None
        if self.journal is not None:
            self.journal.forget()
            self.journal = None
        self._vitals.forget()
        core.trends.clear()
        core.table.set_contact(CONTACT_UNKNOWN)
        core.status.is_charging = False
        core.status.is_battery_low = False
        core.status.clear_alert()
        self._rest(cause)

    def _rest(self, cause):
        self._core.table.open(_ALL_GROUPS)
        self._core.table.clear(cause)
        self._exchange(self._quiet_tasks)

    def pause(self):
        """Let the chips to somebody else until `go_on`; what an agreement misses is counted as a gap."""
        self.is_paused = True
        self.close_run()
        for task in self._tasks:
            self._core.scheduler.remove(task)

    def go_on(self):
        """Go on after `pause`, with the tasks that there are now."""
        self.is_paused = False
        for task in self._tasks:
            self._core.scheduler.add(task)

    def end_streams(self):
        """Stop the streams: the connection that they served has ended."""
        if self.streams is not None:
            self.streams.stop_all()

    def close_run(self):
        """Let the updates of the readings that wait go."""
        if self.journal is not None:
            self.journal.close_run()

    def stream_row(self, stream_id):
        """The row of a stream (STREAM_ID_...), or None."""
        for source in self.sources:
            if source.row.stream_id == stream_id:
                return source.row
        return None

    def _make_tasks(self, agreement):
        core = self._core
        optical, motion = self.sources
        vitals = self._vitals
        quiet = self._quiet_tasks
        tasks = [
            SamplerTask(agreement, optical, vitals.on_optical, core.clock, core.outbox),
            SamplerTask(agreement, motion, vitals.on_motion, core.clock, core.outbox),
            TemperatureTask(agreement, self._thermometer, vitals.on_skin_temperature),
            PowerTask(agreement, self._gauge, core.table, core.status, core.outbox),
        ]
        for at in range(len(tasks)):
            if not agreement.allows(tasks[at].groups):
                tasks[at] = quiet[at]
        tasks.insert(len(self.sources), BlockTask(self.sources))
        tasks.append(VitalsTask(vitals, self.journal, core))
        return tasks

    def _exchange(self, tasks):
        core = self._core
        for task in self._tasks:
            core.scheduler.remove(task)
            core.supervisor.forget(task)
        self._tasks = tasks
        if not self.is_paused:
            for task in tasks:
                core.scheduler.add(task)
