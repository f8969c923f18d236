"""The store: verbatim frames in a SQLite database, and what can be read back from it."""

from vitalband.store.database import FrameRow, Store, default_store_path
from vitalband.store.read import StoreReader

__all__ = ["FrameRow", "Store", "StoreReader", "default_store_path"]
