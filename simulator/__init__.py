"""The systems Muster talks to, over real HTTP on the loopback, that fail when told to."""
