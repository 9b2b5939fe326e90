"""Measurements: what onboarding costs beside the bare calls that it makes."""
