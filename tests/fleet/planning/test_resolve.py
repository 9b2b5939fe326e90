from datetime import timedelta

import pytest

from fleet.action.action import Approve, Reject, Retire, Retry
from fleet.device.enrollment import Enrollment
from fleet.device.request import Progress
from fleet.planning.resolve import (
    enrollments_made,
    find_unanswered,
    has_happened,
    leaves_no_trace,
    with_enrolled,
    with_found,
    with_refused,
)
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


def test_a_record_that_was_answered_is_not_answered_again() -> None:
    memory = Memory({"edge-1": enrolled(enrollments=(an_enrollment_record("made"),))})

    assert find_unanswered(memory, shown(enrollments=[an_enrollment("listed")])) == {}


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


@pytest.mark.parametrize("progress", Progress)
def test_a_retirement_happened_when_its_system_shows_the_device_out_of_service(
    progress: Progress,
) -> None:
    request = a_request(progress=progress)

    happened = has_happened(Retire.kind, request.key, shown(request))

    assert happened is (progress is Progress.DEACTIVATED)
    assert not has_happened(Retire.kind, "1/gone", shown(request))


@pytest.mark.parametrize("kind", ActionKind)
def test_of_all_actions_only_a_new_key_leaves_no_trace(kind: ActionKind) -> None:
    assert leaves_no_trace(kind) is (kind is ActionKind.ROTATE)


def test_a_new_key_is_never_believed_to_be_made() -> None:
    assert not has_happened(ActionKind.ROTATE, a_request().key, shown(a_request()))


def test_of_two_enrollments_with_one_fingerprint_each_answers_one_record_in_order() -> None:
    memory = Memory({"a": enrolled(enrollments=(OTHER,)), "b": enrolled(enrollments=(LOST,))})
    observation = shown(
        enrollments=[an_enrollment(name, expires_at=EXPIRY) for name in ("two", "one")]
    )

    assert find_unanswered(memory, observation) == {LOST: "one", OTHER: "two"}


def test_the_enrollments_that_a_run_made_are_those_made_since_it_began() -> None:
    made, adopted = an_enrollment_record("made"), an_enrollment_record("theirs", adopted=True)
    memory = Memory(
        {
            "a": enrolled(enrollments=(made, adopted, LOST, an_enrollment_record("again"))),
            "b": enrolled(enrollments=(adopted,)),
        }
    )

    counts = enrollments_made(memory)
    since = with_enrolled(memory, {"a": 1})

    assert counts == {"a": 2, "b": 0}
    assert (since.of("a").enrolled, since.of("b").enrolled) == (1, 0)
    assert since.of("a").enrollments == memory.of("a").enrollments
    assert since.of("b") == memory.of("b")
    assert with_enrolled(memory, {}).of("a").enrolled == 2
    assert all(with_enrolled(memory, {"a": before}) is memory for before in (2, 3))
