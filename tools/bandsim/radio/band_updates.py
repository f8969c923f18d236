"""Values that a band sends to a central that has subscribed to them.

An indication is confirmed before the next is sent over a connection. What has changed meanwhile waits, the
latest value of each characteristic, as in NimBLE (`ble_gatts_chr_updated`).
"""

import asyncio
from collections.abc import Callable

from bumble.device import Connection, Device
from bumble.gatt import Characteristic

_NOTIFIED, _INDICATED = 1, 2
_TIMED_OUT = 1
"""Any status but 0, which is a confirmation."""


class Updates:
    """`notify(connection, handle, value)` sends a notification, `confirmed(connection, handle, status)` hears
    what became of an indication.
    """

    def __init__(
        self,
        notify: Callable[[Connection, int, bytes], None],
        confirmed: Callable[[Connection, int, int], None],
    ) -> None:
        self._notify = notify
        self._confirmed = confirmed
        self._waiting: dict[Connection, dict[Characteristic[bytes], bytes]] = {}
        self._tasks: dict[Connection, asyncio.Task[None]] = {}

    def send(self, device: Device, characteristic: "Characteristic[bytes]", value: bytes) -> None:
        """Send a value as it is subscribed to, if it is."""
        for connection in list(device.connections.values()):
            subscribed = device.gatt_server.read_cccd(connection, characteristic)[0]
            if subscribed & _NOTIFIED:
                self._notify(connection, characteristic.handle, value)
            elif subscribed & _INDICATED:
                self._waiting.setdefault(connection, {})[characteristic] = value
                if connection not in self._tasks:
                    self._tasks[connection] = asyncio.get_running_loop().create_task(
                        self._indicate(device, connection), name="indications"
                    )

    def forget(self, connection: Connection) -> None:
        """The connection has ended."""
        self._waiting.pop(connection, None)
        task = self._tasks.pop(connection, None)
        if task is not None:
            task.cancel()

    def forget_all(self) -> None:
        """The radio is off."""
        for connection in list(self._tasks):
            self.forget(connection)

    async def _indicate(self, device: Device, connection: Connection) -> None:
        waiting = self._waiting[connection]
        while waiting:
            characteristic = next(iter(waiting))
            status = 0
            try:
                await device.gatt_server.indicate_subscriber(
                    connection, characteristic, waiting.pop(characteristic)
                )
            except TimeoutError:
                status = _TIMED_OUT
            self._confirmed(connection, characteristic.handle, status)
        del self._tasks[connection]
