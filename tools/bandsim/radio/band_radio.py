"""A band's radio: what its firmware calls through MicroPython's `bluetooth`, done by bumble on the air.

It lacks what a port may lack, if told to: `refuses` names settings that `config` then does not know; a port
that refuses `bond` pairs with nobody (`band_security`). What is not modelled: a central's role.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from errno import E2BIG, EALREADY, EBUSY, EINVAL, ENODEV, ENOMEM, ENOTCONN, EOPNOTSUPP
from random import Random
from struct import pack, unpack_from
from typing import Any

from bumble import crypto, hci
from bumble.att import ATT_CID, ATT_Handle_Value_Notification
from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from bandsim.protocol import RadioCall, RadioEvent, RadioSetting
from bandsim.radio import band_security
from bandsim.radio.air import Air, AirController
from bandsim.radio.band_security import BandSecurity
from bandsim.radio.band_updates import Updates

MOST_WAITING_PACKETS = 12
"""Of the controller's size, before the stack has no memory for another: own choice, of the size of NimBLE's
pools (unconfirmed).
"""
DEFAULT_VALUE_BYTES = 20
"""Longest value that is taken as long as no buffer is set (MicroPython, docs/library/bluetooth.rst)."""
MOST_SERVICES = 8
"""As many NimBLE's port and zephyr's take: `MP_BLUETOOTH_NIMBLE_MAX_SERVICES`, `..._ZEPHYR_MAX_SERVICES`."""
NO_INTERVAL = 0xFFFF_FFFF
_EVENT_LIMIT = 64
_APPEND_SHIFT = 16
_PRIVATE_MODES = (2, 3)
_NOTIFICATION_BYTES = 3

CANNOT_PAIR = frozenset({"bond"})
"""As zephyr's port, the default."""

Entered = Callable[[], AbstractContextManager[object]]


@dataclass
class _Value:
    """What is kept of one characteristic."""

    limit_bytes: int = DEFAULT_VALUE_BYTES
    appends: bool = False
    data: bytes = b""


@dataclass
class _Setup:
    """What the firmware has set since the radio was switched on."""

    mtu: int = 256
    name: str = "MPY"
    is_private: bool = False
    is_advertising: bool = False
    values: dict[int, _Value] = field(default_factory=dict[int, _Value])
    characteristics: "dict[int, Characteristic[bytes]]" = field(
        default_factory=dict[int, "Characteristic[bytes]"]
    )


