"""An installation on the emulated board, by the real mpremote: whole at the end, or what was there before."""

import socket
import time
from dataclasses import replace
from hashlib import sha256

import pytest

from bandsim.dev_board import DevBoard
from flash.boards import small_release
from m4.tool_chain import need_image
from vitalband.errors import DeviceError, InstallError, LocalError, TransportError
from vitalband.flash.board import Board
from vitalband.flash.install import install, make_plan, read_back, starter
from vitalband.flash.installed import compare_files
from vitalband.flash.probe import Way, probe, refusals

HANG_LIMIT_S = 60.0
"""Wall-clock end of a wait that hangs; no claim rests on it."""

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module", autouse=True)
def _image():
    need_image("dev")


@pytest.fixture
def emulated():
    board = DevBoard()
    board.start()
    yield board
    board.close()


def no_progress(_what, _done, _of):
    """Nobody watches."""


def install_on(emulated, release, progress=no_progress):
    """Install as the command does, reset left out; gives the plan."""
    with Board(emulated.prompt_url) as board:
        facts = probe(board)
        assert refusals(facts, release) == []
        plan = make_plan(board, facts, release)
        install(board, plan, progress)
        return plan


def plan_on(emulated, release):
    with Board(emulated.prompt_url) as board:
        return make_plan(board, probe(board), release)


def what_runs(emulated):
    """What the board says from a loss of power to its prompt."""
    emulated.stop()
    emulated.start()
    host, _, port = emulated.prompt_url.removeprefix("socket://").rpartition(":")
    end = time.monotonic() + HANG_LIMIT_S
    said = b""
    with socket.create_connection((host, int(port)), timeout=HANG_LIMIT_S) as prompt:
        # What it said before this host came is lost: a soft reset says it again.
        prompt.sendall(b"\r\x03\x04")
        while said.count(b">>> ") < 2 or not said.endswith(b">>> "):
            assert time.monotonic() < end, said
            said += prompt.recv(4096)
    return said.decode()


class CutError(Exception):
    """The cable, pulled."""


