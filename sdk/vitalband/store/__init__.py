"""The store: verbatim frames in a SQLite database, and what can be read back from it."""

from vitalband.bulk.vitals import VitalsColumns
from vitalband.store.database import FrameRow, Store, default_store_path
from vitalband.store.read import StoreReader

__all__ = ["FrameRow", "Store", "StoreReader", "VitalsColumns", "default_store_path"]
