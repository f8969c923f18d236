"""The linker: a joined program does what its modules did, and has of them only what it needs."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandsim.micropython import find_micropython
from linker import LinkError, link
from linker.native import NAMES_MAX

MAIN = "main.py"


def output(folder: Path, sources: dict[str, str]) -> str:
    """What MicroPython prints that runs `main.py` of these sources."""
    for path, text in sources.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    done = subprocess.run(
        [find_micropython(), MAIN], cwd=folder, capture_output=True, text=True, timeout=30, check=False,
        env={"MICROPYPATH": ":.frozen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def joined_and_run(tmp_path: Path, sources: dict[str, str]) -> str:
    """The joined module's text, once it prints what the sources print."""
    linked = link(sources, ["main"])
    assert output(tmp_path / "joined", linked.sources) == output(tmp_path / "apart", sources) != ""
    return linked.sources["linked.py"]


def test_names_that_two_modules_share_stay_apart(tmp_path: Path) -> None:
    part = "def value():\n    return _help()\ndef _help():\n    return LIST\nLIST = ['{name}']\n"
    sources = {f"{name}.py": part.format(name=name) for name in "ab"}
    main = "import a\nimport b\nfrom a import value as first\nprint(a.value(), b.value(), first(), b.LIST)\n"
    text = joined_and_run(tmp_path, sources | {MAIN: main})
    assert text.count("def value") == 2


def test_a_local_name_hides_the_modules_as_before(tmp_path: Path) -> None:
    part = (
        "LIMIT = 3\nitems = [9]\n"
        "def f(LIMIT):\n    return LIMIT\n"
        "def g():\n    LIMIT = 5\n    return [LIMIT for LIMIT in range(LIMIT)], LIMIT\n"
        "def h(items=items):\n    return (lambda items: items)(1), items\n"
        "class C:\n    LIMIT = 7\n    items = items\n    twice = LIMIT * 2\n"
        "    def get(self):\n        return LIMIT, self.LIMIT, items\n"
        "def k():\n    global items\n    items = [4]\n    return items\n"
    )
    main = "from a import f, g, h, C, k\nprint(f(1), g(), h(), C().get(), C.twice, k(), C().get())\n"
    joined_and_run(tmp_path, {"a.py": part, MAIN: main})


def test_whole_numbers_stand_in_the_code_and_nothing_else_is_folded(tmp_path: Path) -> None:
    part = (
        "from micropython import const\nA = const(3)\n_B = A << 2 | 1\nC = -_B\nD = 1.5\nE = 'text'\n"
        "F = len(E)\nN = 0\ndef count():\n    global N\n    N += 1\n    return N\n"
        "def all_of():\n    return A, _B, C, D, E, F\n"
    )
    text = joined_and_run(
        tmp_path,
        {"a.py": part, MAIN: "from a import all_of, count, A\nprint(all_of(), count(), A)\n"},
    )
    assert "return (3, 13, -13, 1.5, E, F)" in text
    assert not {"A = ", "_B = ", "C = "} & {line[:4] for line in text.splitlines()}


def test_what_no_code_names_is_left_out(tmp_path: Path) -> None:
    part = (
        "def used():\n    return Kept().run()\ndef unused():\n    return only_for_unused()\n"
        "def only_for_unused():\n    return TABLE\nTABLE = (1, 2)\n"
        "class Kept:\n    def __init__(self):\n        self.at = 1\n    def run(self):\n"
        "        return self.at\n    def idle(self):\n        return 0\n"
        "    @property\n    def spare(self):\n        return 1\n"
    )
    text = joined_and_run(tmp_path, {"a.py": part, MAIN: "from a import used\nprint(used())\n"})
    assert not [name for name in ("unused", "TABLE", "idle", "spare") if name in text]
    assert "def __init__" in text


def test_a_literal_that_one_place_reads_goes_there_and_no_other(tmp_path: Path) -> None:
    part = (
        "ONCE = (b'ab', -2, ('c',))\nTWICE = 'de'\nHIDDEN = 'gh'\nEARLY = 'ij'\nBUILT = [1]\nASKED = 'kl'\n"
        "AT_START = EARLY + 'm'\ndef get():\n    return ONCE, TWICE, BUILT, AT_START\n"
        "def more(HIDDEN):\n    return TWICE, HIDDEN\ndef last():\n    return ASKED\n"
    )
    main = "from a import ASKED, get, last, more\nprint(get(), more(1), last(), ASKED)\n"
    text = joined_and_run(tmp_path, {"a.py": part, MAIN: main})
    kept = {line.split(" = ")[0] for line in text.splitlines() if " = " in line}
    assert kept >= {"TWICE", "EARLY", "BUILT", "AT_START", "ASKED"}
    assert "ONCE" not in kept
    assert "return ((b'ab', -2, ('c',)), TWICE, BUILT, AT_START)" in text


