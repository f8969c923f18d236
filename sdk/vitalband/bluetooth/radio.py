"""How `bleak` is reached: the system's own adapter, or another backend that is given to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from vitalband.errors import LocalError


@dataclass(frozen=True)
class Radio:
    """What `BleakScanner`, `BleakClient` and `BleakAdapter.get` get beside what they are for; nothing for the
    system's adapter.

    With a backend of one's own: `Radio(scanner={"backend": ...}, client={"backend": ...})`, each with
    whatever that backend wants; it need not have an `adapter`.
    """

    scanner: Mapping[str, Any] = field(default_factory=dict[str, Any])
    client: Mapping[str, Any] = field(default_factory=dict[str, Any])
    adapter: Mapping[str, Any] = field(default_factory=dict[str, Any])


def bleak() -> Any:
    """The package; raises `LocalError` when it is not installed."""
    try:
        return import_module("bleak")
    except ModuleNotFoundError as error:
        raise LocalError(f'wanted bleak for Bluetooth: pip install "vitalband[ble]" ({error})') from error


def radio_errors() -> tuple[type[Exception], ...]:
    """What bleak raises where a radio, a peer or the system's Bluetooth service fails.

    Beside its own errors: those of the system (a D-Bus that goes away is an EOFError or a broken pipe), and a
    TimeoutError. On BlueZ a list of services that changes under it is a KeyError, and an attribute of what is
    gone meanwhile an AttributeError: seen by `bleak-retry-connector`, which tries again after them.
    """
    return (bleak().exc.BleakError, OSError, EOFError, TimeoutError, KeyError, AttributeError)


_DEVICE_LOST_KEYS = ("Peer removed pairing information", "PIN_OR_KEY_MISSING")
"""Told by macOS as its error 14 (nordicsemi/IOS-nRF-Connect-Device-Manager, pull request 611), and by HCI,
which the virtual radio passes on."""
_SOME_KEYS_LOST = (
    "org.bluez.Error.AuthenticationFailed",
    "org.bluez.Error.AuthenticationRejected",
    "AUTHENTICATION_FAILURE",
)
"""Told by BlueZ (bluez/bluez, issue 433), of a wrong passkey too, and by Windows, as bleak puts its
`DevicePairingResultStatus`."""
_INSUFFICIENT_ENCRYPTION = 0x0F
"""What a device answers that has keys for a connection which is not encrypted (NimBLE's `ble_att_svr.c`)."""
_REMEDY = "remove the pairing in your system's settings, and pair anew"


def reason_of(error: Exception) -> str:
    """What an error says; the name of its class when it says nothing, as a TimeoutError does.

    Where one side has lost the keys of a pairing: which, as far as the system tells, and what to do.
    """
    told = str(error) or type(error).__name__
    blame = _blame_of(error, told)
    return f"{told}; {blame}: {_REMEDY}" if blame else told


def _blame_of(error: Exception, told: str) -> str | None:
    if any(sign in told for sign in _DEVICE_LOST_KEYS):
        return "the device has lost the keys of the pairing, this computer has them"
    is_answer = isinstance(error, bleak().exc.BleakGATTProtocolError)
    if is_answer and error.args[0] == _INSUFFICIENT_ENCRYPTION:
        return "this computer has lost the keys of the pairing, or does not use them, the device has them"
    if any(sign in told for sign in _SOME_KEYS_LOST):
        return "if they were paired before, one side has lost the keys, and the system does not tell which"
    return None
