"""Bluetooth Low Energy by `bleak`: `pip install "vitalband[ble]"`."""

from vitalband.bluetooth.band_search import FoundBand, find_bands, known_by_token
from vitalband.bluetooth.known_bands import KnownBand, KnownBands
from vitalband.bluetooth.pressure_measurement import PressureMeasurement, PressureStatus, parse_pressure
from vitalband.bluetooth.pressure_monitor import (
    FoundMonitor,
    MonitorSource,
    ReceivedPressure,
    find_pressure_monitors,
    read_pressure_monitor,
)
from vitalband.bluetooth.radio import Radio

__all__ = [
    "FoundBand",
    "FoundMonitor",
    "KnownBand",
    "KnownBands",
    "MonitorSource",
    "PressureMeasurement",
    "PressureStatus",
    "Radio",
    "ReceivedPressure",
    "find_bands",
    "find_pressure_monitors",
    "known_by_token",
    "parse_pressure",
    "read_pressure_monitor",
]
