"""A small honest LEM with its site, its machines and our ledger: what happens when plans are done.

One round is one observation, one plan, all its actions, and a minute for machines and LEM.
A call that nobody heard the answer of may still be carried out until the outcome timeout.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from fleet.action.action import Action, Adopt, Approve, Confirm, Hold, Reject, Retry
from fleet.admission.desired import Desired
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.planning.assess import Assessment, assess
from fleet.planning.plan import plan
from fleet.planning.resolve import find_unanswered, has_happened, with_found, with_refused
from fleet.state.memory import EnrollmentRecord, Memory, Remembered
from fleet.state.observation import Observation
from fleet.status.limits import Limits
from fleet.system.enroll import Enroll
from tests.fleet.builders import EXPIRY, NOW

MINUTE = timedelta(minutes=1)
PROFILE = Enrollment("lab", "LABLA", EXPIRY, capacity=99, profile="lab")
FOREIGN = Enrollment("foreign", "OTHER", EXPIRY, capacity=99)


class Fate(Enum):
    """What becomes of a machine once it is approved."""

    WELL = auto()
    SLOW = auto()  # an approval takes a round to show
    FAILS_ONCE = auto()
    FAILS_ALWAYS = auto()
    IS_REFUSED = auto()


class Reply(Enum):
    """What becomes of a call that changes something in LEM."""

    ANSWERED = auto()
    REFUSED = auto()
    LOST = auto()  # it was carried out, and nobody heard
    LATE = (
        auto()
    )  # nobody heard, and it is carried out at the last moment before the outcome timeout
    NEVER_ARRIVED = auto()


Decided = Approve | Reject | Retry


@dataclass(frozen=True)
class Machine:
    """A box on the site. It boots with the code for `name`, or with `code` when that is given."""

    name: str
    shows: Identity
    fate: Fate = Fate.WELL
    code: str | None = None
    boots_in_round: int = 0
    asks: int = 1


@dataclass
class Site:
    """The world around one roster, and the record of everything that was done to it."""

    desired: Desired
    machines: tuple[Machine, ...]
    limits: Limits = field(default_factory=Limits)
    replies: list[Reply] = field(default_factory=list)
    enrollments: dict[str, Enrollment] = field(default_factory=dict)
    now: datetime = NOW
    round: int = 0
    fingerprints: int = 0
    calls: int = 0
    memory: Memory = field(default_factory=Memory)
    requests: dict[str, Request] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    senders: dict[str, Machine] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    done: list[Action] = field(default_factory=list)
    executed: Counter[tuple[str, str]] = field(default_factory=Counter)
    admitted: set[str] = field(default_factory=set)
    late: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    open: list[tuple[datetime, Approve | Reject]] = field(default_factory=list)

    def observation(self) -> Observation:
        known = (PROFILE, FOREIGN, *self.enrollments.values())
        return Observation(known, tuple(self.requests.values()), frozenset(self.present))

    def assess(self) -> Assessment:
        return assess(self.desired, self.observation(), self.memory, self.limits, self.now)

    def go_round(self) -> list[Action]:
        """Observe, plan and execute; then a minute passes. Returns the plan."""
        self._resolve()
        actions = plan(self.desired, self.observation(), self.memory, self.assess())
        for action in actions:
            self._do(action)
        self.done += actions
        self._live()
        self.round, self.now = self.round + 1, self.now + MINUTE
        return actions

    # What actions do, to LEM and to the ledger

    def _do(self, action: Action) -> None:
        match action:
            case Enroll():
                self._enroll(action)
            case Adopt(devices, found):
                record = EnrollmentRecord(found.expires_at, self.now, found.capacity, found.id)
                self._record_enrollment([d.name for d in devices], record)
            case Approve() | Reject() | Retry():
                self._decide(action)
            case Confirm(device, request):
                self._remember(device.name, confirmed_as=request.device_id)
            case Hold(request, code):
                held = self.memory.held | {(request.key, code)}
                self.memory = replace(self.memory, held=held)

    def _enroll(self, action: Enroll) -> None:
        """Make an enrollment with a fingerprint of its own, or the same one when asked again."""
        fingerprint, names = action.expires_at, [d.name for d in action.devices]
        if action.again:
            self._regrant(fingerprint, made_at=self.now)
        else:
            self.fingerprints += 1
            fingerprint += timedelta(milliseconds=self.fingerprints)
            self._record_enrollment(names, EnrollmentRecord(fingerprint, self.now, action.capacity))
        self.calls += 1
        made = Enrollment(f"made {self.calls}", "MADE1", fingerprint, action.capacity)
        reply = self._call(lambda: self._make(made))
        if reply is Reply.ANSWERED:
            unanswered = {g for g in self._enrollments() if g.wanted_expiry == fingerprint}
            self.memory = with_found(self.memory, dict.fromkeys(unanswered, made.id))
        if reply is Reply.REFUSED:
            if not action.again:
                self._forget(fingerprint)
            self.memory = with_refused(self.memory, dict.fromkeys(names, "no licence"))

    def _make(self, enrollment: Enrollment) -> None:
        self.executed[Enroll.kind, str(enrollment.expires_at)] += 1
        self.enrollments[enrollment.id] = enrollment

    def _decide(self, action: Decided) -> None:
        """Carry out what was decided on a request, and write down what was heard of it."""
        name, request = action.device.name, action.request
        fate = self.senders[request.id].fate
        is_refused = isinstance(action, Approve) and fate is Fate.IS_REFUSED
        reply = self._call((lambda: None) if is_refused else (lambda: self._arrive(action)))
        past = self.memory.of(name)
        if reply is Reply.REFUSED or (is_refused and reply is Reply.ANSWERED):
            subject = action.kind, request.key
            self._remember(name, refused={**past.refused, subject: "no licence"})
        elif isinstance(action, Retry):  # whatever was answered: LEM shows no trace of it
            self._remember(name, retries=past.retries + 1, retried_at=self.now)
        elif reply is Reply.ANSWERED:
            self._note(action)
        else:
            self._remember(name, pending=past.pending | {request.key})
            self.open.append((self.now, action))

    def _arrive(self, action: Decided) -> None:
        """LEM carries out `action`, which it does only where that makes sense."""
        request = self.requests[action.request.id]
        if isinstance(action, Retry):
            if request.progress is Progress.FAILED:
                self._advance(request, Progress.PROVISIONING)
            return
        self.executed[action.kind, request.key] += 1
        if isinstance(action, Reject):
            self._advance(request, Progress.REJECTED)
        elif self.senders[request.id].fate is Fate.SLOW:
            self.admitted.add(request.key)
        else:
            self._advance(request, Progress.PROVISIONING)

    def _call(self, execute: Callable[[], None]) -> Reply:
        reply = self.replies.pop() if self.replies else Reply.ANSWERED
        if reply in {Reply.ANSWERED, Reply.LOST}:
            execute()
        if reply is Reply.LATE:
            self.late.append((self.now + self.limits.outcome_timeout, execute))
        return reply

    # What the ledger knows, and learns from an observation

    def _resolve(self) -> None:
        """Resolve unknown outcomes: what happened, and what cannot happen any more."""
        self.memory = with_found(self.memory, find_unanswered(self.memory, self.observation()))
        for asked_at, action in [*self.open]:
            name, key = action.device.name, action.request.key
            happened = has_happened(action.kind, key, self.observation())
            if happened:
                self._note(action)
            if happened or self.now >= asked_at + self.limits.outcome_timeout:
                self.open.remove((asked_at, action))
                self._remember(name, pending=self.memory.of(name).pending - {key})

    def _note(self, action: Approve | Reject) -> None:
        past, key = self.memory.of(action.device.name), action.request.key
        if isinstance(action, Approve):
            self._remember(action.device.name, approved=past.approved | {key})
        else:
            self._remember(action.device.name, rejected=past.rejected | {key})

    def _regrant(self, fingerprint: datetime, **facts: object) -> None:
        for name, past in self.memory.devices.items():
            enrollments = (
                replace(g, **facts) if g.wanted_expiry == fingerprint else g
                for g in past.enrollments
            )
            self._remember(name, enrollments=tuple(enrollments))

    def _forget(self, fingerprint: datetime) -> None:
        for name, past in self.memory.devices.items():
            self._remember(
                name,
                enrollments=tuple(g for g in past.enrollments if g.wanted_expiry != fingerprint),
            )

    def _enrollments(self) -> list[EnrollmentRecord]:
        return [record for past in self.memory.devices.values() for record in past.enrollments]

    def _record_enrollment(self, names: list[str], record: EnrollmentRecord) -> None:
        for name in names:
            self._remember(name, enrollments=(*self.memory.of(name).enrollments, record))
        ids = self.memory.enrollment_ids | (
            {record.enrollment_id} if record.enrollment_id else set()
        )
        self.memory = replace(self.memory, enrollment_ids=frozenset(ids))

    def _remember(self, name: str, **facts: object) -> None:
        past: Remembered = replace(self.memory.of(name), **facts)
        self.memory = replace(self.memory, devices={**self.memory.devices, name: past})

    # What goes on by itself

    def _live(self) -> None:
        due = [execute for at, execute in self.late if at <= self.now + MINUTE]
        self.late = [(at, late) for at, late in self.late if at > self.now + MINUTE]
        for execute in due:
            execute()
        for request in [*self.requests.values()]:
            self._go_on(request)
        for machine in self.machines:
            asked = sum(1 for sender in self.senders.values() if sender is machine)
            code = machine.code or self._code_for(machine.name)
            if code and asked < machine.asks and self.round >= machine.boots_in_round:
                id_ = str(len(self.requests) + 7)
                self.requests[id_] = Request(id_, code, machine.shows, Progress.WAITING)
                self.senders[id_] = machine

    def _code_for(self, name: str) -> str | None:
        """The code that a person at the site was given for the device `name`."""
        enrollments = self.memory.of(name).enrollments
        return enrollments[-1].enrollment_id if enrollments else None

    def _go_on(self, request: Request) -> None:
        if request.progress is Progress.WAITING:
            if request.key in self.admitted or request.enrollment_id == PROFILE.id:
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
