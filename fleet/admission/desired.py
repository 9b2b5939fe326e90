"""What is desired of one run: the devices of a site, and how they are to be enrolled."""

from dataclasses import dataclass
from datetime import datetime

from fleet.device.device import Device
from fleet.admission.evidence import Evidence
from fleet.system.profile import Manner
from fleet.admission.policy import EXACT_MATCH, Policy
from fleet.state.verdict import Decision, Verdict


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
