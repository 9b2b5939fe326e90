"""Backup: the whole ledger in one file, and back from it."""
