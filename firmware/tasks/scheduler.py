"""The run-to-completion loop: one task's step at a time, always in the order in which they were added.

A task has `name`, `part` (PART_...: what a failure of it means), `start(now_ms)` and `step(now_ms) ->
delay_ms` until its next step. `start` runs before the first step and again after a failure. Steps
must not wait. Nothing is allocated while tasks run. `BUDGET_PER_2_S` is for `make budget`: instructions
that all steps within two seconds may take.

A step's delay counts from when it was due, so a period does not drift; a task that is late by more
than its own delay, or was woken early, counts from now.
"""

import micropython

from hal.clock import after_ms, elapsed_ms

LONGEST_DELAY_MS = 1 << 24
"""Longest sleep (4.6 h): the clock must be looked at within 2^29 ms."""


class _Slot:
    """A task with its due time and its state."""

    def __init__(self, task, is_ready, now_ms):
        self.task = task
        self.is_ready = is_ready
        self.due_ms = now_ms
        self.is_started = False
        self.is_proven = False
        self.is_removed = False
        self.failures = 0


class Scheduler:
    """Runs tasks on `clock`; hands failures to `supervisor` (`on_failure`, `on_proven`)."""

    def __init__(self, clock, supervisor):
        self._clock = clock
        self._supervisor = supervisor
        self._slots = []
        self._last_slots = []
        self._new_slots = []
        self._has_changed = False

    def add(self, task, is_ready=None):
        """Add a task, due at once, from the next pass on. `is_ready()` true makes it due early."""
        self._new_slots.append(_Slot(task, is_ready, self._clock.now_ms))
        self._has_changed = True

    def add_last(self, task, is_ready=None):
        """The same for a task that runs after all others, so that it finds what they left."""
        self._last_slots.append(_Slot(task, is_ready, self._clock.now_ms))
        self._has_changed = True

    def remove(self, task):
        """Take a task out; its step will not run again."""
        for slots in (self._slots, self._new_slots):
            for slot in slots:
                if slot.task is task:
                    slot.is_removed = True
                    self._has_changed = True

    def run_due(self):
        """Run every task that is due, in order; gives the ms until the next one is."""
        now_ms = self._clock.update()
        if self._has_changed:
            self._rebuild()
        for slot in self._slots:
            if not slot.is_removed:
                self._run_if_due(slot, now_ms)
        if self._has_changed:
            return 0
        return self._delay_ms(self._clock.update())

    def _run_if_due(self, slot, now_ms):
        if elapsed_ms(slot.due_ms, now_ms) < 0:
            if slot.failures or slot.is_ready is None or not slot.is_ready():
                return
            slot.due_ms = now_ms
        delay_ms = self.run_step(slot, now_ms)
        if delay_ms >= LONGEST_DELAY_MS:
            delay_ms = LONGEST_DELAY_MS
        if elapsed_ms(slot.due_ms, now_ms) > delay_ms:
            slot.due_ms = now_ms
        slot.due_ms = after_ms(slot.due_ms, delay_ms)

    @micropython.native
    def run_step(self, slot, now_ms):
        """Run one step of a task; gives the ms until its next one. What counts puts itself around it."""
        try:
            if not slot.is_started:
                slot.task.start(now_ms)
                slot.is_started = True
            delay_ms = slot.task.step(now_ms)
        except Exception as error:  # noqa: BLE001 - one task must not take the band down
            slot.is_started = False
            slot.is_proven = False
            slot.failures += 1
            slot.due_ms = now_ms
            return self._supervisor.on_failure(slot.task, slot.failures, error)
        if not slot.is_proven:
            slot.is_proven = True
            slot.failures = 0
            self._supervisor.on_proven(slot.task)
        return delay_ms

    @micropython.native
    def _delay_ms(self, now_ms):
        delay_ms = LONGEST_DELAY_MS
        for slot in self._slots:
            # An edge that came while others ran ends no wait any more.
            if slot.is_ready is not None and not slot.failures and slot.is_ready():
                return 0
            left_ms = elapsed_ms(now_ms, slot.due_ms)
            if left_ms < delay_ms:
                delay_ms = left_ms
        return max(delay_ms, 0)

    def _rebuild(self):
        first = [slot for slot in self._slots if not slot.is_removed and slot not in self._last_slots]
        new = [slot for slot in self._new_slots if not slot.is_removed]
        self._slots = first + new + self._last_slots
        self._new_slots = []
        self._has_changed = False
