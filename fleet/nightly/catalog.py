"""The catalog of finding kinds: one record per kind, with everything that depends on it.

A new kind is a code in `FindingKind` and a record in `FINDING_KINDS`; then whoever finds it yields
it, and `docs/nights.md` says what it means.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fleet.nightly.rule import NightRule, Remediation
from fleet.state.device_state import NOT_ITSELF, State
from fleet.text.tone import Tone

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class FindingKind(StrEnum):
    """What is found: the code that the ledger stores and a file of night rules names."""

    PENDING = "pending"
    FAILED = "failed"
    APPROVAL_NOT_SHOWN = "approval_not_shown"
    STUCK = "stuck"
    ENDED = "enrollment_ended"
    UNLISTED = "unlisted"
    MISSING = "missing"
    WRONG_SITE = "wrong_site"
    RETIRED_IN_SERVICE = "retired_in_service"
    REVIVABLE = "revivable"
    IDENTITY_MISMATCH = "identity_mismatch"
    LOST = "key_lost"
    KEY_NOT_HELD = "key_not_held"
    HELD = "held"
    REJECTED = "rejected"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"

    @property
    def record(self) -> "FindingRecord":
        """What the catalog says of it."""
        return FINDING_KINDS[self]


REPORTED = NightRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """One kind of finding, such as *failed*.

    `label` is what people read, `meaning` what an editor shows beside a rule, `remedy` what a
    person should do. Reports put a smaller `urgency` first. `rule` holds without a file, and
    `remediations` are what a rule may do beside reporting. `former_key` is refused in a file.

    `may_pass`: the next observation may show that it is over, by itself.
    `trouble` is what devices in it are called where causes are looked for; "" where they are not.
    `is_reviewed`: people decide it in a review. `needs_whole_list`: only who observed every site of
    a connection can say that it is over. `is_of_list`: it is about a list, and not about a device.
    `state` is how its device is counted, where an observation alone cannot tell that.
    """

    label: str
    meaning: str
    remedy: str
    urgency: int
    tone: Tone = Tone.WARN
    rule: NightRule = REPORTED
    remediations: frozenset[Remediation] = frozenset()
    former_key: str = ""
    may_pass: bool = False
    trouble: str = ""
    is_reviewed: bool = False
    needs_whole_list: bool = False
    is_of_list: bool = False
    state: State | None = None


FINDING_KINDS = {
    FindingKind.PENDING: FindingRecord(
        label="pending too long",
        meaning="not in service for too long",
        remedy="Boot it with its code, or take its line off the roster.",
        urgency=14,
        rule=NightRule(after=3 * DAY),
        remediations=frozenset({Remediation.REJECT}),
        may_pass=True,
        trouble="devices that are pending too long",
    ),
    FindingKind.FAILED: FindingRecord(
        label="failed",
        meaning="its provisioning failed",
        remedy="Remove the cause. Then run provision-device for it.",
        urgency=6,
        tone=Tone.BAD,
        rule=NightRule(Remediation.RETRY, times=3),
        remediations=frozenset({Remediation.RETRY}),
        trouble="failures",
    ),
    FindingKind.APPROVAL_NOT_SHOWN: FindingRecord(
        label="approval not shown",
        meaning="approved, and its system does not show that",
        remedy="Open its request in the system. Approve it there; or reject and delete it, so that "
        "the device asks again.",
        urgency=7,
        tone=Tone.BAD,
        rule=NightRule(after=HOUR),
        may_pass=True,
        trouble="devices whose approval is not shown",
    ),
    FindingKind.STUCK: FindingRecord(
        label="approved, never confirmed",
        meaning="approved and never confirmed",
        remedy="Remove the cause that the reason names, and boot it again.",
        urgency=8,
        tone=Tone.BAD,
        rule=NightRule(after=HOUR),
        may_pass=True,
        trouble="devices that were approved and never confirmed",
    ),
    FindingKind.ENDED: FindingRecord(
        label="enrollment ended",
        meaning="its code expired or was used up by others, and it is still due",
        remedy="Run onboard-site with its roster: it makes a new enrollment.",
        urgency=13,
        remediations=frozenset({Remediation.RE_ENROLL}),
        former_key="enrolment_ended",
        trouble="devices whose enrollment ended",
    ),
    FindingKind.UNLISTED: FindingRecord(
        label="in service, on no roster",
        meaning="in service, on no roster",
        remedy="Add it to a roster, or retire it.",
        urgency=12,
        needs_whole_list=True,
    ),
    FindingKind.MISSING: FindingRecord(
        label="on the roster, missing",
        meaning="on the roster, and not there",
        remedy="Find out who removed it. Then run onboard-site again, or take it off the roster.",
        urgency=5,
        tone=Tone.BAD,
        former_key="gone",
        state=State.MISSING,
        trouble="devices that are missing",
    ),
    FindingKind.WRONG_SITE: FindingRecord(
        label="wrong site",
        meaning="at another site",
        remedy="Correct the roster, or move the device.",
        urgency=11,
    ),
    FindingKind.RETIRED_IN_SERVICE: FindingRecord(
        label="retired here, in service there",
        meaning="retired here, in service there",
        remedy="Run retire-device for it again.",
        urgency=3,
        tone=Tone.BAD,
        former_key="alive",
    ),
    FindingKind.REVIVABLE: FindingRecord(
        label="retired, and a code could revive it",
        meaning="a code could revive it",
        remedy="Wait until its code has expired, or find out who holds it.",
        urgency=4,
        tone=Tone.BAD,
    ),
    FindingKind.IDENTITY_MISMATCH: FindingRecord(
        label="identity mismatch",
        meaning="another machine is admitted in its name",
        remedy=NOT_ITSELF,
        urgency=1,
        tone=Tone.BAD,
        trouble="devices in whose name another machine is admitted",
    ),
    FindingKind.LOST: FindingRecord(
        label="key lost",
        meaning="its key was lost",
        remedy="Do what the reason says. A system gives a key once; nothing else replaces it.",
        urgency=2,
        tone=Tone.BAD,
        trouble="devices whose key was lost",
    ),
    FindingKind.KEY_NOT_HELD: FindingRecord(
        label="in service, key not held",
        meaning="in service by a key that is not held here, or may not be",
        remedy="Run rotate-token for it: the new key is held here and replaces the other one.",
        urgency=17,
    ),
    FindingKind.HELD: FindingRecord(
        label="held too long",
        meaning="held for a person for too long",
        remedy="Run review-requests for this site.",
        urgency=10,
        rule=NightRule(after=12 * HOUR),
        remediations=frozenset({Remediation.REJECT}),
        is_reviewed=True,
    ),
    FindingKind.REJECTED: FindingRecord(
        label="rejected",
        meaning="its request was rejected",
        remedy="To admit it after all, delete its request in the system and let it ask again.",
        urgency=15,
        tone=Tone.BAD,
    ),
    FindingKind.TRUNCATED: FindingRecord(
        label="list cut off",
        meaning="a list ended at its limit",
        remedy="Ask for a list by site that is short enough, or for a higher limit.",
        urgency=16,
        is_of_list=True,
    ),
    FindingKind.UNREADABLE: FindingRecord(
        label="entry not readable",
        meaning="its list holds an entry that cannot be read",
        remedy="Correct the entry in its system, or remove it. Until then it may be any device.",
        urgency=18,
        is_of_list=True,
    ),
    FindingKind.UNKNOWN: FindingRecord(
        label="outcome unknown",
        meaning="its outcome is unknown",
        remedy="Check it in its system. The next run resolves it as soon as it shows there.",
        urgency=9,
        rule=NightRule(after=HOUR),
        remediations=frozenset({Remediation.RE_ENROLL}),
        may_pass=True,
    ),
}
