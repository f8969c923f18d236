"""Kernels: fast and plain agree on both interpreters, nothing leaves 32 bits, tables are their formulas."""

import ast
import os
import subprocess
import sys
from array import array
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dsp_tables
from bandsim.micropython import find_micropython
from dsp import spectrum_plain, tables
from firmware.dsp import kernel_cases

ROOT = Path(__file__).resolve().parents[3]
INT16 = st.integers(-32768, 32767)
PARTS = (
    "spectrum",
    "canceller",
    "tracker",
    "pulse",
    "respiration",
    "rings",
    "network",
    "block",
    "block_moves",
)


def test_fast_kernels_on_micropython_equal_the_plain_ones_here() -> None:
    done = subprocess.run(
        [find_micropython(), kernel_cases.__file__, "viper"],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT / 'protocol'}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name} {total}" for name, total in kernel_cases.all_cases("plain")]


class _Guard(ast.NodeTransformer):
    """Wraps every arithmetic result of a module in a check of its size."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("_guarded", ast.Load()), [node], [])

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        total = ast.Call(ast.Name("_guarded", ast.Load()), [ast.BinOp(target, node.op, node.value)], [])
        return ast.Assign([node.target], total)


def guarded(part: str) -> ModuleType:
    """A plain module whose arithmetic raises beyond 32 bits."""

    def check(value: int) -> int:
        if not -(1 << 31) <= value < 1 << 31:
            raise OverflowError(f"wanted 32 bits, got {value} in {part}")
        return value

    source = (ROOT / "firmware" / "dsp" / f"{part}_plain.py").read_text()
    tree = ast.fix_missing_locations(_Guard().visit(ast.parse(source)))
    module = ModuleType(f"dsp.{part}_guarded")
    module.__dict__["_guarded"] = check
    exec(compile(tree, part, "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("part", PARTS)
def test_no_intermediate_leaves_32_bits_at_any_extreme(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = guarded(part)
    monkeypatch.setattr(kernel_cases, "module_of", lambda name, kind: module)
    only = {"network": kernel_cases.network_cases}.get(part) or vars(kernel_cases)[_cases_name(part)]
    if part == "network":
        from dsp import fitted
        from dsp.heart_rate import _flat_taps

        cases = list(only(module, fitted, _flat_taps()))
    else:
        cases = list(only(module, tables))
    assert len(cases) >= len(kernel_cases.SHAPES)


def _cases_name(part: str) -> str:
    return {"rings": "ring_cases", "block_moves": "block_move_cases"}.get(part, f"{part}_cases")


def test_guard_notices_an_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    spectrum = guarded("spectrum")
    loud = array("i", [1 << 20] * 1024)
    with pytest.raises(OverflowError, match="wanted 32 bits"):
        spectrum.transform(10, 1, loud, array("i", loud), array("h", tables.QUARTER_SINE_Q13))


@given(
    samples=st.lists(st.tuples(INT16, INT16), min_size=1, max_size=128),
    bits=st.sampled_from([9, 10]),
)
def test_stages_that_would_add_zeros_are_left_out_without_a_trace(
    samples: list[tuple[int, int]], bits: int
) -> None:
    first, second = (array("h", column) for column in zip(*samples, strict=True))
    taper, quarter = array("h", tables.HANN_128_Q12), array("h", tables.QUARTER_SINE_Q13)
    seen = []
    for repeats in (1, 4):
        real, imaginary = array("i", bytes(4 << bits)), array("i", bytes(4 << bits))
        spectrum_plain.load_pair(first, second, len(samples), taper, real, imaginary, bits, repeats)
        halvings = spectrum_plain.transform(bits, repeats, real, imaginary, quarter)
        seen.append((halvings, real, imaginary))
    assert seen[0] == seen[1]


def test_tables_are_their_formulas() -> None:
    assert (ROOT / "firmware" / "dsp" / "tables.py").read_text() == dsp_tables.source_text()


def test_signed_loads_hold_at_the_ends_of_their_range() -> None:
    script = (
        "import micropython\\n"
        "from array import array\\n"
        "@micropython.viper\\n"
        "def load(p: ptr32) -> int:\\n"
        "    return ((int(p[0]) & 0x3FFFFFFF) ^ 0x20000000) - 0x20000000\\n"
        "@micropython.viper\\n"
        "def load16(p: ptr16) -> int:\\n"
        "    return (int(p[0]) ^ 0x8000) - 0x8000\\n"
        "for v in (-1, 0, 1, -(1 << 29), (1 << 29) - 1): assert load(array('i', [v])) == v, v\\n"
        "for v in (-1, 0, -32768, 32767): assert load16(array('h', [v])) == v, v\\n"
        "print('ok')\\n"
    ).replace("\\n", "\n")
    done = subprocess.run(
        [find_micropython(), "-c", script], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout == "ok\n", done.stderr
    assert sys.maxsize > 1 << 31
