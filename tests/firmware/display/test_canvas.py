"""Glyphs, numbers, and the same pixels in both runtimes."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import display
from bandschema.readings import READINGS
from bandsim.micropython import find_micropython
from display import glyphs, texts
from display.canvas import Canvas, _find, text_width
from display.numbers import age_text, date_text, number_text

FIRMWARE = Path(display.__file__).parent.parent
ROOT = FIRMWARE.parent

DRAWING = """
from display.canvas import Canvas
from binascii import hexlify
canvas = Canvas()
def show():
    print(hexlify(canvas.buffer).decode())
    canvas.clear()
canvas.text(0, 0, "心率 Heart gyj|@")
canvas.text_right(128, 16, b"\\xe8\\xa1\\x80 O2")
canvas.bar(32, ("按键同意", "Press: yes"))
show()
canvas.large(0, 0, "0123.5/")
canvas.medium(3, 33, "678-9.4/")
show()
canvas.state_word(-5, 9, "快速眼动")
canvas.dots(63)
show()
for x, y in ((0, 0), (40, 63), (127, 20), (127, 63), (60, 5)):
    canvas.line(64, 32, x, y)
canvas.paragraph(16, "long lines of text are broken 血氧 at the edge")
canvas.text(100, 60, "cut off")
canvas.text(-20, -9, "cut")
show()
"""


def strings(value):
    if isinstance(value, str):
        return [value]
    return [text for item in value for text in strings(item)] if isinstance(value, tuple) else []


def test_cpython_and_the_band_draw_the_same_pixels(capsys):
    exec(compile(DRAWING, "drawing", "exec"), {})
    here = capsys.readouterr().out
    path = f"{FIRMWARE}:{ROOT / 'protocol'}:.frozen"
    there = subprocess.run(
        [find_micropython(), "-c", DRAWING],
        env={"MICROPYPATH": path}, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert here.splitlines() == there.stdout.splitlines()
    assert len(set(here.splitlines())) == 4


def test_every_character_of_every_text_has_a_glyph():
    words = [text for name in vars(texts) if name.isupper() for text in strings(getattr(texts, name))]
    words += [spec.name_zh for spec in READINGS] + [spec.name_en for spec in READINGS]
    missing = {c for word in words for c in word if ord(c) > 0x7E and _find(glyphs.CODE_POINTS, ord(c)) < 0}
    assert not missing


@given(text=st.text(max_size=20))
def test_text_takes_the_width_it_says(text):
    canvas = Canvas()
    start = -text_width(text)
    assert canvas.text(start, 0, text) in (0, 1)


@given(data=st.binary(max_size=60))
def test_any_bytes_can_be_drawn(data):
    canvas = Canvas()
    canvas.text(0, 0, data)
    canvas.paragraph(16, data)


@pytest.mark.parametrize(("character", "same"), [("□", True), ("夜", True), ("é", True), ("心", False)])
def test_a_character_without_a_glyph_is_a_box(character, same):
    shown, box = Canvas(), Canvas()
    shown.text(0, 0, character)
    box.text(0, 0, "□")
    assert (shown.buffer == box.buffer) is same


@given(raw=st.integers(-(10**9), 10**9), decimals=st.integers(0, 2))
def test_a_number_reads_as_raw_over_its_denominator(raw, decimals):
    assert number_text(raw, 10**decimals) == f"{raw / 10**decimals:.{decimals}f}"


@given(unix_s=st.integers(1, 2**32 - 1))
def test_a_date_is_the_calendars(unix_s):
    assert date_text(unix_s) == datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d")


@pytest.mark.parametrize(
    ("age_s", "text"),
    [
        (0, "0 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (35_999, "9 h 59 min"),
        (36_000, "10 h"),
        (86_400, "24 h"),
        (31_536_000, "8760 h"),
    ],
)
def test_an_age_is_given_as_exactly_as_it_matters(age_s, text):
    assert age_text(age_s) == text
