"""`vitalband wipe`."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from vitalband.cli.common import JSON, URL, console, print_json
from vitalband.cli.info import handover_document
from vitalband.client import Band
from vitalband.errors import (
    DeviceError,
    HandshakeError,
    LinkTimeoutError,
    NotPairedError,
    TransportError,
    UnsupportedError,
)
from vitalband.session import SessionSettings
from vitalband.transport import Pressable, Transport, open_transport
from vitalband.wiping import WipeReceipt

COMES_BACK_S = 180.0
"""Longest until a band that erases answers again: 5 MB of flash, the most that a board has for journal and
files, take a minute by the model, a part may take several times its typical time.
"""
_LOOK_S = 1.0
_SIMULATED_PRESS_S = 3.0
"""From the question to the press of a simulated button: a band takes none before its page can be read."""

ERASES = (
    "The band will erase what it keeps of its wearer: the agreement, every reading and sample,\n"
    "keys of paired hosts, who asked for the wearing, and its id. Fetch what is wanted before\n"
    "(vitalband sync). Nothing on this computer is removed."
)
FORGOTTEN = (
    "Wiped. The band has forgotten every host, this computer too, and goes by another id. It shows the\n"
    "receipt to whoever wears it next, and tells it to hosts that pair then. The key that this computer\n"
    "has opens nothing any more: vitalband forget {}"
)


def wipe(
    url: URL,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask here; the band asks its wearer anyway.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Have a band erase all of its wearer, for the next one. It asks its wearer for a press of the button.

    Recordings on this computer stay. The band comes back as another one, with a receipt that the next wearer
    sees before agreeing. One that was paired has forgotten this computer, whose key stays here until
    `vitalband forget`. Exit code 4 when the wearer refuses.

    [bold]Examples[/]

      vitalband wipe serial:///dev/ttyACM0

      vitalband wipe sim:rest --yes --json
    """
    tell: Callable[[str], None] = partial(typer.echo, err=True) if as_json else console.print
    tell(ERASES)
    if not yes:
        typer.confirm("Wipe the band?", abort=True, err=True)
    before, found = asyncio.run(_wipe(url, tell))
    if found is None:
        if as_json:
            print_json({"band_id": None, "forgotten_by": before.hex()})
        else:
            console.print(FORGOTTEN.format(before.hex()), highlight=False)
        return
    band_id, receipt = found
    if as_json:
        print_json({"band_id": band_id.hex(), **handover_document(receipt)})
    else:
        console.print(f"Wiped. The band is {band_id.hex()} now: {receipt.text}.", highlight=False)


async def _wipe(url: str, tell: Callable[[str], None]) -> tuple[bytes, tuple[bytes, WipeReceipt] | None]:
    """The id of before, and what the band tells once it is back, None where it knows this host no more."""
    band = Band.open(url, reconnect=False)
    transport = band.transport
    async with band:
        if band.handover is None:
            raise UnsupportedError("the band's firmware knows no wiping: install a newer one")
        before = band.band_id
        press: asyncio.Task[None] | None = None

        def on_asked(seconds: float) -> None:
            nonlocal press
            if isinstance(transport, Pressable):
                tell("A simulated band: its button is pressed for you.")
                press = asyncio.create_task(_press(band, transport))
            else:
                tell(
                    f"Press the band's button shortly, within {seconds:g} s: it asks for that now. "
                    "Hold it to refuse."
                )

        await band.wipe(on_asked=on_asked)
        if press is not None:
            await asyncio.gather(press, return_exceptions=True)
    tell("The band erases; that takes some ten seconds, or a minute where it has much flash.")
    return before, await _comes_back(url, transport, before)


async def _press(band: Band, transport: Pressable) -> None:
    await band.run_for(_SIMULATED_PRESS_S)
    transport.press_button()


async def _comes_back(url: str, before_by: Transport, before: bytes) -> tuple[bytes, WipeReceipt] | None:
    # A simulated band lives in its transport, and only while that is open; of all others another opening may
    # find the new id.
    settings = SessionSettings(handshake_timeout_ms=round(COMES_BACK_S * 1000))
    try:
        async with asyncio.timeout(COMES_BACK_S):
            while True:
                transport = before_by if isinstance(before_by, Pressable) else open_transport(url)
                try:
                    async with Band(transport, settings) as band:
                        receipt, band_id = band.handover, band.band_id
                    break
                except NotPairedError:  # of a band that had let us in
                    return None
                except (TransportError, HandshakeError, LinkTimeoutError):
                    await asyncio.sleep(_LOOK_S)
    except TimeoutError as error:
        raise LinkTimeoutError(
            f"the band did not come back within {COMES_BACK_S:g} s: its display says whether it still erases"
        ) from error
    if receipt is None or receipt.is_worn or band_id == before:
        raise DeviceError("the band is back, but was not wiped", 0)
    return band_id, receipt
