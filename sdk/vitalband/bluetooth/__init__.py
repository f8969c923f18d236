"""Bluetooth Low Energy by `bleak`: `pip install "vitalband[ble]"`."""

from vitalband.bluetooth.pressure_measurement import PressureMeasurement, PressureStatus, parse_pressure
from vitalband.bluetooth.pressure_monitor import FoundMonitor, find_pressure_monitors, read_pressure_monitor
from vitalband.bluetooth.radio import Radio

__all__ = [
    "FoundMonitor",
    "PressureMeasurement",
    "PressureStatus",
    "Radio",
    "find_pressure_monitors",
    "parse_pressure",
    "read_pressure_monitor",
]
