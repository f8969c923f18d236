"""Recordings as tables for other programs: CSV and Parquet, columns named as in the schema."""

from vitalband.export.tables import ExportProgress, ExportTable, export_cuff_readings, export_table

__all__ = ["ExportProgress", "ExportTable", "export_cuff_readings", "export_table"]
