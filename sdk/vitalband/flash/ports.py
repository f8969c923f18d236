"""Finds the port of a board."""

from serial.tools import list_ports

from vitalband.errors import LocalError


def find_port() -> str:
    """The one USB port there is; LocalError when there is none, or more than one to choose from."""
    ports = sorted(
        (port for port in list_ports.comports() if port.vid is not None), key=lambda port: port.device
    )
    if len(ports) == 1:
        return ports[0].device
    named = "".join(f"\n  {port.device}  {port.manufacturer or ''} {port.product or ''}" for port in ports)
    raise LocalError(f"wanted one board at a USB port, found {len(ports)}; name the port{named}")
