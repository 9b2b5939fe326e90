"""Litmus Edge Manager 2.31 as far as activation goes: its calls, its rules and its devices."""
