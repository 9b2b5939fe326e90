"""Onboarding: the report on every line of a roster."""
