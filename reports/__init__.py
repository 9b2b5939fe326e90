"""Facts to tables, and tables to CSV, pages and rows: pandas, no Prefect, no I/O but rendering."""
