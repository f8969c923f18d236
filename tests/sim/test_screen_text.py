"""What the firmware draws can be read again off the pixels, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandsim.screen_text import shown_number, shows_text
from display.canvas import HEIGHT, WIDTH, Canvas, number_width, text_width

pytestmark = pytest.mark.one_lane(reason="the firmware's canvas draws, no band runs")

TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=14)


def pixels_of(canvas: Canvas) -> np.ndarray:
    raw = np.frombuffer(canvas.buffer, dtype=np.uint8).reshape(HEIGHT // 8, 1, WIDTH)
    return np.unpackbits(raw, axis=1, bitorder="little").reshape(HEIGHT, WIDTH).astype(bool)


@settings(max_examples=40)
@given(code=st.text("0123456789", min_size=6, max_size=6), y=st.integers(0, 34))
def test_six_digits_are_read_wherever_they_stand(code, y):
    canvas = Canvas()
    canvas.large((WIDTH - number_width(code, True)) // 2, y, code)
    assert shown_number(pixels_of(canvas), 6) == code
    assert shown_number(pixels_of(canvas), 7) is None


@pytest.mark.parametrize("number", ["12345", "12 345", "1234.5", ""])
def test_fewer_digits_in_a_row_are_no_number_of_six(number):
    canvas = Canvas()
    x = 0
    for part in number.split(" "):
        x = canvas.large(x, 17, part) + 5
    canvas.bar(48, ("按键拒绝", "Press: no"))
    assert shown_number(pixels_of(canvas), 6) is None


@given(text=TEXT, is_bar=st.booleans())
def test_a_line_of_text_is_seen_lit_or_dark_and_another_is_not(text, is_bar):
    if text_width(text) > WIDTH - 2:
        return
    canvas = Canvas()
    if is_bar:
        canvas.bar(0, ("", text))
    else:
        canvas.text_center(26, text)
    pixels = pixels_of(canvas)
    assert shows_text(pixels, text)
    other = chr(0x21 + (ord(text[0]) - 0x21 + 1) % 94) + text[1:]
    assert not shows_text(pixels, other)


def test_an_empty_display_says_nothing():
    assert not shows_text(np.zeros((HEIGHT, WIDTH), dtype=bool), "Hosts")
    assert shown_number(np.zeros((HEIGHT, WIDTH), dtype=bool), 6) is None
