"""Connections: what each remote system needs to be reached, by a name that people give it."""
