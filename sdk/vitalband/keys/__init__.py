"""Keys of the bands that this computer is paired with.

| module    | what                                                                                   |
|-----------|----------------------------------------------------------------------------------------|
| `store`   | `KeyStore`: the paired bands, and the secrets of each                                    |
| `book`    | where the list of them lies: a file of mode 600, or memory                               |
| `vault`   | the operating system's key store, in which the secrets lie where there is one            |
| `ciphers` | the cryptography of a session by the library `cryptography`, behind `bandwire`'s seams   |
"""

from vitalband.keys.book import FileBook, MemoryBook
from vitalband.keys.store import BandKeys, KeyStore, PairedBand, memory_keys, user_keys

__all__ = ["BandKeys", "FileBook", "KeyStore", "MemoryBook", "PairedBand", "memory_keys", "user_keys"]
