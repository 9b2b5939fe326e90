"""A plan names what becomes of each line, and two plans differ where the world does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.device.request import Progress
from fleet.planning.change import CHANGES, Change
from fleet.planning.site_plan import PlannedLine, SitePlan, change_of, differences, shown_of
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from fleet.text.tone import Tone
from tests.fleet.builders import a_device, a_request, mac

ENROLL = "create activation config"


def line(**more):
    return PlannedLine(
        **{
            "where": "line 2",
            "device": "edge-1",
            "connection": "lem",
            "change": Change.CREATE,
            "planned": ENROLL,
            "shown": ("not_enrolled", "new"),
            "reason": "new on the roster",
        }
        | more
    )


def a_plan(*lines, **more):
    return SitePlan(
        **{
            "site": "plant-7",
            "content": "ab" * 32,
            "order": {"connection": "lem", "register_again": False},
            "policies": {"lem": "exact-match"},
            "lines": lines or (line(),),
        }
        | more
    )


def status(state, code=ReasonCode.UNKNOWN, **more):
    return DeviceStatus(a_device(), state, code, "as it is", **more)


@pytest.mark.parametrize(
    ("status", "planned", "is_revoked", "change"),
    [
        (status(State.NOT_ENROLLED, ReasonCode.NEW), ENROLL, False, Change.CREATE),
        (status(State.NOT_ENROLLED, ReasonCode.NEW), ENROLL, True, Change.REVIVE),
        (status(State.NOT_ENROLLED, ReasonCode.NEW), "", False, Change.UNDER_WAY),
        (status(State.HELD, ReasonCode.DEACTIVATED), "", True, Change.REVIVE),
        (status(State.WAITING, ReasonCode.NOT_ASKED), "", True, Change.UNDER_WAY),
        (status(State.HELD, ReasonCode.REGISTERED_BY_OTHERS), "", False, Change.REVIVE),
        (status(State.KEY_LOST, ReasonCode.KEY_NOT_HELD), "", False, Change.REVIVE),
        (status(State.WAITING, ReasonCode.NOT_ASKED), "", False, Change.UNDER_WAY),
        (status(State.WAITING, ReasonCode.EXACT_MATCH), "approve", False, Change.UNDER_WAY),
        (status(State.PROVISIONING), "", False, Change.UNDER_WAY),
        (status(State.FAILED, ReasonCode.RETRY_PLANNED), "retry", False, Change.UNDER_WAY),
        (status(State.FAILED), "", False, Change.CONFLICT),
        (status(State.HELD, ReasonCode.CLONE), "", False, Change.CONFLICT),
        (status(State.IDENTITY_MISMATCH), "", False, Change.CONFLICT),
        (status(State.REJECTED), "", False, Change.CONFLICT),
        (status(State.IN_SERVICE), "confirm", False, Change.UNCHANGED),
        (status(State.IN_SERVICE), "", False, Change.UNCHANGED),
    ],
)
def test_each_status_becomes_one_change(status, planned, is_revoked, change):
    assert change_of(status, planned, is_revoked=is_revoked) is change


def test_the_catalog_has_every_change_worst_first():
    facts = {
        change: (record.label, record.tone, record.is_work) for change, record in CHANGES.items()
    }

    assert facts == {
        Change.FAULTY: ("faulty", Tone.BAD, False),
        Change.REPAIR: ("repair", Tone.WARN, False),
        Change.CONFLICT: ("conflict", Tone.BAD, False),
        Change.NOT_CHECKED: ("not checked", Tone.WARN, False),
        Change.REVIVE: ("revive", Tone.WARN, True),
        Change.CREATE: ("create", Tone.MOVE, True),
        Change.UNDER_WAY: ("under way", Tone.MOVE, True),
        Change.UNCHANGED: ("unchanged", Tone.GOOD, False),
    }
    assert list(CHANGES) == list(Change)
    assert {change.record.meaning.endswith(".") for change in Change} == {True}


def test_the_codes_of_changes_are_those_that_plans_are_stored_with():
    assert [each.value for each in Change] == (
        [
            "faulty",
            "repair",
            "conflict",
            "not_checked",
            "revive",
            "create",
            "under_way",
            "unchanged",
        ]
    )


def test_people_name_a_plan_by_the_beginning_of_its_hash():
    plan = a_plan()

    assert (plan.id, len(plan.id)) == (plan.hash[:16], 16)


def test_a_line_of_which_nothing_is_known_says_nothing():
    nothing = PlannedLine("line 2", "edge-1", "lem", Change.CREATE)

    assert nothing.facts == ["line 2", "edge-1", "lem", "create", ""]
    assert nothing.reason == ""


def test_a_plan_counts_in_words_the_worst_first():
    lines = [line(change=Change.CREATE, where=f"line {n}") for n in range(2)]

    assert str(a_plan(*lines, line(change=Change.FAULTY))) == "1 faulty, 2 create"
    assert str(a_plan(*lines)) == "2 create"


@pytest.mark.parametrize("worst", [Change.FAULTY, Change.REPAIR, Change.CONFLICT, Change.REVIVE])
def test_a_plan_with_a_line_for_a_person_is_not_clean(worst):
    assert not a_plan(line(), line(change=worst)).is_clean


def test_a_plan_in_which_nothing_waits_for_a_person_is_clean():
    lines = (line(change=each) for each in (Change.CREATE, Change.UNDER_WAY, Change.UNCHANGED))

    assert a_plan(*lines).is_clean


OTHER = {
    "site": a_plan(site="plant-8"),
    "bytes of the roster": a_plan(content="cd" * 32),
    "order": a_plan(order={"connection": "lem", "register_again": True}),
    "policy": a_plan(policies={"lem": "human"}),
    "place": a_plan(line(where="line 3")),
    "device": a_plan(line(device="edge-2")),
    "connection": a_plan(line(connection="acusight")),
    "change": a_plan(line(change=Change.CONFLICT)),
    "planned": a_plan(line(planned="")),
    "shown": a_plan(line(shown=("waiting", "not_asked"))),
    "lines": a_plan(line(), line(where="line 3", device="edge-2")),
}


@pytest.mark.parametrize("what", OTHER)
def test_another_hash_whatever_differs(what):
    assert OTHER[what].hash != a_plan().hash
    assert len({each.hash for each in OTHER.values()}) == len(OTHER)


def test_a_sentence_may_change_and_the_hash_does_not():
    later = a_plan(line(reason="new on the roster, seen at 12:01"))

    assert later.hash == a_plan().hash
    assert list(differences(a_plan(), later)) == []


@pytest.mark.parametrize("what", sorted(OTHER.keys() - {"site"}))
def test_where_two_plans_differ_is_said(what):
    assert list(differences(a_plan(), OTHER[what])) != []
    assert list(differences(OTHER[what], a_plan())) != []


def test_a_line_that_changed_is_named_with_what_it_was_and_is():
    now = line(change=Change.CONFLICT, shown=("held", "clone"), reason="two machines show its MAC")

    (said,) = differences(a_plan(), a_plan(now))

    assert said == (
        "line 2 edge-1: was planned as create (new on the roster), and is now conflict (two "
        "machines show its MAC)."
    )


def test_what_a_line_rests_on_is_said_where_its_reason_is_the_same():
    now = line(planned="", shown=("waiting", "not_asked"))

    _, rests = differences(a_plan(), a_plan(now))

    assert rests.strip() == (
        "It rested on create activation config; not_enrolled; new, and now on no action; waiting; "
        "not_asked."
    )


def test_a_line_without_a_reason_is_described_by_what_was_shown_or_by_its_change_alone():
    bare = line(reason="", shown=())
    shown = line(reason="", change=Change.CONFLICT)

    [said, *_] = differences(a_plan(bare), a_plan(shown))

    assert said == "line 2 edge-1: was planned as create, and is now conflict (not_enrolled, new)."


def test_what_is_new_in_an_order_and_what_it_lacks_is_said():
    before, after = a_plan(order={"old": 1}), a_plan(order={"new": 2})

    assert list(differences(before, after)) == [
        "The order's old was 1, and is None.",
        "The order's new was None, and is 2.",
    ]


@given(st.lists(st.sampled_from(Change), min_size=1))
def test_a_plan_counts_every_line_and_has_work_where_a_line_has(changes):
    plan = a_plan(*(line(where=f"line {n}", change=each) for n, each in enumerate(changes)))

    assert plan.counts.total() == len(changes)
    assert plan.has_changes == any(each.record.is_work for each in changes)
    assert plan.is_clean == (set(changes) <= {Change.CREATE, Change.UNDER_WAY, Change.UNCHANGED})
    assert sum(int(part.split()[0]) for part in str(plan).split(", ")) == len(changes)


def test_what_is_revived_is_work_only_once_a_word_was_given():
    assert a_plan(line(change=Change.REVIVE)).has_changes
    assert not a_plan(line(change=Change.REVIVE, planned="")).has_changes
    assert a_plan(line(change=Change.UNDER_WAY, planned="")).has_changes


def test_the_lines_that_need_a_person_come_first():
    lines = [line(change=change) for change in reversed(Change)]

    assert [each.change for each in a_plan(*lines).worst_first] == list(Change)


def test_what_a_request_says_of_itself_is_part_of_what_is_shown():
    request = a_request("1")
    as_before = shown_of(status(State.WAITING, request=request))

    for other in (
        replace(request, identity=replace(request.identity, macs=frozenset({mac(9)}))),
        replace(request, identity=replace(request.identity, host_id="0c621de49f14")),
        replace(request, progress=Progress.FAILED),
        replace(request, hostname="another"),
        replace(request, id="2"),
        replace(request, device_id="77"),
    ):
        assert shown_of(status(State.WAITING, request=other)) != as_before
    assert shown_of(status(State.HELD, request=request)) != as_before
    assert shown_of(status(State.WAITING)) == ("waiting", "unknown")
    assert as_before[:3] == ("waiting", "unknown", request.key)
