"""Having a band wiped from a host: its receipt in words, the press at the band, and a wearer who refuses."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bandschema.enums import Result
from bandschema.records import Handover
from bandsim.paired_state import paired_beforehand
from hal.handover import Handover as KeptHandover
from hal.host_keys import HostKeys
from vitalband import Band, DeviceError, known_keys
from vitalband.cli import app
from vitalband.cli.common import EXIT_NOT_PAIRED
from vitalband.keys import memory_keys
from vitalband.wiping import WipeReceipt, receipt_of

URL = "sim:rest?flash_kb=44"
UNIX_S = 1_764_500_000
WIPED = datetime(2025, 11, 30, 10, 53, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "unix_s", "is_worn", "text"),
    [
        (0, 0, 0, "never wiped; never worn"),
        (0, 0, 1, "never wiped; worn"),
        (0, UNIX_S, 0, "wiped on 2025-11-30, never worn since; handed over 0 times"),
        (1, UNIX_S, 0, "wiped on 2025-11-30, never worn since; handed over once"),
        (2, UNIX_S, 1, "wiped on 2025-11-30, worn since; handed over 2 times"),
        (3, 0, 0, "wiped, date unknown, never worn since; handed over 3 times"),
    ],
)
def test_a_receipt_says_when_whether_and_how_often(count, unix_s, is_worn, text):
    receipt = receipt_of(Handover(handover_count=count, wiped_unix_s=unix_s, is_worn=is_worn))
    assert receipt == WipeReceipt(count, WIPED if unix_s else None, bool(is_worn))
    assert receipt.text == text


def test_the_command_says_what_is_erased_has_it_pressed_and_tells_the_receipt():
    result = CliRunner().invoke(app, ["wipe", URL, "--yes", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["is_worn"] is False
    assert told["text"].startswith("wiped on ")
    assert "Nothing on this computer is removed" in result.stderr


def test_a_band_that_was_paired_has_forgotten_us_and_the_command_says_whose_key_to_forget(
    tmp_path, monkeypatch
):
    keys = memory_keys()
    monkeypatch.setattr(known_keys, "user_keys", lambda: keys)
    paired = paired_beforehand(tmp_path / "state", keys, "sim:")
    delivered = KeptHandover(f"{tmp_path}/state/")
    delivered.band_id = paired.band_id
    delivered.write()
    url = f"{URL}&session=secured&state={tmp_path}/state"
    result = CliRunner().invoke(app, ["wipe", url, "--yes"])
    assert result.exit_code == 0, result.output
    assert f"vitalband forget {paired.band_id.hex()}" in result.output
    assert HostKeys(f"{tmp_path}/state/").count == 0

    result = CliRunner().invoke(app, ["info", url])
    assert result.exit_code == EXIT_NOT_PAIRED


def test_whoever_says_no_at_the_computer_asks_no_wearer():
    result = CliRunner().invoke(app, ["wipe", URL], input="n\n")
    assert result.exit_code != 0
    assert "pressed for you" not in result.output


def test_a_wearer_who_holds_the_button_refuses():
    async def work() -> None:
        async with Band.open(URL) as band:
            console = band.transport.console
            await band.run_for(40)  # the wearer has agreed by then, and presses nothing more by itself

            def hold(_seconds: float) -> None:
                console.conductor.timeline.at(
                    console.conductor.now_us + 3_000_000, lambda: console.press_button(2000)
                )

            with pytest.raises(DeviceError, match="nothing was erased") as refusal:
                await band.wipe(on_asked=hold)
            assert refusal.value.result == Result.NO_CONSENT
            assert band.is_connected

    asyncio.run(asyncio.wait_for(work(), 120))
