"""What a host may ask, and that nothing else has any effect."""

import ast
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hal
from bandschema import codec
from bandschema.enums import (
    AcknowledgedBy,
    AlertLevel,
    BackfillState,
    Cause,
    Channel,
    CommandCode,
    EventKind,
    JournalClass,
    LossCause,
    Page,
    Part,
    Reading,
    Result,
    StreamId,
    Validity,
)
from bandschema.layout import BY_NAME as LAYOUTS
from bandschema.readings import NO_VALUE, READINGS
from bandschema.records import (
    Acknowledge,
    Alert,
    BackfillRequest,
    Command,
    CuffReading,
    Issuance,
    TimeRequest,
)
from bandwire.events import BAD_FRAME, EVENT_GAP
from bandwire.frames import HEADER_BYTES

FIRMWARE = Path(hal.__file__).parent.parent
KNOWN = {int(code) for code in CommandCode}

ALERT = Alert(
    alert_id=77,
    level=AlertLevel.ALARM,
    cause=Cause.THRESHOLD,
    reading_id=int(Reading.SPO2_PERCENT),
    score=7,
    raw_value=842,
)


@pytest.fixture
def connected(rig):
    rig.connect()
    return rig


@pytest.fixture
def agreed(connected):
    connected.agree()
    connected.run(1_000)
    return connected


def test_identity_is_sent_when_asked_for(connected):
    assert connected.command(CommandCode.SEND_IDENTITY) == Result.OK
    (identity,) = connected.host.records("Identity")
    assert identity.model == "Virtual band"
    assert identity.serial == "0102030405060708"
    assert identity.certification == "none"
    assert identity.firmware_digest == bytes(range(32))


def test_manifest_names_every_reading_and_both_streams(connected):
    assert connected.command(CommandCode.SEND_MANIFEST) == Result.OK
    entries = connected.host.records("ManifestEntry")
    assert [entry.entry for entry in entries] == list(range(len(READINGS) + 2))
    assert [entry.reading_id for entry in entries[: len(READINGS)]] == [spec.reading for spec in READINGS]
    assert [entry.stream_id for entry in entries[len(READINGS) :]] == list(StreamId)
    assert {entry.manifest_digest for entry in entries} == {connected.band.manifest.digest}


def test_the_journal_keeps_vitals_no_longer_than_the_manifest_says(connected):
    connected.command(CommandCode.SEND_MANIFEST)
    kept_h = min(entry.retention_h for entry in connected.host.records("ManifestEntry"))
    connected.agree()
    connected.run(300_000)
    sectors = connected.core.log.sectors
    # A run of updates may be 130 s older than its frame, and the journal looks once a minute.
    sectors.boot_base_s += kept_h * 3600 - 600
    connected.run(60_000)
    assert not connected.host.records("JournalLoss")
    sectors.boot_base_s += 130
    connected.run(60_000)
    (loss,) = connected.host.records("JournalLoss")
    assert (loss.loss_cause, loss.lost_class) == (LossCause.EXPIRED, JournalClass.VITALS)
    assert loss.frame_count > 100


def test_manifest_digest_is_over_what_the_host_receives(connected):
    connected.command(CommandCode.SEND_MANIFEST)
    digest = sha256()
    for header, record in connected.host.frames:
        if type(record).__name__ == "ManifestEntry":
            digest.update(codec.encode(header, replace(record, manifest_digest=bytes(8)))[12:])
    assert digest.digest()[:8] == connected.band.manifest.digest


@pytest.mark.parametrize("stream", list(StreamId))
def test_a_stream_is_described_when_asked_for(connected, stream):
    assert connected.command(CommandCode.DESCRIBE_STREAM, stream) == Result.OK
    (descriptor,) = connected.host.records("StreamDescriptor")
    assert descriptor.stream_id == stream
    expected = {
        StreamId.OPTICAL: (Channel.RED, 18, 0, 25_000),
        StreamId.MOTION: (Channel.X, 16, 1, 26_000),
    }[stream]
    got = (descriptor.channel_0, descriptor.sample_bits, descriptor.is_signed, descriptor.rate_mhz)
    assert got == expected


