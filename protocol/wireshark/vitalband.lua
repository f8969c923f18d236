-- Dissector of the Vitalband protocol for Wireshark and tshark, from 4.0 on.
--
--   tshark -X lua_script:protocol/wireshark/vitalband.lua -r link.pcap
--
-- In Wireshark: copy this file to the folder of personal Lua plugins (Help > About > Folders).
-- A capture has the link-layer type USER0; each of its packets is one byte (bit 0: who sent it, 0 band,
-- 1 host; bits 4-7: carrier, 0 serial, 1 one whole record) and the bytes that came. In a capture of Bluetooth
-- Low Energy that has the discovery of services, the values of the band's own service are read. docs/protocol.md
-- describes what follows. The part between the marks is generated; the rest is written by hand.

-- BEGIN GENERATED from protocol/bandschema by `make gen`: do not edit.
local HEADER_BYTES, MAX_FRAME_BYTES, MAX_RECORD_BYTES, NO_VALUE = 12, 1024, 514, -1073741824
local FROM_BAND_UUID, TO_BAND_UUID = "4fe54888-a6a4-4983-a344-f3c904481762", "d64d99df-5e57-4c09-b5ea-f7db4007b09d"
local ENUMERATIONS = {
  handshake_step = { [1] = "PAIR_FIRST", [2] = "PAIR_SECOND", [3] = "REVEAL", [4] = "CONFIRM", [5] = "PAIRED", [6] = "RESUME_FIRST", [7] = "RESUME_SECOND", [8] = "REFUSED" },
  host_right = { [1] = "OWNER", [2] = "READER" },
  refusal = { [1] = "UNKNOWN_KEY", [2] = "NO_WINDOW", [3] = "NO_TRIES", [4] = "NO_SLOT", [5] = "NOT_STORED", [6] = "MALFORMED", [7] = "EXPIRED", [8] = "DECLINED", [9] = "WRONG_CODE", [10] = "FORGED", [11] = "SECURE_ONLY", [12] = "CLEAR_ONLY", [13] = "FORGOTTEN" },
  role = { [0] = "BAND", [1] = "HOST" },
  capability = { [1] = "DISPLAY", [2] = "VIBRATION", [4] = "RAW_OPTICAL", [8] = "RAW_MOTION", [16] = "BACKFILL", [32] = "CUFF_READING", [64] = "SEALED_RECORDS", [128] = "SECURE_SESSION", [256] = "STANDARD_SERVICES", [512] = "BONDING", [1024] = "PRIVATE_RADIO" },
  group = { [1] = "PULSE", [2] = "BREATHING", [4] = "OXYGEN", [8] = "MOTION", [16] = "TEMPERATURE", [32] = "BLOOD_PRESSURE", [64] = "SLEEP", [128] = "RAW_OPTICAL", [256] = "RAW_MOTION", [512] = "DEVICE", [1024] = "STANDARD_SERVICES" },
  recipient = { [1] = "WEARER", [2] = "HOST", [4] = "ISSUER" },
  unit = { [0] = "NONE", [1] = "PER_MINUTE", [2] = "PERCENT", [3] = "DEGREE_CELSIUS", [4] = "MILLIMETRE_OF_MERCURY", [5] = "SECOND", [6] = "COUNT", [7] = "STANDARD_GRAVITY", [8] = "NANOAMPERE", [9] = "MILLIVOLT", [10] = "BYTE", [11] = "MILLISECOND", [12] = "MILLIHERTZ", [13] = "MILLIGRAVITY" },
  page = { [0] = "MANIFEST", [1] = "HEART", [2] = "BREATHING", [3] = "OXYGEN", [4] = "TEMPERATURE", [5] = "MOTION", [6] = "BLOOD_PRESSURE", [7] = "SLEEP", [8] = "STATUS", [9] = "IDENTITY", [10] = "ISSUANCE", [11] = "ALERT", [12] = "SELF_TEST", [13] = "STANDARD_SERVICES", [14] = "HOSTS", [15] = "HANDOVER", [16] = "PAUSE", [17] = "RAW_SIGNAL" },
  reading = { [1] = "HEART_RATE_BPM", [2] = "RESPIRATORY_RATE_BPM", [3] = "SPO2_PERCENT", [4] = "SKIN_TEMPERATURE_C", [5] = "CORE_TEMPERATURE_ESTIMATE_C", [6] = "SYSTOLIC_MMHG", [7] = "DIASTOLIC_MMHG", [8] = "CUFF_AGE_S", [9] = "STEPS", [10] = "ACTIVITY", [11] = "SLEEP_STAGE", [12] = "BATTERY_PERCENT", [13] = "ENMO_MG", [14] = "ARM_POSTURE", [15] = "PULSE_INTERVAL_MS", [16] = "RMSSD_MS", [17] = "PULSE_SHAPE_INDEX" },
  activity = { [0] = "STILL", [1] = "LIGHT", [2] = "WALK", [3] = "RUN" },
  arm_posture = { [0] = "HANGING", [1] = "LEVEL", [2] = "RAISED" },
  sleep_stage = { [0] = "WAKE", [1] = "NREM", [2] = "REM", [3] = "ASLEEP" },
  validity = { [0] = "UNKNOWN", [1] = "VALID", [2] = "LOW_QUALITY", [3] = "STALE" },
  contact = { [0] = "UNKNOWN", [1] = "OFF_WRIST", [2] = "ON_WRIST", [3] = "WEAK" },
  cause = { [0] = "NONE", [1] = "STARTING", [2] = "OFF_WRIST", [3] = "WEAK_SIGNAL", [4] = "MOTION", [5] = "LOW_CONFIDENCE", [6] = "OUT_OF_RANGE", [7] = "SENSOR_FAULT", [8] = "NO_CONSENT", [9] = "NO_CUFF_READING", [10] = "CUFF_READING_EXPIRED", [11] = "STALE", [12] = "THRESHOLD", [13] = "SCORE", [14] = "LINK_LOST", [15] = "PAUSED" },
  sensor = { [1] = "OPTICAL", [2] = "ACCELERATION" },
  channel = { [0] = "NONE", [1] = "RED", [2] = "INFRARED", [3] = "GREEN", [4] = "BLUE", [5] = "X", [6] = "Y", [7] = "Z" },
  stream_id = { [1] = "OPTICAL", [2] = "MOTION" },
  encoding = { [0] = "PLAIN" },
  event_kind = { [1] = "STARTED", [2] = "BUTTON_SHORT", [3] = "BUTTON_LONG", [4] = "WORN", [5] = "NOT_WORN", [6] = "CHARGING", [7] = "NOT_CHARGING", [8] = "BATTERY_LOW", [9] = "DROPPED", [10] = "FAULT", [11] = "RECOVERED", [12] = "WIPE_REFUSED", [13] = "PAGE_SHOWN" },
  part = { [0] = "NONE", [1] = "OPTICAL", [2] = "MOTION", [3] = "THERMOMETER", [4] = "DISPLAY", [5] = "FUEL_GAUGE", [6] = "STORAGE", [7] = "LINK", [8] = "TASK", [9] = "BUTTON", [10] = "MOTOR" },
  alert_level = { [0] = "CLEAR", [1] = "WATCH", [2] = "WARNING", [3] = "ALARM", [4] = "FAULT" },
  acknowledged_by = { [0] = "WEARER", [1] = "HOST" },
  command_code = { [1] = "SEND_IDENTITY", [2] = "SEND_MANIFEST", [3] = "DESCRIBE_STREAM", [4] = "START_STREAM", [5] = "STOP_STREAM", [6] = "VIBRATE", [7] = "SHOW_PAGE", [8] = "RUN_SELF_TEST", [9] = "END_SELF_TEST", [10] = "SEND_JOURNAL", [11] = "SET_REPORT_INTERVAL", [12] = "ALLOW_PAIRING", [13] = "FORGET_HOST", [14] = "SEND_HOSTS", [15] = "WIPE", [16] = "SEND_CONSENT" },
  result = { [0] = "OK", [1] = "UNKNOWN_COMMAND", [2] = "NO_CONSENT", [3] = "BAD_ARGUMENT", [4] = "NOT_AVAILABLE", [5] = "BUSY", [6] = "NO_RIGHT" },
  consent_action = { [1] = "AGREED", [2] = "WITHDRAWN", [3] = "IN_FORCE", [4] = "PAUSED", [5] = "RESUMED", [6] = "ENDED" },
  backfill_state = { [0] = "SENDING", [1] = "DONE", [2] = "NOT_KEPT" },
  loss_cause = { [1] = "FULL", [2] = "THINNED", [3] = "EXPIRED", [4] = "WITHDRAWN", [5] = "WIPED", [6] = "DAMAGED" },
  journal_class = { [1] = "EVENTS", [2] = "VITALS", [3] = "WAVEFORMS" },
  log_level = { [10] = "DEBUG", [20] = "INFO", [30] = "WARNING", [40] = "ERROR" },
  image_profile = { [0] = "NOT_TOLD", [1] = "DEVELOPMENT", [2] = "PRODUCT" },
  self_test = { [0] = "WHOLE", [1] = "BUTTON", [2] = "IDENTITY", [3] = "VOLTAGE", [4] = "CHARGE", [5] = "STORAGE", [6] = "HEAP", [7] = "RATE", [8] = "LIGHT", [9] = "NOISE", [10] = "GRAVITY", [11] = "CONVERSION", [12] = "PATTERN", [13] = "VIBRATION" },
  outcome = { [1] = "WAITING", [2] = "RUNNING", [3] = "PASSED", [4] = "FAILED", [5] = "SKIPPED", [6] = "SHOWN", [7] = "ENDED" },
}
local READINGS = {
  [1] = { "heart_rate_bpm", 1, 10, "per_minute", 250, 2400 },
  [15] = { "pulse_interval_ms", 1, 1, "millisecond", 300, 2000 },
  [16] = { "rmssd_ms", 1, 10, "millisecond", 0, 8000 },
  [17] = { "pulse_shape_index", 1, 10, "none", 0, 1000 },
  [2] = { "respiratory_rate_bpm", 1, 10, "per_minute", 40, 600 },
  [3] = { "spo2_percent", 1, 10, "percent", 500, 1000 },
  [4] = { "skin_temperature_c", 1, 100, "degree_celsius", 0, 5000 },
  [5] = { "core_temperature_estimate_c", 1, 100, "degree_celsius", 3000, 4500 },
  [6] = { "systolic_mmhg", 1, 1, "millimetre_of_mercury", 50, 280 },
  [7] = { "diastolic_mmhg", 1, 1, "millimetre_of_mercury", 30, 200 },
  [8] = { "cuff_age_s", 1, 1, "second", 0, 31536000 },
  [9] = { "steps", 1, 1, "count", 0, 1000000 },
  [10] = { "activity", 1, 1, "none", 0, 3 },
  [13] = { "enmo_mg", 1, 1, "milligravity", 0, 6000 },
  [14] = { "arm_posture", 1, 1, "none", 0, 2 },
  [11] = { "sleep_stage", 1, 1, "none", 0, 3 },
  [12] = { "battery_percent", 1, 1, "percent", 0, 100 },
}
local PREDICTORS = {
  [0] = {
    { 0, 0, 0, 0 },
    { 16, 0, 0, 0 },
    { 32, -16, 0, 0 },
    { 45, -49, 25, -5 },
    { 36, -22, -3, 4 },
    { 34, -29, 12, -3 },
    { 27, -28, 16, -8 },
    { 26, -9, -6, 3 },
    { 22, 0, -8, 1 },
    { 20, -12, 4, -1 },
    { 19, -18, 9, -6 },
    { 19, -4, -3, 1 },
    { 14, -5, 0, -2 },
    { 14, -11, 4, -3 },
    { 13, 9, -1, -7 },
    { 12, -5, 4, -1 },
    { 11, 3, 0, -3 },
    { 10, -8, 3, -6 },
    { 9, -2, -1, 0 },
    { 6, 7, 3, -3 },
    { 5, -6, 0, -2 },
    { 5, 2, 3, -2 },
    { 5, -1, -1, -6 },
    { 3, -2, 3, 0 },
    { 1, 6, 5, 1 },
    { -2, -8, -2, -2 },
    { -4, -2, 2, 1 },
    { -4, 1, 9, 3 },
    { -4, 3, 4, 3 },
    { -4, -4, -3, -2 },
    { -8, -4, -3, -2 },
    { -12, -9, -4, -2 },
  },
}
local HEADER = {
  { "version", "u8", 0, 1, "Protocol version of the sender." },
  { "kind", "u8", 1, 1, "Which frame follows; from 0x40 on a frame belongs to one connection." },
  { "boot_id", "u16", 2, 2, "Count of the band's boots, from 1, in non-volatile storage; 0 from a host." },
  { "sequence", "u24", 4, 3, "Number within the boot; from 0x40 on that of the frame the band sends next; 0 from a host." },
  { "ticks_ms", "u32", 7, 4, "Device clock since boot; of a block, that of the FIFO read of its last sample.", unit = "ms" },
  { "drops", "u8", 11, 1, "Frames that the band gave up before they could be sent, since boot, modulo 256." },
}
local KINDS = {
  [0x01] = {
    name = "identity",
    doc = "Who made the band and what runs on it.",
    least = 112,
    rows = {
      { "maker", "text", 12, 16, "Maker of the band." },
      { "model", "text", 28, 16, "Model name." },
      { "hardware", "text", 44, 12, "Board and its revision." },
      { "serial", "text", 56, 16, "Serial number of this band." },
      { "firmware_major", "u8", 72, 1, "Firmware version, major." },
      { "firmware_minor", "u8", 73, 1, "Firmware version, minor." },
      { "firmware_patch", "u8", 74, 1, "Firmware version, patch." },
      { "firmware_digest", "bytes", 75, 32, "SHA-256 over the firmware's files, by name and content." },
      { "protocol_version", "u8", 107, 1, "Highest protocol version that the band speaks." },
      { "capabilities", "u32", 108, 4, "What the band can do.", flags = "capability" },
      { "image_profile", "u8", 112, 1, "How the firmware is installed.", enum = "image_profile" },
      { "certification", "text", 113, 16, "What it is certified as, by its maker's word; `none` when it is not, empty when not told." },
    },
  },
  [0x02] = {
    name = "manifest_entry",
    doc = "One item of the list of all that the band collects.",
    least = 75,
    rows = {
      { "entry", "u8", 12, 1, "Index of this item." },
      { "entry_count", "u8", 13, 1, "Number of items in the manifest." },
      { "manifest_digest", "bytes", 14, 8, "Start of the SHA-256 over all items; what consent refers to." },
      { "reading_id", "u8", 22, 1, "The reading, or 0 for a stream of raw samples." },
      { "stream_id", "u8", 23, 1, "The stream, or 0 for a reading." },
      { "group", "u16", 24, 2, "Group that the wearer agrees to.", flags = "group" },
      { "page", "u8", 26, 1, "Page of the display that shows it.", enum = "page" },
      { "unit", "u8", 27, 1, "Unit of the value.", enum = "unit" },
      { "interval_ms", "u32", 28, 4, "Time between two values or two samples.", unit = "ms" },
      { "retention_h", "u16", 32, 2, "How long the band keeps it at most.", unit = "h" },
      { "recipients", "u8", 34, 1, "Who gets it.", flags = "recipient" },
      { "name_en", "text", 35, 16, "Name on the display, English." },
      { "name_zh", "text", 51, 24, "Name on the display, Chinese." },
      { "agreement_milli", "u16", 75, 2, "Published limits of agreement, within which 95 % of the errors lie, in thousandths of the unit; 0 when none are stated." },
    },
  },
  [0x03] = {
    name = "stream_descriptor",
    doc = "How the samples of a stream are to be read; sent at its start and when asked for.",
    least = 34,
    rows = {
      { "stream_id", "u8", 12, 1, "The stream.", enum = "stream_id" },
      { "sensor", "u8", 13, 1, "Kind of sensor.", enum = "sensor" },
      { "channel_count", "u8", 14, 1, "Channels of a sample." },
      { "sample_bits", "u8", 15, 1, "Significant bits of a channel.", unit = "bit" },
      { "is_signed", "u8", 16, 1, "1 when samples are two's complement." },
      { "rate_mhz", "u32", 17, 4, "Nominal sample rate.", unit = "mHz" },
      { "scale_nano", "u32", 21, 4, "Size of one count in billionths of the unit; 0 when uncalibrated." },
      { "unit", "u8", 25, 1, "Unit of a sample.", enum = "unit" },
      { "channel_0", "u8", 26, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_1", "u8", 27, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_2", "u8", 28, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_3", "u8", 29, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_4", "u8", 30, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_5", "u8", 31, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_6", "u8", 32, 1, "Which channel a sample holds here.", enum = "channel" },
      { "channel_7", "u8", 33, 1, "Which channel a sample holds here.", enum = "channel" },
    },
  },
  [0x04] = {
    name = "vitals",
    doc = "The readings as the display shows them at this tick.",
    least = 15,
    tail_offset = 12,
    rows = {
      { "tail_offset", "u8", 12, 1, "Where the tail starts, in bytes from the start of the frame." },
      { "item_size", "u8", 13, 1, "Bytes of one item." },
      { "contact", "u8", 14, 1, "Whether the band is on a wrist, for every reading here.", enum = "contact" },
    },
    tail = { "readings", "items", 15, 8, "The readings, each at most once.",
      rows = {
        { "reading_id", "u8", 0, 1, "Which reading.", enum = "reading" },
        { "validity", "u8", 1, 1, "Whether the value may be shown and acted on.", enum = "validity" },
        { "quality", "u8", 2, 1, "Trust in the value.", unit = "%" },
        { "cause", "u8", 3, 1, "Why the reading is not valid.", enum = "cause" },
        { "raw_value", "s32", 4, 4, "Value in the reading's own scale; -1073741824 when there is none." },
      },
    },
  },
  [0x05] = {
    name = "sample_block",
    doc = "Consecutive raw samples of one stream.",
    least = 21,
    tail_offset = 12,
    rows = {
      { "tail_offset", "u8", 12, 1, "Where the tail starts, in bytes from the start of the frame." },
      { "stream_id", "u8", 13, 1, "The stream.", enum = "stream_id" },
      { "encoding", "u8", 14, 1, "How the body holds the samples.", enum = "encoding" },
      { "sample_count", "u16", 15, 2, "Samples in the body." },
      { "first_sample", "u32", 17, 4, "Number of the first sample within stream and boot, lost ones counted." },
    },
    tail = { "samples", "bytes", 21, 0, "Encoding 0: by sample, by channel, in the least whole bytes, little-endian.",
    },
  },
  [0x06] = {
    name = "event",
    doc = "Something happened on the band.",
    least = 18,
    rows = {
      { "event", "u8", 12, 1, "What happened.", enum = "event_kind" },
      { "part", "u8", 13, 1, "The part concerned.", enum = "part" },
      { "detail", "s32", 14, 4, "errno of a fault, number of a drop, percent of the battery, page that is shown, else 0." },
    },
  },
  [0x07] = {
    name = "consent_record",
    doc = "The wearer agreed or withdrew, by button; at each start, what is agreed to.",
    least = 23,
    rows = {
      { "action", "u8", 12, 1, "What the wearer did, or that this is in force.", enum = "consent_action" },
      { "groups", "u16", 13, 2, "The groups concerned.", flags = "group" },
      { "manifest_digest", "bytes", 15, 8, "The manifest that was agreed to." },
      { "firmware_digest", "bytes", 23, 8, "Start of the firmware's digest, as of `identity`." },
      { "issuance_digest", "bytes", 31, 8, "Start of the SHA-256 over the issuance that was shown; zeros when nobody had asked." },
    },
  },
  [0x08] = {
    name = "alert",
    doc = "An early warning from the host, for the wearer to see; reserved for the band, which sends none.",
    least = 22,
    rows = {
      { "alert_id", "u16", 12, 2, "Chosen by the sender, repeated in the acknowledgement." },
      { "level", "u8", 14, 1, "How urgent it is.", enum = "alert_level" },
      { "cause", "u8", 15, 1, "Why it was raised.", enum = "cause" },
      { "reading_id", "u8", 16, 1, "The reading concerned, or 0." },
      { "score", "u8", 17, 1, "Early-warning score behind it." },
      { "raw_value", "s32", 18, 4, "Value of the reading in its scale; -1073741824 when there is none." },
    },
  },
  [0x09] = {
    name = "acknowledge",
    doc = "Somebody has seen an alert.",
    least = 15,
    rows = {
      { "alert_id", "u16", 12, 2, "The alert." },
      { "acknowledged_by", "u8", 14, 1, "Who has seen it.", enum = "acknowledged_by" },
    },
  },
  [0x0A] = {
    name = "log_line",
    doc = "A line for the engineer; never about the wearer.",
    least = 15,
    tail_offset = 12,
    rows = {
      { "tail_offset", "u8", 12, 1, "Where the tail starts, in bytes from the start of the frame." },
      { "level", "u8", 13, 1, "How much it matters.", enum = "log_level" },
      { "part", "u8", 14, 1, "The part concerned.", enum = "part" },
    },
    tail = { "text", "text", 15, 0, "UTF-8 text.",
    },
  },
  [0x0B] = {
    name = "issuance",
    doc = "Who asks for the wearing, and on what terms; shown on the display.",
    least = 183,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "issuer", "text", 14, 32, "Who asks." },
      { "contact", "text", 46, 32, "How to reach the issuer." },
      { "purpose", "text", 78, 48, "What for." },
      { "notice", "text", 126, 48, "Where the full notice can be read, or the rule it rests on; empty when none was given." },
      { "is_voluntary", "u8", 174, 1, "1 when the wearer may refuse without disadvantage." },
      { "start_unix_s", "u32", 175, 4, "Start of the wearing.", unit = "s" },
      { "end_unix_s", "u32", 179, 4, "End of the wearing, at which measuring ends; 0 for none.", unit = "s" },
      { "refusal", "text", 183, 48, "What happens on refusal." },
    },
  },
  [0x0C] = {
    name = "self_test_result",
    doc = "How one test of a self-test stands; never a vital sign or a sample of one.",
    least = 34,
    rows = {
      { "run_id", "u16", 12, 2, "The run: argument of the command that asked for it." },
      { "test", "u8", 14, 1, "Which test.", enum = "self_test" },
      { "part", "u8", 15, 1, "The part that it tests.", enum = "part" },
      { "outcome", "u8", 16, 1, "How it stands.", enum = "outcome" },
      { "unit", "u8", 17, 1, "Unit of value and limits.", enum = "unit" },
      { "value", "s32", 18, 4, "What was measured; -1073741824 when nothing was." },
      { "lower_limit", "s32", 22, 4, "Least value that passes; -1073741824 for none." },
      { "upper_limit", "s32", 26, 4, "Greatest value that passes; -1073741824 for none." },
      { "detail", "s32", 30, 4, "errno of what failed, else 0." },
    },
  },
  [0x0D] = {
    name = "compressed_block",
    doc = "Consecutive raw samples of one stream, compressed without loss.",
    least = 17,
    rows = {
      { "head", "u16", 12, 2, "Steps (bits 0-9), 1 when the samples are plain bits (10), stream (11-13), table (14-15)." },
      { "first_sample", "u24", 14, 3, "Number of the first sample within stream and boot, lost ones counted, modulo 2^24." },
    },
    tail = { "block", "bytes", 17, 0, "The samples, as the section on compressed blocks says.",
    },
  },
  [0x0E] = {
    name = "vitals_run",
    doc = "Successive updates of the readings, as the display showed them; the tick is that of the last.",
    least = 12,
    rows = {
    },
    tail = { "updates", "bytes", 12, 0, "The updates, as the section on runs of vitals says.",
    },
  },
  [0x0F] = {
    name = "journal_loss",
    doc = "The journal gave up numbered frames that no host had confirmed.",
    least = 25,
    rows = {
      { "lost_boot_id", "u16", 12, 2, "Boot of the frames." },
      { "first_sequence", "u24", 14, 3, "Lowest sequence number among them." },
      { "last_sequence", "u24", 17, 3, "Highest sequence number among them." },
      { "frame_count", "u24", 20, 3, "How many they are: less than the range holds when frames of another class lie between." },
      { "lost_class", "u8", 23, 1, "What they were.", enum = "journal_class" },
      { "loss_cause", "u8", 24, 1, "Why they were given up.", enum = "loss_cause" },
    },
  },
  [0x10] = {
    name = "handover",
    doc = "How often the band has changed its wearer, and the receipt of the last wipe.",
    least = 19,
    rows = {
      { "handover_count", "u16", 12, 2, "How often it was worn and then wiped." },
      { "wiped_unix_s", "u32", 14, 4, "When it was last wiped; 0 when the band did not know the date, or was never worn before.", unit = "s" },
      { "is_worn", "u8", 18, 1, "1 once a wearer has agreed since then, else 0." },
    },
  },
  [0x40] = {
    name = "hello",
    doc = "First frame of a connection, each way; the highest common version is spoken after it.",
    least = 37,
    rows = {
      { "role", "u8", 12, 1, "Who speaks.", enum = "role" },
      { "protocol_minimum", "u8", 13, 1, "Lowest protocol version spoken." },
      { "protocol_maximum", "u8", 14, 1, "Highest protocol version spoken." },
      { "max_frame_bytes", "u16", 15, 2, "Longest frame that the sender can take in.", unit = "B" },
      { "capabilities", "u32", 17, 4, "What the sender can do.", flags = "capability" },
      { "band_id", "bytes", 21, 8, "Identity of the band, the key of its store; zeros from a host, and where it comes sealed." },
      { "session_id", "bytes", 29, 8, "Fresh for each connection; a hello answers with the asker's." },
      { "challenge_id", "bytes", 37, 8, "Fresh for each secure session, from its band; else zeros." },
    },
  },
  [0x41] = {
    name = "command",
    doc = "The host asks the band to do something.",
    least = 20,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "command", "u8", 14, 1, "What to do.", enum = "command_code" },
      { "stream_id", "u8", 15, 1, "The stream concerned, or 0." },
      { "argument", "s32", 16, 4, "Argument of the command: page, time in ms, run, host or right, else 0." },
    },
  },
  [0x42] = {
    name = "reply",
    doc = "The band answers a request.",
    least = 19,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "result", "u8", 14, 1, "How it went.", enum = "result" },
      { "detail", "s32", 15, 4, "More about the result, else 0." },
    },
  },
  [0x43] = {
    name = "time_request",
    doc = "The host asks for the band's ticks.",
    least = 18,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "unix_time_s", "u32", 14, 4, "The host's clock, for ages on the display; 0 without one.", unit = "s" },
    },
  },
  [0x44] = {
    name = "time_reply",
    doc = "The band's ticks; the header holds those of sending.",
    least = 18,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "received_ticks_ms", "u32", 14, 4, "Device clock when the request arrived.", unit = "ms" },
    },
  },
  [0x45] = {
    name = "backfill_request",
    doc = "The host asks for frames that it misses.",
    least = 22,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "wanted_boot_id", "u16", 14, 2, "Boot of the frames." },
      { "first_sequence", "u24", 16, 3, "First sequence number wanted." },
      { "frame_count", "u24", 19, 3, "How many sequence numbers are wanted." },
    },
  },
  [0x46] = {
    name = "backfill_range",
    doc = "What the band has of a backfill request.",
    least = 23,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "state", "u8", 14, 1, "What becomes of the request.", enum = "backfill_state" },
      { "wanted_boot_id", "u16", 15, 2, "Boot of the frames." },
      { "first_sequence", "u24", 17, 3, "First sequence number that is kept." },
      { "frame_count", "u24", 20, 3, "How many of the wanted frames are kept." },
    },
  },
  [0x47] = {
    name = "store_confirm",
    doc = "The host has written frames durably.",
    least = 20,
    rows = {
      { "confirmed_boot_id", "u16", 12, 2, "Boot of the frames." },
      { "first_sequence", "u24", 14, 3, "First sequence number written." },
      { "frame_count", "u24", 17, 3, "How many consecutive sequence numbers are written." },
    },
  },
  [0x48] = {
    name = "cuff_reading",
    doc = "The wearer's own blood-pressure reading, by cuff.",
    least = 22,
    rows = {
      { "request_id", "u16", 12, 2, "Chosen by the asker, repeated in the answer." },
      { "systolic_mmhg", "u16", 14, 2, "Systolic pressure.", unit = "mmHg" },
      { "diastolic_mmhg", "u16", 16, 2, "Diastolic pressure.", unit = "mmHg" },
      { "age_s", "u32", 18, 4, "How long ago it was taken.", unit = "s" },
    },
  },
  [0x49] = {
    name = "journal_extent",
    doc = "What the journal keeps of one boot; one for each boot, the newest last.",
    least = 27,
    rows = {
      { "extent", "u16", 12, 2, "Index of this boot in the answer." },
      { "extent_count", "u16", 14, 2, "Boots in the answer." },
      { "described_boot_id", "u16", 16, 2, "Which boot." },
      { "first_sequence", "u24", 18, 3, "Lowest sequence number that is kept." },
      { "next_sequence", "u24", 21, 3, "One past the highest that is known to be given out." },
      { "frame_count", "u24", 24, 3, "How many frames are kept." },
    },
  },
  [0x4A] = {
    name = "handshake",
    doc = "A step on the way to a secure session, or the word that ends it.",
    least = 13,
    rows = {
      { "step", "u8", 12, 1, "Which step.", enum = "handshake_step" },
    },
    tail = { "message", "bytes", 13, 0, "What the step says, as the section on secure sessions has it.",
    },
  },
  [0x4B] = {
    name = "paired_host",
    doc = "A host whose key the band keeps; one for each, by number.",
    least = 32,
    rows = {
      { "host_id", "u8", 12, 1, "Its number, by which it is forgotten." },
      { "host_count", "u8", 13, 1, "Hosts in the answer." },
      { "right", "u8", 14, 1, "What it may do.", enum = "host_right" },
      { "is_asker", "u8", 15, 1, "1 for the host that asks, else 0." },
      { "name", "text", 16, 16, "Name that the host gave itself, printable ASCII." },
    },
  },
}
-- END GENERATED

