"""The enumerations of secure sessions; a part of `bandschema.enums`."""

from enum import IntEnum


class HandshakeStep(IntEnum):
    """Steps on the way to a secure session; a pairing takes the first five, a resumption two and CONFIRM."""

    PAIR_FIRST = 1
    PAIR_SECOND = 2
    REVEAL = 3
    CONFIRM = 4
    PAIRED = 5
    RESUME_FIRST = 6
    RESUME_SECOND = 7
    REFUSED = 8


class Refusal(IntEnum):
    """Why there is no secure session, or no longer. What comes clear is a hint: no key is given up for it."""

    UNKNOWN_KEY = 1
    NO_WINDOW = 2
    NO_TRIES = 3
    NO_SLOT = 4
    NOT_STORED = 5
    MALFORMED = 6
    EXPIRED = 7
    DECLINED = 8
    WRONG_CODE = 9
    FORGED = 10
    SECURE_ONLY = 11
    CLEAR_ONLY = 12
    FORGOTTEN = 13


class HostRight(IntEnum):
    """What a paired host may do.

    An owner may do all. A reader may read, stream and fetch: what it confirms frees nothing of the journal,
    and it may neither wipe, issue, allow pairing nor forget another host.
    """

    OWNER = 1
    READER = 2
