"""A host that was written from docs/protocol.md alone is paired with a band, and known by it again."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

from bandwire.frames import HOST_RIGHT_OWNER, KIND_EVENT
from bandwire.serial import SerialCarrier
from languages.programs import run
from languages.test_independent import DOCUMENT, MAIN
from link.pairs import BAND_ID, BOOT_ID
from link.secured import SecurePair

_TIMEOUT_S = 60


def serve(pair: SecurePair, listener: socket.socket) -> None:
    """Be the band on the line until the host has ended."""
    carrier = SerialCarrier(pair.band, 244)
    line, _ = listener.accept()
    line.settimeout(_TIMEOUT_S)
    with line:
        while data := line.recv(4096):
            carrier.receive(data, len(data), pair.now_ms)
            while carrier.next_event(pair.now_ms) is not None:
                pass
            while pair.band.poll(pair.now_ms) == pair.now_ms:
                pass
            if pair.wearer.page and pair.wearer.page[0] == "button":
                pair.append(b"a reading", KIND_EVENT)
                pair.band.accept_pairing(pair.now_ms)
                assert carrier.next_event(pair.now_ms) is not None
            while count := carrier.fill(pair.now_ms):
                line.sendall(bytes(carrier.output[carrier.output_start : carrier.output_start + count]))
                carrier.sent(count)


def test_a_host_by_the_text_alone_is_paired_and_comes_back() -> None:
    pair = SecurePair(is_clear_allowed=False)
    pair.window.open(0)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as band:
        listener.settimeout(_TIMEOUT_S)
        served = band.submit(serve, pair, listener)
        port = str(listener.getsockname()[1])
        told = json.loads(run("node", MAIN, DOCUMENT, "pair", port, package="nodejs"))
        served.result(_TIMEOUT_S)
    assert told["code"] == pair.wearer.shown[0][1]
    assert pair.wearer.shown[0][2] == "another host"
    assert pair.keys.kept == [(bytes.fromhex(told["key"]), "another host")]
    who = BAND_ID + bytes([HOST_RIGHT_OWNER]) + BOOT_ID.to_bytes(2, "little")
    finder_key = pair.keys.finder_key
    assert bytes.fromhex(told["paired"]) == who + bytes(3) + finder_key
    assert bytes.fromhex(told["resumed"]) == who + (1).to_bytes(3, "little") + finder_key
    assert told["live"] == [frame.hex() for frame in pair.appended]
    assert told["replies"] == [9, 9]
    assert told.keys() <= {"steps", "code", "key", "paired", "resumed", "live", "replies"}
    assert sum(pair.band.bad_counts) == 0


def test_the_session_of_the_text_comes_out_of_another_implementation() -> None:
    section = DOCUMENT.read_text("utf-8").split("### A secure session\n")[1]
    block = section.split("```text\n")[1].split("```")[0]
    values: list[str] = []
    for line in block.splitlines():
        if line.startswith("  "):
            values[-1] += line.strip().lower()
        else:
            values.append("")
    found = json.loads(run("node", MAIN, DOCUMENT, "session", package="nodejs", given="\n".join(values)))
    first, again = values[5], values[10]
    assert found["made"] == [first, *values[7:10], again]
    who = BAND_ID + bytes([HOST_RIGHT_OWNER, 7, 0, 0, 0, 0])
    assert bytes.fromhex(found["told"]) == who + b"a key to find it"
    assert found["token"] == values[13]
    assert found["isOpened"]
