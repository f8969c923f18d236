"""Pairing and bonds of a band's radio, as MicroPython's `bluetooth` has them on NimBLE.

The keys are with the firmware: it is asked for each (GET_SECRET), told of each to keep (SET_SECRET), and its
answers come back in order. What was read: MicroPython's `docs/library/bluetooth.rst` and
`extmod/nimble/modbluetooth_nimble.c`, NimBLE's `ble_store.h` and `ble_att_svr.c`. Unconfirmed: that the
keys are kept before ENCRYPTION_UPDATE is told, and in which order.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from errno import ENOENT
from struct import Struct, pack

from bumble import att, hci, smp
from bumble.device import Connection, Device
from bumble.keys import KeyStore, PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate

from bandsim.protocol import RadioEvent, RadioSetting
from bandsim.radio.bonds import PAIRING_LIMIT_S, keep_only_bonds

KEY_BYTES = 16
OUR_SECURITY, PEER_SECURITY, OUR_IRK = 1, 2, 10
"""Kinds of secrets: the first two of NimBLE's `ble_store.h`, the last of MicroPython's binding."""
IRK_KEY = b"irk"
NO_BYTES = 0xFF
"""In place of a length: there is none."""
READ_ENCRYPTED, READ_AUTHENTICATED, WRITE_ENCRYPTED, WRITE_AUTHENTICATED = 0x200, 0x400, 0x1000, 0x2000
_NO_IO = 3
_MOST_PEERS = 16
_FIXED_IRK = b"the IRK of all!!"
"""NimBLE has one too that is the same in every device, for who keeps none."""

_SECRET = Struct("<7sBHQ16sB16sB16sBB")
"""As `ble_store_value_sec`: peer, size, ediv, rand, then key and whether it is there of LTK, IRK and CSRK;
bits: authenticated, LE Secure Connections."""

Answer = Callable[[bytes | None], None]


@dataclass
class SecuritySettings:
    """What `config` sets; the defaults are NimBLE's (unconfirmed)."""

    bonds: bool = False
    requires_mitm: bool = False
    io: int = _NO_IO
    is_secure: bool = False


