"""A scanner for `bleak` on the virtual air: `BleakScanner(backend=AirScanner, radio=adapter)`."""

from typing import Any

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

from bandsim.radio.adapter import Adapter
from bandsim.radio.errors import AirError

_UUID_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)
_SERVICE_DATA = (AdvertisingData.SERVICE_DATA_16_BIT_UUID, AdvertisingData.SERVICE_DATA_128_BIT_UUID)
_LONG_UUID_BYTES = 16


def uuid_text(uuid: UUID) -> str:
    """A UUID as bleak writes it: 128 bits, lower case."""
    return normalize_uuid_str(uuid.to_hex_str("-" if len(uuid.to_bytes()) == _LONG_UUID_BYTES else ""))


class AirScanner(BaseBleakScanner):
    """Advertising and scan responses of one sender are told together, as operating systems do."""

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        _scanning_mode: str,
        *,
        radio: Adapter,
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._adapter = radio

    async def start(self) -> None:
        """Begin to listen, of what was heard before nothing is known."""
        self.seen_devices = {}
        try:
            await self._adapter.listen(self)
        except AirError as error:
            reason = BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            raise BleakBluetoothNotAvailableError(str(error), reason) from error

    async def stop(self) -> None:
        """Listen no more."""
        await self._adapter.ignore(self)

    def on_advertisement(self, advertisement: Advertisement) -> None:
        """Tell what was heard of this sender so far."""
        key = advertisement.address.to_string(False)
        before = self.seen_devices[key][1] if key in self.seen_devices else None
        told = _told(advertisement, before)
        if self.is_allowed_uuid(told.service_uuids):
            device = self.create_or_update_device(key, key, told.local_name, advertisement.address, told)
            self.call_detection_callbacks(device, told)
        elif before is None:
            self.create_or_update_device(key, key, told.local_name, advertisement.address, told)


def _told(advertisement: Advertisement, before: AdvertisementData | None) -> AdvertisementData:
    data = advertisement.data
    name = data.get(AdvertisingData.COMPLETE_LOCAL_NAME) or data.get(AdvertisingData.SHORTENED_LOCAL_NAME)
    services = [uuid_text(uuid) for kind in _UUID_LISTS for uuids in data.get_all(kind) for uuid in uuids]
    service_data = {
        uuid_text(uuid): bytes(part) for kind in _SERVICE_DATA for uuid, part in data.get_all(kind)
    }
    makers = {
        company: bytes(part) for company, part in data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)
    }
    if before is not None:
        name = name or before.local_name
        services = list(dict.fromkeys([*before.service_uuids, *services]))
        service_data = {**before.service_data, **service_data}
        makers = {**before.manufacturer_data, **makers}
    return AdvertisementData(
        local_name=name,
        manufacturer_data=makers,
        service_data=service_data,
        service_uuids=services,
        tx_power=data.get(AdvertisingData.TX_POWER_LEVEL),
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )
