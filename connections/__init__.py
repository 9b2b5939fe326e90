"""Connections: named ways to the systems, each with address and credential."""
