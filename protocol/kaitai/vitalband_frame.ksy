# GENERATED from protocol/bandschema by `make gen`: do not edit.
meta:
  id: vitalband_frame
  title: Frame of the Vitalband protocol, version 3
  license: Apache-2.0
  ks-version: 0.11
  encoding: UTF-8
  endian: le
  bit-endian: le
doc: |
  One whole frame, from its version to its last byte: what lies in a record, in a store or in a recording.
  Carriers, records and what a link does are told in docs/protocol.md. A frame has no check of its own, so
  read one only after its carrier's check. A kind that is not known here stays bytes.
seq:
  - id: header
    type: header
  - id: payload
    size-eos: true
    type:
      switch-on: header.kind
      cases:
        'kind::identity': identity
        'kind::manifest_entry': manifest_entry
        'kind::stream_descriptor': stream_descriptor
        'kind::vitals': vitals
        'kind::sample_block': sample_block
        'kind::event': event
        'kind::consent_record': consent_record
        'kind::alert': alert
        'kind::acknowledge': acknowledge
        'kind::log_line': log_line
        'kind::issuance': issuance
        'kind::self_test_result': self_test_result
        'kind::compressed_block': compressed_block
        'kind::vitals_run': vitals_run
        'kind::journal_loss': journal_loss
        'kind::handover': handover
        'kind::hello': hello
        'kind::command': command
        'kind::reply': reply
        'kind::time_request': time_request
        'kind::time_reply': time_reply
        'kind::backfill_request': backfill_request
        'kind::backfill_range': backfill_range
        'kind::store_confirm': store_confirm
        'kind::cuff_reading': cuff_reading
        'kind::journal_extent': journal_extent
        'kind::handshake': handshake
        'kind::paired_host': paired_host
