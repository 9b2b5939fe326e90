"""A site plan: what applying an order would do, line by line, under a hash of all it rests on.

The hash is over the bytes of the roster, the order, the policies and what the systems showed, so
that a plan is applied exactly as it was read: if any of it changed since, the two hashes differ,
and `differences` says where.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fleet.admission.evidence import digest
from fleet.planning.change import WORST_FIRST, Change
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus

ID_LENGTH = 16  # of the hash, by which people name a plan
_REVIVED = {ReasonCode.DEACTIVATED, ReasonCode.REGISTERED_BY_OTHERS, ReasonCode.KEY_NOT_HELD}


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line: where it is, its device, what becomes of it, and what that rests on.

    `planned` is the action in its system's words, "" for none; `shown` is what the system showed of
    the device: its state, the reason's code, and the request's number and what that says of itself;
    and as which machine the roster was read.
    `reason` is for people, and no part of the hash.
    """

    where: str
    device: str
    connection: str
    change: Change
    planned: str = ""
    shown: tuple[str, ...] = ()
    reason: str = field(default="", compare=False)

    @property
    def is_work(self) -> bool:
        """Whether applying the plan does anything about it; what it revives needs a word."""
        return self.change.record.is_work and (
            self.change is not Change.REVIVE or bool(self.planned)
        )

    @property
    def facts(self) -> list[Any]:
        """What the hash is over."""
        return [self.where, self.device, self.connection, self.change, self.planned, *self.shown]


@dataclass(frozen=True)
class SitePlan:
    """The plan for one site: its `order` and `policies` as facts, and every line.

    `content` is the SHA-256 of what was sent, in hex; `policies` are by connection.
    """

    site: str
    content: str
    order: Mapping[str, Any]
    policies: Mapping[str, str]
    lines: tuple[PlannedLine, ...]

    @cached_property
    def hash(self) -> str:
        """The SHA-256 over all that the plan rests on, in hex."""
        lines = [line.facts for line in self.lines]
        return digest([self.site, self.content, dict(self.order), dict(self.policies), lines])

    @property
    def id(self) -> str:
        """How people name it, such as 3f9a61c07be2d514."""
        return self.hash[:ID_LENGTH]

    @property
    def counts(self) -> Counter[Change]:
        """How many lines there are of each change."""
        return Counter(line.change for line in self.lines)

    @property
    def worst_first(self) -> list[PlannedLine]:
        """The lines that need a person first, those that are in service last."""
        return sorted(self.lines, key=lambda line: WORST_FIRST.index(line.change))

    @property
    def has_changes(self) -> bool:
        """Whether applying it would do anything."""
        return any(line.is_work for line in self.lines)

    @property
    def is_clean(self) -> bool:
        """Whether no line waits for a person before it can be applied."""
        return self.counts.keys() <= {Change.CREATE, Change.UNDER_WAY, Change.UNCHANGED}

    def __str__(self) -> str:
        """For example: *12 create, 3 unchanged, 1 faulty*."""
        counts = self.counts
        return ", ".join(
            f"{counts[each]:,} {each.record.label}" for each in WORST_FIRST if counts[each]
        )


def change_of(status: DeviceStatus, planned: str, *, is_revoked: bool) -> Change:
    """What becomes of a device; `is_revoked` if its system shows it, and out of service."""
    if status.code in _REVIVED or (is_revoked and planned):
        return Change.REVIVE
    if status.state is State.IN_SERVICE:
        return Change.UNCHANGED
    if status.state.record.needs_attention and not planned:
        return Change.CONFLICT
    return Change.CREATE if planned and status.state is State.NOT_ENROLLED else Change.UNDER_WAY


def shown_of(status: DeviceStatus) -> tuple[str, ...]:
    """What a plan rests on of a device's status."""
    request = status.request
    if request is None:
        return (status.state.value, status.code.value)
    said = digest(
        [
            request.identity.host_id,
            sorted(request.identity.macs),
            request.hostname,
            request.progress.value,
            request.device_id,
        ]
    )
    return (status.state.value, status.code.value, request.key, said)


def differences(planned: SitePlan, now: SitePlan) -> Iterator[str]:
    """What changed since a plan was made, a sentence each; none if the hashes are equal."""
    if planned.content != now.content:
        yield "The roster is another one."
    for name, was, is_now in _changed(planned.order, now.order):
        yield f"The order's {name} was {was!r}, and is {is_now!r}."
    for name, was, is_now in _changed(planned.policies, now.policies):
        yield f"The policy for {name} was {was or 'none'}, and is {is_now or 'none'}."
    before = {(line.where, line.device): line for line in planned.lines}
    after = {(line.where, line.device): line for line in now.lines}
    for key in dict.fromkeys([*before, *after]):
        was_line, now_line = before.get(key), after.get(key)
        if was_line != now_line:
            yield f"{' '.join(filter(None, key))}: {_was(was_line)}, and {_is(now_line)}."
            if was_line and now_line and was_line.reason == now_line.reason:
                yield f"  It rested on {_rests(was_line)}, and now on {_rests(now_line)}."


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _was(line: PlannedLine | None) -> str:
    return f"was planned as {_described(line)}" if line else "was not in the plan"


def _is(line: PlannedLine | None) -> str:
    return f"is now {_described(line)}" if line else "is no more"


def _rests(line: PlannedLine) -> str:
    return "; ".join([line.planned or "no action", *line.shown])


def _described(line: PlannedLine) -> str:
    """For example: *create (new on the roster)*."""
    why = line.reason or ", ".join(line.shown)
    return f"{line.change.record.label} ({why})" if why else line.change.record.label
