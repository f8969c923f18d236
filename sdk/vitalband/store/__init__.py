"""The store: verbatim frames in a SQLite database, what can be read back from it, and its recovery."""

from vitalband.bulk.vitals import VitalsColumns
from vitalband.store.check import BootAccount, CheckProgress, CheckReport, Finding, FindingKind, check_store
from vitalband.store.cuff_rows import CuffRow
from vitalband.store.database import FrameRow, Store, default_store_path
from vitalband.store.merge import MergeProgress, MergeReport, merge_stores
from vitalband.store.read import StoreReader

__all__ = [
    "BootAccount",
    "CheckProgress",
    "CheckReport",
    "CuffRow",
    "Finding",
    "FindingKind",
    "FrameRow",
    "MergeProgress",
    "MergeReport",
    "Store",
    "StoreReader",
    "VitalsColumns",
    "check_store",
    "default_store_path",
    "merge_stores",
]
