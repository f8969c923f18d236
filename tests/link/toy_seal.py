"""A seal that hides nothing from anybody who reads this: shows the place of a real one."""

import hashlib
import hmac


class ToySeal:
    """Keyed stream and an 8-byte tag, both of record counter and direction; for tests only."""

    overhead = 8

    def __init__(self, key: bytes):
        self._key = key
        self.nonces: list[tuple[int, int]] = []

    def seal_into(self, record, length, counter, sender):
        self.nonces.append((counter, sender))
        hidden = self._mix(bytes(record[3:length]), counter, sender)
        record[3:length] = hidden
        record[length : length + 8] = self._tag(bytes(record[:3]) + hidden, counter, sender)
        return length + 8

    def open_into(self, record, counter, sender, opened):
        end = len(record) - 8
        if bytes(record[end:]) != self._tag(bytes(record[:end]), counter, sender):
            return 0
        opened[:3] = record[:3]
        opened[3:end] = self._mix(bytes(record[3:end]), counter, sender)
        return end

    def _mix(self, content, counter, sender):
        nonce = counter.to_bytes(8, "little") + bytes([sender])
        stream = b"".join(
            hashlib.sha256(self._key + nonce + bytes([block])).digest()
            for block in range(len(content) // 32 + 1)
        )
        return bytes(left ^ right for left, right in zip(content, stream, strict=False))

    def _tag(self, sealed, counter, sender):
        nonce = counter.to_bytes(8, "little") + bytes([sender])
        return hmac.digest(self._key, nonce + sealed, "sha256")[:8]
