"""Nightly: findings and nights."""