local CARRIER_SERIAL, CARRIER_RECORD = 0, 1
local CONTENT_FRAMES, CONTENT_FIRST, CONTENT_NEXT, CONTENT_WHOLE = 0, 1, 2, 3
local REASSEMBLY_S = 5
local MAX_HELLO_BYTES = 128
local RECORD_HEADER_BYTES, CRC_BYTES = 3, 4
local KIND_HELLO, KIND_DESCRIPTOR, KIND_SAMPLES, KIND_BLOCK, KIND_RUN = 0x40, 0x03, 0x05, 0x0D, 0x0E
local BODY_BYTES = MAX_RECORD_BYTES + CRC_BYTES
local MAX_PACKET_BYTES = BODY_BYTES + math.floor(BODY_BYTES / 254) + 1

local proto = Proto("vitalband", "Vitalband")

-- Fields and expert information ---------------------------------------------------------------------

local fields, list = {}, {}

local function add(abbr, field)
  fields[abbr] = field
  list[#list + 1] = field
end

local function names_of(enum)
  return enum and ENUMERATIONS[enum] or nil
end

local function lone(abbr, name, kind, ...)
  add(abbr, ProtoField[kind]("vitalband." .. abbr, name, ...))
end

local WIDTHS = { u8 = 8, u16 = 16, u24 = 24, u32 = 32 }
local NUMBERS = { u8 = "uint8", u16 = "uint16", u24 = "uint24", u32 = "uint32", s8 = "int8", s16 = "int16", s32 = "int32" }

local function add_row(prefix, row)
  local abbr, code = prefix .. "." .. row[1], row[2]
  local full = "vitalband." .. abbr
  if code == "text" then
    add(abbr, ProtoField.string(full, row[1], base.UNICODE, row[5]))
  elseif code == "bytes" then
    add(abbr, ProtoField.bytes(full, row[1], base.NONE, row[5]))
  elseif row.flags then
    add(abbr, ProtoField[NUMBERS[code]](full, row[1], base.HEX, nil, nil, row[5]))
    for mask, name in pairs(ENUMERATIONS[row.flags]) do
      local flag = abbr .. "." .. name:lower()
      add(flag, ProtoField.bool("vitalband." .. flag, name, WIDTHS[code], nil, mask))
    end
  elseif row.unit then
    add(abbr, ProtoField[NUMBERS[code]](full, row[1], base.UNIT_STRING, { " " .. row.unit }, nil, row[5]))
  else
    add(abbr, ProtoField[NUMBERS[code]](full, row[1], base.DEC, names_of(row.enum), nil, row[5]))
  end
end

local KIND_NAMES = {}
for kind, frame in pairs(KINDS) do
  KIND_NAMES[kind] = frame.name
end
ENUMERATIONS.kind = KIND_NAMES

for _, row in ipairs(HEADER) do
  if row[1] == "kind" then
    add("header.kind", ProtoField.uint8("vitalband.header.kind", "kind", base.HEX, KIND_NAMES, nil, row[5]))
  else
    add_row("header", row)
  end
end
for _, frame in pairs(KINDS) do
  for _, row in ipairs(frame.rows) do
    add_row(frame.name, row)
  end
  local tail = frame.tail
  if tail and tail[2] == "items" then
    lone(frame.name .. "." .. tail[1], tail[1], "none", tail[5])
    for _, row in ipairs(tail.rows) do
      add_row(frame.name .. "." .. tail[1], row)
    end
  elseif tail then
    add_row(frame.name, tail)
  end
end

local SENDERS = { [0] = "band", [1] = "host" }
lone("sender", "Sender", "uint8", base.DEC, SENDERS, 0x01)
lone("carrier", "Carrier", "uint8", base.DEC, { [0] = "serial", [1] = "record" }, 0xF0)
lone("packet", "Packet", "bytes")
lone("packet.crc", "CRC-32", "uint32", base.HEX)
lone("record", "Record", "none")
lone("record.content", "Content", "uint8", base.DEC,
  { [0] = "frames", [1] = "first fragment", [2] = "next fragment", [3] = "one frame" }, 0x03)
lone("record.class", "Class", "uint8", base.DEC, { [0] = "urgent", [1] = "live", [2] = "backfill" }, 0x0C)
lone("record.sealed", "Sealed", "bool", 8, nil, 0x10)
lone("record.hello", "Hello", "bool", 8, nil, 0x20)
lone("record.counter", "Counter", "uint16")
lone("record.number", "Number within the connection", "uint32")
lone("record.lost", "Records lost before it", "uint32")
lone("record.sealed_data", "Sealed content and tag", "bytes")
lone("record.fragment", "Fragment", "bytes")
lone("frame", "Frame", "bytes")
lone("frame.length", "Length", "uint16", base.UNIT_STRING, { " B" })
lone("frame.fragments", "Fragments", "uint32")
lone("later_fields", "Fields of a later version", "bytes")
lone("step", "Step", "string", base.UNICODE, "The samples of one step, channels in turn.")
lone("update", "Update", "none", "One update of a run of vitals.")
lone("update.ticks_ms", "ticks_ms", "uint32", base.UNIT_STRING, { " ms" })
lone("update.contact", "contact", "uint8", base.DEC, ENUMERATIONS.contact)
lone("update.reading", "reading", "none")
for _, row in ipairs(KINDS[0x04].tail.rows) do
  add_row("update.reading", row)
end
lone("unknown_payload", "Payload of an unknown kind", "bytes")
proto.fields = list

local CHECKSUM, MALFORMED, SEQUENCE, UNDECODED =
  expert.group.CHECKSUM, expert.group.MALFORMED, expert.group.SEQUENCE, expert.group.UNDECODED
local ERROR, WARN, NOTE = expert.severity.ERROR, expert.severity.WARN, expert.severity.NOTE
local experts, expert_list = {}, {}
for _, what in ipairs({
  { "bad_crc", "The packet's CRC-32 is wrong", CHECKSUM, ERROR },
  { "malformed", "COBS breaks off, or the packet is no longer than its check", MALFORMED, ERROR },
  { "oversize", "The packet is longer than any record allows", MALFORMED, ERROR },
  { "bad_write", "A write whose length is not that of its record", MALFORMED, ERROR },
  { "unclosed", "Bytes without the zero that closes a packet", MALFORMED, WARN },
  { "bad_record", "Not a record: length, type or content", MALFORMED, ERROR },
  { "bad_seal", "A hello is never sealed", MALFORMED, ERROR },
  { "replay", "A record counter that is not newer than the newest: refused", SEQUENCE, WARN },
  { "lost", "Records are missing before this one", SEQUENCE, WARN },
  { "before_hello", "Before the hello of this connection: refused", SEQUENCE, NOTE },
  { "bad_reassembly", "A fragment without its beginning, or a frame given up", MALFORMED, WARN },
  { "bad_frame", "A frame too short for its kind, or whose tail does not fit", MALFORMED, ERROR },
  { "bad_body", "A body that is no good block, or no good run of vitals", MALFORMED, ERROR },
  { "unknown_kind", "A frame of a kind that this version does not know", UNDECODED, NOTE },
}) do
  experts[what[1]] = ProtoExpert.new("vitalband.expert." .. what[1], what[2], what[3], what[4])
  expert_list[#expert_list + 1] = experts[what[1]]
end
proto.experts = expert_list

-- Serial carrier ------------------------------------------------------------------------------------

local CRC_TABLE = {}
for index = 0, 255 do
  local crc = index
  for _ = 1, 8 do
    local half = bit.rshift(crc, 1)
    crc = bit.band(crc, 1) == 1 and bit.bxor(half, 0xEDB88320) or half
  end
  CRC_TABLE[index] = crc
end

local function crc32(text)
  local crc = 0xFFFFFFFF
  for at = 1, #text do
    local index = bit.band(bit.bxor(crc, text:byte(at)), 0xFF)
    crc = bit.bxor(bit.rshift(crc, 8), CRC_TABLE[index])
  end
  return bit.bnot(crc) % 4294967296
end

-- Undo COBS; nil when it breaks off.
local function uncobs(text)
  local parts, at = {}, 1
  while at <= #text do
    local code = text:byte(at)
    if at + code - 1 > #text then
      return nil
    end
    parts[#parts + 1] = text:sub(at + 1, at + code - 1)
    at = at + code
    if code < 255 and at <= #text then
      parts[#parts + 1] = "\0"
    end
  end
  return table.concat(parts)
end

local function view(text, name)
  return ByteArray.new(text, true):tvb(name)
end

-- Bits of a body: those of blocks and of runs; what is refused is an error ------------------------------

local function bits_of(text)
  local bits = {}
  for at = 1, #text do
    local byte = text:byte(at)
    for shift = 7, 0, -1 do
      bits[#bits + 1] = math.floor(byte / 2 ^ shift) % 2
    end
  end
  return { bits = bits, front = 0, back = #bits }
end

local function take(bits, count)
  assert(bits.front + count <= bits.back)
  local value = 0
  for _ = 1, count do
    bits.front = bits.front + 1
    value = value * 2 + bits.bits[bits.front]
  end
  return value
end

local function take_quotient(bits)
  for zeros = 0, 24 do
    assert(bits.back > bits.front)
    bits.back = bits.back - 1
    if bits.bits[bits.back + 1] == 1 then
      return zeros
    end
  end
  error("a quotient above 24")
end

local function finish(bits, most)
  assert(bits.back - bits.front <= most)
  for at = bits.front + 1, bits.back do
    assert(bits.bits[at] == 0)
  end
end

local function signed(value, width)
  return value >= 2 ^ (width - 1) and value - 2 ^ width or value
end

-- Compressed blocks -----------------------------------------------------------------------------------

local function guess(weights, y)
  if not y then
    return 0
  end
  local sum = 8
  for at = 1, 4 do
    sum = sum + weights[at] * y[at]
  end
  return bit.arshift(bit.tobit(sum), 4)
end

local function next_step(bits, channels, weights, before)
  local step, difference = {}, 0
  for index, channel in ipairs(channels) do
    local q = take_quotient(bits)
    local u = q == 24 and take(bits, 32) or q * 2 ^ channel.k + take(bits, channel.k)
    local r = bit.bxor(bit.rshift(u, 1), -(u % 2))
    local y = bit.tobit(r + guess(weights[channel.predictor + 1], channel.y))
    channel.y = channel.y and { y, channel.y[1], channel.y[2], channel.y[3] } or { y, y, y, y }
    local mix = index > 1 and bit.arshift(bit.tobit(channel.gain * difference + 4), 3) or 0
    difference = bit.tobit(y + mix)
    step[index] = bit.tobit(before[index] + difference)
  end
  return step
end

local function read_raw(bits, steps, shape, sample)
  local found = {}
  for number = 1, steps do
    found[number] = {}
    for channel = 1, shape.channel_count do
      found[number][channel] = sample()
    end
  end
  finish(bits, 7)
  return found
end

local function read_block(head, body, shape)
  local bits, width, steps = bits_of(body), shape.sample_bits, head % 1024
  local function sample()
    local value = take(bits, width)
    return shape.is_signed and signed(value, width) or value
  end
  assert(steps > 0)
  if bit.band(head, 0x400) ~= 0 then
    return read_raw(bits, steps, shape, sample)
  end
  local weights, channels, first = assert(PREDICTORS[math.floor(head / 16384)]), {}, {}
  for index = 1, shape.channel_count do
    local predictor, k = take(bits, 5), take(bits, 5)
    assert(k <= 24)
    channels[index] = { predictor = predictor, k = k, gain = index > 1 and signed(take(bits, 6), 6) or 0 }
  end
  for index = 1, shape.channel_count do
    first[index] = sample()
  end
  local found = { first }
  for number = 2, steps do
    found[number] = next_step(bits, channels, weights, found[number - 1])
  end
  finish(bits, #bits.bits)
  local low = shape.is_signed and -2 ^ (width - 1) or 0
  for _, step in ipairs(found) do
    for _, value in ipairs(step) do
      assert(value >= low and value < low + 2 ^ width)
    end
  end
  return found
end

local function read_plain(steps, body, shape)
  local size, found = math.ceil(shape.sample_bits / 8), {}
  assert(#body == size * shape.channel_count * steps)
  for at = 1, #body, size * shape.channel_count do
    local step = {}
    for channel = 0, shape.channel_count - 1 do
      local value = 0
      for index = size - 1, 0, -1 do
        value = value * 256 + body:byte(at + channel * size + index)
      end
      step[#step + 1] = shape.is_signed and signed(value, 8 * size) or value
    end
    found[#found + 1] = step
  end
  return found
end

-- Runs of vitals --------------------------------------------------------------------------------------

local UNKNOWN, VALID, LOW_QUALITY, STALE = 0, 1, 2, 3

local function bit_length(number)
  local length = 0
  while number >= 1 do
    number, length = math.floor(number / 2), length + 1
  end
  return length
end

local function unzigzag(code)
  return code % 2 == 0 and code / 2 or -(code + 1) / 2
end

local function take_code(bits, k)
  local zeros = 0
  while take(bits, 1) == 0 do
    zeros = zeros + 1
    assert(zeros <= 26)
  end
  local v = 2 ^ zeros + take(bits, zeros)
  return (v - 1) * 2 ^ k + take(bits, k)
end

local function checked(spec, told)
  if told.raw_value ~= NO_VALUE then
    assert(told.quality >= 0 and told.quality <= 100)
    assert(told.raw_value >= spec[5] and told.raw_value <= spec[6])
  end
  return told
end

local function take_full(bits, spec, state)
  local validity, cause = VALID, 0
  if take(bits, 1) == 1 then
    validity = take(bits, 1) == 0 and UNKNOWN or take(bits, 1) == 0 and LOW_QUALITY or STALE
    if take(bits, 1) == 0 then
      state.cause = take(bits, 5)
    end
    cause = state.cause
  end
  if validity == UNKNOWN or validity == STALE then
    return { validity = validity, quality = 0, cause = cause, raw_value = NO_VALUE }
  end
  local quality = take(bits, 1) == 1 and 100 or take(bits, 7)
  local raw_value = spec[5] + take(bits, bit_length(spec[6] - spec[5]))
  return checked(spec, { validity = validity, quality = quality, cause = cause, raw_value = raw_value })
end

local function expected_value(spec, before, interval_ms)
  local is_age = spec[4] == "second" and before.raw_value ~= NO_VALUE
  return before.raw_value + (is_age and math.floor(interval_ms / 1000) or 0)
end

local function take_change(bits, id, before, state)
  local spec = READINGS[id]
  if take(bits, 1) == 1 then
    return take_full(bits, spec, state)
  end
  assert(before.raw_value ~= NO_VALUE)
  local quality, has_step = before.quality, true
  if take(bits, 1) == 1 then
    quality = quality + unzigzag(take_code(bits, 2) + 1)
    has_step = take(bits, 1) == 1
  end
  local raw_value = expected_value(spec, before, state.interval_ms)
  if has_step then
    local u = take_code(bits, state.k[id] or 0)
    state.k[id] = bit_length(u)
    raw_value = raw_value + unzigzag(u + 1)
  end
  local told = { validity = before.validity, quality = quality, cause = before.cause, raw_value = raw_value }
  return checked(spec, told)
end

local function changes_of(bits, ids, state)
  local has_changed, has_idle = {}, false
  for _, id in ipairs(ids) do
    if state.age[id] >= 6 then
      has_idle = true
    else
      has_changed[id] = take(bits, 1) == 1
    end
  end
  local is_any = has_idle and take(bits, 1) == 1
  for _, id in ipairs(ids) do
    if state.age[id] >= 6 then
      has_changed[id] = is_any and take(bits, 1) == 1
    end
  end
  return has_changed
end

local function next_update(bits, ids, before, state)
  if take(bits, 1) == 0 then
    take(bits, 1)
    local u = take_code(bits, state.interval_k)
    state.interval_ms, state.interval_k = state.interval_ms + unzigzag(u), bit_length(u)
    assert(state.interval_ms >= 0 and state.interval_ms < 2 ^ 24)
    if take(bits, 1) == 1 then
      state.contact = take(bits, 3)
    end
  end
  local has_changed, readings = changes_of(bits, ids, state), {}
  for _, id in ipairs(ids) do
    local last = before[id]
    if has_changed[id] then
      readings[id] = take_change(bits, id, last, state)
      state.age[id] = 0
    else
      local raw_value = expected_value(READINGS[id], last, state.interval_ms)
      local told = { validity = last.validity, quality = last.quality, cause = last.cause, raw_value = raw_value }
      readings[id] = checked(READINGS[id], told)
      state.age[id] = state.age[id] + 1
    end
  end
  return { interval_ms = state.interval_ms, contact = state.contact, readings = readings }
end

local function ids_of(bits)
  local ids, count = {}, take(bits, 6)
  assert(count >= 1 and count <= #READINGS)
  local is_whole = take(bits, 1) == 1
  for id = 1, count do
    if is_whole or take(bits, 1) == 1 then
      ids[#ids + 1] = id
    end
  end
  return ids
end

local function read_run(body, ticks_ms)
  local bits = bits_of(body)
  local ids = ids_of(bits)
  local state = { contact = take(bits, 3), cause = 0, interval_ms = 2000, interval_k = 0, k = {}, age = {} }
  local readings = {}
  for _, id in ipairs(ids) do
    readings[id], state.age[id] = take_full(bits, READINGS[id], state), 6
  end
  local updates = { { interval_ms = 0, contact = state.contact, readings = readings } }
  while (bits.bits[bits.front + 1] or 0) + (bits.bits[bits.front + 2] or 0) > 0 do
    assert(#updates < 64)
    updates[#updates + 1] = next_update(bits, ids, updates[#updates].readings, state)
  end
  finish(bits, 7)
  for number = #updates, 1, -1 do
    updates[number].ticks_ms, updates[number].ids = ticks_ms, ids
    ticks_ms = (ticks_ms - updates[number].interval_ms) % 4294967296
  end
  return updates
end

-- Frames --------------------------------------------------------------------------------------------

local function number_at(text, offset, size, is_signed)
  local value = 0
  for index = size, 1, -1 do
    value = value * 256 + (text:byte(offset + index) or 0)
  end
  return is_signed and value >= 2 ^ (8 * size - 1) and value - 2 ^ (8 * size) or value
end

-- One row; what an older sender did not know reads as zero, and is shown as generated.
local function show_row(prefix, row, tvb, text, tree, start, stop)
  local name, code, offset, size = row[1], row[2], start + row[3], row[4]
  local field = fields[prefix .. "." .. name]
  local value = text:sub(offset + 1, math.min(offset + size, stop))
  local is_whole = offset + size <= stop
  local item
  if code == "text" then
    local length = #value:gsub("%z+$", "")
    -- A field that begins behind the end of a frame stands at it: a range may not begin further on.
    item = tree:add(field, tvb(math.min(offset, #text), #value), length > 0 and tvb(offset, length):string(ENC_UTF_8) or "")
  elseif code == "bytes" and is_whole then
    return tree:add(field, tvb(offset, size))
  elseif is_whole then
    item = tree:add_le(field, tvb(offset, size))
  elseif code == "bytes" then
    item = tree:add(field, view(value .. string.rep("\0", size - #value), name)())
  else
    item = tree:add(field, number_at(value, 0, #value, code:sub(1, 1) == "s"))
  end
  if not is_whole then
    item:set_generated()
    item:append_text(" (not told by an older sender)")
  end
  if row.flags and is_whole then
    for shift = 0, 8 * size - 1 do
      local flag = ENUMERATIONS[row.flags][bit.lshift(1, shift)]
      if flag then
        item:add_le(fields[prefix .. "." .. name .. "." .. flag:lower()], tvb(offset, size))
      end
    end
  end
  return item
end

local function describe_reading(id, validity, raw_value)
  local reading = READINGS[id]
  validity = ENUMERATIONS.validity[validity] or validity
  if not reading then
    return string.format("reading %d: %d, %s", id, raw_value, validity)
  elseif raw_value == NO_VALUE then
    return string.format("%s: none, %s", reading[1], validity)
  end
  return string.format("%s: %g %s, %s", reading[1], raw_value * reading[2] / reading[3], reading[4], validity)
end

local function show_items(frame, tvb, text, tree, tail, start, size)
  local prefix = frame.name .. "." .. tail[1]
  for at = start, #text - 1, size do
    local item = tree:add(fields[prefix], tvb(at, size))
    local id, validity = text:byte(at + 1, at + 2)
    item:set_text(frame.name == "vitals" and describe_reading(id, validity, number_at(text, at + 4, 4, true)) or tail[1])
    for _, row in ipairs(tail.rows) do
      show_row(prefix, row, tvb, text, item, at, at + size)
    end
    local known = tail.rows[#tail.rows]
    if size > known[3] + known[4] then
      item:add(fields.later_fields, tvb(at + known[3] + known[4], size - known[3] - known[4]))
    end
  end
end

-- Whether the payload of a known kind has the room that it says.
local function is_sound(frame, text)
  if #text < frame.least then
    return false
  end
  local start = frame.tail_offset and text:byte(frame.tail_offset + 1) or #text
  if frame.tail_offset and (start < frame.least or start > #text) then
    return false
  end
  if frame.tail and frame.tail[2] == "items" then
    local size = text:byte(frame.tail_offset + 2)
    return size > 0 and size >= frame.tail[4] and (#text - start) % size == 0
  end
  return true
end

local function show_payload(frame, tvb, text, tree)
  local tail, start = frame.tail, #text
  if tail then
    start = frame.tail_offset and text:byte(frame.tail_offset + 1) or tail[3]
  end
  local known = HEADER_BYTES
  for _, row in ipairs(frame.rows) do
    show_row(frame.name, row, tvb, text, tree, 0, start)
    known = row[3] + row[4]
  end
  if start > known then
    tree:add(fields.later_fields, tvb(known, start - known))
  end
  if tail and tail[2] == "items" then
    show_items(frame, tvb, text, tree, tail, start, text:byte(frame.tail_offset + 2))
  elseif tail then
    show_row(frame.name, { tail[1], tail[2], start, #text - start }, tvb, text, tree, 0, #text)
  end
end

-- What the frames of a capture say of streams, as it was when a block came: by stream, by block.
local streams, shapes, block_key

local function shape_for(stream)
  if shapes[block_key] == nil then
    shapes[block_key] = streams[stream] or false
  end
  return shapes[block_key]
end

local function show_steps(read, tvb, tree, ...)
  local is_good, steps = pcall(read, ...)
  if not is_good then
    tree:add_proto_expert_info(experts.bad_body)
    return
  end
  for number, step in ipairs(steps) do
    local words = {}
    for channel, value in ipairs(step) do
      words[channel] = string.format("%d", value)
    end
    tree:add(fields.step, tvb, table.concat(words, " ")):set_text(number - 1 .. ": " .. table.concat(words, " "))
  end
end

local function show_updates(tvb, tree, body, ticks_ms)
  local is_good, updates = pcall(read_run, body, ticks_ms)
  if not is_good then
    tree:add_proto_expert_info(experts.bad_body)
    return
  end
  for _, update in ipairs(updates) do
    local item = tree:add(fields.update, tvb)
    item:set_text(string.format("Update at %d ms", update.ticks_ms))
    item:add(fields["update.ticks_ms"], tvb, update.ticks_ms)
    item:add(fields["update.contact"], tvb, update.contact)
    for _, id in ipairs(update.ids) do
      local told = update.readings[id]
      local reading = item:add(fields["update.reading"], tvb)
      reading:set_text(describe_reading(id, told.validity, told.raw_value))
      reading:add(fields["update.reading.reading_id"], tvb, id)
      for _, name in ipairs({ "validity", "quality", "cause", "raw_value" }) do
        reading:add(fields["update.reading." .. name], tvb, told[name])
      end
    end
  end
end

local function range_from(tvb, start)
  return start < tvb:len() and tvb(start) or tvb()
end

-- What lies in the bodies of samples and runs.
local function show_body(kind, frame, tvb, text, tree)
  if kind == KIND_DESCRIPTOR then
    local shape = { channel_count = text:byte(15), sample_bits = text:byte(16), is_signed = text:byte(17) == 1 }
    local is_good = shape.channel_count >= 1 and shape.channel_count <= 8
    streams[text:byte(13)] = is_good and shape.sample_bits >= 1 and shape.sample_bits <= 24 and shape or nil
  elseif kind == KIND_RUN then
    show_updates(range_from(tvb, HEADER_BYTES), tree, text:sub(HEADER_BYTES + 1), number_at(text, 7, 4))
  elseif kind == KIND_BLOCK then
    local head, start = number_at(text, 12, 2), frame.tail[3]
    local shape = shape_for(math.floor(head / 2048) % 8)
    if shape then
      show_steps(read_block, range_from(tvb, start), tree, head, text:sub(start + 1), shape)
    end
  elseif kind == KIND_SAMPLES and text:byte(15) == 0 then
    local shape, start = shape_for(text:byte(14)), text:byte(13)
    if shape then
      show_steps(read_plain, range_from(tvb, start), tree, number_at(text, 15, 2), text:sub(start + 1), shape)
    end
  end
end

-- One frame of a record; gives its name.
local function show_frame(tvb, tree, fragments)
  local text = tvb:raw()
  local item = tree:add(fields.frame, tvb())
  item:set_text("Frame")
  item:add(fields["frame.length"], #text):set_generated()
  if fragments then
    item:add(fields["frame.fragments"], fragments):set_generated()
  end
  if #text < HEADER_BYTES then
    item:add_proto_expert_info(experts.bad_frame)
    return "bad frame"
  end
  for _, row in ipairs(HEADER) do
    show_row("header", row, tvb, text, item, 0, HEADER_BYTES)
  end
  local kind = text:byte(2)
  local frame = KINDS[kind]
  local name = frame and frame.name or string.format("kind 0x%02x", kind)
  item:append_text(": " .. name)
  if not frame then
    item:add_proto_expert_info(experts.unknown_kind)
    if #text > HEADER_BYTES then
      item:add(fields.unknown_payload, tvb(HEADER_BYTES))
    end
  elseif not is_sound(frame, text) then
    item:add_proto_expert_info(experts.bad_frame)
  else
    show_payload(frame, tvb, text, item)
    show_body(kind, frame, tvb, text, item)
  end
  return name
end

-- The connection, followed once in the order of the capture -----------------------------------------

local sides, followed

local function new_side()
  -- `expected` nil: the capture began within a connection; false: no hello answered yet.
  return { expected = nil, session = nil, hello_counter = 0, open = {} }
end

function proto.init()
  sides = { [0] = new_side(), [1] = new_side() }
  followed, streams, shapes = {}, {}, {}
end

local function give_up(side, key, notes)
  if side.open[key] then
    side.open[key] = nil
    notes[#notes + 1] = "bad_reassembly"
  end
end

-- A fragment; the whole frame when it is the last one.
local function reassemble(side, key, content, body, now_s, notes)
  local open = side.open[key]
  if open and now_s - open.touched_s >= REASSEMBLY_S then
    give_up(side, key, notes)
  end
  if content == CONTENT_FIRST then
    give_up(side, key, notes)
    local length = number_at(body, 0, 2)
    local limit = key == "hello" and MAX_HELLO_BYTES or MAX_FRAME_BYTES
    if #body > 2 and length >= HEADER_BYTES and length <= limit then
      side.open[key] = { length = length, bytes = "", count = 0 }
    end
    body = body:sub(3)
  end
  open = side.open[key]
  if not open or #open.bytes + #body > open.length then
    side.open[key] = nil
    notes[#notes + 1] = "bad_reassembly"
    return nil
  end
  open.bytes, open.count, open.touched_s = open.bytes .. body, open.count + 1, now_s
  if #open.bytes < open.length then
    return nil
  end
  side.open[key] = nil
  return open
end

-- A hello's frame: with another session it begins a connection, else it was only said again.
local function take_hello(sender, frame, counter)
  local side, session = sides[sender], frame:sub(30, 37)
  if side.session ~= session then
    side.session, side.expected = session, counter + 1
    if sender == 1 then
      sides[0].expected, sides[0].session = false, nil
    end
    for key in pairs(side.open) do
      side.open[key] = key == "hello" and side.open[key] or nil
    end
  elseif side.expected and (counter - side.expected) % 65536 < 32768 then
    side.expected = side.expected + (counter - side.expected) % 65536 + 1
  end
end

local function hello_within(content, body)
  if content == CONTENT_FRAMES then
    return body:sub(3)
  elseif content == CONTENT_WHOLE then
    return body
  end
end

local function follow_hello(sender, content, counter, body, now_s, result)
  local side = sides[sender]
  local frame = hello_within(content, body)
  if not frame then
    if content == CONTENT_NEXT and counter ~= (side.hello_counter + 1) % 65536 then
      side.open.hello = nil
    end
    result.whole = reassemble(side, "hello", content, body, now_s, result.notes)
    frame = result.whole and result.whole.bytes
  end
  side.hello_counter = counter
  if frame and #frame >= 37 and frame:byte(2) == KIND_HELLO then
    take_hello(sender, frame, counter)
  end
end

local function follow(sender, kind, counter, body, now_s)
  local side, result = sides[sender], { notes = {}, lost = 0 }
  local content, class = bit.band(kind, 3), bit.band(bit.rshift(kind, 2), 3)
  if bit.band(kind, 0x20) ~= 0 then
    follow_hello(sender, content, counter, body, now_s, result)
    return result
  end
  if side.expected == false then
    result.notes[1] = "before_hello"
    return result
  end
  local expected = side.expected or counter
  local ahead = (counter - expected) % 65536
  if ahead >= 32768 then
    result.notes[1] = "replay"
    return result
  end
  result.number, result.lost, side.expected = expected + ahead, ahead, expected + ahead + 1
  if ahead > 0 then
    result.notes[1] = "lost"
    for key in pairs(side.open) do
      if key ~= "hello" then
        give_up(side, key, result.notes)
      end
    end
  end
  if bit.band(kind, 0x10) == 0 and (content == CONTENT_FIRST or content == CONTENT_NEXT) then
    result.whole = reassemble(side, class, content, body, now_s, result.notes)
  end
  return result
end

-- Records -------------------------------------------------------------------------------------------

local function show_frames(tvb, tree, names, key)
  local at = RECORD_HEADER_BYTES
  while at < tvb:len() do
    local length = at + 2 <= tvb:len() and tvb(at, 2):le_uint() or 0xFFFF
    if at + 2 + length > tvb:len() then
      tree:add_proto_expert_info(experts.bad_record)
      return
    elseif length == 0 then
      tree:add_proto_expert_info(experts.bad_frame)
    else
      block_key = key .. ":" .. #names
      names[#names + 1] = show_frame(tvb(at + 2, length):tvb(), tree)
    end
    at = at + 2 + length
  end
end

local function show_content(tvb, tree, content, result, names, key)
  block_key = key .. ":" .. #names
  if content == CONTENT_FRAMES then
    show_frames(tvb, tree, names, key)
  elseif content == CONTENT_WHOLE then
    names[#names + 1] = show_frame(tvb(RECORD_HEADER_BYTES):tvb(), tree)
  else
    tree:add(fields["record.fragment"], tvb(RECORD_HEADER_BYTES))
    if result.whole then
      names[#names + 1] = show_frame(view(result.whole.bytes, "Reassembled frame"), tree, result.whole.count)
    else
      names[#names + 1] = "fragment"
    end
  end
end

local function show_record(tvb, pinfo, tree, sender, key, names)
  local item = tree:add(fields.record, tvb())
  local length = tvb:len()
  if length <= RECORD_HEADER_BYTES or length > MAX_RECORD_BYTES then
    item:add_proto_expert_info(experts.bad_record)
    return
  end
  local kind, counter = tvb(0, 1):uint(), tvb(1, 2):le_uint()
  for _, name in ipairs({ "content", "class", "sealed", "hello" }) do
    item:add(fields["record." .. name], tvb(0, 1))
  end
  item:add_le(fields["record.counter"], tvb(1, 2))
  if bit.band(kind, 0xC0) ~= 0 or bit.band(kind, 0x0C) == 0x0C then
    item:add_proto_expert_info(experts.bad_record)
    return
  elseif bit.band(kind, 0x30) == 0x30 then
    item:add_proto_expert_info(experts.bad_seal)
    return
  end
  if not followed[key] then
    local body = tvb:raw(RECORD_HEADER_BYTES)
    followed[key] = follow(sender, kind, counter, body, tonumber(tostring(pinfo.rel_ts)))
  end
  local result, is_refused = followed[key], false
  for _, note in ipairs(result.notes) do
    item:add_proto_expert_info(experts[note])
    is_refused = is_refused or note == "replay" or note == "before_hello"
  end
  if result.number then
    item:add(fields["record.number"], result.number):set_generated()
  end
  if result.lost > 0 then
    item:add(fields["record.lost"], result.lost):set_generated()
  end
  if bit.band(kind, 0x10) ~= 0 then
    item:add(fields["record.sealed_data"], tvb(RECORD_HEADER_BYTES))
    names[#names + 1] = "sealed"
  elseif is_refused then
    item:add(fields["record.fragment"], tvb(RECORD_HEADER_BYTES))
    names[#names + 1] = "refused"
  else
    show_content(tvb, item, bit.band(kind, 3), result, names, key)
  end
end

local function show_packet(tvb, pinfo, tree, sender, key, names)
  local text = tvb:raw()
  local item = tree:add(fields.packet, tvb())
  item:set_text(string.format("Packet of %d bytes", #text))
  local is_closed = text:byte(#text) == 0
  text = is_closed and text:sub(1, -2) or text
  if not is_closed then
    item:add_proto_expert_info(experts.unclosed)
  elseif #text > MAX_PACKET_BYTES then
    item:add_proto_expert_info(experts.oversize)
  elseif #text > 0 then
    local checked = uncobs(text)
    if not checked or #checked <= CRC_BYTES then
      item:add_proto_expert_info(experts.malformed)
      return
    end
    local opened = view(checked, "Packet without COBS")
    local size = #checked - CRC_BYTES
    item:add_le(fields["packet.crc"], opened(size, CRC_BYTES))
    if crc32(checked:sub(1, size)) ~= number_at(checked, size, CRC_BYTES) then
      item:add_proto_expert_info(experts.bad_crc)
      return
    end
    show_record(opened(0, size):tvb(), pinfo, item, sender, key, names)
  end
end

function proto.dissector(tvb, pinfo, tree)
  pinfo.cols.protocol = "Vitalband"
  local root = tree:add(proto, tvb())
  if tvb:len() == 0 then
    return
  end
  root:add(fields.sender, tvb(0, 1))
  root:add(fields.carrier, tvb(0, 1))
  local sender, carrier = bit.band(tvb(0, 1):uint(), 1), bit.rshift(tvb(0, 1):uint(), 4)
  local names, text, at, index = {}, tvb:raw(), 1, 0
  pinfo.cols.src, pinfo.cols.dst = SENDERS[sender], SENDERS[1 - sender]
  if carrier == CARRIER_RECORD and #text > 1 then
    show_record(tvb(1):tvb(), pinfo, root, sender, pinfo.number .. ":0", names)
    at = #text
  end
  while carrier == CARRIER_SERIAL and at < #text do
    local zero = text:find("\0", at + 1, true) or #text
    show_packet(tvb(at, zero - at):tvb(), pinfo, root, sender, pinfo.number .. ":" .. index, names)
    at, index = zero, index + 1
  end
  pinfo.cols.info = #names > 0 and table.concat(names, ", ") or "damaged"
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, proto)

-- Bluetooth Low Energy: the values of two characteristics -------------------------------------------------

local function show_value(tvb, pinfo, tree, sender, show)
  local root, names = tree:add(proto, tvb()), {}
  pinfo.cols.protocol = "Vitalband"
  root:add(fields.sender, sender):set_generated()
  show(root, names)
  pinfo.cols.info = #names > 0 and table.concat(names, ", ") or "damaged"
end

local from_band = Proto("vitalband_from_band", "Vitalband, a notification")

function from_band.dissector(tvb, pinfo, tree)
  if tvb:len() > 0 then
    show_value(tvb, pinfo, tree, 0, function(root, names)
      show_record(tvb, pinfo, root, 0, pinfo.number .. ":0", names)
    end)
  end
end

local to_band = Proto("vitalband_to_band", "Vitalband, a write")

function to_band.dissector(tvb, pinfo, tree)
  if tvb:len() == 0 then
    return -- the response to it
  end
  show_value(tvb, pinfo, tree, 1, function(root, names)
    local at, index = 0, 0
    while at < tvb:len() do
      local size = tvb(at, 1):uint()
      if at + 1 + size > tvb:len() then
        root:add_proto_expert_info(experts.bad_write)
        return
      elseif size > 0 then
        show_record(tvb(at + 1, size):tvb(), pinfo, root, 1, pinfo.number .. ":" .. index, names)
      end
      at, index = at + 1 + size, index + 1
    end
  end)
end

DissectorTable.get("bluetooth.uuid"):add(FROM_BAND_UUID, from_band)
DissectorTable.get("bluetooth.uuid"):add(TO_BAND_UUID, to_band)
