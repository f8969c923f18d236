"""What both sides of a pairing do, which bumble does not."""

import asyncio

from bumble import hci, smp
from bumble.device import Connection, Device
from bumble.keys import PairingKeys

PAIRING_LIMIT_S = 30.0
"""BLE_SM_TIMEOUT_MS of NimBLE's `ble_sm.c`; bumble waits for ever."""


def keep_only_bonds(device: Device) -> None:
    """Keep keys where both sides asked for a bond only, and let a pairing that failed be tried again."""
    manager = device.smp_manager
    keep = manager.on_pairing

    async def on_pairing(
        session: smp.Session, identity_address: hci.Address | None, keys: PairingKeys
    ) -> None:
        # Keys that are there are kept, though the connection be lost meanwhile.
        keeping = asyncio.ensure_future(keep(session, identity_address if session.bonding else None, keys))
        await asyncio.shield(keeping)

    def on_connection(connection: Connection) -> None:
        # bumble would take the next pairing for a part of the failed one.
        connection.on(
            Connection.EVENT_PAIRING_FAILURE, lambda _: manager.sessions.pop(connection.handle, None)
        )

    manager.on_pairing = on_pairing
    device.on(Device.EVENT_CONNECTION, on_connection)
