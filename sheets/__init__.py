"""Sheets: what was sent as a roster, whatever its format, as tables of texts with their places."""
