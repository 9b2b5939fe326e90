"""Admitted: as whom a device was admitted, which every later observation is compared with.

edge-042 was admitted by request 35, which showed host id 43e210471948. If that request shows
another host id one day, another machine is behind it.
"""

from dataclasses import dataclass

from fleet.device.identity import Identity
from fleet.device.request import Request


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a device showed when it was decided to admit it, and by which request, by its key.

    `device_id` is its system's id of it, from when it was first seen in service on.
    """

    request_key: str
    identity: Identity
    device_id: str | None = None

    def is_superseded(self, line: Identity) -> bool:
        """Whether the roster says something else of the device since: that is the newer word."""
        return bool(line.contradiction(self.identity))


def seen_in_service(past: Admitted | None, line: Identity, request: Request) -> Admitted:
    """As whom a device counts as admitted that is in service by `request`, and fits `past`.

    What was known stays, for a system may show less later on; what it shows besides is added.
    """
    shown = request.identity
    if past and not past.is_superseded(line):
        known = past.identity
        shown = Identity(known.host_id or shown.host_id, known.macs or shown.macs)
    return Admitted(request.key, shown, request.device_id)
