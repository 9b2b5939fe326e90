"""A review as people read it: a table of what is held, and what a form says above its fields."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fleet.admission.evidence import Code, Evidence
from fleet.admission.review import Item, Review, Vote
from fleet.device.identity import Identity
from reports.page.wording import counted, legible, plain

SHOWN = 30  # requests that a form lists; of more, the fields would be too far down


def to_rows(review: Review) -> list[dict[str, Any]]:
    """The review's table: one row for each held request, the surest first."""
    return [_row(item) for item in _surest_first(review)]


def question(review: Review, system: str, votes: Sequence[Vote] = (), refusal: str = "") -> str:
    """What a form says above its fields, in Markdown: about one request in full, else a table.

    `system` is where the requests are, `votes` what was said of them so far, and `refusal` why the
    last answer was not taken.
    """
    is_one = len(review.items) == 1
    asked = _side_by_side(review.items[0]) if is_one else _overview(review)
    refused = f"**Your answer was not taken.** {plain(refusal)}" if refusal else ""
    return "\n\n".join(filter(None, [refused, _said(review, votes), asked, _terms(review, system)]))


def headline(review: Review) -> str:
    """How many requests are held, and how many of them fit exactly."""
    exact = sum(item.evidence.is_exact for item in review.items)
    unknown_devices = sum(item.evidence.device is None for item in review.items)
    message = f"{counted(len(review.items), 'request')} held at {review.site}: "
    message += f"{exact:,} exact match{'' if exact == 1 else 'es'}" if exact else "no exact match"
    return (
        f"{message}, {counted(unknown_devices, 'unknown device')}."
        if unknown_devices
        else f"{message}."
    )


def _said(review: Review, votes: Iterable[Vote]) -> str:
    """Who said what, for those who come next; "" when nobody has."""
    names = {item.key: item.name for item in review.items}
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for vote in votes:
        said[plain(vote.by), vote.decision.value].append(names[vote.key])
    messages = [f"- {by}: {decision} {_first(found)}" for (by, decision), found in said.items()]
    return "\n".join(["**Said so far:**", "", *messages]) if messages else ""


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
            item.evidence.device or "*stranger*",
            f"{agree} of {of}" + (" **exact**" if item.evidence.is_exact else ""),
            plain(item.reason),
        )
        lines.append(f"| {' | '.join(cells)} |")
    table = "\n".join([lines[0], "", *lines[1:]])
    more = len(shown) - SHOWN
    if more > 0:
        table += f"\n\n… and {more} more, which the table among this run's *Artifacts* lists."
    return (
        f"{table}\n\n*Exact*: code and identity fit, and nothing is suspicious. What each was to "
        "show, and what it shows, is in the table among this run's *Artifacts*."
    )


def _side_by_side(item: Item) -> str:
    """Expected against observed, of one request."""
    evidence = item.evidence
    given = "one that was given to it" if evidence.device else "–"
    rows = [
        ("code", given, _code(evidence), evidence.code is Code.OWN),
        _host(evidence.expected, evidence.observed),
        _macs(evidence.expected, evidence.observed),
        ("hostname", "–", plain(evidence.hostname) or "not told", None),
        ("hardware", "–", plain(evidence.hardware) or "not told", None),
        ("version", "–", plain(evidence.version) or "not told", None),
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
    return f"a stranger at {evidence.site}. To let it in, put it on the roster"


def _reservations(item: Item) -> list[str]:
    """Why it is held: what is suspicious, and whatever else there is to say."""
    reservations = [each.message for each in item.evidence.suspicions]
    messages = (
        ["**Suspicious:**", "", *(f"- {plain(each)}" for each in reservations)]
        if reservations
        else []
    )
    if item.reason == "; ".join(reservations):
        return messages
    return [*messages, "", f"It is held because: {plain(item.reason)}."]


def _host(expected: Identity, observed: Identity) -> tuple[str, str, str, bool | None]:
    fits = expected.host_id == observed.host_id if expected.host_id else None
    return "host id", expected.host_id or "–", plain(observed.host_id or "not told"), fits


def _macs(expected: Identity, observed: Identity) -> tuple[str, str, str, bool | None]:
    fits = bool(expected.macs & observed.macs) if expected.macs else None
    return (
        "MACs",
        ", ".join(sorted(expected.macs)) or "–",
        ", ".join(sorted(observed.macs)) or "not told",
        fits,
    )


def _terms(review: Review, system: str) -> str:
    terms = review.terms
    names = f", by {terms.quorum} different people" if terms.quorum > 1 else ""
    asked = f" {plain(terms.requested_by)} asked for it" if terms.requested_by else ""
    barred = ", and may not decide it" if asked and not terms.requester_may_approve else ""
    return (
        f"Decide until **{terms.deadline:%Y-%m-%d %H:%M} UTC**{names}; after that nothing is "
        f"decided and all of it stays held.{asked}{barred}{'.' if asked else ''} A rejected "
        f"device can ask again only after its request was deleted in {system}."
    )


def _code(evidence: Evidence) -> str:
    if evidence.code is Code.OWN:
        return "its own"
    return "this site's, but of no line" if evidence.device is None else "not given to this device"


def _asked(evidence: Evidence) -> str:
    return f"{evidence.asked_at:%Y-%m-%d %H:%M:%S} UTC" if evidence.asked_at else "not told"


def _surest_first(review: Review) -> Sequence[Item]:
    def rank(item: Item) -> tuple[bool, float, str]:
        agree, of = item.evidence.score
        return not item.evidence.is_exact, -agree / of, item.name

    return sorted(review.items, key=rank)
