"""What our own record keeps of one device: where it belongs, and how it stood when last seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.system.profile import Manner
from fleet.admission.policy import Policy
from fleet.state.device_state import State


@dataclass(frozen=True, slots=True)
class Kept:
    """One device of a site. `is_listed` says whether the site's last roster names it.

    `confirmed_as` is its system's id of it, once it was seen in service. `is_by_hand` and
    `activates_itself` are how it was ordered last: people let it in, it exchanges its code itself.
    """

    site: str
    scope: str
    connection: str
    device: Device
    state: State
    is_listed: bool
    confirmed_as: str | None
    changed_at: datetime
    is_by_hand: bool = False
    activates_itself: bool = False

    @property
    def is_looked_after(self) -> bool:
        """Whether it is to be in service."""
        return self.is_listed and self.state is not State.RETIRED

    @property
    def is_on_its_way(self) -> bool:
        """Whether something is still to come of it by itself."""
        return self.is_listed and not self.state.record.is_final


def desired_of(
    site: str, kept: Sequence[Kept], manner: Manner, policy: Policy, expires_at: datetime
) -> Desired:
    """What is desired of a site's devices, as they were ordered last."""
    itself = (each.device.name for each in kept if each.activates_itself)
    return Desired(
        site=site,
        devices=tuple(each.device for each in kept),
        expires_at=expires_at,
        manner=manner,
        policy=policy,
        by_hand=frozenset(each.device.name for each in kept if each.is_by_hand),
        self_activating=frozenset(itself) if manner.device_may_activate else frozenset(),
    )
