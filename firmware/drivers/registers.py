"""Reads and writes of single registers on a bus, with buffers of their own.

What a chip is known by is stated as `(address, register, bytes, mask, wanted)`: the register, one byte or a
word of two, says under the mask what is wanted, or it is another chip.
"""

from errno import ENODEV


class Registers:
    """The registers of one chip: bytes, and big-endian words of two bytes.

    Every method is one transfer and raises OSError as the bus does.
    """

    def __init__(self, bus, address):
        self._bus = bus
        self._address = address
        self._byte = bytearray(1)
        self._word = bytearray(2)

    def read(self, register):
        """Give one byte."""
        self._bus.readfrom_mem_into(self._address, register, self._byte)
        return self._byte[0]

    def write(self, register, value):
        """Write one byte."""
        self._byte[0] = value
        self._bus.writeto_mem(self._address, register, self._byte)

    def read_word(self, register):
        """Give an unsigned word, 0 to 65535."""
        self._bus.readfrom_mem_into(self._address, register, self._word)
        return self._word[0] << 8 | self._word[1]

    def read_signed_word(self, register):
        """Give a signed word, -32768 to 32767."""
        return (self.read_word(register) ^ 0x8000) - 0x8000

    def write_word(self, register, value):
        """Write an unsigned word."""
        self._word[0] = value >> 8
        self._word[1] = value & 0xFF
        self._bus.writeto_mem(self._address, register, self._word)

    def read_identity(self, identity):
        """Give what the chip says of itself, under the mask of `identity`."""
        _, register, count, mask, _ = identity
        return (self.read(register) if count == 1 else self.read_word(register)) & mask

    def check_identity(self, identity):
        """OSError(ENODEV) when it is another chip than `identity` says."""
        if self.read_identity(identity) != identity[4]:
            raise OSError(ENODEV)

    def read_into(self, register, buffer):
        """Fill `buffer` from the register on, in one transfer."""
        self._bus.readfrom_mem_into(self._address, register, buffer)
