"""Random bytes for keys: the port's own, hedged by a seed that is kept and never used twice.

| port     | `os.urandom`                                                                           |
|----------|----------------------------------------------------------------------------------------|
| unix     | the system's                                                                           |
| lanes    | the conductor's: the system's, or by the seed of a life that is to be lived again      |
| esp32    | `esp_random`: true chance while the radio is on; `hal.device` opens that before this   |
| nrf52840 | the chip's generator with its bias corrected: `ports/nrf52840/modules/os.py`           |

What comes out is a hash over two draws, the seed and what came before: a port whose draws can be guessed
gives bytes that cannot, as long as the seed was never read. Two draws that are equal are no chance.
"""

import os
from errno import EIO
from hashlib import sha256

from hal.slots import Slots

_DRAW_BYTES = 32
_SEED_BYTES = 32
_BYTES_AT_ONCE = 32


class Entropy(Slots):
    """`take` gives random bytes; the seed of the next start is kept by `write`, in both files."""

    NAME = "seed."
    MAGIC = b"VS"
    FORMAT = 1
    MOST_BYTES = _SEED_BYTES

    def __init__(self, folder=""):
        Slots.__init__(self, folder)
        self._state = self.load() or b""
        self._has_begun = False
        self._next_seed = b""
        self._last_draw = b""

    def take(self, count):
        """`count` random bytes, at most 32; OSError(EIO) when the port's draws are no chance."""
        if not 0 < count <= _BYTES_AT_ONCE:
            raise ValueError("wanted 1 to 32 random bytes at once, got " + str(count))
        draws = self._draw() + self._draw()
        if not self._has_begun:
            self._has_begun = True
            self._next_seed = _hash(b"next seed", self._state, draws)
            self.is_dirty = True
        given = _hash(b"give", self._state, draws)
        self._state = _hash(b"go on", self._state, draws)
        return given[:count]

    def wipe(self):
        """Keep no seed: what was given before cannot be computed again."""
        self._state = b""
        self._next_seed = b""
        self.is_dirty = True

    def write(self):
        """Make the seed of the next start last; still dirty when it fails."""
        self.keep(self._next_seed)
        self.keep(self._next_seed)
        self.is_dirty = False

    def _draw(self):
        drawn = os.urandom(_DRAW_BYTES)
        if drawn == self._last_draw:
            raise OSError(EIO)
        self._last_draw = drawn
        return drawn


def _hash(purpose, state, draws):
    digest = sha256(purpose)
    digest.update(state)
    digest.update(draws)
    return digest.digest()
