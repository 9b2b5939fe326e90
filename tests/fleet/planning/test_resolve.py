from datetime import timedelta

import pytest

from fleet.action.action import Approve, Reject, Retry
from fleet.device.enrollment import Enrolment
from fleet.device.request import Progress
from fleet.planning.resolve import find_unanswered, has_happened, with_found, with_refused
from fleet.state.action_kind import ActionKind
from fleet.state.memory import ENROLLMENT, Memory
from tests.fleet.builders import EXPIRY, a_grant, a_request, an_enrolment, enrolled, looked

MARK = EXPIRY + timedelta(milliseconds=123)
LOST = a_grant(None, wanted_expiry=MARK)
OTHER = a_grant(None, wanted_expiry=MARK + timedelta(milliseconds=1))


@pytest.mark.parametrize("progress", Progress)
def test_an_approval_happened_when_the_device_was_let_in(progress: Progress) -> None:
    request = a_request(progress=progress)

    assert has_happened(Approve.kind, request.key, looked(request)) is request.is_let_in


@pytest.mark.parametrize("progress", Progress)
def test_a_rejection_happened_when_the_request_says_so(progress: Progress) -> None:
    request = a_request(progress=progress)

    happened = has_happened(Reject.kind, request.key, looked(request))

    assert happened is (progress is Progress.REJECTED)


def test_nothing_is_believed_of_a_request_that_is_not_seen() -> None:
    assert not has_happened(Approve.kind, "1/gone", looked())
    assert not has_happened(Reject.kind, "1/gone", looked())


def test_a_retry_leaves_no_mark_and_counts_as_done() -> None:
    assert has_happened(Retry.kind, a_request().key, looked(a_request()))


@pytest.mark.parametrize(
    ("enrolment", "found"),
    [
        (an_enrolment(expires_at=MARK), True),
        (an_enrolment(expires_at=EXPIRY), True),
        (an_enrolment(expires_at=MARK + timedelta(milliseconds=1)), False),
        (an_enrolment(expires_at=MARK, capacity=6), False),
    ],
    ids=["the mark", "the mark to the second", "another mark", "another capacity"],
)
def test_an_unanswered_enrolment_is_found_by_its_mark(enrolment: Enrolment, found: bool) -> None:
    memory = Memory({"edge-1": enrolled(grants=(LOST,))})

    assert (LOST in find_unanswered(memory, looked(enrolments=[enrolment]))) is found


def test_an_enrolment_that_is_known_answers_nothing() -> None:
    memory = Memory({"edge-1": enrolled(grants=(LOST,))}, enrolment_ids=frozenset({"known"}))
    look = looked(enrolments=[an_enrolment("known", expires_at=MARK)])

    assert find_unanswered(memory, look) == {}


def test_one_enrolment_answers_one_grant_only() -> None:
    memory = Memory({"a": enrolled(grants=(LOST,)), "b": enrolled(grants=(OTHER,))})
    look = looked(enrolments=[an_enrolment("one", expires_at=EXPIRY)])

    assert find_unanswered(memory, look) == {LOST: "one"}


def test_what_was_found_is_remembered_of_every_device_that_shares_it() -> None:
    answered = a_grant("old")
    memory = Memory(
        {"a": enrolled(grants=(answered, LOST)), "b": enrolled(grants=(LOST,))},
        enrolment_ids=frozenset({"old"}),
    )

    told = with_found(memory, {LOST: "new"})

    assert told.of("a").enrolment_ids == {"old", "new"}
    assert told.of("b").enrolment_ids == {"new"}
    assert told.enrolment_ids == {"old", "new"}


def test_finding_nothing_leaves_the_memory_as_it_was() -> None:
    memory = Memory({"a": enrolled(grants=(LOST,))})

    assert with_found(memory, {}) is memory


def test_what_happened_to_one_request_is_not_believed_of_another_with_its_id() -> None:
    old = a_request(code="gone", progress=Progress.PROVISIONED)
    new = a_request()

    look = looked(new, old)

    assert look.request_by_key == {new.key: new, old.key: old}
    assert has_happened(Approve.kind, old.key, look)
    assert not has_happened(Approve.kind, new.key, look)


def test_a_device_that_could_not_be_enrolled_is_remembered_with_the_reason() -> None:
    memory = Memory({"a": enrolled(refused={(ActionKind.APPROVE, "1/x"): "no"}), "b": enrolled()})

    told = with_refused(memory, {"a": "no licence", "new": "disk full"})

    assert told.of("a") == enrolled(
        refused={(ActionKind.APPROVE, "1/x"): "no", ENROLLMENT: "no licence"}
    )
    assert told.of("b") == memory.of("b")
    assert told.of("new").refused == {ENROLLMENT: "disk full"}
    assert memory.of("a").refused == {(ActionKind.APPROVE, "1/x"): "no"}


def test_refusing_nothing_leaves_the_memory_as_it_was() -> None:
    memory = Memory({"a": enrolled()})

    assert with_refused(memory, {}) is memory
