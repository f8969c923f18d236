"""AES-128-CCM with a tag of 8 bytes and a nonce of 13: compiled where that runs, else plain.

It is COSE's algorithm 10, AES-CCM-16-64-128 (RFC 9053, unconfirmed).
"""

from bandwire.secure.ccm_plain import BLOCK_BYTES, NONCE_BYTES, ROUND_KEY_BYTES, TAG_BYTES, expand_key

try:
    from bandwire.secure.ccm_viper import crypt, encrypt_block, mask
except ImportError:
    from bandwire.secure.ccm_plain import crypt, encrypt_block, mask

__all__ = [
    "BLOCK_BYTES",
    "KEY_BYTES",
    "NONCE_BYTES",
    "ROUND_KEY_BYTES",
    "TAG_BYTES",
    "AesCcm",
    "encrypt_block",
    "expand_key",
    "mask",
]

KEY_BYTES = 16


class AesCcm:
    """Seals and opens in place under one key of 16 bytes; allocates nothing after it is made."""

    def __init__(self, key: "bytes | bytearray") -> None:
        self._round_keys = bytearray(ROUND_KEY_BYTES)
        self._code = bytearray(BLOCK_BYTES)
        self._stream = bytearray(BLOCK_BYTES)
        self.rekey(key)

    def rekey(self, key: "bytes | bytearray") -> None:
        """Go on with another key."""
        expand_key(key, self._round_keys)

    def seal(
        self,
        buffer: "bytearray | memoryview",
        header_bytes: int,
        stop: int,
        tag: "bytearray | memoryview",
        nonce: bytearray,
    ) -> None:
        """Seal `buffer` from `header_bytes` (up to 14) to `stop` where it is; writes the 8 bytes of `tag`."""
        crypt(buffer, header_bytes, stop, tag, nonce, 0, self._round_keys, self._code, self._stream)

    def open(
        self,
        buffer: "bytearray | memoryview",
        header_bytes: int,
        stop: int,
        tag: "bytearray | memoryview",
        nonce: bytearray,
    ) -> bool:
        """Open it where it is; whether the tag is right, else what stands there is worth nothing."""
        return (
            crypt(buffer, header_bytes, stop, tag, nonce, 1, self._round_keys, self._code, self._stream) == 0
        )
