"""Blocks by their bytes: what one sender's choices make of samples, and what damage is called.

A round trip cannot see a change that encoder and decoder share; these bytes can.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from bandschema.blocks import RAW, Choice, Shape, decode_block, encode_block, encode_raw_block
from bandschema.predictors import TABLES
from bandwire.errors import FrameError, LocalError

Steps = tuple[tuple[int, ...], ...]


class Golden(NamedTuple):
    """A block: what went in, and its head and body."""

    shape: Shape
    choices: Sequence[Choice]
    samples: Steps
    stream_id: int
    body: str


def _noise(shape: Shape, steps: int) -> Steps:
    """Samples all over their range, by a rule."""
    place, samples = 1, list[tuple[int, ...]]()
    for _ in range(steps):
        step: list[int] = []
        for _ in range(shape.channel_count):
            place = (place * 1103515245 + 12345) % (1 << 31)
            step.append(shape.lowest + (place >> 7) % (1 << shape.sample_bits))
        samples.append(tuple(step))
    return tuple(samples)


_OPTICAL = Shape(2, 12, False)
_WIDEST = Shape(3, 24, True)
_EIGHT = Shape(8, 16, True)
_EIGHT_CHOICES = tuple(
    Choice(predictor, shift, gain)
    for predictor, shift, gain in (
        (3, 14, 0), (4, 15, -32), (5, 16, 31), (8, 13, 7),
        (14, 12, -5), (24, 14, 1), (29, 13, 20), (31, 17, -17),
    )
)  # fmt: skip

GOLDEN = {
    "the page's example": Golden(
        _OPTICAL, (Choice(2, 2), Choice(1, 1, 3)),
        ((2000, 900), (2010, 904), (2019, 908), (2027, 911), (2300, 1020)), 1,
        "108210df40e1022000004280101000000ee0",
    ),
    "one step": Golden(
        Shape(2, 16, True), (Choice(3, 4), Choice(31, 24, -1)), ((5, -5),), 2,
        "193f8fc0017ffec0",
    ),
    "a constant signal": Golden(
        Shape(1, 8, False), (Choice(),), ((9,),) * 12, 0,
        "000247ff",
    ),
    "a gain of the first channel, which is not sent": Golden(
        _OPTICAL, (Choice(0, 3, 9), Choice(0, 3, 9)), ((10, 10), (17, 30), (9, 12)), 3,
        "00c032402802b0e404a2",
    ),
    "quotients of 23 and 24": Golden(
        Shape(1, 8, True), (Choice(0, 1),), ((0,), (-24,), (0,), (-25,), (-1,)), 7,
        "004020000006000000062000000604000002000001000000800000",
    ),
    "a bit a sample": Golden(
        Shape(2, 1, False), (Choice(), Choice()), ((0, 1), (1, 1), (1, 0)), 1,
        "000000105c",
    ),
    "a signed bit a sample": Golden(
        Shape(1, 1, True), (Choice(),), ((0,), (-1,), (0,)), 1,
        "0012",
    ),
    "ends of the widest samples, whose guesses wrap": Golden(
        _WIDEST, (Choice(3), Choice(3, 24, -32), Choice(31, 20, 31)),
        ((-8388608, 8388607, -8388608), (8388607, -8388608, 8388607)) * 4, 5,
        "1807883f47e000001fffffe00000007fffffbffffe826ffffd80fffffefffffcc653000142cffffd2ffff782e4fffd04"
        "0ffffbeffff3c110fffec45ffffb9ffff301acfffe845ffffb5ffff2c1acfffe445ffffb9ffff301acfffe8200000100"
        "000800000400000200001000000800000400002000001000000800040000020000014000002000001001000000800000"
        "41000000",
    ),
    "noise in the widest samples": Golden(
        _WIDEST, (Choice(3, 22), Choice(4, 23, 13), Choice(5, 24, -11)), _noise(_WIDEST, 24), 4,
        "1d89734b8d40e33f6b3f5873c0f24a9472f40701b29d805a3fd5f2a3bf478d717f98c033c04675030ed89d55f264dc16"
        "ae3d0037aaa79036af6d6d1d45166645793e2923c6fec6a0da40a9de8a57f6ab42cd1011b4df0770fd751b6623089067"
        "45cec83daa29f2e39d9e42e7d7a6de902822d442f5237b5cd8493feb5fff029467efdca85643050e37624745c2992543"
        "521462034dde76e5d476332225059c873dd1cdb50f9e905eab860c19477dfcd34998f7eec2ddb079729b6b8c498dd81e"
        "2a9c46b6021cbd565425c8f2e7f3a485cf32fc98e8900010080500201000008000021000020940004420006110201101"
        "1002084004a481000084400021200010440000104010000220808c04480003000800010800040240a9",
    ),
    "noise in eight channels": Golden(
        _EIGHT, _EIGHT_CHOICES, _noise(_EIGHT, 16), 6,
        "1b88f80b07d0d1dccef0e07ad53f1bc33f5f5860f255cd85ef9dba515b1dd738f688d8cdf1e293ee48c4000ead93b696"
        "238c2e5ef2e91f47cdfd43196cb0c234002b1b1401f6461ccdf29400170df2897a00114dce00301f63229994b00023c6"
        "227686253fe7000617def3b1e567bc3c0fce51df1f492f59f0c208f20ff087309000031bb3503d9987c4acc484e9838a"
        "ebdd468130e000ed3e4001a8a340030f7a8c590001890ef530000eec6d9cd6001232b20021b156ceb259935ccccc000c"
        "9cabc9f80010129860abd3fa63e4438720002304891cd6dfd4a0fdebb08c00018aad8a2e25d312802d995d5c50a55400"
        "064a029a700b9175eaa33bd311d18b4a24622de3de009404863a1b8fb000c078a8ed6f4566f39000f8b499b600003520"
        "dfcab753a00359bca000080000040040000020000c0044000200400080020600004120001001041d0000008001200020"
        "0030002800000500200020000028000004200140000400001000000c0000020848000008000004000003000000880000"
        "040080000040000020000018000010801000200008000040001800000422000040200003a2000010000100801000000c"
        "0600000104002000001000000c000002850080000040000090004008000100a0008180000040801015",
    ),
}  # fmt: skip
each_golden = pytest.mark.parametrize("golden", GOLDEN.values(), ids=list(GOLDEN))


def _bytes(text: str) -> bytes:
    """Zeros and ones of whole bytes; blanks do not count."""
    text = text.replace(" ", "")
    assert len(text) % 8 == 0
    return int(text, 2).to_bytes(len(text) // 8, "big")


@each_golden
def test_the_same_choices_make_the_same_bytes(golden: Golden) -> None:
    found = encode_block(golden.samples, golden.shape, golden.choices, stream_id=golden.stream_id)
    assert found == (len(golden.samples) | golden.stream_id << 11, bytes.fromhex(golden.body))


@each_golden
def test_the_same_bytes_give_the_same_samples(golden: Golden) -> None:
    head = len(golden.samples) | golden.stream_id << 11
    assert decode_block(head, bytes.fromhex(golden.body), golden.shape) == list(golden.samples)


def test_a_raw_block_is_its_samples_from_the_first_bit_on() -> None:
    head, body = encode_raw_block([(1, -2), (-8, 7), (3, 0)], Shape(2, 4, True), stream_id=5)
    assert (head, body.hex()) == (3 | 5 << 11 | RAW, "1e8730")
    head, body = encode_raw_block([(0x123,), (0xFED,), (0x456,)], Shape(1, 12, False), stream_id=0)
    assert (head, body.hex()) == (3 | RAW, "123fed4560")
    assert decode_block(head, body, Shape(1, 12, False)) == [(0x123,), (0xFED,), (0x456,)]


def test_a_block_may_have_1023_steps() -> None:
    samples = [(number % 2,) for number in range(1023)]
    head, body = encode_raw_block(samples, Shape(1, 1, False), stream_id=0)
    assert (head, body) == (1023 | RAW, b"\x55" * 127 + b"\x54")
    assert decode_block(head, body, Shape(1, 1, False)) == samples
    head, body = encode_block([(0,)] * 1023, Shape(1, 1, False), [Choice()], stream_id=0)
    assert (head, body) == (1023, b"\0\0\x3f" + b"\xff" * 127)
    assert decode_block(head, body, Shape(1, 1, False)) == [(0,)] * 1023


_BYTE, _SIGNED_BYTE = Shape(1, 8, False), Shape(1, 8, True)
_PLAIN = "00000 00000"
"""Parameters: predictor 0, shift 0."""
_TABLES = sorted(TABLES)


@pytest.mark.parametrize(
    ("shape", "head", "body", "samples"),
    [
        (_BYTE, 2, _PLAIN + "00000111" + f"{2:032b}" + "0" * 5 + "1" + "0" * 24, [(7,), (8,)]),
        (_BYTE, 2, "00000 11000" + "00000111" + f"{4:024b}" + "00000" + "1", [(7,), (9,)]),
        (_BYTE, 2, _PLAIN + "00000111" + "00000" + "1", [(7,), (7,)]),
        (_BYTE, 2, _PLAIN + "00000111" + "1" + "00000", [(7,), (4,)]),
        (_BYTE, 2, _PLAIN + "00000111" + "0000" + "10", [(7,), (6,)]),
        (_BYTE, 1, _PLAIN + "11111111" + "000000", [(255,)]),
        (_BYTE, 1, _PLAIN + "11111111" + "0" * 46, [(255,)]),
        (_SIGNED_BYTE, 1, _PLAIN + "11111111" + "000000", [(-1,)]),
        (_SIGNED_BYTE, 1 | RAW, "10000000", [(-128,)]),
        (Shape(2, 4, True), 1, _PLAIN + _PLAIN + "100000" + "0111" + "1000" + "000000", [(7, -8)]),
    ],
)
def test_a_body_is_read_bit_by_bit(
    shape: Shape, head: int, body: str, samples: list[tuple[int, ...]]
) -> None:
    assert decode_block(head, _bytes(body), shape) == samples


@pytest.mark.parametrize(
    ("shape", "head", "body", "verdict"),
    [
        (_BYTE, 3 << 11, "0" * 72, "wanted at least one step, got none"),
        (_BYTE, 3 << 14 | 1, "0" * 72, f"table 3 is not known, {_TABLES} are"),
        (_BYTE, 1, "0" * 16, "the body is too short"),
        (_BYTE, 1, "00000 11001" + "0" * 46, "wanted a shift of at most 24, got 25"),
        (_BYTE, 1, _PLAIN + "00000111" + "000001", "6 bits are left over"),
        (_BYTE, 1, _PLAIN + "00000111" + "100000", "6 bits are left over"),
        (_BYTE, 2, _PLAIN + "00000111" + "0" * 30, "wanted a quotient of at most 24"),
        (_BYTE, 2, _PLAIN + "00000111" + "1" + "0" * 29, "wanted a quotient of at most 24"),
        (_BYTE, 2, _PLAIN + "00000111" + "0000" + "1" + "0" * 25, "wanted a quotient of at most 24"),
        (_BYTE, 2, _PLAIN + "00000111" + "00001" + "1" + "0" * 24, "the body is too short"),
        (_BYTE, 2, "00000 00110" + "00000111" + "00001" + "1", "the body is too short"),
        (_BYTE, 2, _PLAIN + "00000000" + "0000" + "10", "samples beyond 0..255: (-1,)"),
        (_BYTE, 2, _PLAIN + "11111111" + "000" + "100", "samples beyond 0..255: (256,)"),
        (_SIGNED_BYTE, 2, _PLAIN + "10000000" + "0000" + "10", "samples beyond -128..127: (-129,)"),
        (_BYTE, 2, _PLAIN + "11001000" + "1" * 31 + "0" + "00000" + "1" + "0" * 24,
         "samples beyond 0..255: (-2147483449,)"),
        (Shape(2, 8, False), 2, _PLAIN + _PLAIN + "011111" + "0" * 16 + "1" * 31 + "0" + "000011" + "0" * 24,
         "samples beyond 0..255: (2147483647, 268435452)"),
        (_BYTE, 1 | RAW, "", "the body is too short"),
        (_BYTE, 1 | RAW, "0" * 16, "8 bits are left over"),
        (Shape(1, 1, False), 1 | RAW, "00000001", "7 bits are left over"),
    ],
)  # fmt: skip
def test_damage_has_its_name(shape: Shape, head: int, body: str, verdict: str) -> None:
    with pytest.raises(FrameError) as caught:
        decode_block(head, _bytes(body) if body else b"", shape)
    assert str(caught.value) == "compressed_block: " + verdict


@pytest.mark.parametrize(
    ("samples", "choices", "where", "error"),
    [
        ([], [Choice()], {}, "block: wanted 1..1023 steps, got 0"),
        ([(0,)] * 1024, [Choice()], {}, "block: wanted 1..1023 steps, got 1024"),
        ([(1, 2)], [Choice()], {}, "block: wanted 1 channels, got 2"),
        ([(1,), ()], [Choice()], {}, "block: wanted 1 channels, got 0"),
        ([(1,), (256,)], [Choice()], {}, "block: wanted samples of 0..255, got [256]"),
        ([(-1,)], [Choice()], {}, "block: wanted samples of 0..255, got [-1]"),
        ([(1,)], [], {}, "block: wanted choices for 1 channels, got 0"),
        ([(1,)], [Choice()], {"stream_id": 8}, "stream_id: wanted 0..7, got 8"),
        ([(1,)], [Choice()], {"stream_id": -1}, "stream_id: wanted 0..7, got -1"),
        ([(1,)], [Choice()], {"table": 3}, f"table: wanted one of {_TABLES}, got 3"),
    ],
)
def test_what_is_no_block_is_called_by_its_name(
    samples: list[tuple[int, ...]], choices: list[Choice], where: dict[str, int], error: str
) -> None:
    with pytest.raises(LocalError) as caught:
        encode_block(samples, _BYTE, choices, **{"stream_id": 1, **where})
    assert str(caught.value) == error


def test_the_choices_of_a_channel_have_their_ends() -> None:
    for ends, beyond in (((0, 0, -32), -1), ((31, 24, 31), 1)):
        encode_block([(1,)], _BYTE, [Choice(*ends)], stream_id=7)
        for place in range(3):
            choice = Choice(*(end + beyond * (at == place) for at, end in enumerate(ends)))
            with pytest.raises(LocalError) as caught:
                encode_block([(1,)], _BYTE, [choice], stream_id=0)
            assert str(caught.value) == f"block: wanted a 0..31, k 0..24, g -32..31, got {choice}"


@pytest.mark.parametrize(
    ("channels", "bits", "error"),
    [
        (0, 8, "channel_count: wanted 1..8, got 0"),
        (9, 8, "channel_count: wanted 1..8, got 9"),
        (1, 0, "sample_bits: wanted 1..24, got 0"),
        (1, 25, "sample_bits: wanted 1..24, got 25"),
    ],
)
def test_a_shape_out_of_range_is_called_by_its_name(channels: int, bits: int, error: str) -> None:
    with pytest.raises(LocalError) as caught:
        Shape(channels, bits, False)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("bits", "is_signed", "ends"),
    [(1, False, (0, 1)), (1, True, (-1, 0)), (24, False, (0, 16777215)), (24, True, (-8388608, 8388607))],
)
def test_a_shape_has_its_ends(bits: int, is_signed: bool, ends: tuple[int, int]) -> None:
    for channels in (1, 8):
        shape = Shape(channels, bits, is_signed)
        assert (shape.lowest, shape.highest) == ends
