"""A compressed block taken apart bit by bit, and read step by step."""

from collections.abc import Sequence

from bandschema.blocks import Choice, Shape, decode_block, encode_block
from bandschema.predictors import TABLES

_SHAPE = Shape(channel_count=2, sample_bits=12, is_signed=False)
_SAMPLES = ((2000, 900), (2010, 904), (2019, 908), (2027, 911), (2300, 1020))
_CHOICES = (Choice(predictor=2, shift=2), Choice(predictor=1, shift=1, gain=3))
_STREAM = 1


def _signed(value: int, bits: int = 32) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _guess(weights: Sequence[int], last: Sequence[int]) -> int:
    return (sum(weight * y for weight, y in zip(weights, last, strict=True)) + 8) >> 4 if last else 0


class _Trace:
    """Reads the block as the specification says, and notes every number on the way."""

    def __init__(self, body: bytes) -> None:
        self.up = "".join(f"{byte:08b}" for byte in body)
        self.down = self.up[::-1]
        self.lines: list[str] = []
        self.taken: list[str] = []
        self.quotients: list[str] = []

    def take(self, bits: int) -> int:
        """Bits upwards."""
        part, self.up = self.up[:bits], self.up[bits:]
        self.taken.append(part)
        return int(part or "0", 2)

    def quotient(self) -> int:
        """Zeros and a one downwards."""
        zeros = self.down.index("1")
        self.quotients.append(self.down[: zeros + 1])
        self.down = self.down[zeros + 1 :]
        return zeros


def _steps(trace: _Trace) -> list[tuple[int, ...]]:
    samples = [tuple(_SAMPLES[0])]
    lasts: list[list[int]] = [[], []]
    for number in range(1, len(_SAMPLES)):
        step: list[int] = []
        before = 0
        for channel, choice in enumerate(_CHOICES):
            q = trace.quotient()
            low = trace.take(32 if q == 24 else choice.shift)
            u = low if q == 24 else (q << choice.shift) | low
            r = (u >> 1) ^ -(u & 1)
            guess = _guess(TABLES[0][choice.predictor], lasts[channel])
            y = _signed(r + guess)
            lasts[channel] = [y, *lasts[channel][:3]] if lasts[channel] else [y] * 4
            mix = (choice.gain * before + 4) >> 3 if channel else 0
            before = y + mix
            step.append(samples[-1][channel] + before)
            trace.lines.append(
                f"| {number} | {channel} | {q} | {low} | {u} | {r} | {guess} | {y} | {mix} | {before} "
                f"| {step[-1]} |"
            )
        samples.append(tuple(step))
    return samples


def block_example() -> str:
    """Markdown: the body's bits, what each is, and the way from them to the samples."""
    head, body = encode_block(_SAMPLES, _SHAPE, _CHOICES, stream_id=_STREAM)
    trace = _Trace(body)
    names = ["a", "k", "a", "k", "g", "x[0]", "x[0]"]
    params = [trace.take(bits) for bits in (5, 5, 5, 5, 6, 12, 12)]
    upward = [
        f"{text}  {name} = {value}" for text, name, value in zip(trace.taken, names, params, strict=True)
    ]
    samples = _steps(trace)
    assert samples == decode_block(head, body, _SHAPE) == list(_SAMPLES)
    remainders = " ".join(part for part in trace.taken[len(names) :])
    bits = "\n".join(" ".join(f"{byte:08b}" for byte in body[at : at + 8]) for at in range(0, len(body), 8))
    table = "\n".join(trace.lines)
    return f"""Stream {_STREAM} has two channels of 12 bits, unsigned. The head is {head:#06x}:
{len(_SAMPLES)} steps (bits 0-9), not raw, stream {_STREAM} (bits 11-13), table 0. The body has
{len(body)} bytes, `{body.hex(" ").upper()}`; as bits:

```text
{bits}
```

Upwards come the parameters of channel 0, those of channel 1, and the first sample of each:

```text
{chr(10).join(upward)}
```

then the remainders, `{remainders}`. Downwards, from the last bit on, come the quotients, each
zeros and a one: `{" ".join(trace.quotients)}`. Between the two lie
{_gap(body, trace)} zero bits. Predictor 2 of table 0 is {TABLES[0][2]}, predictor 1 is {TABLES[0][1]}.
By step and channel:

| i | channel | q | remainder | u | r | guess | y | mix | d | x |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{table}

The guess is `(a1*y[i-1] + a2*y[i-2] + a3*y[i-3] + a4*y[i-4] + 8) >> 4`, zero in step 1, and before step 1
every y is y[1]; the mix is `(g*D + 4) >> 3` with D the d of channel 0 in the same step. A quotient of 24 is
the escape.
"""


def _gap(body: bytes, trace: _Trace) -> int:
    used = sum(map(len, trace.taken)) + sum(map(len, trace.quotients))
    return 8 * len(body) - used
