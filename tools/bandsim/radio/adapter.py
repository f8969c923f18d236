"""What a host has plugged in: bumble's host stack on a controller of the virtual air."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from bumble import hci
from bumble.device import Advertisement, Connection, Device
from bumble.host import Host
from bumble.keys import KeyStore, MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from bandsim.radio.air import Air, AirController
from bandsim.radio.bonds import keep_only_bonds
from bandsim.radio.errors import AirError

PREFERRED_MTU = 517
"""What a central asks for, as Android does; the peripheral may know less."""


class Listener(Protocol):
    """Somebody who scans."""

    def on_advertisement(self, advertisement: Advertisement) -> None:
        """Take one report; a scan response is one of its own."""
        ...


class Adapter:
    """An adapter with its host, powered on; bonds are in `keys`, which may be kept for another adapter.

    `encrypts_at_once`: a connection to a bonded peer is encrypted as soon as it stands, as by systems that
    wait for no value to ask for it.
    """

    def __init__(self, air: Air, controller: AirController, device: Device, keys: KeyStore) -> None:
        self.air = air
        self.device = device
        self.keys = keys
        self.preferred_mtu = PREFERRED_MTU
        self.is_plugged_in = True
        self.encrypts_at_once = False
        self._controller = controller
        self._listeners: set[Listener] = set()
        self._connecting = asyncio.Lock()
        device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)

    @classmethod
    async def plugged_in(
        cls,
        air: Air,
        address: str,
        name: str = "host",
        *,
        keys: KeyStore | None = None,
        delegate: Callable[[], PairingDelegate] = PairingDelegate,
        prepare: Callable[[Device], None] = lambda device: None,
    ) -> "Adapter":
        """Plug one in under a random static `address`, such as C0:00:00:00:00:01.

        `prepare` adds services before it is switched on. Pairing is LE Secure Connections, with whatever
        input and output the `delegate` says it has.
        """
        controller = air.plug_in()
        device = Device(
            name=name, address=hci.Address(address), host=Host(controller, AsyncPipeSink(controller))
        )
        # Under its public address, which is the default, no bond would be found at the next connection.
        device.pairing_config_factory = lambda connection: PairingConfig(
            sc=True,
            mitm=False,
            bonding=True,
            identity_address_type=PairingConfig.AddressType.RANDOM,
            delegate=delegate(),
        )
        keep_only_bonds(device)
        prepare(device)
        device.keystore = kept = keys or MemoryKeyStore()
        await device.power_on()
        return cls(air, controller, device, kept)

    async def unplug(self) -> None:
        """Pull it out: whoever is connected to it loses it."""
        if self.is_plugged_in:
            self.is_plugged_in = False
            self.air.unplug(self._controller)

    async def listen(self, listener: Listener) -> None:
        """Report advertising to one more listener; raises AirError when the adapter is gone."""
        if not self.is_plugged_in:
            raise AirError("wanted an adapter that is plugged in, got one that is not")
        self._listeners.add(listener)
        if not self.device.scanning:
            await self.device.start_scanning(active=True, filter_duplicates=False)

    async def ignore(self, listener: Listener) -> None:
        """Report to it no more."""
        self._listeners.discard(listener)
        if not self._listeners and self.device.scanning and self.is_plugged_in:
            await self.device.stop_scanning()

    async def connect(self, address: hci.Address, timeout_s: float) -> Connection:
        """Connect; a controller makes one connection at a time, so others wait for theirs."""
        async with self._connecting:
            try:
                return await self.device.connect(address, timeout=timeout_s)
            except asyncio.CancelledError:
                await self._give_up(address)
                raise

    async def _give_up(self, address: hci.Address) -> None:
        """Else the controller would go on to connect, and let no other connection be made."""
        await self.device.host.send_sync_command_raw(hci.HCI_LE_Create_Connection_Cancel_Command())
        for connection in list(self.device.connections.values()):
            if connection.peer_address == address:
                await connection.disconnect()

    def cut(self) -> None:
        """Its connections are lost, at both ends."""
        self.air.cut(self._controller)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        for listener in list(self._listeners):
            listener.on_advertisement(advertisement)