class BandSecurity:
    """Security of one switched-on device; `tell` queues an event, False when there is no room for it.

    A port that `can_pair` not refuses every pairing and knows none of the settings.
    """

    def __init__(
        self, device: Device, tell: Callable[[RadioEvent, bytes], bool], new_irk: bytes, *, can_pair: bool
    ) -> None:
        self.settings = SecuritySettings()
        self.can_pair = can_pair
        self.is_authenticated = False
        self.kept_is_authenticated = False
        self._device = device
        self._tell = tell
        self._asked = deque[Answer]()
        self._told_values = deque[bytes]()
        self._passkey: asyncio.Future[int] | None = None
        device.pairing_config_factory = self._pairing_config
        device.keystore = _Secrets(self)
        device.on(Device.EVENT_CONNECTION, self._on_connection)
        keep_only_bonds(device)
        device.irk = new_irk
        if can_pair:
            self._load_irk(new_irk)

    def close(self) -> None:
        """The power is gone: nobody will answer."""
        while self._asked:
            self._asked.popleft()(None)
        if self._passkey is not None:
            self._passkey.cancel()

    # -- what the firmware calls ----------------------------------------------------------------

    def config(self, setting: int, value: int) -> bool:
        """Set one of the settings; False when it is none of them, or not on this port."""
        settings = self.settings
        if not self.can_pair:
            return False
        if setting == RadioSetting.BOND:
            settings.bonds = bool(value)
        elif setting == RadioSetting.MITM:
            settings.requires_mitm = bool(value)
        elif setting == RadioSetting.IO:
            settings.io = value
        elif setting == RadioSetting.LE_SECURE:
            settings.is_secure = bool(value)
        else:
            return False
        return True

    def answer(self, is_answered: int, _value: int, payload: bytes) -> tuple[int, bytes]:
        """Take the answer to the oldest question."""
        if not self._asked:
            raise OSError(ENOENT, "nothing was asked")
        self._asked.popleft()(payload if is_answered else None)
        return 0, b""

    def told_value(self, _argument: int, _value: int, _payload: bytes) -> tuple[int, bytes]:
        """Give the value that the last SET_SECRET told of."""
        value = self._told_values.popleft()
        return len(value), value

    def passkey(self, _handle: int, value: int, _payload: bytes) -> tuple[int, bytes]:
        """Take the passkey that a pairing waits for."""
        waiting, self._passkey = self._passkey, None
        if waiting is None or waiting.done():
            raise OSError(ENOENT, "no pairing waits for a passkey")
        waiting.set_result(value)
        return 0, b""

    # -- secrets --------------------------------------------------------------------------------

    def get_secret(self, kind: int, index: int, key: bytes | None, answer: Answer) -> None:
        """Ask for the secret of a key, or for the one of an index."""
        length = NO_BYTES if key is None else len(key)
        self._ask(RadioEvent.GET_SECRET, bytes((kind, index, length)) + (key or b""), answer)

    def set_secret(self, kind: int, key: bytes, value: bytes | None, answer: Answer) -> None:
        """Have a secret kept, or forgotten."""
        length = NO_BYTES if value is None else len(value)
        is_told = self._ask(RadioEvent.SET_SECRET, bytes((kind, len(key), length)) + key, answer)
        if is_told and value is not None:
            self._told_values.append(value)

    def _ask(self, event: RadioEvent, payload: bytes, answer: Answer) -> bool:
        is_told = self.can_pair and self._tell(event, payload)
        if is_told:
            self._asked.append(answer)
        else:
            answer(None)
        return is_told

    def _load_irk(self, new_irk: bytes) -> None:
        def take_kept(irk: bytes | None) -> None:
            if irk is not None and len(irk) == KEY_BYTES:
                self._device.irk = irk
            else:
                self.set_secret(OUR_IRK, IRK_KEY, new_irk, take_new)

        def take_new(answer: bytes | None) -> None:
            if answer is None:
                self._device.irk = _FIXED_IRK

        self.get_secret(OUR_IRK, 0, IRK_KEY, take_kept)

    # -- pairing --------------------------------------------------------------------------------

    def _pairing_config(self, connection: Connection) -> PairingConfig:
        settings = self.settings
        return PairingConfig(
            sc=settings.is_secure,
            mitm=settings.requires_mitm,
            bonding=settings.bonds,
            identity_address_type=PairingConfig.AddressType.RANDOM,
            delegate=_Delegate(self, connection),
        )

    async def ask_passkey(self, connection: Connection, action: int, number: int = 0) -> int:
        """Have the firmware show or take a passkey; raises TimeoutError and CancelledError."""
        waiting = self._passkey = asyncio.get_running_loop().create_future()
        self._tell(RadioEvent.PASSKEY_ACTION, pack("<HBI", connection.handle, action, number))
        async with asyncio.timeout(PAIRING_LIMIT_S):
            return await waiting

    def _on_connection(self, connection: Connection) -> None:
        self.is_authenticated = False

        def on_encryption() -> None:
            session = self._device.smp_manager.sessions.get(connection.handle)
            if session is None:
                self.is_authenticated = self.kept_is_authenticated
                self._tell_state(connection, is_bonded=True)
                return
            self.is_authenticated = session.pairing_method != smp.PairingMethod.JUST_WORKS
            if session.completed:
                self._tell_state(connection, is_bonded=session.bonding)

        def on_pairing(_keys: PairingKeys) -> None:
            session = self._device.smp_manager.sessions[connection.handle]
            self._tell_state(connection, is_bonded=session.bonding)

        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, on_encryption)
        connection.on(Connection.EVENT_PAIRING, on_pairing)
        connection.on(
            Connection.EVENT_PAIRING_FAILURE, lambda _: self._tell_state(connection, is_bonded=False)
        )

    def _tell_state(self, connection: Connection, *, is_bonded: bool) -> None:
        is_encrypted = connection.is_encrypted
        state = (is_encrypted, is_encrypted and self.is_authenticated, is_encrypted and is_bonded)
        size = KEY_BYTES if is_encrypted else 0
        self._tell(RadioEvent.ENCRYPTION_UPDATE, pack("<HBBBB", connection.handle, *state, size))

    async def check(self, connection: Connection, needs_encryption: int, needs_authentication: int) -> None:
        """Raise ATT_Error where a value asks for more security than the connection has."""
        if not (needs_encryption or needs_authentication):
            return
        if not connection.is_encrypted:
            found = await self.asked(PEER_SECURITY, 0, _key_of(str(connection.peer_address)))
            raise att.ATT_Error(
                att.ATT_INSUFFICIENT_ENCRYPTION_ERROR if found else att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR
            )
        if needs_authentication and not self.is_authenticated:
            raise att.ATT_Error(att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)

    async def asked(self, kind: int, index: int, key: bytes | None) -> bytes | None:
        """As `get_secret`, awaited."""
        answered: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self.get_secret(kind, index, key, _into(answered))
        return await answered

    async def kept(self, kind: int, key: bytes, value: bytes | None) -> bool:
        """As `set_secret`, awaited: whether it was kept, or was there to be forgotten."""
        answered: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self.set_secret(kind, key, value, _into(answered))
        return await answered is not None


