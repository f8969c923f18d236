"""The machine's Bluetooth adapter: a controller on the virtual air, at the end of the machine's H4 line."""

import asyncio
from functools import partial

from bumble.transport.common import StreamPacketSource
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.auth import AuthExternal

from bluez_vm.errors import MachineError
from bluez_vm.guest_controller import GuestController
from bluez_vm.guest_world import GuestWorld
from bluez_vm.machine import Machine

_ATTACH = "btattach -B /dev/hvc1 -P h4 >/run/btattach.log 2>&1 &"
_DETACH = (
    "killall btattach; while [ -e /sys/class/bluetooth/hci0 ]; do sleep 0.1; done; "
    "rm -rf /var/lib/bluetooth/*"
)
_ADAPTER = "/org/bluez/hci0"
_POWER_S = 30.0
_POLL_S = 0.1
_CHUNK_BYTES = 4096
BUS_USER = 0
"""Who the host is to the machine's bus, whoever it is here: the bus sees the machine's own forwarder."""


class GuestAdapter:
    """Plugged into the machine and on a world's air, from `GuestAdapter(machine, world)` to `unplug`.

    BlueZ has switched it on then. What it knew of the bands of another world is forgotten.
    """

    def __init__(self, machine: Machine, world: GuestWorld) -> None:
        self._machine = machine
        self._world = world
        with world.waited_for():
            world.run(self._plug_in())

    def on_packet(self, packet: bytes) -> None:
        """Give the machine a packet of the controller (bumble's `TransportSink`)."""
        self._world.expect()
        self._writer.write(packet)

    def unplug(self) -> None:
        """Pull it out; whoever is connected to it loses it."""
        with self._world.waited_for():
            self._world.run(self._pull())

    async def _pull(self) -> None:
        self._world.air.unplug(self._controller)
        # The kernel asks the controller for this and that before it lets it go.
        await asyncio.to_thread(self._machine.command, _DETACH)
        self._reading.cancel()
        self._writer.close()

    async def _plug_in(self) -> None:
        reader, self._writer = await asyncio.open_unix_connection(str(self._machine.hci_path))
        source = StreamPacketSource()
        kind = partial(GuestController, host_source=source, host_sink=self)
        self._controller = self._world.air.plug_in(kind)
        self._reading = asyncio.ensure_future(_read(reader, source))
        self._machine.command(_ATTACH)
        async with asyncio.timeout(_POWER_S):
            bus = await MessageBus(
                bus_address=self._machine.dbus_address, auth=AuthExternal(uid=BUS_USER)
            ).connect()
            try:
                while not await _is_powered(bus):
                    await asyncio.sleep(_POLL_S)
            finally:
                bus.disconnect()


async def _read(reader: asyncio.StreamReader, source: StreamPacketSource) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        source.data_received(data)


async def _is_powered(bus: MessageBus) -> bool:
    reply = await bus.call(
        Message(
            destination="org.bluez",
            path=_ADAPTER,
            interface="org.freedesktop.DBus.Properties",
            member="Get",
            signature="ss",
            body=["org.bluez.Adapter1", "Powered"],
        )
    )
    if reply is None:
        raise MachineError("the machine's bus does not answer")
    return reply.message_type is MessageType.METHOD_RETURN and reply.body[0].value
