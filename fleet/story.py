"""A story: what our own record has of one device, how its systems show it, and what comes next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from fleet.action import Approve, Confirm, Reject
from fleet.enrolment import Enrolment
from fleet.evidence import Evidence
from fleet.finding import Deed, Kind
from fleet.handover import Taking
from fleet.kept import Kept
from fleet.manner import Manner
from fleet.next_step import STEPS
from fleet.night_rules import NightRules
from fleet.standing import Standing, State

NEVER = 9000  # years from this on stand for "it does not expire"


@dataclass(frozen=True, slots=True)
class Home:
    """One system that our record knows the device in, how it stood there last, and why."""

    kept: Kept
    reason: str


@dataclass(frozen=True, slots=True)
class Reached:
    """It reached a stage; `at` is its system's own time, or ours of what we confirmed."""

    at: datetime
    place: str
    stage: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment was made for it, or meant to be: nobody knows which, unless `is_known`.

    `mark` is the expiry that was asked for; `shared_by` how many devices may ask by it.
    """

    at: datetime
    place: str
    mark: datetime
    shared_by: int
    is_known: bool
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """An act was tried in a run; `outcome` None: nobody knows what came of it."""

    at: datetime
    place: str
    run: str
    act: str
    reason: str
    outcome: str | None = None
    detail: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A request was held for a person; `hostname` and `identity` are what it said of itself."""

    at: datetime
    place: str
    request: str
    reason: str
    hostname: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """Something was decided on a request; `differs` is what was not as it was expected."""

    at: datetime
    place: str
    number: int
    request: str
    decision: str
    by: str
    how: str
    reason: str
    quorum: int = 1
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A request was put before people until a deadline; `closed_as` says how that ended."""

    at: datetime
    place: str
    request: str
    reason: str
    deadline: datetime
    names_needed: int = 1
    closed_at: datetime | None = None
    closed_as: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Nights found something wrong with it, from `at` to `last_seen`, and did so much about it."""

    at: datetime
    place: str
    kind: str
    reason: str
    last_seen: datetime
    acts: int = 0
    last_act_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A secret of that kind is held, sealed, since `at`; never what it is."""

    at: datetime
    place: str
    kind: str
    expires_at: datetime | None = None
    is_shared: bool = False
    takings: tuple[Taking, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Secrets of these kinds were handed to somebody, in a file that only `recipient` opens."""

    at: datetime
    place: str
    kinds: tuple[str, ...]
    by: str
    recipient: str
    file_name: str


Event = Reached | Enrolled | Tried | Held | Decided | Reviewed | Found | Received | HandedOver


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class AtWork:
    """A run that has claimed the device, and until when unless it renews that."""

    run: str
    until: datetime


