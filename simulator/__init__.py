"""Simulators of the systems that Muster talks to: HTTP on the loopback, with faults on demand."""
