"""What of a release lies on a board, read by its prompt: MicroPython is believed, the firmware not."""

from hashlib import sha256

from vitalband.flash.board import Board
from vitalband.flash.install import STARTER, make_plan, starter
from vitalband.flash.probe import is_in_image, probe
from vitalband.release import Comparison, Release


def compare_files(port: str, release: Release) -> tuple[Comparison, ...]:
    """SHA-256 of every installed file beside the release, and of the file that starts them.

    Files that other firmware has left, which could be started in their place, are told as one fact. Of a
    firmware that is part of the board's image there are no files: the digest that it was built with is
    compared. The prompt stops the firmware; it starts anew at the end.
    """
    with Board(port) as board:
        facts = probe(board)
        if is_in_image(facts, release):
            return (Comparison("firmware in the image", release.firmware_digest, facts.frozen_digest.hex()),)
        plan = make_plan(board, facts, release)
        start_path = f"{plan.root}/{STARTER}"
        wanted = plan.wanted | {start_path: sha256(starter(release, plan.folder)).hexdigest()}
        found = board.digests(wanted)
    files = tuple(Comparison(path, digest, found[path] or "missing") for path, digest in wanted.items())
    return (*files, Comparison("files of other firmware", "none", ", ".join(plan.stale) or "none"))