class _Secrets(KeyStore):
    """Bonds, which the firmware keeps: two secrets for each peer."""

    def __init__(self, security: BandSecurity) -> None:
        self._security = security

    async def update(self, name: str, keys: PairingKeys) -> None:
        key, value = _key_of(name, keys.address_type), _secret_of(name, keys)
        for kind in (OUR_SECURITY, PEER_SECURITY):
            await self._security.kept(kind, key, value)

    async def delete(self, name: str) -> None:
        for kind in (OUR_SECURITY, PEER_SECURITY):
            await self._security.kept(kind, _key_of(name), None)

    async def get(self, _name: str) -> PairingKeys | None:
        kept = await self._security.asked(OUR_SECURITY, 0, _key_of(_name))
        keys = None if kept is None else _keys_of(kept)
        if keys is not None and keys.ltk is not None:
            self._security.kept_is_authenticated = keys.ltk.authenticated
        return keys

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        found = list[tuple[str, PairingKeys]]()
        for index in range(_MOST_PEERS):
            kept = await self._security.asked(PEER_SECURITY, index, None)
            keys = None if kept is None else _keys_of(kept)
            if kept is None or keys is None:
                break
            found.append((str(hci.Address(kept[1:7], hci.AddressType(kept[0]))), keys))
        return found


class _Delegate(PairingDelegate):
    """Has the firmware show and take what pairing needs."""

    _INPUT, _DISPLAY, _COMPARE = 2, 3, 4

    def __init__(self, security: BandSecurity, connection: Connection) -> None:
        super().__init__(PairingDelegate.IoCapability(security.settings.io))
        self._security = security
        self._connection = connection

    async def accept(self) -> bool:
        return self._security.can_pair

    async def generate_passkey(self) -> int:
        try:
            return await self._security.ask_passkey(self._connection, self._DISPLAY)
        except TimeoutError:
            session = self._connection.device.smp_manager.sessions[self._connection.handle]
            session.send_pairing_failed(smp.ErrorCode.PASSKEY_ENTRY_FAILED)
            raise asyncio.CancelledError from None

    async def get_number(self) -> int | None:
        return await self._security.ask_passkey(self._connection, self._INPUT)

    async def compare_numbers(self, number: int, digits: int) -> bool:
        return bool(await self._security.ask_passkey(self._connection, self._COMPARE, number))


def _into(answered: "asyncio.Future[bytes | None]") -> Answer:
    def take(value: bytes | None) -> None:
        if not answered.done():
            answered.set_result(value)

    return take


def _key_of(name: str, kind: int | None = None) -> bytes:
    address = hci.Address(name)
    return bytes((address.address_type & 1 if kind is None else kind & 1,)) + bytes(address)


def _secret_of(name: str, keys: PairingKeys) -> bytes:
    ltk = keys.ltk or keys.ltk_peripheral
    assert ltk is not None
    irk, csrk = (b"" if key is None else key.value for key in (keys.irk, keys.csrk))
    bits = int(ltk.authenticated) | (2 if keys.ltk is not None else 0)
    return _SECRET.pack(
        _key_of(name, keys.address_type), KEY_BYTES, ltk.ediv or 0, int.from_bytes(ltk.rand or b"", "little"),
        ltk.value, 1, irk, bool(irk), csrk, bool(csrk), bits,
    )  # fmt: skip


def _keys_of(secret: bytes) -> PairingKeys | None:
    """Keys of a secret; None when it is not one that was given to be kept."""
    if len(secret) != _SECRET.size:
        return None
    peer, _, _, _, ltk, _, irk, has_irk, _, _, bits = _SECRET.unpack(secret)
    is_authenticated = bool(bits & 1)
    return PairingKeys(
        address_type=hci.AddressType(peer[0]),
        ltk=PairingKeys.Key(value=ltk, authenticated=is_authenticated),
        irk=PairingKeys.Key(value=irk, authenticated=is_authenticated) if has_irk else None,
    )
