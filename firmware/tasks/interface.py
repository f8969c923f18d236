"""What a press of the button means.

| what the wearer sees        | short press              | long press          |
|-----------------------------|--------------------------|---------------------|
| an alert                    | seen: acknowledged       | agreement withdrawn |
| passkey of a host           | refuses that host        | agreement withdrawn |
| a host that pairs, who is   | `tasks.pairing_button`   | agreement withdrawn |
|   to be let in or forgotten |                          |                     |
| self-test that asks         | begins it                | ended, and as below |
| self-test that runs         | nothing                  | ended, and as below |
| manifest, nothing agreed to | as `question` says       | as `question` says  |
| question of the services    | turns them on, or off    | agreement withdrawn |
| question of the pause       | pauses, or goes on       | agreement withdrawn |
| question of the hand-over   | next view                | agreement withdrawn, and asks again |
| the same, asked again       | wipes the band           | agreement withdrawn, no wipe |
| anything else               | next view                | agreement withdrawn |
"""

from bandwire.frames import (
    ACKNOWLEDGED_BY_WEARER,
    EVENT_KIND_BUTTON_LONG,
    EVENT_KIND_BUTTON_SHORT,
    KIND_ACKNOWLEDGE,
    PART_DISPLAY,
    pack_acknowledge_into,
)


class Interface:
    """Joins button, screen and consent."""

    def __init__(self, screen, question, consent, status, haptics, self_test, pairing, handover, outbox):
        self._screen = screen
        self._question = question
        self._consent = consent
        self._status = status
        self._haptics = haptics
        self._self_test = self_test
        self._pairing = pairing
        self._handover = handover
        self._outbox = outbox

    def on_short(self):
        """The wearer pressed the button."""
        self._outbox.send_event(EVENT_KIND_BUTTON_SHORT)
        if self._status.alert.is_shown:
            self._acknowledge()
        elif self._screen.is_showing_passkey():
            self._screen.refuse_passkey()
        elif self._pairing.take_press() or self._self_test.take_press() or self._handover.take_press():
            pass
        elif self._screen.is_on_manifest() and not self._consent.groups:
            self._answer()
        elif self._screen.is_asking_for_services():
            self._consent.turn_services()
            self._screen.end_question()
            self._haptics.pulse(1)
        elif self._screen.is_asking_to_pause():
            self._consent.turn_pause()
            self._screen.begin_question()
            self._haptics.pulse(1)
        else:
            self._screen.next_view()

    def on_long(self):
        """The wearer held the button."""
        self._pairing.take_hold()
        was_asking_to_wipe = self._screen.is_asking_to_wipe()
        if self._consent.groups:
            self._consent.withdraw()
            self._screen.show_manifest()
            self._haptics.pulse(2)
        elif self._screen.is_on_manifest():
            self._question.hold()
        self._self_test.end()
        self._handover.take_hold(was_asking_to_wipe)
        self._outbox.send_event(EVENT_KIND_BUTTON_LONG)

    def _answer(self):
        """What a display that fails has not shown, nobody agrees to."""
        if self._status.has_fault(PART_DISPLAY):
            return
        groups = self._question.press()
        if groups:
            self._consent.agree(groups)
            self._screen.show_first_reading()
            self._haptics.pulse(1)

    def _acknowledge(self):
        outbox = self._outbox
        alert_id = self._status.alert.alert_id
        self._status.clear_alert()
        outbox.send(
            KIND_ACKNOWLEDGE, pack_acknowledge_into(outbox.buffer, 0, alert_id, ACKNOWLEDGED_BY_WEARER)
        )