def test_bytes_of_known_numbers_are_made_by_the_linker(tmp_path: Path) -> None:
    part = (
        "from micropython import const\nA = const(7)\n"
        "def get(n):\n    return bytes((A, 0xFF)), bytes((n, 1))\n"
    )
    text = joined_and_run(tmp_path, {"a.py": part, MAIN: "from a import get\nprint(get(3))\n"})
    assert r"return (b'\x07\xff', bytes((n, 1)))" in text


def test_built_in_functions_are_names_of_the_module_but_those_that_it_hides(tmp_path: Path) -> None:
    part = (
        "def f(values, max):\n    return len(values), min(values), max\n"
        "def sum(values):\n    return 'own'\ndef g():\n    return sum([1])\n"
    )
    text = joined_and_run(tmp_path, {"a.py": part, MAIN: "from a import f, g\nprint(f([2, 3], 4), g())\n"})
    assert text.splitlines()[:2] == ["len = len", "min = min"]
    # A module that names its own function like a built-in does not lend it to another.
    other = "def total(values):\n    return sum(values)\n"
    main = "from a import f, g\nfrom b import total\nprint(f([2, 3], 4), g(), total([5, 6]))\n"
    assert "sum = sum" in joined_and_run(tmp_path, {"a.py": part, "b.py": other, MAIN: main})
    assert not {"max = max", "sum = sum"} & set(text.splitlines())


def test_modules_that_are_asked_for_by_object_or_late_stay_as_they_are(tmp_path: Path) -> None:
    sources = {
        "data.py": "VALUE = 4\n",
        "late.py": "from part import HELP, double\nfrom later import ONE\ndef get():\n"
        "    return double(HELP), ONE\n",
        "later.py": "ONE = [1]\n",
        "part.py": "HELP = 21\nNAMES = ['x']\ndef double(x):\n    return 2 * x\n",
        "other.py": "import part\nimport data\ndef read(module=data):\n    return module.VALUE, part.NAMES\n",
        "both.py": "TWO = [2]\n",
        MAIN: "from other import read\nfrom both import TWO\ndef run():\n    from late import get\n"
        "    from both import TWO as two\n    return get(), two\nprint(read(), run(), TWO)\n",
    }
    linked = link(sources, ["main"])
    assert set(linked.sources) == {"linked.py", "main.py", "data.py", "late.py", "later.py", "both.py"}
    joined_and_run(tmp_path, sources)


def test_the_side_of_micropython_is_taken_and_the_other_does_not_come_along(tmp_path: Path) -> None:
    sources = {
        "a.py": "import sys\nif sys.implementation.name == 'micropython':\n    from fast import f\nelse:\n"
        "    from plain import f\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    from none import Nothing\n",
        "fast.py": "import micropython\n@micropython.viper\ndef f(x: int) -> int:\n    return x + 1\n",
        "plain.py": "def f(x):\n    return x + 1\n",
        MAIN: "from a import f\nprint(f(3))\n",
    }
    text = joined_and_run(tmp_path, sources)
    assert "def f(x: int) -> int:" in text
    assert text.count("def f") == 1


def test_a_board_beside_another_keeps_the_names_that_it_takes_over(tmp_path: Path) -> None:
    sources = {
        "boards/__init__.py": "",
        "boards/one.py": "PIN = 4\nNAME = 'one'\n",
        "boards/two.py": "from boards.one import PIN\nNAME = 'two'\n",
        "a.py": "from array import array\ndef show(board):\n    return board.NAME, board.PIN, "
        "array('i', [1])\n",
        MAIN: "from a import show\ndef pick():\n    from boards import two as board\n    return board\n"
        "print(show(pick()))\n",
    }
    joined_and_run(tmp_path, sources)


