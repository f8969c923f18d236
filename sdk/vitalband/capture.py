"""The bytes of a link as a capture file that Wireshark and tshark open (`protocol/wireshark/vitalband.lua`).

The file is pcap, link-layer type USER0. Each of its packets is one byte (bit 0: who sent it, 0 band, 1 host;
bits 4-7: carrier, 0 serial, 1 one whole record) and then what came: on a serial line up to the zero byte that
closes a packet, with the time at which that came.
"""

import struct
import warnings
from pathlib import Path

from bandschema.enums import Role
from vitalband.transport import Clock

LINK_TYPE_USER0 = 147
CARRIER_SERIAL, CARRIER_RECORD = 0x00, 0x10
LONGEST_PIECE_BYTES = 4096
"""Bytes without a zero that are kept until they are written all the same; longer than any packet."""
_MAGIC, _VERSION = 0xA1B2C3D4, (2, 4)
"""Of pcap, times in microseconds; by the description of the format in libpcap's manual `pcap-savefile`."""
_SNAP_BYTES = 1 << 16


class LinkCapture:
    """Writes what a link sends and receives, each packet at once; makes the file anew.

    Raises OSError when the file cannot be made. A write that fails later ends the capture, not the session:
    a warning tells it, and `failure` why.
    """

    def __init__(self, path: Path, clock: Clock, *, is_stream: bool) -> None:
        self.failure = ""
        self.packets = 0
        self._clock = clock
        self._is_stream = is_stream
        self._waiting = {Role.BAND: bytearray(), Role.HOST: bytearray()}
        self._file = path.open("wb", buffering=0)
        self._file.write(struct.pack("<IHHiIII", _MAGIC, *_VERSION, 0, 0, _SNAP_BYTES, LINK_TYPE_USER0))

    def note(self, sender: Role, data: bytes) -> None:
        """Bytes of a serial line in any chunking, or one record of a packet carrier."""
        if not self._is_stream:
            self._write(sender, CARRIER_RECORD, data)
            return
        waiting = self._waiting[sender]
        *closed, rest = (bytes(waiting) + data).split(b"\0")
        for packet in closed:
            self._write(sender, CARRIER_SERIAL, packet + b"\0")
        waiting[:] = rest
        if len(waiting) > LONGEST_PIECE_BYTES:
            self._write_rest(sender)

    def close(self) -> None:
        """Write what has no closing zero yet, and close the file; may be called twice."""
        for sender, waiting in self._waiting.items():
            if waiting:
                self._write_rest(sender)
        self._file.close()

    def _write_rest(self, sender: Role) -> None:
        self._write(sender, CARRIER_SERIAL, bytes(self._waiting[sender]))
        self._waiting[sender].clear()

    def _write(self, sender: Role, carrier: int, data: bytes) -> None:
        seconds, microseconds = divmod(self._clock.utc_us(), 1_000_000)
        size = len(data) + 1
        head = struct.pack("<IIIIB", seconds & 0xFFFFFFFF, microseconds, size, size, carrier | sender)
        if self._file.closed or self.failure:
            return
        try:
            self._file.write(head + data)
            self.packets += 1
        except OSError as error:
            self.failure = f"the capture {self._file.name} ends here: {error}"
            warnings.warn(self.failure, RuntimeWarning, stacklevel=3)