@pytest.mark.parametrize(
    "code", [CommandCode.DESCRIBE_STREAM, CommandCode.START_STREAM, CommandCode.STOP_STREAM]
)
def test_a_stream_that_there_is_not_is_a_bad_argument(agreed, code):
    assert agreed.command(code, 9) == Result.BAD_ARGUMENT


def test_started_streams_send_blocks_and_stopped_ones_do_not(agreed):
    assert agreed.command(CommandCode.START_STREAM, StreamId.OPTICAL) == Result.OK
    agreed.run(10_000)
    assert agreed.command(CommandCode.STOP_STREAM, StreamId.OPTICAL) == Result.OK
    blocks = len(agreed.host.records("CompressedBlock"))
    assert blocks >= 2
    agreed.run(10_000)
    assert len(agreed.host.records("CompressedBlock")) == blocks


def test_a_stream_of_a_missing_chip_is_not_available(agreed):
    agreed.fail("max30101")
    agreed.run(2_000)
    assert agreed.command(CommandCode.START_STREAM, StreamId.OPTICAL) == Result.NOT_AVAILABLE


def test_streams_end_with_the_connection(agreed):
    agreed.command(CommandCode.START_STREAM, StreamId.MOTION)
    agreed.run(8_000)
    assert agreed.host.records("CompressedBlock")
    agreed.connect(b"session2")
    agreed.run(1_000)
    # Samples that waited to fill a block: they were taken under the connection before.
    last = agreed.host.records("CompressedBlock")
    assert len(last) <= 1
    agreed.run(10_000)
    assert agreed.host.records("CompressedBlock") == last


@pytest.mark.parametrize(("argument", "length_ms"), [(0, 500), (250, 250), (5000, 5000)])
def test_the_band_vibrates_as_long_as_asked(connected, argument, length_ms):
    assert connected.command(CommandCode.VIBRATE, 0, argument) == Result.OK
    connected.run(6_000)
    (on_ms, is_on), (off_ms, is_off) = connected.motor.switched[-2:]
    assert (is_on, is_off, off_ms - on_ms) == (True, False, length_ms)


@pytest.mark.parametrize("argument", [-1, 5001, 1 << 30])
def test_a_vibration_out_of_bounds_is_refused(connected, argument):
    assert connected.command(CommandCode.VIBRATE, 0, argument) == Result.BAD_ARGUMENT
    assert not any(is_on for _, is_on in connected.motor.switched)


SHOWN_BY_THE_BAND = (Page.ALERT, Page.RAW_SIGNAL, Page.SELF_TEST)


@pytest.mark.parametrize("page", [page for page in Page if page not in SHOWN_BY_THE_BAND])
def test_every_page_can_be_shown(connected, page):
    assert connected.command(CommandCode.SHOW_PAGE, 0, page) == Result.OK
    assert connected.band.screen.view.page == page


@pytest.mark.parametrize("page", [-1, 12, 255])
def test_a_page_that_there_is_not_is_refused(connected, page):
    assert connected.command(CommandCode.SHOW_PAGE, 0, page) == Result.BAD_ARGUMENT


def test_no_page_is_shown_on_a_display_that_is_missing(connected):
    connected.fail("ssd1306")
    connected.run(5_000)
    assert connected.command(CommandCode.SHOW_PAGE, 0, Page.HEART) == Result.NOT_AVAILABLE


@given(code=st.integers(0, 255).filter(lambda code: code not in KNOWN), stream=st.integers(0, 255))
def test_an_unknown_command_is_refused_with_a_reply(lasting_rig, code, stream):
    assert lasting_rig.command(code, stream, 1) == Result.UNKNOWN_COMMAND


FRAMES_OF_A_HOST = (
    Acknowledge,
    Alert,
    BackfillRequest,
    Command,
    CuffReading,
    Issuance,
    TimeRequest,
)


