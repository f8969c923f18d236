"""The seal of a session as its two ends make it; its cipher is a library's, or the band's own."""

from bandwire.frames import ROLE_BAND, ROLE_HOST
from bandwire.secure.record_seal import RecordSeal
from vitalband.keys.ciphers import LibraryCcm

SECRETS = {ROLE_BAND: bytes(range(32)), ROLE_HOST: bytes(range(32, 64))}


def real_seal(cipher=LibraryCcm):
    return RecordSeal(cipher, SECRETS)
