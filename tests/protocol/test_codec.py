"""The reference codec says whose fault it is, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema import codec, strategies
from bandschema.enums import Capability, EventKind, ImageProfile
from bandschema.layout import BY_NAME
from bandschema.records import (
    Event,
    Header,
    Hello,
    Identity,
    LogLine,
    Record,
    SampleBlock,
    Vitals,
    VitalsReading,
)
from bandwire.errors import FrameError, LocalError, UnknownKindError


def _header(record: Record, sequence: int = 1, version: int = 1) -> Header:
    return Header(version=version, kind=record.KIND, boot_id=1, sequence=sequence, ticks_ms=0)


_EVENT = Event(event=EventKind.WORN, part=0, detail=0)


def test_a_value_beyond_its_field_is_our_own_fault_and_named() -> None:
    with pytest.raises(LocalError, match=r"event\.detail: wanted -2147483648\.\.2147483647, got 2147483648"):
        codec.encode(_header(_EVENT), Event(event=1, part=0, detail=1 << 31))
    with pytest.raises(LocalError, match=r"header\.sequence: wanted 0\.\.16777215"):
        codec.encode(_header(_EVENT, sequence=1 << 24), _EVENT)
    with pytest.raises(LocalError, match=r"header\.version"):
        codec.encode(_header(_EVENT, version=0), _EVENT)


def _identity(maker: str, digest: bytes) -> Identity:
    return Identity(
        maker=maker, model="", hardware="", serial="", firmware_major=0, firmware_minor=0,
        firmware_patch=0, firmware_digest=digest, protocol_version=1, capabilities=Capability(0),
        image_profile=ImageProfile.PRODUCT, certification="",
    )  # fmt: skip


@pytest.mark.parametrize("maker", ["x" * 17, "心" * 6, "ends in\0"])
def test_text_that_would_be_cut_is_refused(maker: str) -> None:
    record = _identity(maker, bytes(32))
    with pytest.raises(LocalError, match=r"identity\.maker"):
        codec.encode(_header(record), record)


@pytest.mark.parametrize("digest", [bytes(31), bytes(33)])
def test_bytes_of_another_length_are_refused(digest: bytes) -> None:
    record = _identity("", digest)
    with pytest.raises(LocalError, match=r"identity\.firmware_digest"):
        codec.encode(_header(record), record)


def test_a_frame_longer_than_a_reader_must_accept_is_refused() -> None:
    fits = SampleBlock(stream_id=1, encoding=0, sample_count=0, first_sample=0, samples=bytes(1024 - 21))
    assert len(codec.encode(_header(fits), fits)) == 1024
    long = SampleBlock(stream_id=1, encoding=0, sample_count=0, first_sample=0, samples=bytes(1024 - 20))
    with pytest.raises(LocalError, match="sample_block: wanted at most 1024 bytes, got 1025"):
        codec.encode(_header(long), long)


def test_a_header_of_another_kind_is_refused() -> None:
    header = Header(kind=0x42, boot_id=0, sequence=0, ticks_ms=0)
    with pytest.raises(LocalError, match=r"wanted 0x06 of event, got 0x42"):
        codec.encode(header, _EVENT)


def test_a_kind_that_is_not_known_is_a_frame_error_of_its_own() -> None:
    frame = bytes([1, 0x3F]) + bytes(40)
    with pytest.raises(UnknownKindError, match="kind 0x3f is not known in version 3"):
        codec.decode(frame)
    assert issubclass(UnknownKindError, FrameError)


def test_a_frame_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    frame = bytearray(codec.encode(_header(_EVENT), _EVENT))
    frame[0] = 9
    header, record = codec.decode(bytes(frame))
    assert (header.version, record) == (9, _EVENT)


def test_a_number_without_a_member_stays_a_number_and_flags_keep_their_bits() -> None:
    record = Event(event=200, part=0, detail=0)
    _, event = codec.decode(codec.encode(_header(record), record))
    assert isinstance(event, Event)
    assert type(event.event) is int
    assert type(event.part) is not int
    capabilities = Capability.DISPLAY.value | 1 << 31
    hello = Hello(
        role=0, protocol_minimum=1, protocol_maximum=1, max_frame_bytes=1024,
        capabilities=capabilities, band_id=bytes(8), session_id=bytes(8),
        challenge_id=bytes(8),
    )  # fmt: skip
    _, answer = codec.decode(codec.encode(_header(hello), hello))
    assert isinstance(answer, Hello)
    assert isinstance(answer.capabilities, Capability)
    assert Capability.DISPLAY in answer.capabilities
    assert int(answer.capabilities) == capabilities


def test_bytes_that_are_no_utf8_are_shown_as_replaced_text() -> None:
    record = LogLine(level=20, part=0, text="cut")
    frame = codec.encode(_header(record), record)[:-1] + b"\xe5"
    _, line = codec.decode(frame)
    assert isinstance(line, LogLine)
    assert line.text == "cu\ufffd"


@given(st.one_of([strategies.frames(name) for name in sorted(BY_NAME)]))
def test_a_whole_frame_is_read_and_written_as_it_was(frame: bytes) -> None:
    assert codec.encode(*codec.decode(frame)) == frame


@given(strategies.headers())
def test_a_header_of_any_kind_takes_12_bytes_and_is_read_back(header: Header) -> None:
    frame = codec.encode_header(header)
    assert len(frame) == 12
    assert codec.decode_header(frame) == header


@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_a_frame_error(data: bytes) -> None:
    try:
        header, record = codec.decode(data)
    except FrameError:
        return
    assert header.kind == record.KIND == data[1]


@given(st.sampled_from(sorted(BY_NAME)), st.binary(max_size=220))
def test_any_payload_behind_a_good_header_is_a_record_or_a_frame_error(name: str, payload: bytes) -> None:
    try:
        _, record = codec.decode(bytes([1, BY_NAME[name].kind]) + bytes(10) + payload)
    except FrameError:
        return
    assert name == record.NAME


def test_items_are_written_and_read_as_they_were() -> None:
    items = tuple(
        VitalsReading(reading_id=number, validity=1, quality=99, cause=0, raw_value=700 + number)
        for number in (1, 2)
    )
    record = Vitals(contact=2, readings=items)
    frame = codec.encode(_header(record), record)
    assert len(frame) == 15 + 2 * 8
    assert codec.decode(frame) == (_header(record), record)
