"""The wearer's agreement, the only key to sampling, journal and streams.

| event                             | before             | after                                             |
|-----------------------------------|--------------------|---------------------------------------------------|
| start, agreement kept             | none               | agreed, if to this manifest and issuance, medium  |
|                                   |                    | sound; paused for an hour anew if it was paused   |
| start, agreement kept to another  | none               | none for good; hosts and what was measured under  |
| manifest or issuance              |                    | it are kept                                       |
| start                             | any                | record of what is in force, even of nothing       |
| the question is answered (`asking`)| none              | agreed to the groups that were chosen             |
| long press                        | agreed or paused   | none, readings cleared, paired hosts forgotten    |
| short press while asked (page)    | services off, on   | also to the standard services; no more to them    |
| short press while asked (page)    | agreed             | paused                                            |
| short press while asked (page),   | paused             | agreed                                            |
| or an hour has passed             |                    |                                                   |
| somebody asks on other terms, or  | agreed or paused   | none; what was measured under it is kept          |
| the term is over                  |                    |                                                   |

Each change is kept, and sent as a record. No change but to less is anybody's but the wearer's. Nobody agrees
to the standard services with the rest.
"""

from bandwire.frames import (
    CONSENT_ACTION_AGREED,
    CONSENT_ACTION_ENDED,
    CONSENT_ACTION_IN_FORCE,
    CONSENT_ACTION_PAUSED,
    CONSENT_ACTION_RESUMED,
    CONSENT_ACTION_WITHDRAWN,
    GROUP_STANDARD_SERVICES,
    KIND_CONSENT_RECORD,
    pack_consent_record_into,
)

PAUSE_S = 3600


class Agreement:
    """What the wearer agreed to: groups of one manifest. Once ended it stays ended."""

    def __init__(self, groups, manifest_digest):
        self.groups = groups
        self.manifest_digest = manifest_digest
        self.is_active = True

    def allows(self, groups):
        """Whether any of `groups` is agreed to now."""
        return self.is_active and bool(self.groups & groups)

    def end(self):
        """End it: whoever holds it may do nothing more."""
        self.is_active = False


