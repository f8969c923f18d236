"""AES-128 in counter mode: the stream of CCM's counter blocks, without its tag.

A nonce has 13 bytes, and the counter two that begin at 1; compiled where that runs, else plain.
"""

from bandwire.secure.aes_ccm import BLOCK_BYTES, ROUND_KEY_BYTES, expand_key, mask


class AesCtr:
    """Seals and opens in place, under a key that `rekey` gives first; `mask` allocates nothing."""

    def __init__(self) -> None:
        self._round_keys = bytearray(ROUND_KEY_BYTES)
        self._stream = bytearray(BLOCK_BYTES)

    def rekey(self, key: "bytes | bytearray") -> None:
        """Go on with a key of 16 bytes."""
        expand_key(key, self._round_keys)

    def mask(self, buffer: bytearray, start: int, stop: int, nonce: bytearray) -> None:
        """Seal `buffer`, or open it, from `start` to `stop` where it is; both are multiples of 4."""
        mask(buffer, start, stop, nonce, self._round_keys, self._stream)
