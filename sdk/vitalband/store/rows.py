"""What the tables of a store hold, row by row."""

import struct
from dataclasses import dataclass
from zlib import crc32

from vitalband.clock import TimeExchange

FRAME_COLUMNS = "band_id, boot_id, sequence, kind, ticks_ms, received_utc_us, frame"
"""What a `FrameRow` is made of, in its order."""
EXCHANGE_COLUMNS = "band_id, boot_id, ticks_ms, utc_us, uncertainty_us"
LOST_COLUMNS = "band_id, boot_id, first_sequence, frame_count"
"""The same of the others: by name, as a damaged file may have more or fewer."""

_NUMBERS = struct.Struct("<HIBIq")


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One stored frame, verbatim, with the host's UTC when it came."""

    band_id: bytes
    boot_id: int
    sequence: int
    kind: int
    ticks_ms: int
    received_utc_us: int
    frame: bytes

    @property
    def crc32(self) -> int:
        """CRC-32 over identity, boot, sequence, kind, ticks, UTC (little-endian) and frame, in this order.

        ValueError when a number does not fit its field: such a row was never written.
        """
        try:
            numbers = _NUMBERS.pack(
                self.boot_id, self.sequence, self.kind, self.ticks_ms, self.received_utc_us
            )
        except struct.error as error:
            raise ValueError(f"a frame row holds an impossible number: {error}") from error
        return crc32(self.frame, crc32(numbers, crc32(self.band_id)))


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One stored time exchange of a band's boot."""

    band_id: bytes
    boot_id: int
    exchange: TimeExchange


@dataclass(frozen=True, slots=True)
class LostRow:
    """`frame_count` frames of a boot, from `first_sequence` on, that the band has not any more."""

    band_id: bytes
    boot_id: int
    first_sequence: int
    frame_count: int
