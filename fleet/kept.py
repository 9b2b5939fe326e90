"""What our own record keeps of one device: where it belongs, and how it stood when last seen."""

from dataclasses import dataclass
from datetime import datetime

from fleet.device import Device
from fleet.standing import State


@dataclass(frozen=True, slots=True)
class Kept:
    """One device of a site. `is_listed` says whether the site's last roster names it.

    `confirmed_as` is its system's id of it, once it was seen in service.
    """

    site: str
    scope: str
    connection: str
    device: Device
    state: State
    is_listed: bool
    confirmed_as: str | None
    changed_at: datetime
