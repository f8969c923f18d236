"""Who asks for the wearing, and on what terms: as a host stated it, kept over restarts, shown before consent.

The digest that consent refers to is SHA-256 over the fields of the frame that follow its request id, those
that an earlier host does not know as zeros; the first 8 bytes of it travel. It is zeros where nobody has
asked.
"""

from hashlib import sha256

from bandwire.frames import HEADER_BYTES, ISSUANCE_BYTES, pack_issuance_into, unpack_issuance

DIGEST_BYTES = 8
_TERMS_AT = HEADER_BYTES + 2
"""Behind header and request id."""


class Issuance:
    """The terms of one issuer, all texts as UTF-8 bytes; `end_unix_s` is 0 where they state no end."""

    def __init__(self, terms):
        (
            _, self.issuer, self.contact, self.purpose, self.notice, self.is_voluntary,
            self.start_unix_s, self.end_unix_s, self.refusal,
        ) = unpack_issuance(bytes(_TERMS_AT) + terms, 0, ISSUANCE_BYTES)  # fmt: skip
        self.digest = sha256(terms).digest()[:DIGEST_BYTES]


class Issued:
    """The issuance that is in force: `issuance` is None, `digest` zeros, until somebody asks."""

    def __init__(self, slots):
        self.slots = slots
        self.issuance = None
        self.digest = bytes(DIGEST_BYTES)
        if len(slots.terms) == ISSUANCE_BYTES - _TERMS_AT:
            self._show(slots.terms)

    def take(self, frame):
        """Take the frame of an issuance; whether its terms are others than those so far.

        FrameError for a frame that is too short.
        """
        fields = unpack_issuance(frame, 0, len(frame))
        packed = bytearray(ISSUANCE_BYTES)
        pack_issuance_into(packed, 0, *fields)
        terms = bytes(packed[_TERMS_AT:])
        if terms == self.slots.terms:
            return False
        self.slots.take(terms)
        self._show(terms)
        return True

    def _show(self, terms):
        self.issuance = Issuance(terms)
        self.digest = self.issuance.digest


def is_possible(frame):
    """Whether the end that an issuance states, if any, comes after its start."""
    fields = unpack_issuance(frame, 0, len(frame))
    return fields[7] == 0 or fields[7] > fields[6]
