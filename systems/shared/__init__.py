"""What all systems share: HTTP, errors, wire shapes, pace, settings, the check-up, the block."""
