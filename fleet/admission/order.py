"""An order: what a person asked for, whatever systems the devices are brought into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.system.profile import Manner
from fleet.admission.policy import Policy
from fleet.roster.roster import Roster
from fleet.state.verdict import Decision

ONBOARDING = "onboarding"


@dataclass(frozen=True)
class Order:
    """A roster, and how its devices are to be brought in; see `Desired` for the words.

    `capacity` and `existing` concern only systems in which an enrolment can be chosen. With
    `asks_people`, no rule approves anything. `purpose` is what its reports are named after;
    `connections` are looked at even where no line names them.
    """

    roster: Roster
    expires_at: datetime
    capacity: int | None = None
    existing: str | None = None
    decision: Decision = Decision.APPROVE
    is_whole_site: bool = True
    device_activates: bool = False
    register_again: bool = False
    asks_people: bool = False
    purpose: str = ONBOARDING
    connections: tuple[str, ...] = ()

    def desired(self, devices: Sequence[Device], manner: Manner, policy: Policy) -> Desired:
        """What is desired of those of the roster's devices that are brought in that manner."""
        return Desired(
            site=self.roster.site,
            devices=tuple(devices),
            expires_at=self.expires_at,
            manner=manner,
            capacity=self.capacity if manner.can_adopt else None,
            existing=self.existing if manner.can_adopt else None,
            decision=self.decision,
            is_whole_site=self.is_whole_site,
            policy=policy,
            self_activating=frozenset(device.name for device in devices)
            if self.device_activates and manner.device_may_activate
            else frozenset(),
            register_again=self.register_again,
        )
