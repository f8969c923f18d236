"""Recordings as tables for other programs: CSV and Parquet, columns named as in the schema."""

from vitalband.export.everything import Everything, export_everything
from vitalband.export.tables import ExportProgress, ExportTable, export_cuff_readings, export_table

__all__ = [
    "Everything",
    "ExportProgress",
    "ExportTable",
    "export_cuff_readings",
    "export_everything",
    "export_table",
]
