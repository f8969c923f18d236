"""What tools/flash_objects writes is read by MicroPython as it was meant."""

from hypothesis import given
from hypothesis import strategies as st

from flash_objects.bytecode import _line_step, line_steps
from flash_objects.emit import hash_table


@given(st.dictionaries(st.text("abcdefgh_", min_size=1, max_size=8), st.integers(0, 0xFFFF), max_size=80))
def test_every_name_is_found_where_the_look_of_a_map_begins_or_after(hashes: dict[str, int]) -> None:
    table = hash_table(list(hashes), list(hashes.values()))
    assert table.count(None) >= 1 or not hashes
    assert sorted(name for name in table if name is not None) == sorted(hashes)
    for name, number in hashes.items():
        place = number % len(table)
        # py/map.c goes on to the next place until it finds the name; at an empty one it gives up.
        while table[place] != name:
            assert table[place] is not None
            place = (place + 1) % len(table)


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 5000)), max_size=20))
def test_lines_and_bytes_of_line_information_add_up(steps: list[tuple[int, int]]) -> None:
    written = b"".join(_line_step(count, lines) for count, lines in steps)
    read = line_steps(written)
    assert sum(count for count, _ in read) == sum(count for count, _ in steps)
    assert sum(lines for _, lines in read) == sum(lines for _, lines in steps)
