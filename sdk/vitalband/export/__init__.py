"""Recordings as tables for other programs: CSV and Parquet, columns named as in the schema."""

from vitalband.export.tables import ExportTable, export_table

__all__ = ["ExportTable", "export_table"]