@pytest.mark.parametrize("kind", FRAMES_OF_A_HOST, ids=lambda kind: kind.NAME)
def test_a_frame_that_the_host_cut_short_is_counted_and_no_fault(rig, kind):
    host = rig.connect()
    whole = LAYOUTS[kind.NAME].least_bytes
    for length in range(HEADER_BYTES, whole):
        frame = bytearray(length)
        frame[1] = kind.KIND
        host.link.post(frame, length)
        rig.run(50)
    rig.run(2_000)
    assert rig.events(EventKind.FAULT) == []
    assert rig.band.link_task._requests.link.bad_counts[BAD_FRAME] == whole - HEADER_BYTES
    assert rig.command(CommandCode.SEND_IDENTITY) == Result.OK


def test_an_alert_is_shown_felt_and_acknowledged_by_the_button(agreed):
    agreed.send(ALERT)
    assert agreed.band.screen.view.page == Page.ALERT
    agreed.run(2_000)
    assert sum(is_on for _, is_on in agreed.motor.switched[-6:]) == 3
    agreed.press()
    agreed.run(100)
    assert agreed.host.records("Acknowledge") == [
        Acknowledge(alert_id=77, acknowledged_by=AcknowledgedBy.WEARER)
    ]
    assert agreed.band.screen.view.page == Page.HEART


def test_an_alert_that_the_host_has_seen_or_cleared_is_taken_off(agreed):
    agreed.send(ALERT)
    agreed.send(Acknowledge(alert_id=76, acknowledged_by=AcknowledgedBy.HOST))
    assert agreed.band.screen.view.page == Page.ALERT
    agreed.send(Acknowledge(alert_id=77, acknowledged_by=AcknowledgedBy.HOST))
    assert agreed.band.screen.view.page == Page.HEART
    agreed.send(ALERT)
    agreed.send(replace(ALERT, level=AlertLevel.CLEAR))
    assert agreed.band.screen.view.page == Page.HEART


CUFF = CuffReading(request_id=0, systolic_mmhg=128, diastolic_mmhg=82, age_s=60)


def test_a_cuff_reading_reaches_the_vital_signs(agreed):
    assert agreed.ask(CUFF) == Result.OK
    assert agreed.vitals.cuff[:3] == (128, 82, 60)


def test_a_cuff_reading_needs_the_wearers_agreement(connected):
    assert connected.ask(CUFF) == Result.NO_CONSENT
    assert connected.vitals.cuff is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"systolic_mmhg": 82},
        {"systolic_mmhg": 70},
        {"age_s": 31_536_001},
    ],
)
def test_a_cuff_reading_that_cannot_be_is_refused(agreed, wrong):
    assert agreed.ask(replace(CUFF, **wrong)) == Result.BAD_ARGUMENT
    assert agreed.vitals.cuff is None


def test_a_cuff_reading_older_than_the_one_kept_is_refused(agreed):
    agreed.vitals.takes_cuff = False
    assert agreed.ask(CUFF) == Result.BAD_ARGUMENT


def test_an_issuance_is_kept_for_the_display(connected):
    record = Issuance(
        request_id=0, issuer="City Hospital", contact="+86 10 000", purpose="night oxygen check",
        notice="https://example.org", is_voluntary=1, start_unix_s=1_780_000_000, end_unix_s=1_790_000_000,
        refusal="no check is made",
    )  # fmt: skip
    assert connected.ask(record) == Result.OK
    assert connected.core.issued.issuance.issuer == b"City Hospital"


def test_missing_frames_are_sent_again_and_their_end_is_told(agreed):
    agreed.run(10_000)
    host, link = agreed.host, agreed.host.link
    header, _ = host.frames[3]
    link.request_backfill(header.boot_id, header.sequence, 3, 1000, 0)
    link.ledger.__init__()
    host.exchange()
    agreed.run(500)
    host.exchange()
    states = [record.state for record in host.records("BackfillRange")]
    assert states == [BackfillState.SENDING, BackfillState.DONE]
    assert [h.sequence for h, _ in host.backfilled] == [header.sequence + at for at in range(3)]


