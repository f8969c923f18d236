"""The seal of a session as its two ends make it; its cipher is a library's, or the band's own."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from bandwire.frames import ROLE_BAND, ROLE_HOST
from bandwire.secure.record_seal import RecordSeal

SECRETS = {ROLE_BAND: bytes(range(32)), ROLE_HOST: bytes(range(32, 64))}


class LibraryCcm:
    """A `bandwire.seams.RecordCipher`."""

    def __init__(self, key):
        self._cipher = AESCCM(key, tag_length=8)

    def seal(self, buffer, header_bytes, stop, tag, nonce):
        content, header = bytes(buffer[header_bytes:stop]), bytes(buffer[:header_bytes])
        sealed = self._cipher.encrypt(bytes(nonce), content, header)
        buffer[header_bytes:stop] = sealed[:-8]
        tag[:] = sealed[-8:]

    def open(self, buffer, header_bytes, stop, tag, nonce):
        content, header = bytes(buffer[header_bytes:stop]), bytes(buffer[:header_bytes])
        try:
            buffer[header_bytes:stop] = self._cipher.decrypt(bytes(nonce), content + bytes(tag), header)
        except InvalidTag:
            return False
        return True


def real_seal(cipher=LibraryCcm):
    return RecordSeal(cipher, SECRETS)
