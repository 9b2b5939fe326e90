"""A review for people: a table of what is held, and the question above a form's fields."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fleet.admission.evidence import Code, Evidence
from fleet.admission.review import UNPROVED, Item, Review, Vote
from fleet.device.identity import Identity
from reports.page.wording import counted, legible, plain

_PROVED = (
    "Only enrolled approvers decide here. Write your name as it was enrolled, and the six digits "
    "that your authenticator app shows now."
)
SHOWN = 30  # requests that a form lists; more would push its fields too far down


def to_rows(review: Review) -> list[dict[str, Any]]:
    """The review's table: one row for each held request, the surest first."""
    return [_row(item) for item in _surest_first(review)]


def question(
    review: Review,
    system: str,
    votes: Sequence[Vote] = (),
    refusal: str = "",
    names_are_proved: bool = False,
) -> str:
    """The text above a form's fields, in Markdown: one request in full, or a table of several.

    `system` is where the requests are, `votes` are those cast so far, and `refusal` says why the
    last answer was not accepted. `names_are_proved` where only enrolled people decide.
    """
    is_one = len(review.items) == 1
    asked = _side_by_side(review.items[0]) if is_one else _overview(review)
    who = _PROVED if names_are_proved else _unproved(review.site)
    refused = f"**Your answer was not accepted.** {plain(refusal)}" if refusal else ""
    return "\n\n".join(
        filter(None, [refused, _votes(review, votes), asked, _terms(review, system), who])
    )


def headline(review: Review) -> str:
    """How many requests are held, and how many of them match exactly."""
    exact = sum(item.evidence.is_exact for item in review.items)
    unknown_devices = sum(item.evidence.device is None for item in review.items)
    text = f"{counted(len(review.items), 'request')} held at {review.site}: "
    text += f"{exact:,} exact match{'' if exact == 1 else 'es'}" if exact else "no exact match"
    return (
        f"{text}, {counted(unknown_devices, 'unknown device')}." if unknown_devices else f"{text}."
    )


def _votes(review: Review, votes: Iterable[Vote]) -> str:
    """Who voted how so far; "" when nobody has."""
    names = {item.key: item.name for item in review.items}
    cast: dict[tuple[str, str], list[str]] = defaultdict(list)
    for vote in votes:
        by = plain(vote.by) if vote.is_proved else f"{plain(vote.by)} ({UNPROVED})"
        cast[by, vote.decision.value].append(names[vote.key])
    lines = [f"- {by}: {decision} {_first(found)}" for (by, decision), found in cast.items()]
    return "\n".join(["**Votes so far:**", "", *lines]) if lines else ""


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _row(item: Item) -> dict[str, Any]:
    evidence = item.evidence
    agree, of = evidence.score
    return {
        "request": item.number,
        "device": evidence.device or "unknown device",
        "agrees": f"{agree} of {of}",
        "exact": "yes" if evidence.is_exact else "no",
        "expected": _identity(evidence.expected),
        "observed": _identity(evidence.observed),
        "why it is held": legible(item.reason),
        "code": _code(evidence),
        "hostname": legible(evidence.hostname),
        "hardware": legible(evidence.hardware),
        "version": legible(evidence.version),
        "asked": f"{evidence.asked_at:%Y-%m-%d %H:%M:%S}Z" if evidence.asked_at else "",
        "may be approved": "yes" if evidence.may_be_approved else "no",
    }


def _identity(identity: Identity) -> str:
    host = [f"host id {identity.host_id}"] if identity.host_id else []
    return legible(", ".join([*host, *(f"MAC {mac}" for mac in sorted(identity.macs))]))


def _overview(review: Review) -> str:
    lines = [
        f"### {headline(review)}",
        "| request | device | agrees | why it is held |",
        "|---|---|---|---|",
    ]
    shown = _surest_first(review)
    for item in shown[:SHOWN]:
        agree, of = item.evidence.score
        cells = (
            item.number,
            item.evidence.device or "*unknown device*",
            f"{agree} of {of}" + (" **exact**" if item.evidence.is_exact else ""),
            plain(item.reason),
        )
        lines.append(f"| {' | '.join(cells)} |")
    table = "\n".join([lines[0], "", *lines[1:]])
    more = len(shown) - SHOWN
    if more > 0:
        table += f"\n\n… and {more} more in the table under this run's *Artifacts*."
    return (
        f"{table}\n\n*Exact*: code and identity match, and nothing is suspicious. The table under "
        "this run's *Artifacts* has the expected and the observed identity of each request."
    )


