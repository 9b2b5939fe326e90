"""Times: when one device reached each stage on its way into service."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Times:
    """Aware UTC instants, None for a stage that was not reached or is not known.

    `asked` and `provisioned` are its system's own times; the others are ours.
    """

    enrolled: datetime | None = None
    asked: datetime | None = None
    approved: datetime | None = None
    provisioned: datetime | None = None
    confirmed: datetime | None = None
