"""Which band of a store is meant, and where its ticks lie in UTC."""

from vitalband.clock import TimeModel, is_possible
from vitalband.errors import StoreError
from vitalband.store.database import Store


def chosen_band(store: Store, band_id: bytes | None) -> bytes:
    """The wanted band, or the only one; `StoreError` names those that there are."""
    bands = store.bands()
    if band_id is None and len(bands) == 1:
        return bands[0]
    if band_id is not None and band_id in bands:
        return band_id
    known = ", ".join(band.hex() for band in bands) or "none"
    wanted = "one band" if band_id is None else f"band {band_id.hex()}"
    choose = "; choose by band_id (--band)" if len(bands) > 1 else ""
    raise StoreError(f"{store.path}: wanted {wanted}, the store has: {known}{choose}")


def fill_time_model(model: TimeModel, store: Store, band_id: bytes) -> None:
    """Add the time exchanges of a band to a model, those that damage has made impossible left out."""
    for row in store.exchanges(band_id):
        if is_possible(row.exchange):
            model.add(row.boot_id, row.exchange)
