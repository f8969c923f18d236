"""What a host may ask of the band by command; anything else is refused with a reply.

Commands are numbers with an argument. None of them carries code, a path or text, and nothing here
evaluates what came in.
"""

from bandwire.frames import (
    COMMAND_CODE_ALLOW_PAIRING,
    COMMAND_CODE_DESCRIBE_STREAM,
    COMMAND_CODE_END_SELF_TEST,
    COMMAND_CODE_FORGET_HOST,
    COMMAND_CODE_RUN_SELF_TEST,
    COMMAND_CODE_SEND_CONSENT,
    COMMAND_CODE_SEND_HOSTS,
    COMMAND_CODE_SEND_IDENTITY,
    COMMAND_CODE_SEND_JOURNAL,
    COMMAND_CODE_SEND_MANIFEST,
    COMMAND_CODE_SET_REPORT_INTERVAL,
    COMMAND_CODE_SHOW_PAGE,
    COMMAND_CODE_START_STREAM,
    COMMAND_CODE_STOP_STREAM,
    COMMAND_CODE_VIBRATE,
    COMMAND_CODE_WIPE,
    HOST_RIGHT_OWNER,
    HOST_RIGHT_READER,
    PART_DISPLAY,
    RESULT_BAD_ARGUMENT,
    RESULT_BUSY,
    RESULT_NO_CONSENT,
    RESULT_NO_RIGHT,
    RESULT_NOT_AVAILABLE,
    RESULT_OK,
    RESULT_UNKNOWN_COMMAND,
)
from bandwire.vitals_run import MOST_UPDATES
from tasks.handover import HOST_ASK_S
from tasks.vitals import PERIOD_MS

LONGEST_VIBRATION_MS = 5000
_USUAL_VIBRATION_MS = 500
LONGEST_REPORT_INTERVAL_MS = MOST_UPDATES * PERIOD_MS


class Commands:
    """Does one command at a time; each method gives a `RESULT_...`, of which `detail` says more, or is 0."""

    def __init__(self, identity, manifest, collection, screen, haptics, self_test, hosts, handover, core):
        self._identity = identity
        self._manifest = manifest
        self._collection = collection
        self._screen = screen
        self._haptics = haptics
        self._self_test = self_test
        self._hosts = hosts
        self._handover = handover
        self.detail = 0
        self._status = core.status
        self._outbox = core.outbox
        self._actions = {
            COMMAND_CODE_SEND_IDENTITY: self._send_identity,
            COMMAND_CODE_SEND_MANIFEST: self._send_manifest,
            COMMAND_CODE_SEND_JOURNAL: self._refuse_report,
            COMMAND_CODE_SEND_CONSENT: self._refuse_report,
            COMMAND_CODE_DESCRIBE_STREAM: self._describe_stream,
            COMMAND_CODE_START_STREAM: self._start_stream,
            COMMAND_CODE_STOP_STREAM: self._stop_stream,
            COMMAND_CODE_VIBRATE: self._vibrate,
            COMMAND_CODE_SHOW_PAGE: self._show_page,
            COMMAND_CODE_RUN_SELF_TEST: self._run_self_test,
            COMMAND_CODE_END_SELF_TEST: self._end_self_test,
            COMMAND_CODE_SET_REPORT_INTERVAL: self._set_report_interval,
            COMMAND_CODE_ALLOW_PAIRING: self._allow_pairing,
            COMMAND_CODE_FORGET_HOST: self._forget_host,
            COMMAND_CODE_SEND_HOSTS: self._count_hosts,
            COMMAND_CODE_WIPE: self._wipe,
        }

    def do(self, command, stream_id, argument):
        """Do a command (`COMMAND_CODE_...`, any number)."""
        self.detail = 0
        action = self._actions.get(command)
        if action is None:
            return RESULT_UNKNOWN_COMMAND
        return action(stream_id, argument)

    def _send_identity(self, _stream_id, _argument):
        self._identity.send(self._outbox)
        self._handover.send_receipt()
        return RESULT_OK

    def _send_manifest(self, _stream_id, _argument):
        self._manifest.send(self._outbox)
        return RESULT_OK

    def _refuse_report(self, _stream_id, _argument):
        """One at a time: what is being sent is answered in its own time."""
        return RESULT_BUSY

    def _describe_stream(self, stream_id, _argument):
        row = self._collection.stream_row(stream_id)
        if row is None:
            return RESULT_BAD_ARGUMENT
        row.send_descriptor(self._outbox)
        return RESULT_OK

    def _start_stream(self, stream_id, _argument):
        row = self._collection.stream_row(stream_id)
        if row is None:
            return RESULT_BAD_ARGUMENT
        if self._collection.streams is None:
            return RESULT_NO_CONSENT
        if self._status.has_fault(row.part):
            return RESULT_NOT_AVAILABLE
        return RESULT_OK if self._collection.streams.start(stream_id) else RESULT_NO_CONSENT

    def _stop_stream(self, stream_id, _argument):
        if self._collection.stream_row(stream_id) is None:
            return RESULT_BAD_ARGUMENT
        if self._collection.streams is not None:
            self._collection.streams.stop(stream_id)
        return RESULT_OK

    def _vibrate(self, _stream_id, duration_ms):
        if not 0 <= duration_ms <= LONGEST_VIBRATION_MS:
            return RESULT_BAD_ARGUMENT
        self._haptics.pulse(1, duration_ms or _USUAL_VIBRATION_MS)
        return RESULT_OK

    def _show_page(self, _stream_id, page):
        if self._status.has_fault(PART_DISPLAY):
            return RESULT_NOT_AVAILABLE
        return RESULT_OK if self._screen.show_page(page) else RESULT_BAD_ARGUMENT

    def _run_self_test(self, _stream_id, run_id):
        return self._self_test.begin(run_id)

    def _end_self_test(self, _stream_id, _argument):
        self._self_test.end()
        return RESULT_OK

    def _allow_pairing(self, _stream_id, right):
        if not self._hosts.is_owner:
            return RESULT_NO_RIGHT
        if right not in (HOST_RIGHT_OWNER, HOST_RIGHT_READER):
            return RESULT_BAD_ARGUMENT
        return RESULT_OK if self._hosts.allow(right) else RESULT_NOT_AVAILABLE

    def _forget_host(self, _stream_id, number):
        """Each host may forget itself, an owner others too."""
        if not self._hosts.is_owner and self._hosts.link.slot != number - 1:
            return RESULT_NO_RIGHT
        return RESULT_OK if self._hosts.forget(number) else RESULT_BAD_ARGUMENT

    def _count_hosts(self, _stream_id, _argument):
        """The frames follow the reply: `Requests` has them sent."""
        self.detail = self._hosts.keys.count
        return RESULT_OK

    def _wipe(self, _stream_id, _argument):
        """An owner may ask for it, and none does it: the wearer's press decides."""
        if not self._hosts.is_owner:
            return RESULT_NO_RIGHT
        result = self._handover.begin()
        if result == RESULT_OK:
            self._haptics.pulse(2)
            self.detail = HOST_ASK_S
        return result

    def _set_report_interval(self, _stream_id, interval_ms):
        if not 0 <= interval_ms <= LONGEST_REPORT_INTERVAL_MS:
            return RESULT_BAD_ARGUMENT
        updates = self._status.updates_per_frame = max(interval_ms // PERIOD_MS, 1)
        self._collection.close_run()
        self.detail = updates * PERIOD_MS
        return RESULT_OK
