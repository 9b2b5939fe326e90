"""The next step: what a person should do about a finding."""

from collections.abc import Mapping

from fleet.finding import Kind

STEPS: Mapping[Kind, str] = {
    Kind.PENDING: "Boot it with its code, or take its line off the roster.",
    Kind.FAILED: "Mend the cause; then run provision-device for it.",
    Kind.STUCK: "Mend what the reason names, and boot it again.",
    Kind.ENDED: "Run onboard-site with its roster: it makes a new enrolment.",
    Kind.UNLISTED: "Add it to a roster, or retire it.",
    Kind.GONE: "Find out who removed it; then run onboard-site again, or take it off the roster.",
    Kind.WRONG_SITE: "Correct the roster, or move the device.",
    Kind.ALIVE: "Run retire-device for it again.",
    Kind.REVIVABLE: "Wait until its code has expired, or find out who holds it.",
    Kind.LOST: "Do what the reason says. Nothing else brings back a key that was told once.",
    Kind.HELD: "Run review-requests for this site.",
    Kind.REJECTED: "If it should come in, delete its request in the system and let it ask again.",
    Kind.TRUNCATED: "Ask for a list by site that is short enough, or for a higher limit.",
    Kind.UNKNOWN: "Look at it in its system; the next run settles it as soon as it shows.",
}
