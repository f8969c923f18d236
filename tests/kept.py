"""What a host got, byte for byte, and a band that is the same each time."""

from pathlib import Path

from hal.handover import Handover
from vitalband.transport import Transport


def keep_received(transport: Transport) -> bytearray:
    """Everything that the transport gives from now on, as it comes."""
    received = bytearray()
    receive = transport.receive

    async def receive_and_keep(timeout_ms: int) -> bytes:
        data = await receive(timeout_ms)
        received.extend(data)
        return data

    transport.receive = receive_and_keep  # type: ignore[method-assign]
    return received


def delivered(folder: Path) -> Path:
    """Make a state folder of a band whose id is not chance: what it sends can be compared with another's."""
    folder.mkdir(parents=True)
    handover = Handover(f"{folder}/")
    handover.band_id = b"one band"
    handover.write()
    return folder
