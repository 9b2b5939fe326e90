"""Desired: what a person ordered for a roster, and the part of it for each system."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.admission.evidence import Evidence
from fleet.admission.policy import EXACT_MATCH, Policy
from fleet.device.device import Device
from fleet.roster.roster import Roster
from fleet.state.record import DeviceRecord
from fleet.state.verdict import Decision, Verdict
from fleet.system.profile import SystemProfile

ONBOARDING = "onboarding"


@dataclass(frozen=True)
class Desired:
    """Devices to bring into service, and the enrollment that they are to share.

    `capacity` is how many devices a new enrollment admits (None: as many as need it). `existing`
    is the ending of a code that is in the system already and is to be used instead of a new one.
    With `decision` REJECT, matching requests are rejected and nothing is enrolled or retried.
    `is_whole_site` says that every other device that asks by the site's codes is unknown. `policy`
    approves by rule; people decide on the devices named in `by_people`. `system_profile` is that
    of the system they are brought into. Where that admits by code, the devices named in
    `self_activating` exchange their codes themselves; `register_again` takes over what was revoked,
    or registered by others.
    """

    site: str
    devices: tuple[Device, ...]
    expires_at: datetime
    system_profile: SystemProfile
    capacity: int | None = None
    existing: str | None = None
    decision: Decision = Decision.APPROVE
    is_whole_site: bool = True
    policy: Policy = EXACT_MATCH
    by_people: frozenset[str] = frozenset()
    self_activating: frozenset[str] = frozenset()
    register_again: bool = False

    def judge(self, evidence: Evidence) -> Verdict:
        """What the policy decides about a request on which no person has decided."""
        is_by_people = evidence.device in self.by_people
        return (self.policy.asking_people if is_by_people else self.policy).judge(evidence)


@dataclass(frozen=True)
class Order:
    """A roster, and how its devices are to be brought in; see `Desired` for the words.

    `capacity` and `existing` concern only systems in which an enrollment can be chosen. With
    `asks_people`, no rule approves anything. `purpose` is what its reports are named after;
    `connections` are observed even where no line names them. With `device_activates` or
    `asks_people` None, that stays as a device was ordered last.
    """

    roster: Roster
    expires_at: datetime
    capacity: int | None = None
    existing: str | None = None
    decision: Decision = Decision.APPROVE
    is_whole_site: bool = True
    device_activates: bool | None = False
    register_again: bool = False
    asks_people: bool | None = None
    purpose: str = ONBOARDING
    connections: tuple[str, ...] = ()

    def desired(
        self,
        devices: Sequence[Device],
        system_profile: SystemProfile,
        policy: Policy,
        activated_before: Collection[str],
        by_people_before: Collection[str],
    ) -> Desired:
        """What is desired of those of the roster's devices that belong to one system.

        `activated_before` names those that were ordered last to activate themselves, and
        `by_people_before` those that were ordered last to be approved by people.
        """
        names = {device.name for device in devices}
        itself = _ordered(self.device_activates, names, activated_before)
        return Desired(
            site=self.roster.site,
            devices=tuple(devices),
            expires_at=self.expires_at,
            system_profile=system_profile,
            capacity=self.capacity if system_profile.can_adopt else None,
            existing=self.existing if system_profile.can_adopt else None,
            decision=self.decision,
            is_whole_site=self.is_whole_site,
            policy=policy,
            by_people=_ordered(self.asks_people, names, by_people_before),
            self_activating=itself if system_profile.device_may_activate else frozenset(),
            register_again=self.register_again,
        )


def _ordered(given: bool | None, names: Collection[str], before: Collection[str]) -> frozenset[str]:
    """Those of `names` for which something is ordered: all, none, or as before."""
    if given is None:
        return frozenset(names) & frozenset(before)
    return frozenset(names if given else ())


def desired_of(
    site: str,
    records: Sequence[DeviceRecord],
    system_profile: SystemProfile,
    policy: Policy,
    expires_at: datetime,
) -> Desired:
    """What is desired of a site's devices, as they were ordered last."""
    itself = (each.device.name for each in records if each.activates_itself)
    return Desired(
        site=site,
        devices=tuple(each.device for each in records),
        expires_at=expires_at,
        system_profile=system_profile,
        policy=policy,
        by_people=frozenset(each.device.name for each in records if each.is_by_people),
        self_activating=frozenset(itself) if system_profile.device_may_activate else frozenset(),
    )
