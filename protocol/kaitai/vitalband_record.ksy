# Written by hand: records are behaviour, not layout, and come from no schema.
meta:
  id: vitalband_record
  title: Record of the Vitalband protocol
  license: Apache-2.0
  ks-version: 0.11
  endian: le
  bit-endian: le
  imports:
    - vitalband_frame
doc: |
  One record: what a packet carrier gives, or what is left of a serial packet when COBS is undone and its CRC-32 is
  right and taken off. Putting fragments together, and refusing replays, is for who reads records in their order:
  docs/protocol.md tells how. What is sealed stays bytes.
seq:
  - id: content
    type: b2
    enum: content
  - id: priority
    type: b2
    enum: priority
    valid:
      max: priority::backfill
  - id: is_sealed
    type: b1
  - id: is_hello
    type: b1
  - id: reserved
    type: b2
    valid: 0
  - id: counter
    type: u2
    doc: Low 16 bits of the sender's record counter.
  - id: body
    size-eos: true
    type:
      switch-on: 'is_sealed ? content::next_fragment : content'
      cases:
        'content::frames': frames
        'content::first_fragment': first_fragment
        'content::one_frame': vitalband_frame
types:
  frames:
    seq:
      - id: frames
        type: counted_frame
        repeat: eos
  counted_frame:
    seq:
      - id: num_bytes
        type: u2
      - id: frame
        type: vitalband_frame
        size: num_bytes
  first_fragment:
    seq:
      - id: num_frame_bytes
        type: u2
        doc: Bytes of the whole frame.
      - id: bytes
        size-eos: true
enums:
  content:
    0: frames
    1: first_fragment
    2: next_fragment
    3: one_frame
  priority:
    0: urgent
    1: live
    2: backfill