def test_a_circle_and_a_name_in_the_way_are_refused_by_name() -> None:
    with pytest.raises(LinkError, match=r"circle: a -> b -> a"):
        link({"a.py": "from b import x\n", "b.py": "from a import y\n", MAIN: "from a import x\n"}, ["main"])
    sources = {"a.py": "def mark():\n    return 1\n", "b.py": "import a\ndef f(mark):\n    return a.mark()\n"}
    with pytest.raises(LinkError, match="becomes mark in the joined module, and a local name is called so"):
        link(sources | {MAIN: "from b import f\nprint(f(1))\n"}, ["main"])
    sources = {"a.py": "from x import thing\nA = [thing]\n", "b.py": "from y import thing\nB = [thing]\n"}
    with pytest.raises(
        LinkError, match="thing is 'from y import thing', and 'from x import thing' in another"
    ):
        link(sources | {MAIN: "import a\nimport b\nprint(a.A, b.B)\n"}, ["main"])
    with pytest.raises(LinkError, match="wanted the modules nowhere"):
        link({MAIN: ""}, ["nowhere"])
    with pytest.raises(LinkError, match="a has no name missing"):
        link(
            {"a.py": "", "b.py": "from a import missing\nX = [missing]\n", MAIN: "import b\nprint(b.X)\n"},
            ["main"],
        )


def test_a_line_of_the_joined_module_tells_where_it_comes_from(tmp_path: Path) -> None:
    part = "LIMIT = 3\n\n\ndef first():\n    return LIMIT\n\n\ndef second():\n    return first() // 0\n"
    linked = link(
        {"pack/a.py": part, "pack/__init__.py": "", MAIN: "from pack.a import second\nsecond()\n"}, ["main"]
    )
    lines = linked.sources["linked.py"].splitlines()
    at = next(index for index, line in enumerate(lines, 1) if "// 0" in line)
    assert linked.origin(at) == "pack/a.py:8"


EXPRESSIONS = st.recursive(
    st.integers(0, 2**20).map(str) | st.sampled_from(["A", "B"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "|", "&", "^"]), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ) | inner.map(lambda value: f"(-{value})") | inner.map(lambda value: f"(~{value})"),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200)
@given(st.integers(-(2**20), 2**20), EXPRESSIONS)
def test_a_folded_expression_has_the_value_that_it_had(value: int, expression: str) -> None:
    part = f"A = {value}\nB = A * 3\nC = {expression}\ndef get():\n    return C\n"
    linked = link({"a.py": part, MAIN: "from a import get\nget()\n"}, ["main"])
    expected: dict[str, int] = {}
    exec(part, expected)
    joined: dict[str, object] = {}
    exec(linked.sources["linked.py"], joined)
    get = joined["get"]
    assert callable(get)
    assert get() == expected["C"]
    assert "C =" not in linked.sources["linked.py"]


def test_names_that_native_code_takes_come_before_all_others(tmp_path: Path) -> None:
    part = (
        "import micropython\nLIMIT = [3]\n"
        "def f(self):\n    return self.plain\n"
        "class C:\n    value = 4\n"
        "    @micropython.native\n    def g(self, count):\n        kept = len(LIMIT)\n"
        "        return self.value + kept + count\n"
    )
    text = joined_and_run(tmp_path, {"a.py": part, MAIN: "from a import C\nprint(C().g(2))\n"})
    assert text.splitlines()[:2] == ["if not __name__:", "    __name__.LIMIT.len.value"]


def test_more_names_than_native_code_reaches_are_refused_with_their_count() -> None:
    def sources(names: int) -> dict[str, str]:
        taken = "".join(f"        self.a{number} = count\n" for number in range(names))
        part = f"import micropython\nclass C:\n    @micropython.native\n    def g(self, count):\n{taken}"
        return {"a.py": part, MAIN: "from a import C\nprint(C().g)\n"}

    link(sources(NAMES_MAX), ["main"])
    with pytest.raises(LinkError, match=f"native code takes {NAMES_MAX + 1} names, .*reaches {NAMES_MAX}"):
        link(sources(NAMES_MAX + 1), ["main"])


def test_tuples_of_texts_are_one_object_except_for_native_code(tmp_path: Path) -> None:
    part = (
        "import micropython\nKEPT = ('k', 'l')\n"
        "def f(other=('d', 'e')):\n"
        "    return ('a', 'b'), (('c', 'a'), ('a', 'b')), ('a', ('a', 'b'), 1), other\n"
        "@micropython.native\ndef g():\n    return ('n', 'm'), ('a', 'b'), KEPT, KEPT\n"
        "class C:\n    def h(self):\n        return ('a', 'b')\n"
    )
    main = "from a import f, g, C\nprint(f(), g(), C().h())\n"
    text = joined_and_run(tmp_path, {"a.py": part, MAIN: main})
    assert "_POOLED_TEXTS = (('a', 'b'), (('c', 'a'), ('a', 'b')),)" in text
    assert "return (_POOLED_TEXTS[0], _POOLED_TEXTS[1], ('a', ('a', 'b'), 1), other)" in text
    assert "return (('n', 'm'), ('a', 'b'), KEPT, KEPT)" in text
    assert "return _POOLED_TEXTS[0]" in text
