"""A release is all of the firmware, compiled for the board, with digests; the same bytes each time."""

import shutil
import subprocess
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

import firmware_bundle
import firmware_image
from bandsim.micropython import find_micropython
from firmware_bundle import RELEASE_NAME, TARGETS, compile_file, romfs_image
from flash.manifests import manifest_files
from linker.pool import OBJECTS_MAX
from m4.tool_chain import need_mpy_cross
from micropython_source import BuildError
from vitalband.errors import LocalError
from vitalband.release import read_release

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware"
DIGEST_BY_A_BAND = (
    "import main; from binascii import hexlify; print(hexlify(main.firmware_digest()).decode())"
)


def compiled_tables(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A compiled file as MicroPython's own tool reads it: `qstr_table` and `obj_table`."""
    _, source = need_mpy_cross()
    monkeypatch.syspath_prepend(source / "py")
    spec = spec_from_file_location("mpy_tool", source / "tools" / "mpy-tool.py")
    assert spec is not None
    assert spec.loader is not None
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    # Its `main` sets these.
    tool.config.native_arch = tool.MP_NATIVE_ARCH_NONE
    vars(tool)["global_qstrs"] = tool.GlobalQStrList()
    return tool.read_mpy(str(path))


@pytest.mark.parametrize("board", sorted(TARGETS))
def test_a_release_has_the_joined_firmware_of_its_board_and_nothing_else(release_of, board):
    boards = (board, *TARGETS[board].boards)
    sources = release_of(board).folder / "frozen" / "modules"
    wanted = {path.relative_to(sources).as_posix() for path in sources.rglob("*.py")}
    assert {"main.py", "linked.py", "build_info.py"} < wanted
    assert {f"boards/{name}.py" for name in boards} == {
        path for path in wanted if path.startswith("boards/") and not path.endswith("__init__.py")
    }
    assert {file.path.removesuffix(".mpy") + ".py" for file in release_of(board).files} == wanted
    lying = {path.relative_to(release_of(board).folder / "files").as_posix()
             for path in (release_of(board).folder / "files").rglob("*.mpy")}  # fmt: skip
    assert lying == {file.path for file in release_of(board).files}


@pytest.mark.parametrize("architecture", sorted({target.architecture for target in TARGETS.values()}))
def test_every_python_file_of_the_firmware_compiles_for_every_board(architecture):
    compiler, _ = need_mpy_cross()
    files = [path for path in FIRMWARE.rglob("*.py") if "manifest" not in path.name]
    files += (ROOT / "protocol" / "bandwire").rglob("*.py")
    assert len(files) > 130
    for path in files:
        assert compile_file(compiler, architecture, path, path.name)[0] == ord("M")


@pytest.mark.parametrize("board", sorted(TARGETS))
def test_the_kernels_are_native_code_of_the_boards_core(release_of, board):
    release = release_of(board)
    (compiled,) = (release.content(file) for file in release.files if file.path == "linked.mpy")
    # Numbers of py/persistentcode.h.
    assert compiled[2] >> 2 == {"armv7emsp": 7, "xtensawin": 10}[TARGETS[board].architecture]
    assert (release.mpy.version, release.mpy.sub_version) == (6, 3)


@pytest.mark.parametrize("board", sorted(TARGETS))
def test_native_code_reaches_its_names_and_its_table_of_functions(release_of, board, monkeypatch):
    """Xtensa's instructions reach 256 of each; a name behind them is another name, without a word.

    Each name counts once that a native or viper function takes, and each constant object of the whole joined
    module: the table of functions comes after those of the bytecode.
    """
    tables = compiled_tables(release_of(board).folder / "files" / "linked.mpy", monkeypatch)
    linked = (release_of(board).folder / "frozen" / "modules" / "linked.py").read_text("utf-8")
    names = [string.str for string in tables.qstr_table]
    taken = linked.splitlines()[1].strip().removeprefix("__name__.").split(".")
    assert len(taken) > 200
    assert names[2 : len(taken) + 2] == taken
    assert len(taken) + 2 <= 256, "native code takes too many names: see NAMES_MAX of tools/linker/native.py"
    kinds = [type(thing).__name__ for thing in tables.obj_table]
    assert kinds.index("MPFunTable") < OBJECTS_MAX, "too many constant objects: see tools/linker/pool.py"


def test_a_release_for_a_board_whose_ram_has_the_native_code_asks_for_that_too(release_of, monkeypatch):
    """On the virtual board it is in flash, and tests/m4/test_live_board.py has the heap without it."""

    def native_bytes(code):
        own_bytes = len(code.fun_data) if type(code).__name__ == "RawCodeNative" else 0
        return own_bytes + sum(map(native_bytes, code.children))

    tables = compiled_tables(release_of("esp32s3").folder / "files" / "linked.mpy", monkeypatch)
    wanted = release_of("virtual").heap_bytes + native_bytes(tables.raw_code)
    assert native_bytes(tables.raw_code) > 50_000
    assert 0 <= release_of("esp32s3").heap_bytes - wanted < 16 * 1024


def test_more_constant_objects_than_native_code_reaches_fail_the_build_with_the_limit(tmp_path):
    compiler, _ = need_mpy_cross()
    source = tmp_path / "many.py"

    def compile_with(objects: int) -> bytes:
        values = "".join(f"    b'{number}'\n" for number in range(objects))
        native = "import micropython\n@micropython.native\ndef g(a):\n    return a.b\n"
        source.write_text(f"{native}def f(a):\n    a = (\n{values.replace(chr(10), ',' + chr(10))}    a)\n")
        return compile_file(compiler, "xtensawin", source, "many.py")

    assert compile_with(OBJECTS_MAX - 1)[0] == ord("M")
    with pytest.raises(BuildError, match=rf"asm overflow \(more than {OBJECTS_MAX} constant objects"):
        compile_with(OBJECTS_MAX)


def test_a_file_that_does_not_compile_fails_the_build_by_its_name(tmp_path):
    compiler, _ = need_mpy_cross()
    (tmp_path / "broken.py").write_text("def f(:\n")
    with pytest.raises(BuildError, match=r"tasks/broken\.py for xtensawin: (.|\n)*SyntaxError"):
        compile_file(compiler, "xtensawin", tmp_path / "broken.py", "tasks/broken.py")


def test_the_command_says_what_it_made_and_the_same_files_give_the_same_bytes(
    release_of, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr("sys.argv", ["firmware_bundle", "--board", "esp32s3", "--output", str(tmp_path)])
    assert firmware_bundle.main() == 0
    first = release_of("esp32s3")
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path}/esp32s3-dev/release.json: firmware ")
    assert first.firmware_digest[:16] in said
    for path in first.folder.rglob("*.*"):
        again = tmp_path / "esp32s3-dev" / path.relative_to(first.folder)
        assert again.read_bytes() == path.read_bytes(), path


def test_what_is_read_back_is_what_was_written(release_of):
    for release in map(release_of, TARGETS):
        assert read_release(release.folder / RELEASE_NAME) == release


def test_the_listed_digests_and_sizes_are_those_of_the_files(release_of):
    release = release_of("nrf52840")
    assert release.romfs is not None
    for file in (*release.files, release.romfs):
        content = release.content(file)
        assert (len(content), sha256(content).hexdigest()) == (file.size_bytes, file.sha256)


def test_a_file_that_was_changed_since_is_refused(release_of, tmp_path):
    shutil.copytree(release_of("esp32s3").folder, tmp_path / "bundle")
    release = read_release(tmp_path / "bundle" / RELEASE_NAME)
    (changed,) = (file for file in release.files if file.path == "main.mpy")
    (release.folder / "files" / "main.mpy").write_bytes(b"other")
    with pytest.raises(LocalError, match=r"main\.mpy: wanted SHA-256 .*; make the bundle anew"):
        release.content(changed)


def test_the_digest_is_the_one_that_a_band_of_these_files_states(release_of):
    done = subprocess.run(
        [find_micropython(), "-c", DIGEST_BY_A_BAND],
        cwd=FIRMWARE,
        env={"MICROPYPATH": f":{ROOT / 'tests/flash/band_side'}:{ROOT / 'protocol'}:.frozen"},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == release_of("esp32s3").firmware_digest, done.stderr


def test_a_band_of_compiled_files_states_the_digest_of_their_sources(release_of):
    info = {}
    exec((release_of("esp32s3").folder / "frozen" / "modules" / "build_info.py").read_text(), info)
    assert info["FIRMWARE_DIGEST"].hex() == release_of("esp32s3").firmware_digest
    assert info["IMAGE_PROFILE"] == "dev"


def test_a_product_has_digests_and_no_files_to_install(release_of):
    product = release_of("nrf52840", "product")
    assert (product.files, product.romfs, product.profile) == ((), None, "product")
    assert product.firmware_digest == firmware_image.checkout_digest().hex()
    made = {path.relative_to(product.folder).as_posix() for path in product.folder.rglob("*.py")}
    assert {path.name for path in product.folder.iterdir()} == {RELEASE_NAME, "frozen"}
    assert {"frozen/manifest.py", "frozen/modules/main.py", "frozen/modules/linked.py"} < made
    assert "product" in (product.folder / "frozen" / "modules" / "build_info.py").read_text()


def test_the_rom_image_keeps_folders_and_files(tmp_path):
    image = romfs_image({"main.mpy": b"main", "tasks/link.mpy": b"link"})
    (tmp_path / "rom.img").write_bytes(image)
    code = (
        "import vfs\n"
        "vfs.mount(vfs.VfsRom(memoryview(open('rom.img', 'rb').read())), '/rom')\n"
        "print(open('/rom/main.mpy').read(), open('/rom/tasks/link.mpy').read())"
    )
    done = subprocess.run(
        [find_micropython(), "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout.split() == ["main", "link"], done.stderr


def test_the_manifest_of_a_release_freezes_its_files(release_of):
    _, source_dir = need_mpy_cross()
    release = release_of("esp32s3")
    frozen = manifest_files(release.folder / "frozen" / "manifest.py", source_dir, {})
    assert {path.removesuffix(".py") + ".mpy" for path in frozen} == {file.path for file in release.files}
    assert all(path.is_file() for path in frozen.values())
