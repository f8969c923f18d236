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


def reason_of(error: Exception) -> str:
    """What an error says; the name of its class when it says nothing, as a TimeoutError does."""
    return str(error) or type(error).__name__
