"""A small honest LEM with its site, its machines and our ledger: what happens when plans are done.

One round is one look, one plan, every act of it, and a minute in which machines and LEM go on.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from fleet.action import Action, Adopt, Approve, Confirm, Enrol, Hold, Reject, Retry
from fleet.assessment import Assessment, assess
from fleet.desired import Desired
from fleet.enrolment import Enrolment
from fleet.identity import Identity
from fleet.memory import Grant, Memory, Remembered
from fleet.observation import Observation
from fleet.plan import plan
from fleet.policy import Policy
from fleet.request import Progress, Request
from fleet.settling import find_unanswered, with_found
from tests.fleet.builders import EXPIRY, NOW

MINUTE = timedelta(minutes=1)
PROFILE = Enrolment("lab", "LABLA", EXPIRY, capacity=99, profile="lab")
FOREIGN = Enrolment("foreign", "OTHER", EXPIRY, capacity=99)


class Fate(Enum):
    """What becomes of a machine once it is to be let in."""

    WELL = auto()
    SLOW = auto()  # an approval takes a round to show
    FAILS_ONCE = auto()
    FAILS_ALWAYS = auto()
    IS_REFUSED = auto()


class Reply(Enum):
    """What becomes of a call that makes an enrolment."""

    ANSWERED = auto()
    LOST = auto()  # it was made, and nobody heard
    NEVER_ARRIVED = auto()


@dataclass(frozen=True)
class Machine:
    """A box on the site. It boots with the code for `name`, or with `code` when that is given."""

    name: str
    shows: Identity
    fate: Fate = Fate.WELL
    code: str | None = None
    boots_in_round: int = 0
    knocks: int = 1


@dataclass
class Site:
    """The world around one roster, and the record of everything that was done to it."""

    desired: Desired
    machines: tuple[Machine, ...]
    policy: Policy = field(default_factory=Policy)
    replies: list[Reply] = field(default_factory=list)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    now: datetime = NOW
    round: int = 0
    marks: int = 0
    memory: Memory = field(default_factory=Memory)
    requests: dict[str, Request] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    senders: dict[str, Machine] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    done: list[Action] = field(default_factory=list)

    def look(self) -> Observation:
        known = (PROFILE, FOREIGN, *self.enrolments.values())
        return Observation(known, tuple(self.requests.values()), frozenset(self.present))

    def assess(self) -> Assessment:
        return assess(self.desired, self.look(), self.memory, self.policy, self.now)

    def go_round(self) -> list[Action]:
        """Look, plan and do everything planned; then a minute passes. The plan is returned."""
        self.memory = with_found(self.memory, find_unanswered(self.memory, self.look()))
        actions = plan(self.desired, self.look(), self.memory, self.assess())
        for action in actions:
            self._do(action)
        self.done += actions
        self._live()
        self.round, self.now = self.round + 1, self.now + MINUTE
        return actions

    # What acts do, to LEM and to the ledger

    def _do(self, action: Action) -> None:
        match action:
            case Enrol():
                self._enrol(action)
            case Adopt(devices, found):
                grant = Grant(found.expires_at, self.now, found.capacity, found.id)
                self._grant([d.name for d in devices], grant)
            case Approve(device, request):
                self._approve(device.name, request)
            case Reject(device, request):
                self._advance(request, Progress.REJECTED)
                past = self.memory.of(device.name)
                self._remember(device.name, rejected=past.rejected | {request.key})
            case Retry(device, request):
                self._advance(request, Progress.PROVISIONING)
                past = self.memory.of(device.name)
                self._remember(device.name, retries=past.retries + 1, retried_at=self.now)
            case Confirm(device, request):
                self._remember(device.name, confirmed_as=request.device_id)
            case Hold(request, reason):
                held = self.memory.held | {(request.key, reason)}
                self.memory = replace(self.memory, held=held)

    def _enrol(self, action: Enrol) -> None:
        """Make an enrolment under a mark of its own, or under the same one when asked again."""
        reply = self.replies.pop() if self.replies else Reply.ANSWERED
        mark = action.expires_at
        if not action.again:
            self.marks += 1
            mark += timedelta(milliseconds=self.marks)
            self._grant([d.name for d in action.devices], Grant(mark, self.now, action.capacity))
        if reply is Reply.NEVER_ARRIVED:
            return
        made = Enrolment(f"made {len(self.enrolments)}", "MADE1", mark, action.capacity)
        self.enrolments[made.id] = made
        if reply is Reply.ANSWERED:
            unanswered = {g for g in self._grants() if g.wanted_expiry == mark}
            self.memory = with_found(self.memory, dict.fromkeys(unanswered, made.id))

    def _approve(self, name: str, request: Request) -> None:
        past, machine = self.memory.of(name), self.senders[request.id]
        if machine.fate is Fate.IS_REFUSED:
            self._remember(name, refused={**past.refused, request.key: "no licence"})
            return
        self._remember(name, approved=past.approved | {request.key})
        if machine.fate is not Fate.SLOW:
            self._advance(request, Progress.PROVISIONING)

    def _grants(self) -> list[Grant]:
        return [grant for past in self.memory.devices.values() for grant in past.grants]

    def _grant(self, names: list[str], grant: Grant) -> None:
        for name in names:
            self._remember(name, grants=(*self.memory.of(name).grants, grant))
        ids = self.memory.enrolment_ids | ({grant.enrolment_id} if grant.enrolment_id else set())
        self.memory = replace(self.memory, enrolment_ids=frozenset(ids))

    def _remember(self, name: str, **facts: object) -> None:
        past: Remembered = replace(self.memory.of(name), **facts)
        self.memory = replace(self.memory, devices={**self.memory.devices, name: past})

    # What goes on by itself

    def _live(self) -> None:
        for request in [*self.requests.values()]:
            self._go_on(request)
        for machine in self.machines:
            knocked = sum(1 for sender in self.senders.values() if sender is machine)
            code = machine.code or self._code_for(machine.name)
            if code and knocked < machine.knocks and self.round >= machine.boots_in_round:
                id_ = str(len(self.requests) + 7)
                self.requests[id_] = Request(id_, code, machine.shows, Progress.WAITING)
                self.senders[id_] = machine

    def _code_for(self, name: str) -> str | None:
        """The code that a person at the site was given for the device `name`."""
        grants = self.memory.of(name).grants
        return grants[-1].enrolment_id if grants else None

    def _go_on(self, request: Request) -> None:
        approved = {key for past in self.memory.devices.values() for key in past.approved}
        if request.progress is Progress.WAITING:
            if request.key in approved or request.enrolment_id == PROFILE.id:
                self._advance(request, Progress.PROVISIONING)
        elif request.progress is Progress.PROVISIONING:
            self._provision(request)
        elif request.progress is Progress.PROVISIONED:
            self.present.add(f"d{request.id}")

    def _provision(self, request: Request) -> None:
        tries = self.tries[request.id] = self.tries.get(request.id, 0) + 1
        fate = self.senders[request.id].fate
        fails = fate is Fate.FAILS_ALWAYS or (fate is Fate.FAILS_ONCE and tries == 1)
        self._advance(request, Progress.FAILED if fails else Progress.PROVISIONED)

    def _advance(self, request: Request, progress: Progress) -> None:
        device_id = f"d{request.id}" if progress is Progress.PROVISIONED else None
        self.requests[request.id] = replace(request, progress=progress, device_id=device_id)
