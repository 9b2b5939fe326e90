"""Nightly: the night's report as page, workbook, table and markdown."""
