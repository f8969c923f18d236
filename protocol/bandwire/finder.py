"""By what a host that is paired knows a band that waits to be found, and nobody else does.

In the answer to a scan, as data of the band's service, stands a token of 8 bytes: a nonce of 3 bytes drawn by
chance, and the first 5 of HMAC-SHA-256 of it under the finder key, which band and host share since they were
paired. A band that has no such key draws all 8. Each time that it is advertised anew, and after
`ROTATION_MS`, the token is another one: it tells a stranger nothing but that a band is there.
"""

from bandwire.secure.hashes import hmac_sha256, is_equal

FINDER_KEY_BYTES = 16
NONCE_BYTES = 3
TOKEN_BYTES = 8
"""5 of them are the proof: a token of another band is taken for one's own once in 2^40, own choice."""
ROTATION_MS = 900_000
"""15 minutes: as often as addresses change by the default of Bluetooth's privacy (unconfirmed)."""


def token_of(key: "bytes | bytearray", nonce: bytes) -> bytes:
    """The token of a finder key for a nonce of `NONCE_BYTES`."""
    return nonce + hmac_sha256(key, nonce)[: TOKEN_BYTES - NONCE_BYTES]


def is_token_of(key: "bytes | bytearray", token: bytes) -> bool:
    """Whether a token was made with this key; of another length it was not."""
    return is_equal(token_of(key, token[:NONCE_BYTES]), token)
