"""The band's end of the link; see `bandwire.link` for what both ends share."""
# signatures:
# BandLink(numbering, *, band_id: bytes(8), capabilities=0, max_frame_bytes=256 (longest frame taken in),
#          live=None (FrameRing), backfill=None (source), post_bytes=256 (room for posted frames), seal=None)
#   post(frame, length) -> bool   session frames only (kind >= 0x40): reply, backfill_range ...
#   A hello is answered by the link; a time_request too (and is still given as EVENT_FRAME, for its unix_time_s).
#   Everything else from the host comes as EVENT_FRAME.