class BandRadio:
    """One device at a time: switched on by the firmware, gone with its power; see `lane_radio.LaneRadio`.

    `address` is that of its identity. `entered` puts the loop in place that bumble lives in. `failed` is
    what a call to bumble ended with that nobody expected.
    """

    def __init__(
        self,
        air: Air,
        address: str,
        entered: Entered,
        *,
        seed: int = 0,
        refuses: frozenset[str] = CANNOT_PAIR,
    ) -> None:
        self.has_output = False
        self.failed: BaseException | None = None
        self.refused_notifications = 0
        self.refuses = refuses
        self._air = air
        self._identity = address
        self._entered = entered
        self._random = Random(f"{seed} {address} radio")
        self._events = deque[tuple[int, bytes]]()
        self._controller: AirController | None = None
        self._device: Device | None = None
        self._security: BandSecurity | None = None
        self._setup = _Setup()
        self._updates = Updates(self._send, self._on_confirmation)
        self._last: asyncio.Task[None] | None = None
        self._calls: dict[int, Callable[[int, int, bytes], tuple[int, bytes]]] = {
            RadioCall.CONFIG: self._config,
            RadioCall.ADVERTISE: self._advertise,
            RadioCall.DISCONNECT: self._disconnect,
            RadioCall.REGISTER: self._register,
            RadioCall.SIZE: self._size,
            RadioCall.READ: self._read,
            RadioCall.NOTIFY: self._notify,
            RadioCall.SET_BUFFER: self._set_buffer,
            RadioCall.WRITE: self._write,
            RadioCall.PAIR: self._pair,
            RadioCall.PASSKEY: lambda *given: self._secured().passkey(*given),
            RadioCall.ANSWER: lambda *given: self._secured().answer(*given),
            RadioCall.SECRET: lambda *given: self._secured().told_value(*given),
        }

    # -- the conductor's side -------------------------------------------------------------------

    @property
    def has_events(self) -> bool:
        """See `LaneRadio`."""
        return bool(self._events)

    def call(self, call: int, argument: int, value: int, payload: bytes) -> tuple[int, bytes]:
        """See `LaneRadio`."""
        with self._entered():
            self.has_output = True
            if call == RadioCall.ACTIVE:
                self._switch(bool(value))
                return 0, b""
            if self._device is None:
                raise OSError(ENODEV, "the radio is not switched on")
            return self._calls[call](argument, value, payload)

    def take_event(self) -> tuple[int, bytes]:
        """See `LaneRadio`."""
        return self._events.popleft() if self._events else (RadioEvent.NONE, b"")

    def power_off(self) -> None:
        """See `LaneRadio`."""
        with self._entered():
            self._switch(False)
            self._events.clear()

    # -- switching ------------------------------------------------------------------------------

    def _switch(self, is_on: bool) -> None:
        if is_on == (self._device is not None):
            return
        if self._controller is not None:
            self._secured().close()
            self._air.unplug(self._controller)
            self._updates.forget_all()
            self._controller = self._device = self._security = None
            return
        self._setup = _Setup()
        self._controller = controller = self._air.plug_in()
        self._device = device = Device(
            name=self._setup.name,
            address=hci.Address(self._identity),
            host=Host(controller, AsyncPipeSink(controller)),
        )
        device.on(Device.EVENT_CONNECTION, self._on_connection)
        self._security = BandSecurity(
            device,
            self._tell,
            self._random.randbytes(band_security.KEY_BYTES),
            can_pair="bond" not in self.refuses,
        )
        self._last = None
        self._do(device.power_on)

    def _do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """After all that was asked for before, and only as long as the device is there."""
        device, before = self._device, self._last

        async def do() -> None:
            if before is not None:
                await asyncio.wait({before})
            if self._device is device:
                await work()

        self._last = asyncio.get_running_loop().create_task(do(), name=f"radio {self._identity}")
        self._last.add_done_callback(self._on_done)

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None and self._device is not None:
            self.failed = self.failed or task.exception()

    # -- calls ----------------------------------------------------------------------------------

    def _config(self, setting: int, value: int, payload: bytes) -> tuple[int, bytes]:
        device = self._powered()
        if setting == RadioSetting.MTU and "mtu" not in self.refuses:
            device.gatt_server.max_mtu = value
        elif setting == RadioSetting.ADDRESS_MODE and "addr_mode" not in self.refuses:
            self._setup.is_private = value in _PRIVATE_MODES
        elif setting == RadioSetting.NAME:
            self._setup.name = device.name = payload.decode()
        elif not self._secured().config(setting, value):
            raise OSError(EOPNOTSUPP, "the port knows no such setting")
        return 0, b""

    def _advertise(self, is_connectable: int, interval_us: int, payload: bytes) -> tuple[int, bytes]:
        device = self._powered()
        self._setup.is_advertising = interval_us != NO_INTERVAL
        if interval_us == NO_INTERVAL:
            self._do(device.stop_advertising)
            return 0, b""
        if device.connections:
            raise OSError(EALREADY, "connected: this model advertises for one central at a time")
        if not is_connectable:
            raise OSError(EINVAL, "only connectable advertising is modelled")
        data, answer = payload[1 : 1 + payload[0]], payload[1 + payload[0] :]

        async def start() -> None:
            if self._setup.is_private:
                await self._change_address(device)
            await device.start_advertising(
                advertising_data=data,
                scan_response_data=answer,
                advertising_interval_min=interval_us / 1000,
                advertising_interval_max=interval_us / 1000,
            )

        self._do(start)
        return 0, b""

    async def _change_address(self, device: Device) -> None:
        # Resolvable: the top bits are 01, and the lower half is a hash of the upper one by the key.
        part = self._random.randbytes(2) + bytes((0x40 | self._random.randrange(64),))
        octets = crypto.ah(device.irk, part) + part
        device.random_address = hci.Address(octets, hci.Address.RANDOM_DEVICE_ADDRESS)
        await device.send_sync_command(
            hci.HCI_LE_Set_Random_Address_Command(random_address=device.random_address)
        )

    def _disconnect(self, handle: int, _value: int, _payload: bytes) -> tuple[int, bytes]:
        connection = self._powered().connections.get(handle)
        if connection is None:
            return 0, b""
        self._do(connection.disconnect)
        return 1, b""

    def _register(self, count: int, _value: int, payload: bytes) -> tuple[int, bytes]:
        device, found, at = self._powered(), list[Characteristic[bytes]](), 0
        if device.connections or self._setup.is_advertising:
            raise OSError(EBUSY, "services change neither while it advertises nor while it is connected")
        if count > MOST_SERVICES:
            raise OSError(E2BIG, f"wanted at most {MOST_SERVICES} services, got {count}")
        self._forget_services(device)
        for _ in range(count):
            uuid, characteristic_count, _, at = _entry(payload, at)
            made = list[Characteristic[bytes]]()
            for _ in range(characteristic_count):
                kind, low, high, at = _entry(payload, at)
                made.append(self._characteristic(kind, low | high << 8))
            device.add_service(Service(uuid, made))
            found += made
        handles = [each.handle for each in found]
        self._setup.values = {handle: _Value() for handle in handles}
        self._setup.characteristics = dict(zip(handles, found, strict=True))
        return len(handles), pack(f"<{len(handles)}H", *handles)

    def _forget_services(self, device: Device) -> None:
        server = device.gatt_server
        server.attributes.clear()
        server.attributes_by_handle.clear()
        server.services.clear()
        device.add_default_services()

    def _characteristic(self, uuid: UUID, properties: int) -> "Characteristic[bytes]":
        async def read(connection: Connection) -> bytes:
            needs = properties & band_security.READ_ENCRYPTED, properties & band_security.READ_AUTHENTICATED
            await self._secured().check(connection, *needs)
            return self._setup.values[made.handle].data

        async def write(connection: Connection, data: bytes) -> None:
            needs = properties & band_security.WRITE_ENCRYPTED, properties & band_security.WRITE_AUTHENTICATED
            await self._secured().check(connection, *needs)
            self._on_write(connection, made.handle, data)

        allowed = Characteristic.Permissions.WRITEABLE | Characteristic.Permissions.READABLE
        value = CharacteristicValue[bytes](read=read, write=write)
        made: Characteristic[bytes] = Characteristic(
            uuid, Characteristic.Properties(properties & 0xFF), allowed, value
        )
        return made

    def _size(self, handle: int, _value: int, _payload: bytes) -> tuple[int, bytes]:
        return len(self._value(handle).data), b""

    def _read(self, handle: int, count: int, _payload: bytes) -> tuple[int, bytes]:
        value = self._value(handle)
        data = value.data[:count]
        if value.appends:
            value.data = value.data[count:]
        return len(data), data

    def _set_buffer(self, handle: int, size: int, _payload: bytes) -> tuple[int, bytes]:
        value = self._value(handle)
        value.appends, value.limit_bytes = bool(size >> _APPEND_SHIFT), size & (1 << _APPEND_SHIFT) - 1
        return 0, b""

    def _notify(self, handle: int, connection_handle: int, payload: bytes) -> tuple[int, bytes]:
        device = self._powered()
        connection = device.connections.get(connection_handle)
        if connection is None:
            raise OSError(ENOTCONN, "no such connection")
        self._value(handle)
        self._send(connection, handle, payload)
        return 0, b""

    def _write(self, handle: int, is_sent: int, payload: bytes) -> tuple[int, bytes]:
        value = self._value(handle)
        value.data, value.limit_bytes = payload, max(value.limit_bytes, len(payload))
        if is_sent:
            self._updates.send(self._powered(), self._setup.characteristics[handle], payload)
        return 0, b""

    def _send(self, connection: Connection, handle: int, payload: bytes) -> None:
        device = self._powered()
        waiting = device.host.connections[connection.handle].acl_packet_queue.pending
        if waiting >= MOST_WAITING_PACKETS:
            self.refused_notifications += 1
            raise OSError(ENOMEM, "too much waits to be sent")
        pdu = ATT_Handle_Value_Notification(
            attribute_handle=handle, attribute_value=payload[: connection.att_mtu - _NOTIFICATION_BYTES]
        )
        device.send_l2cap_pdu(connection.handle, ATT_CID, bytes(pdu))

    def _pair(self, handle: int, _value: int, _payload: bytes) -> tuple[int, bytes]:
        connection = self._powered().connections.get(handle)
        if connection is None:
            raise OSError(ENOTCONN, "no such connection")
        connection.request_pairing()
        return 0, b""

    def _secured(self) -> BandSecurity:
        assert self._security is not None
        return self._security

    def _powered(self) -> Device:
        assert self._device is not None
        return self._device

    def _value(self, handle: int) -> _Value:
        value = self._setup.values.get(handle)
        if value is None:
            raise OSError(EINVAL, f"no value has the handle {handle}")
        return value

    # -- events ---------------------------------------------------------------------------------

    def _on_connection(self, connection: Connection) -> None:
        if connection.device is not self._device:
            return
        peer = connection.peer_address
        who = pack("<HB", connection.handle, peer.address_type) + bytes(reversed(bytes(peer)))
        self._tell(RadioEvent.CENTRAL_CONNECT, who)
        self._setup.is_advertising = False
        # bumble keeps for good what a central subscribed to in the moment in which its connection was lost.
        connection.device.gatt_server.subscribers.clear()

        def gone(_reason: int) -> None:
            self._updates.forget(connection)
            self._tell(RadioEvent.CENTRAL_DISCONNECT, who)

        connection.on(Connection.EVENT_DISCONNECTION, gone)
        connection.on(
            Connection.EVENT_CONNECTION_ATT_MTU_UPDATE,
            lambda: self._tell(RadioEvent.MTU_EXCHANGED, pack("<HH", connection.handle, connection.att_mtu)),
        )

    def _on_write(self, connection: Connection, handle: int, data: bytes) -> None:
        value = self._setup.values[handle]
        before = value.data if value.appends else b""
        value.data = (before + data)[: value.limit_bytes]
        self._tell(RadioEvent.GATTS_WRITE, pack("<HH", connection.handle, handle))

    def _on_confirmation(self, connection: Connection, handle: int, status: int) -> None:
        self._tell(RadioEvent.GATTS_INDICATE_DONE, pack("<HHB", connection.handle, handle, status))

    def _tell(self, event: RadioEvent, payload: bytes) -> bool:
        # A port's queue of events is bounded too: then it drops the newest.
        is_told = len(self._events) < _EVENT_LIMIT
        if is_told:
            self._events.append((event, payload))
        return is_told


def _entry(payload: bytes, at: int) -> tuple[UUID, int, int, int]:
    """A UUID and the two bytes behind it; gives where the next begins."""
    end = at + 1 + payload[at]
    first, second = unpack_from("<BB", payload, end)
    return UUID.from_bytes(payload[at + 1 : end]), first, second, end + 2