@dataclass(frozen=True)
class Story:
    """All of it, over all systems: where it is at home, and its events in order of time."""

    site: str
    device: str
    homes: tuple[Home, ...] = ()
    events: tuple[Event, ...] = ()
    at_work: tuple[AtWork, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether our record has anything of it at all."""
        return bool(self.homes or self.events)

    def secrets(self, place: str) -> list[Received]:
        """What is held of its secrets at a place, oldest first."""
        return [e for e in self.events if isinstance(e, Received) and e.place == place]


@dataclass(frozen=True)
class Sight:
    """The device at one place: as our record has it, and as one look shows it at `looked_at`.

    `not_checked` says why nobody could look. `enrolment` is that by which it may ask.
    `is_tended` says that a device of its site is on its way there, so that the frequent runs look.
    """

    place: str
    connection: str
    home: Home | None = None
    not_checked: str = ""
    looked_at: datetime | None = None
    standing: Standing | None = None
    manner: Manner | None = None
    enrolment: Enrolment | None = None
    is_serving: bool = False
    is_tended: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether the last roster of its site names it there."""
        return self.home is not None and self.home.kept.is_listed

    @property
    def is_retired(self) -> bool:
        """Whether it was taken out of service on purpose."""
        return self.home is not None and self.home.kept.state is State.RETIRED

    @property
    def planned(self) -> str:
        """What a run would do for it now, as a person calls that."""
        standing, manner = self.standing, self.manner
        if standing is None or manner is None or not self.is_listed or self.is_retired:
            return ""
        if standing.needs_enrolment:
            return manner.enrol.removesuffix(" for")
        if isinstance(standing.act, Approve):
            return manner.admit
        return standing.act.word.removesuffix(" of") if standing.act else ""


def differences(evidence: Evidence) -> tuple[str, ...]:
    """What a request shows that is not as it was expected, in words."""
    expected, observed = evidence.expected, evidence.observed
    told = [evidence.misfit] if evidence.misfit else []
    if expected.host_id and expected.host_id != observed.host_id:
        told.append(f"host id {observed.host_id or 'not told'} instead of {expected.host_id}")
    if expected.macs and not expected.macs & observed.macs:
        shown = ", ".join(sorted(observed.macs)) or "none"
        told.append(f"MACs {shown} instead of {', '.join(sorted(expected.macs))}")
    return tuple(dict.fromkeys([*told, *(each.told for each in evidence.suspicions)]))


@dataclass(frozen=True)
class Outlook:
    """What happens next at one place and when, by the rules of the nights."""

    story: Story
    sight: Sight
    rules: NightRules
    now: datetime

    def __str__(self) -> str:
        at_work = "".join(f"The run {each.run!r} works on it now. " for each in self.story.at_work)
        return f"{at_work}{self._next()}"

    def _next(self) -> str:
        sight = self.sight
        if sight.standing is None:
            return "That depends on what its system shows, which nobody could look at."
        if sight.is_retired:
            return self._retired()
        if not sight.is_listed:
            return self._unlisted()
        if sight.standing.act is not None:
            return self._planned(sight.standing)
        by_state: Mapping[State, Callable[[], str]] = {
            State.NOT_ENROLLED: self._not_enrolled,
            State.WAITING: self._waiting,
            State.HELD: self._held,
            State.PROVISIONING: self._provisioning,
            State.FAILED: self._failed,
            State.KEY_LOST: lambda: f"Nothing by itself. {STEPS[Kind.LOST]}",
            State.REJECTED: lambda: f"Nothing by itself. {STEPS[Kind.REJECTED]}",
            State.IN_SERVICE: lambda: "Nothing, for it is in service.",
        }
        return by_state[sight.standing.state]()

    def _retired(self) -> str:
        if self.sight.is_serving:
            return f"Nothing by itself, and yet its system has it in service. {STEPS[Kind.ALIVE]}"
        return "Nothing, for it was taken out of service. Nights watch that it stays out."

    def _unlisted(self) -> str:
        if self.sight.is_serving:
            return f"Nothing by itself: it is on no roster. {STEPS[Kind.UNLISTED]}"
        return "Nothing, for it is on no roster, and no run looks after it."

    def _planned(self, standing: Standing) -> str:
        act = standing.act
        if isinstance(act, Confirm):
            return f"{self._runs} notes that it is in service."
        why = f": {act.reason}" if isinstance(act, Reject) else ""
        return f"{self._runs} will {self.sight.planned} it{why}."

    def _not_enrolled(self) -> str:
        if self.sight.standing and not self.sight.standing.needs_enrolment:
            return f"{self._runs} looks whether its enrolment was made."
        since = self._last(Enrolled) or self.now
        return self._by_rule(Kind.ENDED, "enrolled again", "enrolments", since)

    def _waiting(self) -> str:
        told = f"{self._runs} looks whether that has changed."
        since = self._asked or self._last(Enrolled)
        return f"{told}{self._until()}{self._told_from(Kind.PENDING, since)}"

    def _provisioning(self) -> str:
        approved = [
            each.settled_at or each.at
            for each in self._of(Tried)
            if each.act == Approve.word and each.outcome
        ]
        told = f"{self._runs} looks whether it has come into service."
        return f"{told}{self._told_from(Kind.STUCK, max(approved, default=self._asked))}"

    def _held(self) -> str:
        standing = self.sight.standing
        if standing and not any(hold.evidence for hold in standing.holds):
            return "Nothing by itself, and no review can decide it: do what the reason says."
        return f"{self._reviewed()}{self._rejected()}"

    def _reviewed(self) -> str:
        """Until when people may decide about it."""
        until = max((r.deadline for r in self._of(Reviewed) if not r.closed_at), default=self.now)
        if until <= self.now:
            return f"It waits for a person. {STEPS[Kind.HELD]}"
        return f"It waits for a person until {_utc(until)}, in a review; after that it stays held."

    def _rejected(self) -> str:
        """When a rule turns it away, if nobody decides before."""
        if self.rules.of(self.story.site, Kind.HELD).do is not Deed.REJECT:
            return ""
        since = min((held.at for held in self._of(Held)), default=self.now)
        return f" If nobody decides: {self._by_rule(Kind.HELD, 'rejected', 'rejections', since)}"

    def _failed(self) -> str:
        if self.sight.standing is None or self.sight.standing.request is None:
            return f"Nothing by itself. {STEPS[Kind.FAILED]}"
        return self._by_rule(Kind.FAILED, "retried", "retries", self.now)

    def _by_rule(self, kind: Kind, deed: str, deeds: str, since: datetime) -> str:
        """What the nights do about it, how often they did and when they do so next."""
        rule, found = self.rules.of(self.story.site, kind), self._found(kind)
        acts, last = (found.acts, found.last_act_at) if found else (0, None)
        if rule.do is Deed.REPORT:
            return f"Nothing by itself. {STEPS[kind]}"
        if rule.is_exhausted(acts):
            return f"Nothing by itself: {acts} of {rule.times} {deeds} done. {STEPS[kind]}"
        since = min(since, found.at) if found else since
        due = last + rule.gap * 2 ** max(0, acts - 1) if last else since + rule.after
        when = f"at {_utc(due)} at the earliest, {self._by}" if due > self.now else self._by
        return f"It is {deed} {when}: {acts} of {rule.times} {deeds} done."

    def _until(self) -> str:
        enrolment = self.sight.enrolment
        if enrolment is None or enrolment.expires_at.year >= NEVER:
            return ""
        word = "expires" if enrolment.expires_at > self.now else "expired"
        return f" Its code {word} at {_utc(enrolment.expires_at)}."

    def _told_from(self, kind: Kind, since: datetime | None) -> str:
        """From when on a night's report tells of it, and what a person should do then."""
        due = (since or self.now) + self.rules.of(self.story.site, kind).after
        when = f"From {_utc(due)} on" if due > self.now else "By now"
        return f" {when} it counts as {kind.value!r}: {STEPS[kind]}"

    @property
    def _runs(self) -> str:
        """The run that looks at it next, at the beginning of a sentence."""
        if self.sight.is_tended:
            return "The next run (every ten minutes one carries on what waits)"
        return "The next night's run"

    @property
    def _by(self) -> str:
        return (
            "by the next run of every ten minutes" if self.sight.is_tended else "by a night's run"
        )

    @property
    def _asked(self) -> datetime | None:
        standing = self.sight.standing
        return standing.request.asked_at if standing and standing.request else None

    def _of(self, kind: type[E]) -> list[E]:
        return [e for e in self.story.events if isinstance(e, kind) and e.place == self.sight.place]

    def _last(self, kind: type[Enrolled]) -> datetime | None:
        return max((each.at for each in self._of(kind)), default=None)

    def _found(self, kind: Kind) -> Found | None:
        """What nights know of that, as long as it lasts."""
        places = {self.sight.place, self.sight.connection}
        return next(
            (
                each
                for each in reversed(self.story.events)
                if isinstance(each, Found)
                and each.place in places
                and each.kind == kind.value
                and each.ended_at is None
            ),
            None,
        )


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
