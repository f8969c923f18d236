"""The host's end of the link; see `bandwire.link` for what both ends share."""
# signatures:
# HostLink(session_id: bytes(8), *, capabilities=0, max_frame_bytes=MAX_FRAME_BYTES, post_bytes=2048, seal=None)
#   request(frame, length, timeout_ms, now_ms) -> request_id    frame of a kind that begins with request_id
#   send_command(command, stream_id, argument, timeout_ms, now_ms) -> request_id
#   start_stream(stream_id, timeout_ms, now_ms), stop_stream(stream_id, timeout_ms, now_ms) -> request_id
#   request_time(unix_time_s, timeout_ms, now_ms) -> request_id
#   request_backfill(boot_id, first_sequence, count, timeout_ms, now_ms) -> request_id
#   confirm_stored(boot_id, first_sequence, count)
#   restart(session_id, now_ms)      a new connection over the same object; accounting goes on, open requests time out
#   ledger: bandwire.accounting.Ledger; requests: bandwire.requests.Requests (counters)
#   ledger.expect_from(boot_id, sequence): account from here (what the store has), before the first record
#   ledger.received, repaired, missing, duplicates, assigned, earlier, dropped_on_band; ledger.missing_ranges(boot_id) -> list of (first, count)
#   invariant: received + repaired + missing == assigned
