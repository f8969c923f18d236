"""What the descriptions for other languages say of frames that are yet to come."""

import construct as c

from bandschema import frames
from bandschema.emit import kaitai
from bandschema.enums import Cause
from bandschema.field import EnumOf, FixedText, FrameSpec, FreeText, Sender, body, computed, field
from bandschema.layout import layout_of


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
        [layout_of(FrameSpec(kind=1, name="grown", sender=Sender.BAND, doc="A frame.", fields=fields))]
    )
    assert "if: tail_offset - 12 >= 2" in text
    assert "value: '(tail_offset - 12 >= 4) ? word_sent : \"\"'" in text
    assert "value: '(tail_offset - 12 >= 6) ? digest_sent : [0, 0]'" in text
    assert '-unit: "V"' in text
