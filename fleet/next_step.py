"""The next step: what a person should do about a finding."""

from collections.abc import Mapping

from fleet.finding import FindingKind

STEPS: Mapping[FindingKind, str] = {
    FindingKind.PENDING: "Boot it with its code, or take its line off the roster.",
    FindingKind.FAILED: "Mend the cause; then run provision-device for it.",
    FindingKind.STUCK: "Mend what the reason names, and boot it again.",
    FindingKind.ENDED: "Run onboard-site with its roster: it makes a new enrolment.",
    FindingKind.UNLISTED: "Add it to a roster, or retire it.",
    FindingKind.GONE: "Find out who removed it; then run onboard-site again, "
    "or take it off the roster.",
    FindingKind.WRONG_SITE: "Correct the roster, or move the device.",
    FindingKind.ALIVE: "Run retire-device for it again.",
    FindingKind.REVIVABLE: "Wait until its code has expired, or find out who holds it.",
    FindingKind.LOST: "Do what the reason says. Nothing else brings back a key that was told once.",
    FindingKind.HELD: "Run review-requests for this site.",
    FindingKind.REJECTED: "If it should come in, delete its request in the system "
    "and let it ask again.",
    FindingKind.TRUNCATED: "Ask for a list by site that is short enough, or for a higher limit.",
    FindingKind.UNKNOWN: "Look at it in its system; the next run settles it as soon as it shows.",
}
