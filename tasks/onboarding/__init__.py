"""Onboarding: a roster's devices come into service, step by step."""
