"""What a monitor gives goes to a store as it comes: a monitor forgets what it was confirmed."""

from datetime import tzinfo
from pathlib import Path
from typing import Any

from vitalband.bluetooth.pressure_monitor import FoundMonitor, ReceivedPressure, read_pressure_monitor
from vitalband.bluetooth.pseudonym import pseudonym_of
from vitalband.bluetooth.radio import Radio
from vitalband.errors import StoreError
from vitalband.store.cuff_rows import CuffRow
from vitalband.store.database import Store


class KeptReadings:
    """What a monitor has given: `rows` as they came; the store had `new_count` of them not.

    `failure` is what the store raised at the last of them: what it did not take is tried again with the next
    one, and once at the end, and is in `rows` only from then on.
    """

    def __init__(self, store: Store, cuff_id: bytes, zone: tzinfo | None) -> None:
        self.cuff_id = cuff_id
        self.rows: list[CuffRow] = []
        self.new_count = 0
        self.failure: StoreError | None = None
        self._store = store
        self._zone = zone
        self._written = 0

    def on_pressure(self, received: ReceivedPressure) -> None:
        """Take one that came."""
        self.rows.append(CuffRow.of(received, self.cuff_id, self._zone))
        self.write_rest()

    def write_rest(self) -> None:
        """Give the store what it has not taken yet."""
        try:
            self.new_count += self._store.write_cuff_readings(self.rows[self._written :])
        except StoreError as error:
            self.failure = error
        else:
            self.failure = None
            self._written = len(self.rows)


async def keep_readings(
    store: Store,
    monitor: FoundMonitor,
    radio: Radio | None = None,
    *,
    zone: tzinfo | None = None,
    key_path: Path | None = None,
    **limits: Any,
) -> KeptReadings:
    """Read a monitor as `read_pressure_monitor` does, with its errors and `limits`, into a store.

    Its clock is taken for that of `zone`, None for the system's. `key_path` as in `pseudonym_of`, which
    raises before the monitor is connected to.
    """
    kept = KeptReadings(store, pseudonym_of(monitor.address, key_path), zone)
    await read_pressure_monitor(monitor, radio, on_pressure=kept.on_pressure, **limits)
    if kept.failure is not None:
        kept.write_rest()
    return kept
