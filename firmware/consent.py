"""The wearer's agreement, the only key to sampling, journal and streams.

| event                     | before                  | after                                       |
|---------------------------|-------------------------|---------------------------------------------|
| start, agreement kept     | none                    | agreed, if for this manifest, medium sound  |
| start                     | any                     | record of what is in force, even of nothing |
| short press on manifest   | none                    | agreed to all groups, kept, record sent     |
| long press                | agreed                  | none, kept, record sent, readings cleared,  |
|                           |                         | paired hosts forgotten                      |
| short press while asked   | agreed, services off    | also to the standard services, the same     |
| short press while asked   | agreed, services on     | no more to them, kept, record sent          |

Nobody agrees to the standard services by agreeing to all.
"""

from bandwire.frames import (
    CONSENT_ACTION_AGREED,
    CONSENT_ACTION_IN_FORCE,
    CONSENT_ACTION_WITHDRAWN,
    GROUP_STANDARD_SERVICES,
    KIND_CONSENT_RECORD,
    pack_consent_record_into,
)


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
    """Keeps the agreement, over restarts too. `agreement` is None until the wearer agrees.

    `on_agreed(agreement)` and `on_withdrawn()` are called at each change, a withdrawal being
    effective before the call. `bonds` are the keys of paired hosts, None where nobody can pair.
    """

    def __init__(self, manifest, storage, bonds, outbox, status):
        self.agreement = None
        self.on_agreed = None
        self.on_withdrawn = None
        self._manifest = manifest
        self._storage = storage
        self._bonds = bonds
        self._outbox = outbox
        self._status = status

    def restore(self):
        """Take up the agreement kept from before, and tell it; one to another manifest is not taken up.

        Nor is one on a medium that took no write at this start: a withdrawal may be missing there.
        """
        storage = self._storage
        if storage.is_dirty:
            storage.keep_consent(0, self._manifest.digest)
        groups = storage.consent_groups if storage.consent_digest == self._manifest.digest else 0
        self._send_record(CONSENT_ACTION_IN_FORCE, groups)
        if groups:
            self._begin(groups)
        elif not groups:
            self._forget_hosts()

    def agree_to_all(self):
        """The wearer pressed the button on the manifest page."""
        if self.agreement is None:
            groups = self._manifest.groups
            self._storage.keep_consent(groups, self._manifest.digest)
            self._send_record(CONSENT_ACTION_AGREED, groups)
            self._begin(groups)

    def withdraw(self):
        """The wearer held the button: nothing may run on what was agreed to."""
        agreement = self.agreement
        if agreement is not None:
            agreement.end()
            self.agreement = None
            self._status.is_agreed = False
            self._status.is_open_to_apps = False
            self._status.touch()
            self._storage.keep_consent(0, self._manifest.digest)
            self._forget_hosts()
            self.on_withdrawn()
            self._send_record(CONSENT_ACTION_WITHDRAWN, agreement.groups)

    def turn_services(self):
        """The wearer pressed the button when asked to turn the standard services on, or off."""
        agreement = self.agreement
        if agreement is None:
            return
        agreement.groups ^= GROUP_STANDARD_SERVICES
        is_on = agreement.allows(GROUP_STANDARD_SERVICES)
        self._status.is_open_to_apps = is_on
        self._status.touch()
        self._storage.keep_consent(agreement.groups, self._manifest.digest)
        action = CONSENT_ACTION_AGREED if is_on else CONSENT_ACTION_WITHDRAWN
        self._send_record(action, GROUP_STANDARD_SERVICES)

    def _begin(self, groups):
        self.agreement = Agreement(groups, self._manifest.digest)
        self._status.is_agreed = True
        self._status.is_open_to_apps = self.agreement.allows(GROUP_STANDARD_SERVICES)
        self._status.touch()
        self.on_agreed(self.agreement)

    def _forget_hosts(self):
        if self._bonds is not None:
            self._bonds.wipe()

    def _send_record(self, action, groups):
        end = pack_consent_record_into(self._outbox.buffer, 0, action, groups, self._manifest.digest)
        self._outbox.send(KIND_CONSENT_RECORD, end)
