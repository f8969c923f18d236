"""Takes what a host sends and answers it."""

from bandwire.catalogue import INDEX_DIASTOLIC_MMHG, INDEX_SYSTOLIC_MMHG, READINGS
from bandwire.errors import FrameError
from bandwire.events import BAD_FRAME
from bandwire.frames import (
    ALERT_LEVEL_ALARM,
    ALERT_LEVEL_FAULT,
    ALERT_LEVEL_WARNING,
    COMMAND_CODE_SEND_CONSENT,
    COMMAND_CODE_SEND_HOSTS,
    COMMAND_CODE_SEND_JOURNAL,
    GROUP_BLOOD_PRESSURE,
    KIND_ACKNOWLEDGE,
    KIND_ALERT,
    KIND_BACKFILL_REQUEST,
    KIND_COMMAND,
    KIND_CUFF_READING,
    KIND_ISSUANCE,
    KIND_REPLY,
    KIND_STORE_CONFIRM,
    KIND_TIME_REQUEST,
    REPLY_BYTES,
    RESULT_BAD_ARGUMENT,
    RESULT_BUSY,
    RESULT_NO_CONSENT,
    RESULT_NO_RIGHT,
    RESULT_OK,
    pack_reply_into,
    unpack_acknowledge,
    unpack_alert,
    unpack_backfill_request,
    unpack_command,
    unpack_cuff_reading,
    unpack_issuance,
    unpack_store_confirm,
    unpack_time_request,
)
from issuance import is_possible

_LONGEST_CUFF_AGE_S = 31_536_000
"""A year, the largest age that the reading can carry."""


class Requests:
    """One method a kind of frame; a kind that only a band sends is not for us and is left alone."""

    def __init__(self, commands, consent, vitals, haptics, backfill, report, hosts, core):
        """`on_issued()` is called when somebody asks on other terms than before."""
        self.link = None
        self.on_issued = None
        self._hosts = hosts
        self._commands = commands
        self._consent = consent
        self._vitals = vitals
        self._status = core.status
        self._issued = core.issued
        self._haptics = haptics
        self._backfill = backfill
        self._report = report
        self._log = core.log
        self._outbox = core.outbox
        self._numbering = core.numbering
        self._clock = core.clock
        self._utc = core.utc
        self._reply = bytearray(REPLY_BYTES)
        self._reply[1] = KIND_REPLY
        self._takers = {
            KIND_COMMAND: self._take_command,
            KIND_CUFF_READING: self._take_cuff_reading,
            KIND_ISSUANCE: self._take_issuance,
            KIND_ALERT: self._take_alert,
            KIND_ACKNOWLEDGE: self._take_acknowledge,
            KIND_BACKFILL_REQUEST: self._take_backfill_request,
            KIND_STORE_CONFIRM: self._take_store_confirm,
            KIND_TIME_REQUEST: self._take_time_request,
        }

    def take(self, frame):
        """Take a whole frame of the host; one too short for its kind is counted by the link."""
        taker = self._takers.get(frame[1])
        if taker is not None:
            try:
                taker(frame)
            except FrameError:
                self.link.bad_counts[BAD_FRAME] += 1

    def _answer(self, request_id, result, detail=0):
        self.link.post(self._reply, pack_reply_into(self._reply, 0, request_id, result, detail))

    def _take_command(self, frame):
        request_id, command, stream_id, argument = unpack_command(frame, 0, len(frame))
        if command == COMMAND_CODE_SEND_JOURNAL and not self._report.is_busy:
            self._report.begin(request_id)
            return
        if command == COMMAND_CODE_SEND_CONSENT and not self._backfill.is_sending:
            self._send_consent(request_id, argument)
            return
        result = self._commands.do(command, stream_id, argument)
        self._answer(request_id, result, self._commands.detail)
        if command == COMMAND_CODE_SEND_HOSTS:
            self._hosts.post_all()

    def _send_consent(self, request_id, boot_id):
        """Send a boot's records of consent again; of this one tell anew where the flash has not kept any."""
        if self._outbox.is_keeping:
            is_now = boot_id == self._numbering.boot_id
            self._backfill.begin_consent(request_id, boot_id, self._consent if is_now else None)
        else:
            self._consent.tell()
            self._answer(request_id, RESULT_OK)

    def _take_cuff_reading(self, frame):
        request_id, systolic, diastolic, age_s = unpack_cuff_reading(frame, 0, len(frame))
        agreement = self._consent.agreement
        if agreement is None or not agreement.allows(GROUP_BLOOD_PRESSURE):
            result = RESULT_NO_CONSENT
        elif not _is_pressure(systolic, diastolic) or age_s > _LONGEST_CUFF_AGE_S:
            result = RESULT_BAD_ARGUMENT
        elif self._vitals.on_cuff_reading(systolic, diastolic, age_s, self._clock.uptime_s):
            result = RESULT_OK
        else:
            result = RESULT_BAD_ARGUMENT
        self._answer(request_id, result)

    def _take_issuance(self, frame):
        request_id = unpack_issuance(frame, 0, len(frame))[0]
        if not self._hosts.is_owner:
            self._answer(request_id, RESULT_NO_RIGHT)
            return
        if not is_possible(frame):
            self._answer(request_id, RESULT_BAD_ARGUMENT)
            return
        if self._issued.take(frame):
            self._status.touch()
            self.on_issued()
        self._answer(request_id, RESULT_OK)

    def _take_alert(self, frame):
        fields = unpack_alert(frame, 0, len(frame))
        self._status.show_alert(fields)
        level = fields[1]
        if level == ALERT_LEVEL_ALARM:
            self._haptics.pulse(3)
        elif level in (ALERT_LEVEL_WARNING, ALERT_LEVEL_FAULT):
            self._haptics.pulse(2)
        elif self._status.alert.is_shown:
            self._haptics.pulse(1)

    def _take_acknowledge(self, frame):
        alert_id, _ = unpack_acknowledge(frame, 0, len(frame))
        if alert_id == self._status.alert.alert_id:
            self._status.clear_alert()

    def _take_backfill_request(self, frame):
        request_id, boot_id, first_sequence, frame_count = unpack_backfill_request(frame, 0, len(frame))
        if self._backfill.is_sending:
            self._answer(request_id, RESULT_BUSY)
        elif frame_count == 0:
            self._answer(request_id, RESULT_BAD_ARGUMENT)
        else:
            self._backfill.begin(request_id, boot_id, first_sequence, frame_count)

    def _take_store_confirm(self, frame):
        """What a reader has stored is for the owner to fetch all the same."""
        boot_id, first_sequence, frame_count = unpack_store_confirm(frame, 0, len(frame))
        if frame_count and self._hosts.is_owner:
            self._log.confirm(boot_id, first_sequence, frame_count)

    def _take_time_request(self, frame):
        """The link has answered it; what is left is the host's clock, if it has one."""
        _, unix_time_s = unpack_time_request(frame, 0, len(frame))
        if unix_time_s:
            self._utc.set(unix_time_s, self._clock.uptime_s)


def _is_pressure(systolic_mmhg, diastolic_mmhg):
    """Whether both lie in the catalogue's range, and the systolic one is the higher."""
    systolic, diastolic = READINGS[INDEX_SYSTOLIC_MMHG], READINGS[INDEX_DIASTOLIC_MMHG]
    is_in_range = (
        systolic[4] <= systolic_mmhg <= systolic[5] and diastolic[4] <= diastolic_mmhg <= diastolic[5]
    )
    return is_in_range and systolic_mmhg > diastolic_mmhg