class Consent:
    """Keeps the agreement, over restarts too. `agreement` is None while there is none and while it pauses.

    `on_agreed(agreement)`, `on_withdrawn()`, `on_paused()` and `on_ended()` are called at each change, which
    is effective before the call where it is to less; `on_finishing()` before the last two, to keep what was
    measured until then. `core` is the band's `Core`, `bonds` are the keys of paired
    hosts, None where nobody can pair; the digest is that of the firmware.
    """

    def __init__(self, manifest, firmware_digest, bonds, core):
        self.agreement = None
        self.on_agreed = None
        self.on_finishing = None
        self.on_withdrawn = None
        self.on_paused = None
        self.on_ended = None
        self._manifest = manifest
        self._firmware_digest = firmware_digest[:8]
        self._storage = core.storage
        self._bonds = bonds
        self._outbox = core.outbox
        self._status = core.status
        self._issued = core.issued
        self._clock = core.clock
        self._log = core.log
        self._paused_groups = 0

    @property
    def groups(self):
        """The groups agreed to, paused or not."""
        return self._paused_groups if self.agreement is None else self.agreement.groups

    def restore(self):
        """Take up the agreement kept from before, and tell it; one to anything else is not taken up.

        Nor is one on a medium that took no write at this start: a withdrawal may be missing there.
        """
        storage = self._storage
        if storage.is_dirty:
            self._keep(0)
        if not storage.consent_groups and storage.state != storage.ENDED:
            self._forget_hosts()
        elif storage.consent_groups and not self._is_on_these_terms():
            # Nor may it come back with the firmware of before.
            self._keep(0, storage.ENDED)
        groups = storage.consent_groups
        self._send_record(CONSENT_ACTION_IN_FORCE, groups)
        if groups and storage.state == storage.PAUSED:
            self._pause(groups)
        elif groups:
            self._begin(groups)

    def _is_on_these_terms(self):
        storage = self._storage
        is_same = storage.consent_digest == self._manifest.digest
        return is_same and storage.issuance_digest == self._issued.digest

    def tell(self):
        """Tell what is in force, where no record of this boot does."""
        self._send_record(CONSENT_ACTION_IN_FORCE, self.groups)
        if self._paused_groups:
            self._send_record(CONSENT_ACTION_PAUSED, self._paused_groups)

    def agree(self, groups):
        """The wearer chose `groups` of the manifest and pressed the button at the end of the question."""
        if not self.groups and groups:
            self._storage.agreed_at_s = self._log.powered_s
            self._keep(groups)
            self._send_record(CONSENT_ACTION_AGREED, groups)
            self._begin(groups)

    def withdraw(self):
        """The wearer held the button: nothing may run on what was agreed to."""
        groups = self._stop()
        if groups:
            self._keep(0)
            self._forget_hosts()
            self.on_withdrawn()
            self._send_record(CONSENT_ACTION_WITHDRAWN, groups)

    def end(self):
        """What was agreed to is over, and nobody's fault: what came of it stays."""
        self.on_finishing()
        groups = self._stop()
        if groups:
            self._keep(0, self._storage.ENDED)
            self.on_ended()
            self._send_record(CONSENT_ACTION_ENDED, groups)

    def turn_pause(self):
        """The wearer pressed the button when asked to pause for an hour, or to go on."""
        if self._status.paused_until_s:
            self.resume()
        elif self.agreement is not None:
            self.on_finishing()
            self._pause(self._stop())

    def resume(self):
        """The pause is over."""
        groups = self._paused_groups
        self._stop()
        self._keep(groups)
        self._send_record(CONSENT_ACTION_RESUMED, groups)
        self._begin(groups)

    def turn_services(self):
        """The wearer pressed the button when asked to turn the standard services on, or off."""
        agreement = self.agreement
        if agreement is None:
            return
        agreement.groups ^= GROUP_STANDARD_SERVICES
        is_on = agreement.allows(GROUP_STANDARD_SERVICES)
        self._status.is_open_to_apps = is_on
        self._status.touch()
        self._keep(agreement.groups)
        action = CONSENT_ACTION_AGREED if is_on else CONSENT_ACTION_WITHDRAWN
        self._send_record(action, GROUP_STANDARD_SERVICES)

    def _begin(self, groups):
        self.agreement = Agreement(groups, self._manifest.digest)
        self._status.agreed_groups = groups
        self._status.is_agreed = True
        self._status.is_open_to_apps = self.agreement.allows(GROUP_STANDARD_SERVICES)
        self._status.touch()
        self.on_agreed(self.agreement)

    def _pause(self, groups):
        self._paused_groups = groups
        self._status.agreed_groups = groups
        self._status.is_agreed = True
        self._status.paused_until_s = self._clock.uptime_s + PAUSE_S
        self._status.touch()
        self._keep(groups, self._storage.PAUSED)
        self.on_paused()
        self._send_record(CONSENT_ACTION_PAUSED, groups)

    def _stop(self):
        """Let nobody do anything more; gives the groups that were agreed to."""
        groups = self.groups
        if self.agreement is not None:
            self.agreement.end()
        self.agreement = None
        self._paused_groups = 0
        self._status.paused_until_s = 0
        self._status.agreed_groups = 0
        self._status.is_agreed = False
        self._status.is_open_to_apps = False
        self._status.touch()
        return groups

    def _keep(self, groups, state=0):
        self._storage.keep_consent(groups, self._manifest.digest, self._issued.digest, state)

    def _forget_hosts(self):
        if self._bonds is not None:
            self._bonds.wipe()

    def _send_record(self, action, groups):
        end = pack_consent_record_into(
            self._outbox.buffer, 0, action, groups, self._manifest.digest, self._firmware_digest,
            self._issued.digest,
        )  # fmt: skip
        self._outbox.send(KIND_CONSENT_RECORD, end)
