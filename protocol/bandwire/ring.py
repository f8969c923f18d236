"""Numbered frames in a ring of RAM: what waits to be sent live, and what can be sent again."""
# signatures:
# FrameRing(capacity_bytes): append(frame, length); peek() -> int, buffer, start, advance() (live cursor); drops (unsent frames overwritten)
#   find(boot_id, sequence) -> position or -1 (the first kept frame of this boot from that number on)
#   frame_count, unsent_count
# RingReader(ring): begin(boot_id, first_sequence, frame_count) -> frames kept; first_sequence; peek(), buffer, start, advance(): a backfill source
