from datetime import timedelta

import pytest

from fleet.action.action import Approve, Reject, Retry
from fleet.device.enrollment import Enrollment
from fleet.device.request import Progress
from fleet.planning.resolve import find_unanswered, has_happened, with_found, with_refused
from fleet.state.action_kind import ActionKind
from fleet.state.memory import ENROLLMENT, Memory
from tests.fleet.builders import (
    EXPIRY,
    a_request,
    an_enrollment,
    an_enrollment_record,
    enrolled,
    shown,
)

FINGERPRINT = EXPIRY + timedelta(milliseconds=123)
LOST = an_enrollment_record(None, wanted_expiry=FINGERPRINT)
OTHER = an_enrollment_record(None, wanted_expiry=FINGERPRINT + timedelta(milliseconds=1))


@pytest.mark.parametrize("progress", Progress)
def test_an_approval_happened_when_the_device_was_admitted(progress: Progress) -> None:
    request = a_request(progress=progress)

    assert has_happened(Approve.kind, request.key, shown(request)) is request.is_admitted


@pytest.mark.parametrize("progress", Progress)
def test_a_rejection_happened_when_the_request_says_so(progress: Progress) -> None:
    request = a_request(progress=progress)

    happened = has_happened(Reject.kind, request.key, shown(request))

    assert happened is (progress is Progress.REJECTED)


def test_nothing_is_believed_of_a_request_that_is_not_seen() -> None:
    assert not has_happened(Approve.kind, "1/gone", shown())
    assert not has_happened(Reject.kind, "1/gone", shown())


def test_a_retry_leaves_no_fingerprint_and_counts_as_done() -> None:
    assert has_happened(Retry.kind, a_request().key, shown(a_request()))


@pytest.mark.parametrize(
    ("enrollment", "found"),
    [
        (an_enrollment(expires_at=FINGERPRINT), True),
        (an_enrollment(expires_at=EXPIRY), True),
        (an_enrollment(expires_at=FINGERPRINT + timedelta(milliseconds=1)), False),
        (an_enrollment(expires_at=FINGERPRINT, capacity=6), False),
    ],
    ids=["the mark", "the mark to the second", "another mark", "another capacity"],
)
def test_an_unanswered_enrollment_is_found_by_its_fingerprint(
    enrollment: Enrollment, found: bool
) -> None:
    memory = Memory({"edge-1": enrolled(enrollments=(LOST,))})

    assert (LOST in find_unanswered(memory, shown(enrollments=[enrollment]))) is found


def test_an_enrollment_that_is_known_answers_nothing() -> None:
    memory = Memory({"edge-1": enrolled(enrollments=(LOST,))}, enrollment_ids=frozenset({"known"}))
    observation = shown(enrollments=[an_enrollment("known", expires_at=FINGERPRINT)])

    assert find_unanswered(memory, observation) == {}


def test_one_enrollment_answers_one_record_only() -> None:
    memory = Memory({"a": enrolled(enrollments=(LOST,)), "b": enrolled(enrollments=(OTHER,))})
    observation = shown(enrollments=[an_enrollment("one", expires_at=EXPIRY)])

    assert find_unanswered(memory, observation) == {LOST: "one"}


def test_what_was_found_is_remembered_of_every_device_that_shares_it() -> None:
    answered = an_enrollment_record("old")
    memory = Memory(
        {"a": enrolled(enrollments=(answered, LOST)), "b": enrolled(enrollments=(LOST,))},
        enrollment_ids=frozenset({"old"}),
    )

    message = with_found(memory, {LOST: "new"})

    assert message.of("a").enrollment_ids == {"old", "new"}
    assert message.of("b").enrollment_ids == {"new"}
    assert message.enrollment_ids == {"old", "new"}


def test_finding_nothing_leaves_the_memory_as_it_was() -> None:
    memory = Memory({"a": enrolled(enrollments=(LOST,))})

    assert with_found(memory, {}) is memory


def test_what_happened_to_one_request_is_not_believed_of_another_with_its_id() -> None:
    old = a_request(code="gone", progress=Progress.PROVISIONED)
    new = a_request()

    observation = shown(new, old)

    assert observation.request_by_key == {new.key: new, old.key: old}
    assert has_happened(Approve.kind, old.key, observation)
    assert not has_happened(Approve.kind, new.key, observation)


def test_a_device_that_could_not_be_enrolled_is_remembered_with_the_reason() -> None:
    memory = Memory({"a": enrolled(refused={(ActionKind.APPROVE, "1/x"): "no"}), "b": enrolled()})

    message = with_refused(memory, {"a": "no licence", "new": "disk full"})

    assert message.of("a") == enrolled(
        refused={(ActionKind.APPROVE, "1/x"): "no", ENROLLMENT: "no licence"}
    )
    assert message.of("b") == memory.of("b")
    assert message.of("new").refused == {ENROLLMENT: "disk full"}
    assert memory.of("a").refused == {(ActionKind.APPROVE, "1/x"): "no"}


def test_refusing_nothing_leaves_the_memory_as_it_was() -> None:
    memory = Memory({"a": enrolled()})

    assert with_refused(memory, {}) is memory
