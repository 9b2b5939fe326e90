"""Desired: what a person ordered for a roster, and what of it each system is to bring about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.admission.evidence import Evidence
from fleet.admission.policy import EXACT_MATCH, Policy
from fleet.device.device import Device
from fleet.roster.roster import Roster
from fleet.state.record import Kept
from fleet.state.verdict import Decision, Verdict
from fleet.system.profile import Manner

ONBOARDING = "onboarding"


@dataclass(frozen=True)
class Desired:
    """Devices to bring into service, and the enrolment they are to share.

    `capacity` is how many devices a new enrolment admits (None: as many as need it). `existing`
    is the ending of a code that is in the system already and is to be used instead of a new one.
    With `decision` REJECT, matching requests are turned away and nothing is enrolled or retried.
    `is_whole_site` says that whoever else asks by the site's codes is a stranger. `policy` decides
    who is let in by rule; of the devices named in `by_hand`, people do. `manner` is that of the
    system they are brought into. Where codes are exchanged there, that is left to the devices named
    in `self_activating`; `register_again` takes over what was revoked or registered by others.
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
    by_hand: frozenset[str] = frozenset()
    self_activating: frozenset[str] = frozenset()
    register_again: bool = False

    def judge(self, evidence: Evidence) -> Verdict:
        """What the policy says of a request, when no person has decided on it."""
        is_by_hand = evidence.device in self.by_hand
        return (self.policy.asking_people if is_by_hand else self.policy).judge(evidence)


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
