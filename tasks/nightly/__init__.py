"""Nightly: every device is checked, rules are applied, a report is made."""
