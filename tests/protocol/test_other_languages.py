"""What the descriptions for other languages say of frames that are yet to come, and what the text says."""

import re
import zlib

import construct as c

from bandschema import blocks, frames, vitals_run
from bandschema.emit import kaitai
from bandschema.enums import Capability, Cause
from bandschema.field import DataClass, EnumOf, FixedText, FrameSpec, FreeText, Sender, body, computed, field
from bandschema.layout import layout_of
from bandschema.readings import NO_VALUE
from bandwire.bandlink import HOST_SILENCE_LIMIT_MS
from bandwire.framing import packet_bytes
from bandwire.hostlink import HostLink
from bandwire.inbox import REASSEMBLY_TIMEOUT_MS
from bandwire.numbering import LAST_SEQUENCE
from bandwire.record import (
    CONTENT_ONE_FRAME_SINCE,
    MAX_RECORD_BYTES,
    MIN_RECORD_BYTES,
    RECORD_HEADER_BYTES,
)
from bandwire.requests import MAX_OPEN
from bandwire.serial import SerialCarrier
from protocol.lanes import ROOT


def test_fields_that_came_later_are_conditional_whatever_they_hold() -> None:
    later = frames.PROTOCOL_VERSION + 1
    fields = (
        computed("tail_offset", c.Int8ul, "Where the tail starts."),
        field("number", EnumOf(c.Int8ul, Cause), "A number.", since=later, unit="V"),
        field("word", FixedText(2), "A text.", since=later, text=FreeText.DEVICE),
        field("digest", c.Bytes(2), "Some bytes.", since=later),
        body("rest", "The rest."),
    )
    text = kaitai.text(
        [
            layout_of(
                FrameSpec(
                    kind=1,
                    name="grown",
                    sender=Sender.BAND,
                    data=DataClass.DEVICE,
                    doc="A frame.",
                    fields=fields,
                )
            )
        ]
    )
    assert "if: tail_offset - 12 >= 2" in text
    assert "value: '(tail_offset - 12 >= 4) ? word_sent : \"\"'" in text
    assert "value: '(tail_offset - 12 >= 6) ? digest_sent : [0, 0]'" in text
    assert '-unit: "V"' in text


DOCUMENT = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")


def test_the_specification_tells_the_bounds_that_the_code_keeps() -> None:
    packet = packet_bytes(MAX_RECORD_BYTES) - 1
    channels = f"1 to {blocks.MAX_CHANNELS} channels of 1 to {blocks.MAX_SAMPLE_BITS} bits"
    for row in (
        f"| frame | {frames.HEADER_BYTES} to {frames.MAX_FRAME_BYTES} bytes |",
        f"| record | {RECORD_HEADER_BYTES + 1} to {MAX_RECORD_BYTES} bytes; {MIN_RECORD_BYTES} or more",
        f"| packet on a serial line | {packet} bytes and the zero |",
        f"each for {REASSEMBLY_TIMEOUT_MS // 1000} s |",
        f"| steps of a compressed block | 1 to {blocks.MAX_STEPS}, of {channels} |",
        f"| updates of a run | 1 to {vitals_run.MOST_UPDATES} |",
        f"| requests open at once | {MAX_OPEN} from our host |",
        f"more than {packet} bytes before the zero: no record of {MAX_RECORD_BYTES} bytes",
        f"What a band and its host say to each other: version {frames.PROTOCOL_VERSION}.",
        f"the version agreed on is {CONTENT_ONE_FRAME_SINCE} or higher",
        f"has heard no frame for {HOST_SILENCE_LIMIT_MS // 1000} s",
        f"`{NO_VALUE}`",
        f"wrap at {LAST_SEQUENCE + 1:#08X}".replace("0X", "0x"),
    ):
        assert row in DOCUMENT, row


def test_the_check_values_of_the_specification_are_those_of_zlib() -> None:
    for data in (b"", b"\0", bytes(range(32)), b"123456789"):
        assert f" | {zlib.crc32(data):08X} |" in DOCUMENT


def test_the_hello_of_the_specification_is_what_a_host_sends_first() -> None:
    carrier = SerialCarrier(HostLink(b"session1", capabilities=Capability.BACKFILL))
    packet = bytes(carrier.output[: carrier.fill(0)])
    shown = DOCUMENT.split("### A hello on a serial line\n")[1].split("```text\n")[1].split("```")[0]
    assert bytes.fromhex(shown) == packet


def test_the_examples_can_be_made_while_the_generated_code_is_of_before() -> None:
    """Else a frame that grows could not be generated anew."""
    text = (ROOT / "protocol/bandschema/emit/worked.py").read_text(encoding="utf-8")
    assert "bandwire.frames" not in text
    assert set(re.findall(r"records\.(\w+)", text)) == {"Header"}
