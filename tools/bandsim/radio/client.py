"""A client for `bleak` on the virtual air: `BleakClient(device, backend=AirClient, radio=adapter)`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bleak import BleakScanner
from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, hci
from bumble.core import ProtocolError
from bumble.core import TimeoutError as AirTimeoutError
from bumble.device import Connection, Peer
from bumble.gatt import Characteristic
from bumble.gatt_client import CharacteristicProxy
from bumble.keys import PairingKeys

from bandsim.radio.adapter import Adapter
from bandsim.radio.bonds import PAIRING_LIMIT_S
from bandsim.radio.scanner import AirScanner, uuid_text

_LOG = logging.getLogger(__name__)

LEAST_MTU = 23
_NOTIFICATION_OVERHEAD_BYTES = 3
_LONGEST_VALUE_BYTES = 512
_DISCONNECT_LIMIT_S = 5.0
_NEEDS_SECURITY = (att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR, att.ATT_INSUFFICIENT_ENCRYPTION_ERROR)
_NAMES: tuple[tuple[int, CharacteristicPropertyName], ...] = (
    (Characteristic.Properties.BROADCAST, "broadcast"),
    (Characteristic.Properties.READ, "read"),
    (Characteristic.Properties.WRITE_WITHOUT_RESPONSE, "write-without-response"),
    (Characteristic.Properties.WRITE, "write"),
    (Characteristic.Properties.NOTIFY, "notify"),
    (Characteristic.Properties.INDICATE, "indicate"),
    (Characteristic.Properties.AUTHENTICATED_SIGNED_WRITES, "authenticated-signed-writes"),
    (Characteristic.Properties.EXTENDED_PROPERTIES, "extended-properties"),
)

ResultT = TypeVar("ResultT")


class AirClient(BaseBleakClient):
    """Pairs by itself when a value or the peripheral asks for it, as operating systems do, and uses the bond
    from then on.
    """

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        radio: Adapter,
        services: set[str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(address_or_ble_device, **options)
        self._adapter = radio
        self._wanted_services = services
        is_found = isinstance(address_or_ble_device, BLEDevice)
        self._target: hci.Address | None = address_or_ble_device.details if is_found else None
        self._name = address_or_ble_device.name if is_found else None
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._callbacks: dict[int, Callable[[bytes], None]] = {}
        self._gone = asyncio.Event()
        self._pairing = asyncio.Lock()
        self._asked_to_pair: asyncio.Future[None] | None = None

    # -- the connection -------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What the peripheral calls itself, else its address."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """Of the connection; the least one without."""
        return self._connection.att_mtu if self._connection else LEAST_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the connection holds."""
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        """Find the peripheral by its address if need be, connect, agree on an MTU, and find its services."""
        if self._connection is not None:
            raise BleakError("wanted to connect, and is connected already")
        if self._target is None:
            await self._find()
        assert self._target is not None
        try:
            self._attach(await self._adapter.connect(self._target, self._timeout))
            async with asyncio.timeout(self._timeout):
                await self._get_to_know(pair)
        except AirTimeoutError as error:
            raise TimeoutError(f"{self.address} did not answer within {self._timeout:g} s") from error
        except ProtocolError as error:
            raise BleakError(f"cannot connect to {self.address}: {error}") from error

    async def _find(self) -> None:
        by: dict[str, Any] = {"backend": AirScanner, "radio": self._adapter}
        found = await BleakScanner.find_device_by_address(self.address, timeout=self._timeout, **by)
        if found is None:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} was not heard")
        self._target, self._name = found.details, found.name

    def _attach(self, connection: Connection) -> None:
        self._connection, self._peer = connection, Peer(connection)
        self._gone = asyncio.Event()
        connection.once(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        connection.on(Connection.EVENT_SECURITY_REQUEST, self._on_security_request)

    async def _get_to_know(self, pair: bool) -> None:
        peer = self._connected_peer()
        try:
            if pair or (self._adapter.encrypts_at_once and await self._bond()):
                await self.pair()
            if self._adapter.preferred_mtu > LEAST_MTU:
                await self._done(peer.request_mtu(self._adapter.preferred_mtu))
            await self._discover(peer)
        except BaseException:
            await self.disconnect()
            raise

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = self._peer = None
        self.services = None
        self._callbacks.clear()
        self._gone.set()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """End the connection; one that does not end in time counts as lost."""
        if self._connection is None:
            return
        async with asyncio.timeout(_DISCONNECT_LIMIT_S):
            try:
                await self._connection.disconnect()
            except (ProtocolError, hci.HCI_Error) as error:
                if self._connection is not None:
                    raise BleakError(f"cannot disconnect from {self.address}: {error}") from error
            await self._gone.wait()

    async def pair(self, *_: Any, **__: Any) -> None:
        """Encrypt by the bond there is, or make one."""
        async with self._pairing:
            connection = self._connected()
            if connection.is_encrypted:
                return
            try:
                async with asyncio.timeout(PAIRING_LIMIT_S):
                    await (connection.encrypt() if await self._bond() else connection.pair())
            except (ProtocolError, hci.HCI_Error, TimeoutError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and not self._gone.is_set():
                    raise
                reason = str(error) or type(error).__name__
                raise BleakError(f"cannot pair with {self.address}: {reason}") from error

    async def _bond(self) -> PairingKeys | None:
        return await self._adapter.keys.get(str(self._connected().peer_address))

    def _on_security_request(self, _wanted: int) -> None:
        self._asked_to_pair = asyncio.ensure_future(self._pair_as_asked())

    async def _pair_as_asked(self) -> None:
        try:
            await self.pair()
        except BleakError as error:
            _LOG.info("%s asked for it: %s", self.address, error)

    async def unpair(self) -> None:
        """Forget the bond, and disconnect."""
        name = str(self._connection.peer_address) if self._connection else self.address
        await self._adapter.keys.delete(name)
        await self.disconnect()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise BleakError(f"wanted a connection to {self.address}, got none")
        return self._connection

    def _connected_peer(self) -> Peer:
        self._connected()
        assert self._peer is not None
        return self._peer

    # -- one operation --------------------------------------------------------------------------

    async def _done(self, operation: Coroutine[Any, Any, ResultT] | Awaitable[ResultT]) -> ResultT:
        """The result of an operation, in bleak's errors; one that the link is lost under ends at once."""
        task, gone = asyncio.ensure_future(operation), asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if task.done() and not task.cancelled():
                return task.result()
            # bumble cancels what is open when a connection ends.
            raise BleakError(f"the connection to {self.address} was lost")
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except (AirTimeoutError, ProtocolError) as error:
            raise BleakError(f"{self.address}: {error}") from error
        finally:
            gone.cancel()
            task.cancel()

    async def _secured(self, operation: Callable[[Peer], Awaitable[ResultT]]) -> ResultT:
        """The result of an operation that may ask for a bond first."""
        try:
            return await self._done(operation(self._connected_peer()))
        except BleakGATTProtocolError as error:
            if error.code not in _NEEDS_SECURITY or self._connected().is_encrypted:
                raise
        await self.pair()
        return await self._done(operation(self._connected_peer()))

    async def _discover(self, peer: Peer) -> None:
        found = BleakGATTServiceCollection()
        for service in await self._done(peer.discover_services()):
            uuid = uuid_text(service.uuid)
            if self._wanted_services and uuid not in self._wanted_services:
                continue
            told = BleakGATTService(service, service.handle, uuid)
            found.add_service(told)
            for each in await self._done(peer.discover_characteristics(service=service)):
                characteristic = self._told(each, told)
                found.add_characteristic(characteristic)
                for descriptor in await self._done(peer.discover_descriptors(characteristic=each)):
                    kind = uuid_text(descriptor.type)
                    found.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, kind, characteristic)
                    )
        self.services = found

    def _told(self, found: CharacteristicProxy[Any], service: BleakGATTService) -> BleakGATTCharacteristic:
        return BleakGATTCharacteristic(
            found,
            found.handle,
            uuid_text(found.uuid),
            [name for bit, name in _NAMES if found.properties & bit],
            lambda: self.mtu_size - _NOTIFICATION_OVERHEAD_BYTES,
            service,
        )

    # -- values ---------------------------------------------------------------------------------

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """See bleak; nothing is cached."""
        return bytearray(await self._secured(lambda peer: peer.read_value(characteristic.obj)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """See bleak; nothing is cached."""
        return bytearray(await self._secured(lambda peer: peer.read_value(descriptor.obj)))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """See bleak; more than fits into a packet goes as a long write, with response only."""
        value = bytes(data)
        fitting = self.mtu_size - _NOTIFICATION_OVERHEAD_BYTES
        limit = _LONGEST_VALUE_BYTES if response else fitting
        if len(value) > limit:
            raise BleakError(f"wanted at most {limit} bytes to write, got {len(value)}")
        if len(value) > fitting:
            await self._secured(lambda peer: peer.gatt_client.write_long_value(characteristic.handle, value))
        else:
            await self._secured(
                lambda peer: peer.write_value(characteristic.obj, value, with_response=response)
            )

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """See bleak."""
        value = bytes(data)
        await self._secured(lambda peer: peer.write_value(descriptor.obj, value, with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        """See bleak: notifications, or indications where there are only those."""
        if characteristic.handle in self._callbacks:
            raise BleakError(f"wanted to subscribe to {characteristic.uuid}, and is subscribed already")

        def take(value: bytes) -> None:
            callback(bytearray(value))

        await self._secured(lambda peer: peer.subscribe(characteristic.obj, take))
        self._callbacks[characteristic.handle] = take

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """See bleak."""
        taken = self._callbacks.pop(characteristic.handle, None)
        if taken is None:
            raise BleakError(f"wanted to end a subscription to {characteristic.uuid}, got none")
        await self._done(self._connected_peer().unsubscribe(characteristic.obj, taken))
