"""What is desired of one run: the devices of a site, and how they are to be enrolled."""

from dataclasses import dataclass
from datetime import datetime

from fleet.device import Device
from fleet.manner import Manner
from fleet.policy import EXACT_MATCH, Policy
from fleet.verdict import Decision


@dataclass(frozen=True)
class Desired:
    """Devices to bring into service, and the enrolment they are to share.

    `capacity` is how many devices a new enrolment admits (None: as many as need it). `existing`
    is the ending of a code that is in the system already and is to be used instead of a new one.
    With `decision` REJECT, matching requests are turned away and nothing is enrolled or retried.
    `is_whole_site` says that whoever else asks by the site's codes is a stranger. `policy` decides
    who is let in by rule. `manner` is that of the system they are brought into; where codes are
    exchanged there, `device_activates` leaves that to the device, and `register_again` takes over
    what was revoked or registered by others.
    """

    site: str
    devices: tuple[Device, ...]
    expires_at: datetime
    manner: Manner
    capacity: int | None = None
    existing: str | None = None
    decision: Decision = Decision.APPROVE
    is_whole_site: bool = True
    policy: Policy = EXACT_MATCH
    device_activates: bool = False
    register_again: bool = False