def test_a_kept_frame_that_cannot_be_opened_is_told_of_and_the_others_are_sent(agreed):
    agreed.run(10_000)
    host, link = agreed.host, agreed.host.link
    first = host.frames[3][0].sequence
    header, record = host.frames[4]
    image = bytearray(agreed.nor.image())
    image[image.find(codec.encode(header, record)[:HEADER_BYTES]) + HEADER_BYTES] ^= 0x10
    agreed.nor.restore(bytes(image))
    link.request_backfill(header.boot_id, first, 3, 1000, 0)
    link.ledger.__init__()
    host.exchange()
    agreed.run(61_000)
    assert [h.sequence for h, _ in host.backfilled] == [first, first + 2]
    told = [event for event in host.records("Event") if event.event == EventKind.DROPPED]
    assert [(event.part, event.detail) for event in told] == [(Part.STORAGE, 1)]


def test_consent_records_alone_are_backfilled_after_a_withdrawal(agreed):
    agreed.run(10_000)
    sent = agreed.host.frames[-1][0].sequence
    agreed.press(duration_ms=1_600)
    agreed.run(5_000)
    agreed.host.link.request_backfill(1, 0, sent, 1000, 0)
    agreed.host.link.ledger.__init__()
    agreed.host.exchange()
    agreed.run(500)
    assert {type(record).__name__ for _, record in agreed.host.backfilled} == {"ConsentRecord"}


def test_a_host_that_comes_late_gets_what_waited(rig):
    rig.agree()
    rig.run(20_000)
    host = rig.connect()
    rig.run(1_000)
    assert len(host.updates()) >= 9
    assert [event for event in host.events if event[0] == EVENT_GAP] == []


def test_an_update_carries_every_reading_of_the_list(agreed):
    agreed.run(4_000)
    update = agreed.host.updates()[-1]
    assert set(update.readings) == {spec.reading for spec in READINGS}
    heart = update.readings[Reading.HEART_RATE_BPM]
    assert (heart.raw_value, heart.validity, heart.quality) == (700, Validity.VALID, 90)
    assert update.readings[Reading.PULSE_INTERVAL_MS].raw_value == NO_VALUE


def test_worn_and_not_worn_are_told_once_each(agreed):
    agreed.run(10_000)
    agreed.vitals.contact = 1
    agreed.run(10_000)
    assert len(agreed.events(EventKind.WORN)) == len(agreed.events(EventKind.NOT_WORN)) == 1


@given(noise=st.binary(max_size=300))
def test_noise_on_the_port_has_no_effect_but_on_counters(lasting_rig, noise):
    rig = lasting_rig
    pages = rig.band.screen.view.page
    rig.uart.to_band.extend(noise)
    rig.uart.to_band.append(0)
    rig.run(20)
    assert rig.core.status.faulty_parts == 0
    assert rig.band.screen.view.page == pages
    assert rig.command(CommandCode.STOP_STREAM, StreamId.OPTICAL) == Result.OK


@pytest.mark.parametrize(
    "line", [b"\x03", b"\x01", b"\x04", b"\x05import os\r\n\x04", b"import os\r\n", b">>> 1+1\r\n"]
)
def test_what_would_move_a_repl_moves_nothing(connected, line):
    connected.uart.to_host.clear()
    connected.uart.to_band.extend(line * 3 + b"\0")
    connected.run(1_000)
    assert connected.command(CommandCode.SEND_IDENTITY) == Result.OK
    assert connected.core.status.faulty_parts == 0


def test_nothing_in_the_firmware_evaluates_what_it_is_given():
    forbidden = {"eval", "exec", "compile", "execfile", "__import__", "dupterm", "input"}
    found = []
    for path in sorted(FIRMWARE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "id", getattr(node, "attr", ""))
            if isinstance(node, ast.Name | ast.Attribute) and name in forbidden:
                found.append(f"{path.relative_to(FIRMWARE)}:{node.lineno}: {name}")
    assert not found
