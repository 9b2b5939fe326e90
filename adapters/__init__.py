"""Each remote system in the fleet's words: one adapter per system."""
