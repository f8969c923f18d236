"""How `bleak` is reached: the system's own adapter, or another backend that is given to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from vitalband.errors import LocalError


@dataclass(frozen=True)
class Radio:
    """What `BleakScanner` and `BleakClient` get beside what they are for; nothing for the system's adapter.

    With a backend of one's own: `Radio(scanner={"backend": ...}, client={"backend": ...})`, each with
    whatever that backend wants.
    """

    scanner: Mapping[str, Any] = field(default_factory=dict[str, Any])
    client: Mapping[str, Any] = field(default_factory=dict[str, Any])


def bleak() -> Any:
    """The package; raises `LocalError` when it is not installed."""
    try:
        return import_module("bleak")
    except ModuleNotFoundError as error:
        raise LocalError(f'wanted bleak for Bluetooth: pip install "vitalband[ble]" ({error})') from error