types:
  header:
    doc: "The 12 bytes before every payload."
    seq:
      - id: version
        type: u1
        doc: "Protocol version of the sender. (1..255)"
      - id: kind
        type: u1
        enum: kind
        doc: "Which frame follows; from 0x40 on a frame belongs to one connection. (0..255)"
      - id: boot_id
        type: u2
        doc: "Count of the band's boots, from 1, in non-volatile storage; 0 from a host. (0..65535)"
      - id: sequence
        type: b24
        doc: "Number within the boot; from 0x40 on that of the frame the band sends next; 0 from a host. (0..16777215)"
      - id: ticks_ms
        type: u4
        doc: "Device clock since boot; of a block, that of the FIFO read of its last sample. (0..4294967295)"
        -unit: "ms"
      - id: drops
        type: u1
        doc: "Frames that the band gave up before they could be sent, since boot, modulo 256. (0..255)"
  identity:
    doc: "Who made the band and what runs on it."
    seq:
      - id: maker
        type: str
        size: 16
        pad-right: 0
        doc: "Maker of the band."
      - id: model
        type: str
        size: 16
        pad-right: 0
        doc: "Model name."
      - id: hardware
        type: str
        size: 12
        pad-right: 0
        doc: "Board and its revision."
      - id: serial
        type: str
        size: 16
        pad-right: 0
        doc: "Serial number of this band."
      - id: firmware_major
        type: u1
        doc: "Firmware version, major. (0..255)"
      - id: firmware_minor
        type: u1
        doc: "Firmware version, minor. (0..255)"
      - id: firmware_patch
        type: u1
        doc: "Firmware version, patch. (0..255)"
      - id: firmware_digest
        size: 32
        doc: "SHA-256 over the firmware's files, by name and content."
      - id: protocol_version
        type: u1
        doc: "Highest protocol version that the band speaks. (0..255)"
      - id: capabilities
        type: u4
        doc: "What the band can do."
      - id: image_profile_sent
        type: u1
        if: _io.size >= 101
      - id: certification_sent
        type: str
        size: 16
        pad-right: 0
        if: _io.size >= 117
    instances:
      capabilities_has_display:
        value: '(capabilities & 0x1) != 0'
      capabilities_has_vibration:
        value: '(capabilities & 0x2) != 0'
      capabilities_has_raw_optical:
        value: '(capabilities & 0x4) != 0'
      capabilities_has_raw_motion:
        value: '(capabilities & 0x8) != 0'
      capabilities_has_backfill:
        value: '(capabilities & 0x10) != 0'
      capabilities_has_cuff_reading:
        value: '(capabilities & 0x20) != 0'
      capabilities_has_sealed_records:
        value: '(capabilities & 0x40) != 0'
      capabilities_has_secure_session:
        value: '(capabilities & 0x80) != 0'
      capabilities_has_standard_services:
        value: '(capabilities & 0x100) != 0'
      capabilities_has_bonding:
        value: '(capabilities & 0x200) != 0'
      capabilities_has_private_radio:
        value: '(capabilities & 0x400) != 0'
      image_profile:
        value: '(_io.size >= 101) ? image_profile_sent : 0'
        enum: image_profile
        doc: "How the firmware is installed. (since version 2)"
      certification:
        value: '(_io.size >= 117) ? certification_sent : ""'
        doc: "What it is certified as, by its maker's word; `none` when it is not, empty when not told. (since version 3)"
  manifest_entry:
    doc: "One item of the list of all that the band collects."
    seq:
      - id: entry
        type: u1
        doc: "Index of this item. (0..255)"
      - id: entry_count
        type: u1
        doc: "Number of items in the manifest. (0..255)"
      - id: manifest_digest
        size: 8
        doc: "Start of the SHA-256 over all items; what consent refers to."
      - id: reading_id
        type: u1
        doc: "The reading, or 0 for a stream of raw samples. (0..255)"
      - id: stream_id
        type: u1
        doc: "The stream, or 0 for a reading. (0..255)"
      - id: group
        type: u2
        doc: "Group that the wearer agrees to."
      - id: page
        type: u1
        enum: page
        doc: "Page of the display that shows it."
      - id: unit
        type: u1
        enum: unit
        doc: "Unit of the value."
      - id: interval_ms
        type: u4
        doc: "Time between two values or two samples. (0..4294967295)"
        -unit: "ms"
      - id: retention_h
        type: u2
        doc: "How long the band keeps it at most. (0..65535)"
        -unit: "h"
      - id: recipients
        type: u1
        doc: "Who gets it."
      - id: name_en
        type: str
        size: 16
        pad-right: 0
        doc: "Name on the display, English."
      - id: name_zh
        type: str
        size: 24
        pad-right: 0
        doc: "Name on the display, Chinese."
      - id: agreement_milli_sent
        type: u2
        if: _io.size >= 65
    instances:
      group_has_pulse:
        value: '(group & 0x1) != 0'
      group_has_breathing:
        value: '(group & 0x2) != 0'
      group_has_oxygen:
        value: '(group & 0x4) != 0'
      group_has_motion:
        value: '(group & 0x8) != 0'
      group_has_temperature:
        value: '(group & 0x10) != 0'
      group_has_blood_pressure:
        value: '(group & 0x20) != 0'
      group_has_sleep:
        value: '(group & 0x40) != 0'
      group_has_raw_optical:
        value: '(group & 0x80) != 0'
      group_has_raw_motion:
        value: '(group & 0x100) != 0'
      group_has_device:
        value: '(group & 0x200) != 0'
      group_has_standard_services:
        value: '(group & 0x400) != 0'
      recipients_has_wearer:
        value: '(recipients & 0x1) != 0'
      recipients_has_host:
        value: '(recipients & 0x2) != 0'
      recipients_has_issuer:
        value: '(recipients & 0x4) != 0'
      agreement_milli:
        value: '(_io.size >= 65) ? agreement_milli_sent : 0'
        doc: "Published limits of agreement, within which 95 % of the errors lie, in thousandths of the unit; 0 when none are stated. (0..65535, since version 2)"
  stream_descriptor:
    doc: "How the samples of a stream are to be read; sent at its start and when asked for."
    seq:
      - id: stream_id
        type: u1
        enum: stream_id
        doc: "The stream."
      - id: sensor
        type: u1
        enum: sensor
        doc: "Kind of sensor."
      - id: channel_count
        type: u1
        doc: "Channels of a sample. (1..8)"
      - id: sample_bits
        type: u1
        doc: "Significant bits of a channel. (1..24)"
        -unit: "bit"
      - id: is_signed
        type: u1
        doc: "1 when samples are two's complement. (0..1)"
      - id: rate_mhz
        type: u4
        doc: "Nominal sample rate. (1..4294967295)"
        -unit: "mHz"
      - id: scale_nano
        type: u4
        doc: "Size of one count in billionths of the unit; 0 when uncalibrated. (0..4294967295)"
      - id: unit
        type: u1
        enum: unit
        doc: "Unit of a sample."
      - id: channel_0
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_1
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_2
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_3
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_4
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_5
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_6
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
      - id: channel_7
        type: u1
        enum: channel
        doc: "Which channel a sample holds here."
  vitals:
    doc: "The readings as the display shows them at this tick."
    seq:
      - id: tail_offset
        type: u1
        valid:
          min: 15
        doc: "Where the tail starts, in bytes from the start of the frame."
      - id: item_size
        type: u1
        valid:
          min: 8
        doc: "Bytes of one item."
      - id: contact
        type: u1
        enum: contact
        doc: "Whether the band is on a wrist, for every reading here."
      - id: later_fields
        size: tail_offset - 12 - _io.pos
        doc: "Fields of a version after this one."
      - id: readings
        type: vitals_reading
        size: item_size
        repeat: eos
        doc: "The readings, each at most once."
  vitals_reading:
    doc: "One of the readings of vitals; what a later version added to it is skipped."
    seq:
      - id: reading_id
        type: u1
        enum: reading
        doc: "Which reading."
      - id: validity
        type: u1
        enum: validity
        doc: "Whether the value may be shown and acted on."
      - id: quality
        type: u1
        doc: "Trust in the value. (0..100)"
        -unit: "%"
      - id: cause
        type: u1
        enum: cause
        doc: "Why the reading is not valid."
      - id: raw_value
        type: s4
        doc: "Value in the reading's own scale; -1073741824 when there is none. (-2147483648..2147483647)"
  sample_block:
    doc: "Consecutive raw samples of one stream."
    seq:
      - id: tail_offset
        type: u1
        valid:
          min: 21
        doc: "Where the tail starts, in bytes from the start of the frame."
      - id: stream_id
        type: u1
        enum: stream_id
        doc: "The stream."
      - id: encoding
        type: u1
        enum: encoding
        doc: "How the body holds the samples."
      - id: sample_count
        type: u2
        doc: "Samples in the body. (0..65535)"
      - id: first_sample
        type: u4
        doc: "Number of the first sample within stream and boot, lost ones counted. (0..4294967295)"
      - id: later_fields
        size: tail_offset - 12 - _io.pos
        doc: "Fields of a version after this one."
      - id: samples
        size-eos: true
        doc: "Encoding 0: by sample, by channel, in the least whole bytes, little-endian."
  event:
    doc: "Something happened on the band."
    seq:
      - id: event
        type: u1
        enum: event_kind
        doc: "What happened."
      - id: part
        type: u1
        enum: part
        doc: "The part concerned."
      - id: detail
        type: s4
        doc: "errno of a fault, number of a drop, percent of the battery, page that is shown, else 0. (-2147483648..2147483647)"
  consent_record:
    doc: "The wearer agreed or withdrew, by button; at each start, what is agreed to."
    seq:
      - id: action
        type: u1
        enum: consent_action
        doc: "What the wearer did, or that this is in force."
      - id: groups
        type: u2
        doc: "The groups concerned."
      - id: manifest_digest
        size: 8
        doc: "The manifest that was agreed to."
      - id: firmware_digest_sent
        size: 8
        if: _io.size >= 19
      - id: issuance_digest_sent
        size: 8
        if: _io.size >= 27
    instances:
      groups_has_pulse:
        value: '(groups & 0x1) != 0'
      groups_has_breathing:
        value: '(groups & 0x2) != 0'
      groups_has_oxygen:
        value: '(groups & 0x4) != 0'
      groups_has_motion:
        value: '(groups & 0x8) != 0'
      groups_has_temperature:
        value: '(groups & 0x10) != 0'
      groups_has_blood_pressure:
        value: '(groups & 0x20) != 0'
      groups_has_sleep:
        value: '(groups & 0x40) != 0'
      groups_has_raw_optical:
        value: '(groups & 0x80) != 0'
      groups_has_raw_motion:
        value: '(groups & 0x100) != 0'
      groups_has_device:
        value: '(groups & 0x200) != 0'
      groups_has_standard_services:
        value: '(groups & 0x400) != 0'
      firmware_digest:
        value: '(_io.size >= 19) ? firmware_digest_sent : [0, 0, 0, 0, 0, 0, 0, 0]'
        doc: "Start of the firmware's digest, as of `identity`. (since version 3)"
      issuance_digest:
        value: '(_io.size >= 27) ? issuance_digest_sent : [0, 0, 0, 0, 0, 0, 0, 0]'
        doc: "Start of the SHA-256 over the issuance that was shown; zeros when nobody had asked. (since version 3)"
  alert:
    doc: "An early warning from the host, for the wearer to see; reserved for the band, which sends none."
    seq:
      - id: alert_id
        type: u2
        doc: "Chosen by the sender, repeated in the acknowledgement. (0..65535)"
      - id: level
        type: u1
        enum: alert_level
        doc: "How urgent it is."
      - id: cause
        type: u1
        enum: cause
        doc: "Why it was raised."
      - id: reading_id
        type: u1
        doc: "The reading concerned, or 0. (0..255)"
      - id: score
        type: u1
        doc: "Early-warning score behind it. (0..255)"
      - id: raw_value
        type: s4
        doc: "Value of the reading in its scale; -1073741824 when there is none. (-2147483648..2147483647)"
  acknowledge:
    doc: "Somebody has seen an alert."
    seq:
      - id: alert_id
        type: u2
        doc: "The alert. (0..65535)"
      - id: acknowledged_by
        type: u1
        enum: acknowledged_by
        doc: "Who has seen it."
  log_line:
    doc: "A line for the engineer; never about the wearer."
    seq:
      - id: tail_offset
        type: u1
        valid:
          min: 15
        doc: "Where the tail starts, in bytes from the start of the frame."
      - id: level
        type: u1
        enum: log_level
        doc: "How much it matters."
      - id: part
        type: u1
        enum: part
        doc: "The part concerned."
      - id: later_fields
        size: tail_offset - 12 - _io.pos
        doc: "Fields of a version after this one."
      - id: text
        type: str
        size-eos: true
        doc: "UTF-8 text."
  issuance:
    doc: "Who asks for the wearing, and on what terms; shown on the display."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: issuer
        type: str
        size: 32
        pad-right: 0
        doc: "Who asks."
      - id: contact
        type: str
        size: 32
        pad-right: 0
        doc: "How to reach the issuer."
      - id: purpose
        type: str
        size: 48
        pad-right: 0
        doc: "What for."
      - id: notice
        type: str
        size: 48
        pad-right: 0
        doc: "Where the full notice can be read, or the rule it rests on; empty when none was given."
      - id: is_voluntary
        type: u1
        doc: "1 when the wearer may refuse without disadvantage. (0..1)"
      - id: start_unix_s
        type: u4
        doc: "Start of the wearing. (0..4294967295)"
        -unit: "s"
      - id: end_unix_s
        type: u4
        doc: "End of the wearing, at which measuring ends; 0 for none. (0..4294967295)"
        -unit: "s"
      - id: refusal_sent
        type: str
        size: 48
        pad-right: 0
        if: _io.size >= 219
    instances:
      refusal:
        value: '(_io.size >= 219) ? refusal_sent : ""'
        doc: "What happens on refusal. (since version 3)"
  self_test_result:
    doc: "How one test of a self-test stands; never a vital sign or a sample of one."
    seq:
      - id: run_id
        type: u2
        doc: "The run: argument of the command that asked for it. (0..65535, since version 2)"
      - id: test
        type: u1
        enum: self_test
        doc: "Which test. (since version 2)"
      - id: part
        type: u1
        enum: part
        doc: "The part that it tests. (since version 2)"
      - id: outcome
        type: u1
        enum: outcome
        doc: "How it stands. (since version 2)"
      - id: unit
        type: u1
        enum: unit
        doc: "Unit of value and limits. (since version 2)"
      - id: value
        type: s4
        doc: "What was measured; -1073741824 when nothing was. (-2147483648..2147483647, since version 2)"
      - id: lower_limit
        type: s4
        doc: "Least value that passes; -1073741824 for none. (-2147483648..2147483647, since version 2)"
      - id: upper_limit
        type: s4
        doc: "Greatest value that passes; -1073741824 for none. (-2147483648..2147483647, since version 2)"
      - id: detail
        type: s4
        doc: "errno of what failed, else 0. (-2147483648..2147483647, since version 2)"
  compressed_block:
    doc: "Consecutive raw samples of one stream, compressed without loss."
    seq:
      - id: head
        type: u2
        doc: "Steps (bits 0-9), 1 when the samples are plain bits (10), stream (11-13), table (14-15). (0..65535, since version 3)"
      - id: first_sample
        type: b24
        doc: "Number of the first sample within stream and boot, lost ones counted, modulo 2^24. (0..16777215, since version 3)"
      - id: block
        size-eos: true
        doc: "The samples, as the section on compressed blocks says."
    instances:
      num_steps:
        value: head & 0x3ff
      is_raw:
        value: '(head & 0x400) != 0'
      stream_id:
        value: (head >> 11) & 7
        enum: stream_id
      table:
        value: head >> 14
  vitals_run:
    doc: "Successive updates of the readings, as the display showed them; the tick is that of the last."
    seq:
      - id: updates
        size-eos: true
        doc: "The updates, as the section on runs of vitals says."
  journal_loss:
    doc: "The journal gave up numbered frames that no host had confirmed."
    seq:
      - id: lost_boot_id
        type: u2
        doc: "Boot of the frames. (0..65535, since version 3)"
      - id: first_sequence
        type: b24
        doc: "Lowest sequence number among them. (0..16777215, since version 3)"
      - id: last_sequence
        type: b24
        doc: "Highest sequence number among them. (0..16777215, since version 3)"
      - id: frame_count
        type: b24
        doc: "How many they are: less than the range holds when frames of another class lie between. (1..16777215, since version 3)"
      - id: lost_class
        type: u1
        enum: journal_class
        doc: "What they were. (since version 3)"
      - id: loss_cause
        type: u1
        enum: loss_cause
        doc: "Why they were given up. (since version 3)"
  handover:
    doc: "How often the band has changed its wearer, and the receipt of the last wipe."
    seq:
      - id: handover_count
        type: u2
        doc: "How often it was worn and then wiped. (0..65535, since version 3)"
      - id: wiped_unix_s
        type: u4
        doc: "When it was last wiped; 0 when the band did not know the date, or was never worn before. (0..4294967295, since version 3)"
        -unit: "s"
      - id: is_worn
        type: u1
        doc: "1 once a wearer has agreed since then, else 0. (0..1, since version 3)"
  hello:
    doc: "First frame of a connection, each way; the highest common version is spoken after it."
    seq:
      - id: role
        type: u1
        enum: role
        doc: "Who speaks."
      - id: protocol_minimum
        type: u1
        doc: "Lowest protocol version spoken. (0..255)"
      - id: protocol_maximum
        type: u1
        doc: "Highest protocol version spoken. (0..255)"
      - id: max_frame_bytes
        type: u2
        doc: "Longest frame that the sender can take in. (0..65535)"
        -unit: "B"
      - id: capabilities
        type: u4
        doc: "What the sender can do."
      - id: band_id
        size: 8
        doc: "Identity of the band, the key of its store; zeros from a host, and where it comes sealed."
      - id: session_id
        size: 8
        doc: "Fresh for each connection; a hello answers with the asker's."
      - id: challenge_id_sent
        size: 8
        if: _io.size >= 33
    instances:
      capabilities_has_display:
        value: '(capabilities & 0x1) != 0'
      capabilities_has_vibration:
        value: '(capabilities & 0x2) != 0'
      capabilities_has_raw_optical:
        value: '(capabilities & 0x4) != 0'
      capabilities_has_raw_motion:
        value: '(capabilities & 0x8) != 0'
      capabilities_has_backfill:
        value: '(capabilities & 0x10) != 0'
      capabilities_has_cuff_reading:
        value: '(capabilities & 0x20) != 0'
      capabilities_has_sealed_records:
        value: '(capabilities & 0x40) != 0'
      capabilities_has_secure_session:
        value: '(capabilities & 0x80) != 0'
      capabilities_has_standard_services:
        value: '(capabilities & 0x100) != 0'
      capabilities_has_bonding:
        value: '(capabilities & 0x200) != 0'
      capabilities_has_private_radio:
        value: '(capabilities & 0x400) != 0'
      challenge_id:
        value: '(_io.size >= 33) ? challenge_id_sent : [0, 0, 0, 0, 0, 0, 0, 0]'
        doc: "Fresh for each secure session, from its band; else zeros. (since version 3)"
  command:
    doc: "The host asks the band to do something."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: command
        type: u1
        enum: command_code
        doc: "What to do."
      - id: stream_id
        type: u1
        doc: "The stream concerned, or 0. (0..255)"
      - id: argument
        type: s4
        doc: "Argument of the command: page, time in ms, run, host or right, else 0. (-2147483648..2147483647)"
  reply:
    doc: "The band answers a request."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: result
        type: u1
        enum: result
        doc: "How it went."
      - id: detail
        type: s4
        doc: "More about the result, else 0. (-2147483648..2147483647)"
  time_request:
    doc: "The host asks for the band's ticks."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: unix_time_s
        type: u4
        doc: "The host's clock, for ages on the display; 0 without one. (0..4294967295)"
        -unit: "s"
  time_reply:
    doc: "The band's ticks; the header holds those of sending."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: received_ticks_ms
        type: u4
        doc: "Device clock when the request arrived. (0..4294967295)"
        -unit: "ms"
  backfill_request:
    doc: "The host asks for frames that it misses."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: wanted_boot_id
        type: u2
        doc: "Boot of the frames. (0..65535)"
      - id: first_sequence
        type: b24
        doc: "First sequence number wanted. (0..16777215)"
      - id: frame_count
        type: b24
        doc: "How many sequence numbers are wanted. (1..16777215)"
  backfill_range:
    doc: "What the band has of a backfill request."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: state
        type: u1
        enum: backfill_state
        doc: "What becomes of the request."
      - id: wanted_boot_id
        type: u2
        doc: "Boot of the frames. (0..65535)"
      - id: first_sequence
        type: b24
        doc: "First sequence number that is kept. (0..16777215)"
      - id: frame_count
        type: b24
        doc: "How many of the wanted frames are kept. (0..16777215)"
  store_confirm:
    doc: "The host has written frames durably."
    seq:
      - id: confirmed_boot_id
        type: u2
        doc: "Boot of the frames. (0..65535)"
      - id: first_sequence
        type: b24
        doc: "First sequence number written. (0..16777215)"
      - id: frame_count
        type: b24
        doc: "How many consecutive sequence numbers are written. (0..16777215)"
  cuff_reading:
    doc: "The wearer's own blood-pressure reading, by cuff."
    seq:
      - id: request_id
        type: u2
        doc: "Chosen by the asker, repeated in the answer. (0..65535)"
      - id: systolic_mmhg
        type: u2
        doc: "Systolic pressure. (50..280)"
        -unit: "mmHg"
      - id: diastolic_mmhg
        type: u2
        doc: "Diastolic pressure. (30..200)"
        -unit: "mmHg"
      - id: age_s
        type: u4
        doc: "How long ago it was taken. (0..4294967295)"
        -unit: "s"
  journal_extent:
    doc: "What the journal keeps of one boot; one for each boot, the newest last."
    seq:
      - id: extent
        type: u2
        doc: "Index of this boot in the answer. (0..65535, since version 3)"
      - id: extent_count
        type: u2
        doc: "Boots in the answer. (1..65535, since version 3)"
      - id: described_boot_id
        type: u2
        doc: "Which boot. (0..65535, since version 3)"
      - id: first_sequence
        type: b24
        doc: "Lowest sequence number that is kept. (0..16777215, since version 3)"
      - id: next_sequence
        type: b24
        doc: "One past the highest that is known to be given out. (0..16777215, since version 3)"
      - id: frame_count
        type: b24
        doc: "How many frames are kept. (0..16777215, since version 3)"
  handshake:
    doc: "A step on the way to a secure session, or the word that ends it."
    seq:
      - id: step
        type: u1
        enum: handshake_step
        doc: "Which step. (since version 3)"
      - id: message
        size-eos: true
        doc: "What the step says, as the section on secure sessions has it."
  paired_host:
    doc: "A host whose key the band keeps; one for each, by number."
    seq:
      - id: host_id
        type: u1
        doc: "Its number, by which it is forgotten. (1..255, since version 3)"
      - id: host_count
        type: u1
        doc: "Hosts in the answer. (1..255, since version 3)"
      - id: right
        type: u1
        enum: host_right
        doc: "What it may do. (since version 3)"
      - id: is_asker
        type: u1
        doc: "1 for the host that asks, else 0. (0..1, since version 3)"
      - id: name
        type: str
        size: 16
        pad-right: 0
        doc: "Name that the host gave itself, printable ASCII. (since version 3)"
