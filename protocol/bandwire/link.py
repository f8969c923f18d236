"""The link between a band and a host, sans-I/O: records in, events out; time is an argument.

    band: `link = BandLink(numbering, ...)`     (bandwire.bandlink)
    host: `link = HostLink(session_id, ...)`    (bandwire.hostlink)

Both share what follows; `bandwire.events` lists what `next_event` gives. A byte stream puts
`bandwire.serial.SerialCarrier` around a link; a packet carrier sends each record as one packet.

    link.post(frame, length) -> bool        queue a frame (urgent); False when the queue is full
    link.next_record_into(buffer, max_bytes, now_ms) -> int
                                            the carrier can send: length of the record, 0 = nothing
    link.receive_record(record, now_ms)     a record came in (bytes-like; any bytes are safe)
    link.next_event() -> tuple | None       take events until None after each record and each poll
    link.poll(now_ms) -> int                time-outs; when to poll next (ms), -1 = when something comes
    link.is_up, link.version, link.peer_max_frame_bytes, link.peer_capabilities, link.peer_band_id
    link.bad_counts[BAD_...], link.unknown_kinds, link.lost_records, link.unsendable_frames

The link writes the header of every posted frame when it goes out (kind is taken from byte 1, so
`frame[1] = KIND_...` or `pack_header_into` with zeros will do): boot, number and ticks are those of
the moment of sending. Frames from `live` and `backfill` go out byte for byte.

`live` is a `FrameRing`; `backfill` anything with `peek() -> length or 0`, `buffer`, `start` and
`advance()` (such as `RingReader`): the link takes a frame from it only when it is about to send it.
Urgent (posted) frames go before live before backfilled ones, also between the fragments of a longer
one; several small frames of one class share a record.

A connection:

| state     | band                                | host                                          |
|-----------|-------------------------------------|-----------------------------------------------|
| closed    | silent; takes nothing but a hello   | sends its hello, again every second           |
| up        | answered a hello with common version| got the answer with its own session id        |
| refused   | answered, no common version         | got the answer, no common version; asks no more |

A new hello with another session id begins a new connection (EVENT_DOWN, EVENT_UP); the same hello
again is answered again. `now_ms` is the caller's clock in ms; it must not run backwards. On the band
it is the device ticks, extended to 32 bits.
"""