@pytest.mark.parametrize("has_rom", [False, True])
def test_a_cut_in_the_copy_leaves_nothing_that_claims_to_be_the_new_one_and_flashing_again_mends_it(
    emulated, tmp_path, has_rom, monkeypatch
):
    old = small_release(tmp_path / "old", "old", has_rom=has_rom)
    plan = install_on(emulated, old)
    assert (plan.way, len(plan.unfit)) == (Way.ROMFS if has_rom else Way.FILES, 3)
    assert plan_on(emulated, old).is_whole
    new = small_release(tmp_path / "new", "new", has_rom=has_rom)

    write_file, run_code = Board.write, Board.restart_prompt
    written = []

    def write(board, path, content):
        written.append(path)
        if len(written) == 2:
            # Half of this file, and then no power.
            write_file(board, path, content[: len(content) // 2])
            emulated.stop()
            raise CutError
        write_file(board, path, content)

    def lose_power_before_it_is_mounted(board):
        emulated.stop()
        emulated.flash.write_rom(emulated.flash.read_rom()[:60])
        raise CutError

    with Board(emulated.prompt_url) as board:
        plan = make_plan(board, probe(board), new)
        monkeypatch.setattr(Board, "write", write)
        if has_rom:
            monkeypatch.setattr(Board, "restart_prompt", lose_power_before_it_is_mounted)
        with pytest.raises(CutError):
            install(board, plan, no_progress)
        board.close()
    monkeypatch.setattr(Board, "write", write_file)
    monkeypatch.setattr(Board, "restart_prompt", run_code)

    said = what_runs(emulated)
    assert "firmware new" not in said
    # From files the old one still runs; a ROM file system has room for one, so there is only the prompt.
    assert ("firmware old runs on virtual" in said) is not has_rom
    assert not plan_on(emulated, new).is_whole
    assert install_on(emulated, new).unfit
    assert "firmware new runs on virtual" in what_runs(emulated)
    again = plan_on(emulated, new)
    assert again.is_whole
    assert again.stale == ()


def test_what_is_left_of_other_releases_is_removed_and_what_is_not_of_the_firmware_is_kept(
    emulated, tmp_path
):
    install_on(emulated, small_release(tmp_path / "old", "old"))
    new = small_release(tmp_path / "new", "new")
    with Board(emulated.prompt_url) as board:
        plan = make_plan(board, probe(board), new)
        assert plan.keeps_old
        board.make_folder(plan.folder)
        for path in ("/state.0", "/boot.py", "/main.new", f"{plan.folder}/other.mpy"):
            board.write(path, b"# of before\n")
        install(board, make_plan(board, probe(board), new), no_progress)
        there = {path for path, size in board.sizes("").items() if size is not None}
    assert there == {"/boot.py", "/main.py", "/state.0", *plan.wanted}


def fill(board, free_bytes):
    """Take room on the board until only about so much is left."""
    board.run(
        "import os\n"
        "with open('/wearer', 'wb') as file:\n"
        f"    for _ in range(os.statvfs('/')[3] - {free_bytes // 4096}):\n"
        "        file.write(bytes(4096))\n"
    )


def test_where_two_have_no_room_the_old_one_goes_first_and_without_room_for_one_all_stays(emulated, tmp_path):
    # Of blocks of 4 KB, a release takes three for the padding, three for its files, four for its folders.
    old, new, large = (
        small_release(tmp_path / text, text, padding_bytes=padding_bytes)
        for text, padding_bytes in (("old", 12_000), ("new", 12_000), ("large", 40_000))
    )
    install_on(emulated, old)
    with Board(emulated.prompt_url) as board:
        facts = probe(board)
        assert make_plan(board, facts, new).keeps_old
        fill(board, 6 * 4096)
        facts = probe(board)
        with pytest.raises(
            InstallError, match=r"wanted \d+ bytes free on the board, got \d+, and \d+ that old"
        ):
            make_plan(board, facts, large)
        assert make_plan(board, facts, old).is_whole
        plan = make_plan(board, facts, new)
        assert not plan.keeps_old
        install(board, plan, no_progress)
        assert make_plan(board, facts, new).is_whole


def test_a_file_that_is_not_what_was_written_is_named_and_nothing_starts_the_release(
    emulated, tmp_path, monkeypatch
):
    release = small_release(tmp_path)
    write_file = Board.write
    monkeypatch.setattr(Board, "write", lambda board, path, content: write_file(board, path, content[:-1]))
    with Board(emulated.prompt_url) as board:
        plan = make_plan(board, probe(board), release)
        with pytest.raises(
            InstallError, match=r"3 of 3 files are not what the release says, /firmware-\w+/main\.mpy"
        ):
            install(board, plan, no_progress)
        assert "/main.py" not in board.sizes("")
        with pytest.raises(InstallError, match="flash again"):
            read_back(board, plan, no_progress)


def test_another_board_and_a_missing_heap_are_refused_as_the_emulated_board_states_them(emulated, tmp_path):
    release = small_release(tmp_path)
    with Board(emulated.prompt_url) as board:
        facts = probe(board)
    assert facts.unique_id == b"EMULATED"
    assert refusals(facts, release) == []
    (reason,) = refusals(facts, replace(release, board="esp32s3", platform="esp32", machine="ESP32S3"))
    assert reason.startswith("wanted the board esp32s3 (esp32, ESP32S3), got cortex_m4, QEMU mps2-an386")
    (reason,) = refusals(facts, replace(release, heap_bytes=2 * facts.heap_bytes))
    assert reason.startswith("wanted a heap of ")


def test_code_that_fails_there_a_board_that_goes_and_a_port_without_one_are_told(emulated):
    with Board(emulated.prompt_url, timeout_s=2) as board:
        with pytest.raises(DeviceError, match=r"the board said: (.|\n)*ZeroDivisionError"):
            board.run("1 / 0")
        with pytest.raises(DeviceError, match=r"the board said: (.|\n)*OSError: \[Errno 2\] ENOENT"):
            board.write("/none/file", b"")
        emulated.stop()
        with pytest.raises(TransportError, match="it does not answer"):
            board.run("print(1)")
        board.close()
    with pytest.raises(LocalError, match="the board is not open"):
        board.run("print(1)")
    with pytest.raises(TransportError, match="cannot open it: "), Board("/dev/no-such-port"):
        pass


def test_a_listener_that_says_nothing_is_no_board_and_holds_nobody_up():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with (
            pytest.raises(TransportError, match="no prompt of MicroPython there"),
            Board(port, timeout_s=0.3),
        ):
            pass


def test_the_starter_runs_the_firmware_of_its_release_before_any_other(tmp_path):
    text = starter(small_release(tmp_path), "/firmware-1").decode()
    assert text.index('sys.path.insert(0, "/firmware-1")') < text.index("import main")
    assert text.endswith('main.run("virtual")\n')


def test_every_installed_file_is_compared_at_the_prompt_and_one_that_was_changed_is_named(emulated, tmp_path):
    release = small_release(tmp_path)
    plan = install_on(emulated, release)
    assert all(fact.matches for fact in compare_files(emulated.prompt_url, release))
    with Board(emulated.prompt_url) as board:
        board.write(f"{plan.folder}/main.mpy", b"other")
        board.remove([f"{plan.folder}/tasks/part.mpy"])
        board.write(f"{plan.folder}/left.mpy", b"left")
    found = {fact.name: fact.got for fact in compare_files(emulated.prompt_url, release) if not fact.matches}
    assert found == {
        f"{plan.folder}/main.mpy": sha256(b"other").hexdigest(),
        f"{plan.folder}/tasks/part.mpy": "missing",
        "files of other firmware": f"{plan.folder}/left.mpy",
    }
