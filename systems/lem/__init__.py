"""Litmus Edge Manager (LEM): requests of devices are approved, project by project."""
