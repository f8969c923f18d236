"""Records: what a link sends. Type, record counter, then whole frames or a fragment of one.

| bytes | field   | meaning                                                                     |
|-------|---------|-----------------------------------------------------------------------------|
| 1     | type    | bits 0-1 content, bits 2-3 class, bit 4 sealed, bit 5 hello, bits 6-7 zero   |
| 2     | counter | low 16 bits of the sender's record counter, little-endian                    |
| rest  | content | frames: (length u16, frame) each; first fragment: total length u16, bytes; next fragment: bytes |

The record counter belongs to the connection: it starts at 0 with each session id, rises by one a
record, and is extended by the reader. A sealed record has its tag at the end; nonce and replay rule
use the extended counter and the direction, never a frame's sequence.
"""
