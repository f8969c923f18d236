"""The serial carrier's packets: COBS(record + CRC-32, little-endian) and a zero byte."""
# signatures:
# packet_bytes(max_record_bytes) -> int                 room that a packet needs
# encode_packet_into(record, length, out) -> int        record: bytearray with 4 bytes of room after `length` (the CRC goes there)
# Deframer(max_record_bytes): feed(data, length=-1), next_record() -> memoryview | None (valid until the next call),
#   bad_crc, oversize, malformed, empty, records
