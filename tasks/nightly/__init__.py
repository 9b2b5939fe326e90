"""Nightly: every device is checked, the night rules are applied, a report is written."""
