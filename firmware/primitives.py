"""What a secure session takes of the band: ciphers of bandwire's own, and randomness of the hardware."""

from bandwire.secure.aes_ccm import AesCcm
from bandwire.secure.chacha20 import ChaCha20Poly1305
from bandwire.secure.curve25519 import agree


class Primitives:
    """See `bandwire.seams.Primitives`; `entropy` is a `hal.entropy.Entropy`."""

    def __init__(self, entropy):
        self.aead = ChaCha20Poly1305
        self.cipher = AesCcm
        self.agree = agree
        self._entropy = entropy

    def random(self, count):
        """`count` bytes, at most 32; OSError when there is no chance to be had."""
        return self._entropy.take(count)
