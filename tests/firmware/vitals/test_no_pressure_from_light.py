"""No mmHg is ever computed from light: by what sources may name, and by what a band gives for any light."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandwire.catalogue import INDEX_CUFF_AGE_S, INDEX_DIASTOLIC_MMHG, INDEX_SYSTOLIC_MMHG
from bandwire.frames import NO_VALUE
from firmware.vitals.signals import MOTION_PER_STEP, OPTICAL_PER_STEP, Host

ROOT = Path(__file__).resolve().parents[3]
PRESSURES = (INDEX_SYSTOLIC_MMHG, INDEX_DIASTOLIC_MMHG, INDEX_CUFF_AGE_S)
WORDS = ("mmhg", "systolic", "diastolic", "blood_pressure", "cuff")

MAY_NAME_PRESSURE = {
    "vitals/blood_pressure.py": "keeps the cuff's reading",
    "vitals/engine.py": "hands it on, and withholds it at the start",
    "tasks/requests.py": "takes it from the host",
    "display/reading_views.py": "shows it",
    "display/texts.py": "what the display calls it",
    "display/trend.py": "draws it",
    "standard_services/values.py": "lays it out as the Blood Pressure Service has it",
    "standard_services/registry.py": "says which service carries it",
    "standard_services/server.py": "serves it there, when the wearer has turned that on",
    "identity.py": "says that the band takes one",
}
"""The firmware's files that may speak of blood pressure, and why; no signal processing among them."""


def names_of(path: Path) -> set[str]:
    """Every name and attribute of a source, in lower case."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.alias)}
    names |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return {name.lower() for name in names}


def speakers(folder: Path) -> set[str]:
    """Files below a folder that name blood pressure."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if any(word in name for name in names_of(path) for word in WORDS)
    }


def test_only_what_carries_a_cuff_reading_names_blood_pressure() -> None:
    assert speakers(ROOT / "firmware") <= set(MAY_NAME_PRESSURE)
    assert speakers(ROOT / "sdk" / "vitalband" / "signal") == set()


def test_what_keeps_the_cuff_reading_sees_no_signal() -> None:
    tree = ast.parse((ROOT / "firmware" / "vitals" / "blood_pressure.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"bandwire.catalogue", "bandwire.frames"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


def test_only_it_writes_a_pressure_into_the_table() -> None:
    writers = set()
    for path in (ROOT / "firmware").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_write = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_write and node.func.attr in ("set", "doubt", "_put") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Name) and any(word in first.id.lower() for word in WORDS):
                    writers.add(path.name)
    assert writers == {"blood_pressure.py"}


@settings(max_examples=15)
@given(
    st.integers(0, 2**32 - 1), st.floats(0, 250_000), st.floats(0, 10_000), st.floats(0.5, 4.0),
    st.one_of(st.none(), st.tuples(st.integers(90, 200), st.integers(40, 80))),
)  # fmt: skip
def test_whatever_the_light_the_pressure_is_the_cuffs_or_none(seed, level, depth, rate_hz, cuff) -> None:
    random = np.random.default_rng(seed)
    host = Host()
    if cuff is not None:
        assert host.vitals.on_cuff_reading(*cuff, 60, 0)
    for step in range(10):
        time_s = (step * OPTICAL_PER_STEP + np.arange(OPTICAL_PER_STEP)) / 25
        wave = level + depth * np.sin(2 * np.pi * rate_hz * time_s) + random.normal(0, 20, OPTICAL_PER_STEP)
        light = np.repeat(np.clip(np.round(wave), 0, 262143).astype(np.int64)[:, None], 3, axis=1)
        host.step(light, np.tile([0, 0, 8192], (MOTION_PER_STEP, 1)))
        raws = [host.reading(index).raw for index in PRESSURES]
        assert raws == ([NO_VALUE] * 3 if cuff is None else [*cuff, 60 + host.now_s])


@pytest.mark.parametrize("index", PRESSURES[:2])
def test_a_band_that_was_told_nothing_has_no_pressure(index: int) -> None:
    host = Host()
    host.step(np.full((50, 3), 120_000), np.tile([0, 0, 8192], (52, 1)))
    assert host.reading(index).raw == NO_VALUE
