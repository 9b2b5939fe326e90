"""Nightly: what a night finds, what its rules say, and what comes next."""