enums:
  kind:
    0x01: identity
    0x02: manifest_entry
    0x03: stream_descriptor
    0x04: vitals
    0x05: sample_block
    0x06: event
    0x07: consent_record
    0x08: alert
    0x09: acknowledge
    0x0a: log_line
    0x0b: issuance
    0x0c: self_test_result
    0x0d: compressed_block
    0x0e: vitals_run
    0x0f: journal_loss
    0x10: handover
    0x40: hello
    0x41: command
    0x42: reply
    0x43: time_request
    0x44: time_reply
    0x45: backfill_request
    0x46: backfill_range
    0x47: store_confirm
    0x48: cuff_reading
    0x49: journal_extent
    0x4a: handshake
    0x4b: paired_host
  handshake_step:
    1: pair_first
    2: pair_second
    3: reveal
    4: confirm
    5: paired
    6: resume_first
    7: resume_second
    8: refused
  host_right:
    1: owner
    2: reader
  refusal:
    1: unknown_key
    2: no_window
    3: no_tries
    4: no_slot
    5: not_stored
    6: malformed
    7: expired
    8: declined
    9: wrong_code
    10: forged
    11: secure_only
    12: clear_only
    13: forgotten
  role:
    0: band
    1: host
  unit:
    0: none
    1: per_minute
    2: percent
    3: degree_celsius
    4: millimetre_of_mercury
    5: second
    6: count
    7: standard_gravity
    8: nanoampere
    9: millivolt
    10: byte
    11: millisecond
    12: millihertz
    13: milligravity
  page:
    0: manifest
    1: heart
    2: breathing
    3: oxygen
    4: temperature
    5: motion
    6: blood_pressure
    7: sleep
    8: status
    9: identity
    10: issuance
    11: alert
    12: self_test
    13: standard_services
    14: hosts
    15: handover
    16: pause
    17: raw_signal
  reading:
    1:
      id: heart_rate_bpm
      doc: "Heart rate from the optical pulse, over the last 8 s. One count is 1/10 per_minute."
    2:
      id: respiratory_rate_bpm
      doc: "Breaths a minute from the modulation of the pulse, at rest, over the last 32 s. One count is 1/10 per_minute."
    3:
      id: spo2_percent
      doc: "Oxygen saturation by the red / infrared ratio; uncalibrated unless the maker gave a curve. One count is 1/10 percent."
    4:
      id: skin_temperature_c
      doc: "Temperature of the skin under the band; not body temperature. One count is 1/100 degree_celsius."
    5:
      id: core_temperature_estimate_c
      doc: "Core temperature from heart rate (Buller 2013, +-0.63 C at work in heat); doubtful by nature. One count is 1/100 degree_celsius."
    6:
      id: systolic_mmhg
      doc: "Systolic pressure of the wearer's last cuff reading; never computed from light. One count is 1 millimetre_of_mercury."
    7:
      id: diastolic_mmhg
      doc: "Diastolic pressure of the wearer's last cuff reading; never computed from light. One count is 1 millimetre_of_mercury."
    8:
      id: cuff_age_s
      doc: "Seconds since the wearer's last cuff reading was taken. One count is 1 second."
    9:
      id: steps
      doc: "Steps since consent or the band's last start, whichever came later. One count is 1 count."
    10:
      id: activity
      doc: "Activity: 0 still, 1 light, 2 walk, 3 run. One count is 1 none."
    11:
      id: sleep_stage
      doc: "Sleep stage of the 30 s up to 5 min ago: 0 wake, 1 NREM, 2 REM, 3 asleep, stage unknown. One count is 1 none."
    12:
      id: battery_percent
      doc: "State of charge of the band's battery. One count is 1 percent."
    13:
      id: enmo_mg
      doc: "ENMO: mean of max(|a| - 1 g, 0) over the last 2 s, |a| at 12.5 Hz; means of means stay ENMO. One count is 1 milligravity."
    14:
      id: arm_posture
      doc: "Forearm of a resting arm: 0 hanging, 1 level within 30 degrees, 2 raised. One count is 1 none."
    15:
      id: pulse_interval_ms
      doc: "Mean interval of the beats of the last 2 s, at rest, without those that cannot be trusted. One count is 1 millisecond."
    16:
      id: rmssd_ms
      doc: "Root mean square of differences between successive beat intervals, at rest, over up to 5 min. One count is 1/10 millisecond."
    17:
      id: pulse_shape_index
      doc: "How long the pulse rises, in hundredths of the interval between beats, at rest; for research. One count is 1/10 none."
  activity:
    0: still
    1: light
    2: walk
    3: run
  arm_posture:
    0: hanging
    1: level
    2: raised
  sleep_stage:
    0: wake
    1: nrem
    2: rem
    3: asleep
  validity:
    0: unknown
    1: valid
    2: low_quality
    3: stale
  contact:
    0: unknown
    1: off_wrist
    2: on_wrist
    3: weak
  cause:
    0: none
    1: starting
    2: off_wrist
    3: weak_signal
    4: motion
    5: low_confidence
    6: out_of_range
    7: sensor_fault
    8: no_consent
    9: no_cuff_reading
    10: cuff_reading_expired
    11: stale
    12: threshold
    13: score
    14: link_lost
    15: paused
  sensor:
    1: optical
    2: acceleration
  channel:
    0: none
    1: red
    2: infrared
    3: green
    4: blue
    5: x
    6: y
    7: z
  stream_id:
    1: optical
    2: motion
  encoding:
    0: plain
  event_kind:
    1: started
    2: button_short
    3: button_long
    4: worn
    5: not_worn
    6: charging
    7: not_charging
    8: battery_low
    9: dropped
    10: fault
    11: recovered
    12: wipe_refused
    13: page_shown
  part:
    0: none
    1: optical
    2: motion
    3: thermometer
    4: display
    5: fuel_gauge
    6: storage
    7: link
    8: task
    9: button
    10: motor
  alert_level:
    0: clear
    1: watch
    2: warning
    3: alarm
    4: fault
  acknowledged_by:
    0: wearer
    1: host
  command_code:
    1: send_identity
    2: send_manifest
    3: describe_stream
    4: start_stream
    5: stop_stream
    6: vibrate
    7: show_page
    8: run_self_test
    9: end_self_test
    10: send_journal
    11: set_report_interval
    12: allow_pairing
    13: forget_host
    14: send_hosts
    15: wipe
    16: send_consent
  result:
    0: ok
    1: unknown_command
    2: no_consent
    3: bad_argument
    4: not_available
    5: busy
    6: no_right
  consent_action:
    1: agreed
    2: withdrawn
    3: in_force
    4: paused
    5: resumed
    6: ended
  backfill_state:
    0: sending
    1: done
    2: not_kept
  loss_cause:
    1: full
    2: thinned
    3: expired
    4: withdrawn
    5: wiped
    6: damaged
  journal_class:
    1: events
    2: vitals
    3: waveforms
  log_level:
    10: debug
    20: info
    30: warning
    40: error
  image_profile:
    0: not_told
    1: development
    2: product
  self_test:
    0: whole
    1: button
    2: identity
    3: voltage
    4: charge
    5: storage
    6: heap
    7: rate
    8: light
    9: noise
    10: gravity
    11: conversion
    12: pattern
    13: vibration
  outcome:
    1: waiting
    2: running
    3: passed
    4: failed
    5: skipped
    6: shown
    7: ended
