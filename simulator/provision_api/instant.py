"""How provision_api writes a date."""

from datetime import UTC, datetime


def iso(milliseconds: int) -> str:
    """ISO 8601 with microseconds, and `+00:00` rather than `Z`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="microseconds")
