"""How Acusight writes a date."""

from datetime import UTC, datetime


def iso(milliseconds: int | None) -> str | None:
    """ISO 8601 with `Z`; never is null."""
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
