"""Resolve: what an observation says about actions whose outcome is unknown."""

from collections.abc import Mapping
from dataclasses import replace

from fleet.action.action import Approve, Reject, Retire, Retry, Rotate
from fleet.device.enrollment import Enrollment
from fleet.device.request import Progress
from fleet.state.action_kind import ActionKind
from fleet.state.memory import ENROLLMENT, EnrollmentRecord, Memory, Remembered
from fleet.state.observation import Observation


def has_happened(action: ActionKind, request_key: str, observed: Observation) -> bool:
    """Whether an action on a request shows in what was observed.

    A retry leaves no trace, so it counts as having happened: one retry too few is
    better than retries without end. Nor does a new key: see `leaves_no_trace`.
    """
    request = observed.request_by_key.get(request_key)
    if action is Approve.kind:
        return request is not None and request.is_admitted
    if action is Reject.kind:
        return request is not None and request.progress is Progress.REJECTED
    if action is Retire.kind:
        return request is not None and request.progress is Progress.DEACTIVATED
    return action is Retry.kind


def leaves_no_trace(action: ActionKind) -> bool:
    """Whether no observation can show that an action did not happen, so that it stays unknown."""
    return action is Rotate.kind


def find_unanswered(memory: Memory, observed: Observation) -> dict[EnrollmentRecord, str]:
    """The ids of enrollments that are there although the calls that made them were not answered."""
    known = set(memory.enrollment_ids)
    found: dict[EnrollmentRecord, str] = {}
    unanswered = {g for r in memory.devices.values() for g in r.enrollments if not g.enrollment_id}
    for record in sorted(unanswered, key=lambda g: g.wanted_expiry):
        fitting = [e.id for e in observed.enrollments if e.id not in known and _bears(e, record)]
        if fitting:
            found[record] = min(fitting)
            known.add(found[record])
    return found


def with_found(memory: Memory, found: dict[EnrollmentRecord, str]) -> Memory:
    """`memory` in which every enrollment of `found` has its id."""
    if not found:
        return memory

    def message(past: Remembered) -> Remembered:
        enrollments = (
            replace(g, enrollment_id=found.get(g, g.enrollment_id)) for g in past.enrollments
        )
        return replace(past, enrollments=tuple(enrollments))

    return replace(
        memory,
        devices={name: message(past) for name, past in memory.devices.items()},
        enrollment_ids=memory.enrollment_ids | set(found.values()),
    )


def enrollments_made(memory: Memory) -> dict[str, int]:
    """How many enrollments were made for each device, as far as that is known."""
    return {
        name: sum(1 for g in past.enrollments if g.enrollment_id and not g.adopted)
        for name, past in memory.devices.items()
    }


def with_enrolled(memory: Memory, before: Mapping[str, int]) -> Memory:
    """`memory` that says how many enrollments a run made, which had found so many `before` it."""
    made = {name: n - before.get(name, 0) for name, n in enrollments_made(memory).items()}
    new = {name: replace(memory.of(name), enrolled=n) for name, n in made.items() if n > 0}
    return replace(memory, devices={**memory.devices, **new}) if new else memory


def with_refused(memory: Memory, refused: Mapping[str, str]) -> Memory:
    """`memory` in which the devices named in `refused` could not be enrolled, and why."""
    devices = dict(memory.devices)
    for name, reason in refused.items():
        past = memory.of(name)
        devices[name] = replace(past, refused={**past.refused, ENROLLMENT: reason})
    return replace(memory, devices=devices) if refused else memory


def _bears(enrollment: Enrollment, record: EnrollmentRecord) -> bool:
    """Whether `enrollment` has that fingerprint; a system may keep times to the second only."""
    fingerprint = record.wanted_expiry
    fingerprints = {fingerprint, fingerprint.replace(microsecond=0)}
    return enrollment.expires_at in fingerprints and enrollment.capacity == record.capacity