def _side_by_side(item: Item) -> str:
    """One request, expected against observed."""
    evidence = item.evidence
    given = "one given to this device" if evidence.device else "–"
    rows = [
        ("code", given, _code(evidence), evidence.code is Code.OWN),
        _host(evidence.expected, evidence.observed),
        _macs(evidence.expected, evidence.observed),
        ("hostname", "–", plain(evidence.hostname) or "not reported", None),
        ("hardware", "–", plain(evidence.hardware) or "not reported", None),
        ("version", "–", plain(evidence.version) or "not reported", None),
        ("asked", "–", _asked(evidence), None),
    ]
    signs = {True: "✓", False: "✗", None: ""}
    lines = [f"| {a} | {b} | {c} | {signs[fits]} |" for a, b, c, fits in rows]
    return "\n".join(
        [
            f"### Request {item.number}: {_asked_of(evidence)}",
            "",
            "| | expected | observed | |",
            "|---|---|---|---|",
            *lines,
            "",
            *_reservations(item),
        ]
    )


def _asked_of(evidence: Evidence) -> str:
    if evidence.device:
        return f"is this {evidence.device} of {evidence.site}?"
    return f"unknown device at {evidence.site}. To admit it, add it to the roster"


def _reservations(item: Item) -> list[str]:
    """Why it is held: what is suspicious about it, and any other reason."""
    suspicions = [each.message for each in item.evidence.suspicions]
    lines = [f"- {plain(each)}" for each in suspicions]
    lines = ["**Suspicious:**", "", *lines] if lines else []
    if lines and item.code.is_suspicion:  # the suspicions say all of it
        return lines
    return [*lines, "", f"Held because: {plain(item.reason)}."]


def _host(expected: Identity, observed: Identity) -> tuple[str, str, str, bool | None]:
    fits = expected.host_id == observed.host_id if expected.host_id else None
    return "host id", expected.host_id or "–", plain(observed.host_id or "not reported"), fits


def _macs(expected: Identity, observed: Identity) -> tuple[str, str, str, bool | None]:
    fits = bool(expected.macs & observed.macs) if expected.macs else None
    return (
        "MACs",
        ", ".join(sorted(expected.macs)) or "–",
        ", ".join(sorted(observed.macs)) or "not reported",
        fits,
    )


def _terms(review: Review, system: str) -> str:
    terms = review.terms
    quorum = f" An approval needs {terms.quorum} different people." if terms.quorum > 1 else ""
    unproved = "" if terms.requester_is_proved else f" ({UNPROVED})"
    asked = f" Requested by {plain(terms.requested_by)}{unproved}" if terms.requested_by else ""
    barred = ", who may not decide it" if asked and not terms.requester_may_approve else ""
    return (
        f"Decide by **{terms.deadline:%Y-%m-%d %H:%M} UTC**. After that, everything stays held."
        f"{quorum}{asked}{barred}{'.' if asked else ''} A rejected device can ask again only after "
        f"its request is deleted in {system}."
    )


def _unproved(site: str) -> str:
    return (
        f"**Names are not proved here:** nobody is enrolled as an approver for {site}, so anybody "
        "can write any name. To change that: `muster approvers enroll`."
    )


def _code(evidence: Evidence) -> str:
    if evidence.code is Code.OWN:
        return "its own"
    return (
        "this site's, but no matching roster line"
        if evidence.device is None
        else "not given to this device"
    )


def _asked(evidence: Evidence) -> str:
    return f"{evidence.asked_at:%Y-%m-%d %H:%M:%S} UTC" if evidence.asked_at else "not reported"


def _surest_first(review: Review) -> Sequence[Item]:
    def rank(item: Item) -> tuple[bool, float, str]:
        agree, of = item.evidence.score
        return not item.evidence.is_exact, -agree / of, item.name

    return sorted(review.items, key=rank)
