"""A review: held requests that people decide, and what their answers mean."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fleet.admission.approver import Proof, folded
from fleet.admission.evidence import Evidence, digest
from fleet.admission.suspicion import SuspicionKind
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from fleet.text.expected import ExpectedError

UNPROVED = "name not proved"
PastDecision = tuple[str, str]  # a request's key, and its fingerprint when it was reviewed


@dataclass(frozen=True, slots=True)
class Item:
    """One held request as people see it; `code` and `reason` say why it is held."""

    evidence: Evidence
    code: ReasonCode
    reason: str

    @property
    def key(self) -> PastDecision:
        """The request, and what it said of itself."""
        return self.evidence.request_key, self.evidence.fingerprint

    @property
    def number(self) -> str:
        """What a person may call it: its request's number in its system, such as #12."""
        return f"#{self.evidence.request_id}"

    @property
    def name(self) -> str:
        """What a person calls it: its device, or its number where it is on no line."""
        return self.evidence.device or self.number


@dataclass(frozen=True, slots=True)
class Terms:
    """How a review is decided: until when, by how many people, and whether by its requester.

    Names are compared without regard to case and spaces. `requester_is_proved` by digits.
    """

    deadline: datetime
    quorum: int = 1
    requested_by: str = ""
    requester_may_approve: bool = True
    requester_is_proved: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said of one request: approve or reject; `is_proved` that it was them."""

    key: PastDecision
    decision: Decision
    by: str
    reason: str
    quorum: int = 1
    is_proved: bool = False


@dataclass(frozen=True)
class Review:
    """A frozen set of held requests, and the terms on which they are decided."""

    id: str
    site: str
    connection: str
    items: tuple[Item, ...]
    terms: Terms
    asked_at: datetime

    @property
    def digest(self) -> str:
        """A hash of the set: of every request in it and of what each said of itself."""
        return digest([list(item.key) for item in self.items])


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person wrote into the form; lists name devices or request numbers.

    The six digits never leave it.
    """

    name: str
    reason: str
    exact: Decision = Decision.HOLD
    approve: str = ""
    reject: str = ""
    digits: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer decides: votes to record and a sentence; `awaits` need more people."""

    votes: tuple[Vote, ...]
    message: str
    awaits: tuple[str, ...] = ()


class NothingToReview(ExpectedError):
    """There is nothing that a person could decide; the message says why."""


class UnusableAnswer(Exception):
    """The answer decides nothing; the message says why. The person may answer again."""


class LateAnswer(Exception):
    """The answer came after the deadline and decides nothing."""


def shown(text: str) -> str:
    """What a person wrote, in one line, without invisible characters; PostgreSQL refuses NUL."""
    return " ".join("".join(c if c.isprintable() else " " * c.isspace() for c in text).split())


def passed(deadline: datetime) -> str:
    """What a review says when nobody decided in time."""
    return (
        f"Nobody decided by the deadline, {deadline:%Y-%m-%d %H:%M} UTC. What is held stays held."
    )


def decisions(votes: Iterable[Vote]) -> dict[PastDecision, Verdict]:
    """What people have decided: one rejection is enough, an approval needs its quorum of names."""
    by_request: dict[PastDecision, list[Vote]] = defaultdict(list)
    for vote in votes:
        by_request[vote.key].append(vote)
    return {key: found for key, cast in by_request.items() if (found := _decision(cast))}


def answer_time(review: Review, received: datetime | None, now: datetime) -> datetime:
    """When an answer to `review` was given, as far as it can be believed when it was `received`.

    Nobody answers before the question, or later than it is read. Where that is said, it counts as
    given now: as late as it can have been.
    """
    is_possible = received is not None and review.asked_at <= received <= now
    return received if received and is_possible else now


def refuse_late(terms: Terms, answer: Answer, at: datetime) -> None:
    """Raise LateAnswer when `answer` was given after the deadline."""
    if at > terms.deadline:
        raise LateAnswer(
            f"{shown(answer.name)} answered at {at:%Y-%m-%d %H:%M:%S} UTC, after the deadline "
            f"({terms.deadline:%Y-%m-%d %H:%M:%S} UTC). Nothing was decided, and what is held "
            "stays held. Start another review"
        )


def approved_before(review: Review, cast: Iterable[Vote]) -> Item | None:
    """A request of `review` that whoever asks for it has approved, where nobody may do both.

    In an earlier review, which somebody else asked for; its approval is still to be completed.
    """
    terms = review.terms
    if terms.requester_may_approve:
        return None
    theirs = {
        v.key for v in cast if v.decision is Decision.APPROVE and _is(v.by, terms.requested_by)
    }
    return next((item for item in review.items if item.key in theirs), None)


def take(
    review: Review, answer: Answer, cast: Sequence[Vote], at: datetime, proof: Proof | None = None
) -> Taken:
    """What `answer`, given at that time, decides beside the votes that were cast before.

    Without `proof` its name is what somebody typed.
    """
    terms = review.terms
    refuse_late(terms, answer, at)
    if proof and not proof.approver.decides_at(review.site):
        raise UnusableAnswer(f"{proof.approver.name} is enrolled to ask for reviews, not to decide")
    answer = replace(answer, name=proof.approver.name) if proof else answer
    _refuse_unknown(answer, terms, is_proved=proof is not None)
    chosen = _chosen(review, answer)
    decided, mine = decisions(cast), {(v.key, v.decision) for v in cast if _is(v.by, answer.name)}
    votes: list[Vote] = []
    said: list[str] = []
    for item, decision in chosen.items():
        if earlier := decided.get(item.key):
            word = _PAST[earlier.decision]
            said.append(f"{item.name} was {word} before, by {earlier.by}")
        elif (item.key, decision) in mine:
            said.append(f"{item.name} was approved by {shown(answer.name)} before")
        else:
            name, reason = shown(answer.name), shown(answer.reason)
            votes.append(Vote(item.key, decision, name, reason, terms.quorum, proof is not None))
    if not votes and any(item.key not in decided for item in chosen):
        raise UnusableAnswer(f"{'; '.join(said)}. Somebody else must approve it too")
    return _taken(review, votes, cast, said)


def _taken(review: Review, votes: list[Vote], cast: Sequence[Vote], said: list[str]) -> Taken:
    after = decisions([*cast, *votes])
    names = {item.key: item.name for item in review.items}
    fresh = [vote for vote in votes if vote.key in after]
    short = [vote for vote in votes if vote.key not in after]
    for word, decision in (("approved", Decision.APPROVE), ("rejected", Decision.REJECT)):
        if found := [names[vote.key] for vote in fresh if vote.decision is decision]:
            said.append(f"{word} {_listed(found)}")
    awaits = tuple(names[vote.key] for vote in short)
    if awaits:
        said.append(f"approved {_listed(awaits)} ({review.terms.quorum} people must approve)")
    left = len(review.items) - len({v.key for v in votes} | (after.keys() & names.keys()))
    if left:
        said.append(f"left {left} held")
    return Taken(tuple(votes), "; ".join(said) or "decided nothing", awaits)


def _refuse_unknown(answer: Answer, terms: Terms, is_proved: bool) -> None:
    if len(folded(answer.name)) < 2:
        raise UnusableAnswer("Write your name: it is recorded with the decision")
    if not shown(answer.reason):
        raise UnusableAnswer("Write a reason: it is recorded with the decision")
    if terms.requester_may_approve:
        return
    if is_proved and not terms.requester_is_proved:
        raise UnusableAnswer(
            "Whoever asked for this review may not decide it, and who that was is not proved. "
            "Start another review, with the name and the digits of who asks for it"
        )
    if _is(terms.requested_by, answer.name):
        raise UnusableAnswer(
            f"{shown(answer.name)} asked for this review, so somebody else must decide it"
        )


def _chosen(review: Review, answer: Answer) -> dict[Item, Decision]:
    """The decision on each item that the answer names; those rejected by name come last."""
    approved = [_item(review, word) for word in _words(answer.approve)]
    rejected = [_item(review, word) for word in _words(answer.reject)]
    if both := [item.name for item in approved if item in rejected]:
        raise UnusableAnswer(f"{_listed(both)} is under both approve and reject")
    if barred := [item for item in approved if not item.evidence.may_be_approved]:
        raise UnusableAnswer(f"{barred[0].name} cannot be approved: {_bar(barred[0])}")
    exact = [item for item in review.items if item.evidence.is_exact and item not in rejected]
    chosen = dict.fromkeys(exact if answer.exact is Decision.APPROVE else (), Decision.APPROVE)
    return (
        chosen
        | dict.fromkeys(approved, Decision.APPROVE)
        | dict.fromkeys(rejected, Decision.REJECT)
    )


def _bar(item: Item) -> str:
    if item.evidence.device is None:
        return (
            f"{item.reason}. Add it to the roster, or correct its line, and onboard the site again"
        )
    if item.evidence.suspected_of(SuspicionKind.WRONG_SITE):
        return (
            f"{item.reason}. Onboard it for that site, where others decide. If it belongs here, "
            "take it off that site's roster, and boot it with a code of this one"
        )
    return f"{item.reason}. Reject it, or delete it in its system"


def _item(review: Review, word: str) -> Item:
    named = [i for i in review.items if word.casefold() in {i.name.casefold(), i.number.casefold()}]
    if not named:
        raise UnusableAnswer(
            f"{word!r} is not in this review. Name devices or request numbers as the table does, "
            "such as edge-042 or #12"
        )
    if len(named) > 1:
        numbers = " or ".join(item.number for item in named)
        raise UnusableAnswer(f"{word!r} has {len(named)} requests: write {numbers}")
    return named[0]


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


def _decision(cast: Sequence[Vote]) -> Verdict | None:
    for vote in cast:
        if vote.decision is Decision.REJECT:
            reason = _reason("rejected", [vote])
            return Verdict(Decision.REJECT, ReasonCode.REJECTED_BY_PEOPLE, reason, vote.by)
    names = {folded(vote.by): vote for vote in cast}
    if len(names) < max(vote.quorum for vote in cast):
        return None
    by = " and ".join(vote.by for vote in names.values())
    reason = _reason("approved", list(names.values()))
    return Verdict(Decision.APPROVE, ReasonCode.APPROVED_BY_PEOPLE, reason, by)


def _reason(word: str, cast: list[Vote]) -> str:
    return f"{word} by " + " and ".join(f"{_voter(vote)} ({vote.reason})" for vote in cast)


def _voter(vote: Vote) -> str:
    return vote.by if vote.is_proved else f"{vote.by}, {UNPROVED}"


def _is(one: str, other: str) -> bool:
    return folded(one) == folded(other) != ""


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(names[:5])
    return first if len(names) <= 5 else f"{first} and {len(names) - 5} more"


_PAST: Mapping[Decision, str] = {Decision.APPROVE: "approved", Decision.REJECT: "rejected"}
