"""What becomes of failures: a fault event, a restart later and later, a recovery event.

A task that fails is started again after 1, 2, 4 ... 60 s. The fault is told once, when it begins; a
part that is missing from the start is the same case. Errors that are not the hardware's (anything but
OSError) are faults of the task itself, told with a log line that names the error.
"""

from bandwire.frames import EVENT_KIND_FAULT, EVENT_KIND_RECOVERED, LOG_LEVEL_ERROR, PART_TASK

_FIRST_DELAY_MS = 1000
_LONGEST_DELAY_MS = 60_000


class Supervisor:
    """Tells faults to the outbox, the status and `on_fault(part, is_faulty)`."""

    def __init__(self, outbox, status):
        self.on_fault = None
        self._broken_tasks = []
        self._outbox = outbox
        self._status = status

    def on_failure(self, task, failures, error):
        """A task failed for the `failures`-th time in a row; gives the delay to its restart in ms."""
        if isinstance(error, OSError):
            self.report(task.part, error)
        elif task not in self._broken_tasks:
            self._broken_tasks.append(task)
            text = task.name + ": " + type(error).__name__
            self._outbox.send_log(LOG_LEVEL_ERROR, task.part, text.encode())
            self.report(PART_TASK, error)
        return min(_FIRST_DELAY_MS << min(failures - 1, 6), _LONGEST_DELAY_MS)

    def on_proven(self, task):
        """A task did a whole step, its first or its first after a failure."""
        self.forget(task)
        self.withdraw(task.part)

    def forget(self, task):
        """A task that is gone, or works again, is broken no more."""
        if task in self._broken_tasks:
            self._broken_tasks.remove(task)
            if not self._broken_tasks:
                self.withdraw(PART_TASK)

    def report(self, part, error):
        """Say that a part fails, unless it is known."""
        if not self._status.has_fault(part):
            self._status.set_fault(part, True)
            errno = error.args[0] if isinstance(error, OSError) and error.args else 0
            self._outbox.send_event(EVENT_KIND_FAULT, part, errno if isinstance(errno, int) else 0)
            self._tell(part, True)

    def withdraw(self, part):
        """Say that a part works again, if it was faulty."""
        if self._status.has_fault(part):
            self._status.set_fault(part, False)
            self._outbox.send_event(EVENT_KIND_RECOVERED, part)
            self._tell(part, False)

    def _tell(self, part, is_faulty):
        if self.on_fault is not None:
            self.on_fault(part, is_faulty)
