"""Text that people write or read: files with their faults, durations, settings, errors."""
