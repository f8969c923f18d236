"""A link over a byte stream: COBS packets out of records, records out of bytes; both ends."""
# signatures:
# SerialCarrier(link, max_record_bytes=256)
#   fill(now_ms) -> int            bytes waiting in `output[output_start:output_stop]`; takes the next record only when empty
#   sent(count)                    so many of them were taken by the port
#   output: memoryview
#   receive(data, length, now_ms)  bytes came in (bytes/bytearray); then take events until None
#   next_event(now_ms) -> tuple | None
#   deframer: its counters
