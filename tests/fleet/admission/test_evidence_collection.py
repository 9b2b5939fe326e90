"""Evidence collection, by example: what a request is suspected of, and with which words."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.action.action import Approve, Hold, Reject
from fleet.admission.condition import Condition
from fleet.admission.evidence import Code, Evidence
from fleet.admission.evidence_collection import CLOCKS, UNKNOWN_DEVICE
from fleet.admission.policy import BUILT_IN, Policy, Rule
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.planning.assess import Assessment
from fleet.state.memory import EnrollmentRecord, Memory
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision, Verdict
from tests.fleet.builders import (
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    a_request,
    an_enrollment,
    an_enrollment_record,
    an_own_enrollment_record,
    assessed,
    enrolled,
    mac,
    remembering,
    shown,
    wanted,
)

DEVICE = a_device()
BOTH = a_device("edge-1", macs=[mac(1)]), a_device("edge-2", macs=[mac(2)])
HOSTED = a_device(host_id="h1")
PLANT_9 = "edge-7 of the site plant-9"
UNKNOWN = (SuspicionKind.UNKNOWN_DEVICE,)
REFUSING_UNKNOWN_DEVICES = Policy(
    rules=(
        Rule(
            "no unknown devices",
            Decision.REJECT,
            Condition(suspicion=(SuspicionKind.UNKNOWN_DEVICE,)),
        ),
    )
)


def found(
    *requests: Request, devices: tuple[Device, ...] = (DEVICE,), memory: Memory | None = None
) -> Assessment:
    """What is found when `devices`, enrolled by one code, and others ask by `requests`."""
    past = memory or remembering(*(device.name for device in devices))
    return assessed(wanted(*devices), shown(*requests), past)


def hold_of(assessment: Assessment, request: Request) -> Hold:
    """How `request` was held; it must have been."""
    (hold,) = (hold for hold in assessment.holds if hold.request == request)
    return hold


def suspicions(assessment: Assessment, request: Request) -> dict[SuspicionKind, str]:
    """Of what `request`, which was held, is suspected."""
    evidence = hold_of(assessment, request).evidence
    return {each.kind: each.message for each in evidence.suspicions} if evidence else {}


def approved(assessment: Assessment) -> list[Request]:
    actions = [status.action for status in assessment.statuses]
    return [action.request for action in actions if isinstance(action, Approve)]


# Nothing to suspect


def test_an_ordinary_device_is_suspected_of_nothing() -> None:
    request = a_request(asked_at=NOW)

    assessment = found(request)

    action = assessment.statuses[0].action
    assert isinstance(action, Approve)
    assert action.evidence is not None
    assert action.evidence.suspicions == ()
    assert action.evidence.is_exact
    assert assessment.holds == ()


def test_a_machine_that_asks_twice_alike_is_suspected_of_nothing_but_that() -> None:
    asks = a_request("9", host_id="h1"), a_request("10", host_id="h1")

    assessment = found(*asks)

    assert approved(assessment) == []
    assert [hold.code for hold in assessment.holds] == [ReasonCode.SEVERAL_MACHINES] * 2
    assert [hold.evidence.suspicions for hold in assessment.holds if hold.evidence] == [(), ()]


def test_nobody_is_approved_beside_a_suspicious_machine_that_asks_in_the_same_name() -> None:
    fitting = a_request("7", host_id="h1", macs=[])
    suspicious = a_request("9", host_id="h1", macs=[mac(9)])
    another = a_request("8", host_id="unknown-device", macs=[mac(9)])

    assessment = found(fitting, another, suspicious, devices=(a_device(host_id="h1", macs=()),))

    assert approved(assessment) == []
    assert assessment.statuses[0].reason == "several machines ask in this device's name"


def test_one_host_id_behind_two_requests_with_a_common_mac_is_suspected_of_nothing() -> None:
    asks = a_request("9", host_id="h1"), a_request("10", host_id="h1", macs=[mac(1), mac(2)])

    assessment = found(*asks, devices=(HOSTED,))

    assert assessment.statuses[0].reason == "several machines ask in this device's name"
    assert [hold.evidence.suspicions for hold in assessment.holds if hold.evidence] == [(), ()]


def test_evidence_says_how_many_ask_how_many_are_listed_and_how_many_came_at_that_time() -> None:
    request = a_request("1", asked_at=NOW)
    others = [
        a_request("2", macs=[mac(2)], asked_at=NOW + timedelta(seconds=60)),
        a_request("3", macs=[mac(3)], asked_at=NOW - timedelta(seconds=61)),
        a_request("4", macs=[mac(4)], asked_at=NOW - timedelta(minutes=11)),
        a_request("5", macs=[mac(5)], asked_at=NOW - timedelta(hours=2)),
        a_request("6", macs=[mac(6)]),
        a_request("7", macs=[mac(7)], progress=Progress.REJECTED),
    ]

    assessment = found(request, *others)

    evidence = hold_of(assessment, others[4]).evidence
    action = assessment.statuses[0].action
    assert evidence is not None
    assert (evidence.machines, evidence.listed, evidence.arrivals) == (6, 1, None)
    assert isinstance(action, Approve)
    assert action.evidence is not None
    assert action.evidence.arrivals == {"minute": 2, "10 minutes": 3, "hour": 4}


# Of nobody on the roster


def test_who_shows_the_sites_code_and_is_on_no_line_is_an_unknown_device() -> None:
    unknown_device = a_request("2", macs=[mac(9)])

    assessment = found(a_request(), unknown_device, devices=BOTH)

    assert suspicions(assessment, unknown_device) == {SuspicionKind.UNKNOWN_DEVICE: UNKNOWN_DEVICE}
    assert hold_of(assessment, unknown_device).reason == UNKNOWN_DEVICE
    assert approved(assessment) == [a_request()]


def test_who_shows_the_identity_of_two_lines_is_disputed() -> None:
    request = a_request(macs=[mac(1), mac(2)])

    assessment = found(request, devices=BOTH)

    message = "it shows the identity of edge-1 and edge-2"
    assert suspicions(assessment, request) == {SuspicionKind.DISPUTED: message}
    assert hold_of(assessment, request).reason == message


def test_more_machines_than_the_roster_lists_make_each_unproven_one_suspect() -> None:
    proven, unknown_device = a_request("1"), a_request("2", macs=[mac(9)])

    assessment = found(proven, unknown_device)

    message = "2 machines ask, and the roster lists 1"
    assert suspicions(assessment, unknown_device) == {
        SuspicionKind.UNKNOWN_DEVICE: UNKNOWN_DEVICE,
        SuspicionKind.TOO_MANY: message,
    }
    assert hold_of(assessment, unknown_device).reason == f"{UNKNOWN_DEVICE}; {message}"
    assert approved(assessment) == [proven]


@pytest.mark.parametrize("progress", [Progress.REJECTED, Progress.DEACTIVATED])
def test_machines_that_were_turned_away_make_no_crowd(progress: Progress) -> None:
    missing = a_request("1", macs=[mac(8)], progress=progress)
    unknown_device = a_request("2", macs=[mac(9)])

    assert suspicions(found(missing, unknown_device), unknown_device) == {
        SuspicionKind.UNKNOWN_DEVICE: UNKNOWN_DEVICE
    }


def test_a_run_for_a_part_of_the_site_takes_nobody_for_a_crowd() -> None:
    waiting = a_request("1"), a_request("2", macs=[mac(2)]), a_request("3", macs=[mac(1), mac(2)])
    desired = wanted(*BOTH, is_whole_site=False)

    assessment = assessed(desired, shown(*waiting), remembering("edge-1", "edge-2"))

    assert SuspicionKind.TOO_MANY not in suspicions(assessment, waiting[2])


# Another machine with the same traits


def test_one_mac_behind_two_host_ids_is_a_clone_whichever_is_seen_first() -> None:
    one, other = a_request("1", host_id="h1"), a_request("2", host_id="h2")

    assessment = found(one, other)

    same = f"shows the same MAC {mac(1)}, but is another machine"
    assert suspicions(assessment, one) == {SuspicionKind.CLONE: f"request 2 (waiting) {same}"}
    assert suspicions(assessment, other) == {SuspicionKind.CLONE: f"request 1 (waiting) {same}"}
    assert approved(assessment) == []


@pytest.mark.parametrize("progress", [*Progress])
def test_a_machine_is_a_clone_however_far_the_other_has_come(progress: Progress) -> None:
    device = a_device(host_id="h1", macs=[])
    one, other = a_request("1", host_id="h1"), a_request("2", host_id="h2", progress=progress)

    assessment = found(one, other, devices=(device,))

    message = f"request 2 ({progress.value}) shows the same MAC {mac(1)}, but is another machine"
    assert suspicions(assessment, one)[SuspicionKind.CLONE] == message
    assert approved(assessment) == []


def test_a_clone_of_a_device_that_was_admitted_is_held_beside_it() -> None:
    serving = a_request("1", host_id="h1", progress=Progress.PROVISIONED, device_id="d1")
    clone = a_request("2", host_id="h2")

    assessment = found(serving, clone)

    assert suspicions(assessment, clone) == {
        SuspicionKind.CLONE: f"request 1 (provisioned) shows the same MAC {mac(1)}, "
        "but is another machine",
        SuspicionKind.SECOND: "the device already asked as request 1",
    }


def test_a_machine_whose_mac_is_behind_another_sites_request_is_a_clone() -> None:
    device = a_device(host_id="h1", macs=[])
    ours = a_request("1", host_id="h1")
    theirs = a_request("2", host_id="h2", code="another site's")

    assessment = found(ours, theirs, devices=(device,))

    message = f"request 2 (waiting) shows the same MAC {mac(1)}, but is another machine"
    assert suspicions(assessment, ours) == {SuspicionKind.CLONE: message}


def test_the_expected_host_id_with_none_of_its_lines_macs_has_new_macs() -> None:
    request = a_request(host_id="h1", macs=[mac(8), mac(9)])

    assessment = found(request, devices=(HOSTED,))

    message = "it shows this device's host id with none of its MACs"
    both = f"its MACs are {mac(8)}, {mac(9)}, and the roster says {mac(1)}"
    assert suspicions(assessment, request) == {SuspicionKind.NEW_MACS: message}
    assert hold_of(assessment, request).reason == f"{both}; {message}"


def test_one_right_mac_beside_another_host_id_is_held_with_both_values() -> None:
    request = a_request(host_id="h2", macs=[mac(1)])

    assessment = found(request, devices=(HOSTED,))

    hold = hold_of(assessment, request)
    assert approved(assessment) == []
    assert (hold.code, hold.reason) == (
        ReasonCode.OTHER_IDENTITY,
        "its host id is h2, and the roster says h1",
    )


@pytest.mark.parametrize("macs", [[], [mac(1)], [mac(1), mac(9)]], ids=["none", "same", "one more"])
def test_a_host_id_that_shows_no_mac_or_one_of_its_lines_has_no_new_macs(macs: list[str]) -> None:
    request = a_request(host_id="h1", macs=macs)

    assert approved(found(request, devices=(HOSTED,))) == [request]


def test_one_host_id_behind_two_requests_without_a_common_mac_has_new_macs() -> None:
    device = a_device(host_id="h1", macs=[])
    one, other = a_request("1", host_id="h1"), a_request("2", host_id="h1", macs=[mac(2)])

    assessment = found(one, other, devices=(device,))

    same = "shows the same host id h1, with other MACs"
    assert suspicions(assessment, one) == {SuspicionKind.NEW_MACS: f"request 2 (waiting) {same}"}
    assert suspicions(assessment, other) == {SuspicionKind.NEW_MACS: f"request 1 (waiting) {same}"}


# Codes


def test_a_code_for_one_machine_that_two_show_proves_neither() -> None:
    device = a_device(macs=[])
    one, other = a_request("1", macs=[mac(8)]), a_request("2", macs=[mac(9)])
    observation = shown(one, other, enrollments=[an_enrollment(capacity=1)])

    assessment = assessed(
        wanted(device),
        observation,
        remembering("edge-1", enrollments=(an_own_enrollment_record(),)),
    )

    messages = {SuspicionKind.TOO_MANY: "2 machines ask by a code that is good for 1"}
    assert suspicions(assessment, one) == suspicions(assessment, other) == messages
    assert approved(assessment) == []


def test_a_device_that_proves_itself_is_not_held_for_others_who_show_its_code() -> None:
    proven, unknown_device = a_request("1"), a_request("2", macs=[mac(9)])
    observation = shown(proven, unknown_device, enrollments=[an_enrollment(capacity=1)])

    assessment = assessed(wanted(DEVICE), observation, remembering("edge-1"))

    assert approved(assessment) == [proven]
    message = "2 machines ask by a code that is good for 1"
    evidence = hold_of(assessment, unknown_device).evidence
    assert evidence is not None
    assert Suspicion(SuspicionKind.TOO_MANY, message) in evidence.suspicions


def test_a_machine_that_asks_twice_by_its_own_code_is_one_machine() -> None:
    device = a_device(macs=[])
    asks = a_request("1", macs=[mac(8)]), a_request("2", macs=[mac(8)])
    observation = shown(*asks, enrollments=[an_enrollment(capacity=1)])

    assessment = assessed(
        wanted(device),
        observation,
        remembering("edge-1", enrollments=(an_own_enrollment_record(),)),
    )

    assert "several machines" not in assessment.statuses[0].reason
    assert [hold.evidence.suspicions for hold in assessment.holds if hold.evidence] == [(), ()]


@pytest.mark.parametrize(
    ("known", "suspected"),
    [
        (
            {"elsewhere": {f"MAC {mac(8)}": "edge-9 of site plant-9"}},
            {SuspicionKind.WRONG_SITE: f"by its MAC {mac(8)} it is edge-9 of site plant-9"},
        ),
        (
            {"known": frozenset({f"MAC {mac(8)}"})},
            {
                SuspicionKind.DISPUTED: f"its MAC {mac(8)} is that of another device of this site, "
                "or of one that was retired"
            },
        ),
        ({"known": frozenset({f"MAC {mac(9)}"})}, {}),
    ],
    ids=["another site", "this site", "nowhere"],
)
def test_a_code_alone_does_not_admit_a_machine_that_is_known_by_another_name(
    known: dict[str, Any], suspected: dict[SuspicionKind, str]
) -> None:
    request = a_request("1", macs=[mac(8)])
    memory = remembering("edge-1", enrollments=(an_own_enrollment_record(),))
    observation = shown(request, enrollments=[an_enrollment(capacity=1)])

    assessment = assessed(wanted(a_device(macs=[])), observation, replace(memory, **known))

    assert approved(assessment) == ([] if suspected else [request])
    found_ = suspicions(assessment, request) if suspected else {}
    assert found_ == suspected


def test_a_machine_that_is_known_by_two_macs_is_said_once_to_be_known() -> None:
    request = a_request(macs=[mac(8), mac(9)])
    memory = remembering("edge-1", enrollments=(an_own_enrollment_record(),))
    known = frozenset({f"MAC {mac(8)}", f"MAC {mac(9)}"})

    assessment = assessed(wanted(a_device(macs=[])), shown(request), replace(memory, known=known))

    evidence = hold_of(assessment, request).evidence
    assert evidence is not None
    assert [each.kind for each in evidence.suspicions] == [SuspicionKind.DISPUTED]


def test_evidence_has_all_that_a_request_says_of_itself() -> None:
    request = a_request(code="foreign", hostname="kiosk", hardware="physical", version="3.5")

    evidence = hold_of(found(request), request).evidence

    assert evidence is not None
    assert (evidence.hostname, evidence.hardware, evidence.version) == ("kiosk", "physical", "3.5")
    assert (evidence.site, evidence.request_id, evidence.device) == ("plant-7", "1", "edge-1")
    assert (evidence.expected, evidence.observed) == (DEVICE.identity, request.identity)


def test_a_device_that_asks_by_the_code_of_another_site_is_at_the_wrong_site() -> None:
    request = a_request(code="config-9")
    memory = replace(remembering("edge-1"), elsewhere={"config-9": "the site plant-9"})

    assessment = found(request, memory=memory)

    message = "it asks by a code that was made for the site plant-9"
    assert suspicions(assessment, request) == {SuspicionKind.WRONG_SITE: message}
    evidence = hold_of(assessment, request).evidence
    assert evidence is not None
    assert evidence.code is Code.OTHER
    assert evidence.misfit.endswith("not given to this device, but to the site plant-9")


def test_a_machine_of_another_site_that_shows_this_sites_code_is_at_the_wrong_site() -> None:
    request = a_request(macs=[mac(9)])
    memory = replace(remembering("edge-1"), elsewhere={f"MAC {mac(9)}": PLANT_9})

    assessment = found(request, memory=memory)

    assert suspicions(assessment, request) == {
        SuspicionKind.UNKNOWN_DEVICE: UNKNOWN_DEVICE,
        SuspicionKind.WRONG_SITE: f"by its MAC {mac(9)} it is {PLANT_9}",
    }


def test_a_machine_is_said_once_to_be_of_another_site_and_once_to_be_a_clone() -> None:
    elsewhere = {f"MAC {mac(n)}": PLANT_9 for n in (8, 9)}
    unknown, clone = a_request("1", macs=[mac(8), mac(9)]), a_request("2", macs=[mac(8), mac(9)])
    unknown = replace(unknown, identity=replace(unknown.identity, host_id="h8"))
    clone = replace(clone, identity=replace(clone.identity, host_id="h9"))

    assessment = found(unknown, clone, memory=replace(remembering("edge-1"), elsewhere=elsewhere))

    evidence = hold_of(assessment, unknown).evidence
    assert evidence is not None
    assert Counter(each.kind for each in evidence.suspicions) == {
        SuspicionKind.UNKNOWN_DEVICE: 1,
        SuspicionKind.WRONG_SITE: 1,
        SuspicionKind.CLONE: 1,
        SuspicionKind.TOO_MANY: 1,
    }


def test_each_request_that_shows_nothing_of_itself_may_be_another_machine() -> None:
    silent = a_request("1", macs=[]), a_request("2", macs=[])
    memory = remembering("edge-1", enrollments=(an_own_enrollment_record(),))

    assessment = found(*silent, devices=(a_device(macs=[]),), memory=memory)

    assert {each.evidence.machines for each in assessment.holds if each.evidence} == {2}


def test_who_asks_without_ever_having_been_enrolled_is_not_early() -> None:
    request = a_request(code="foreign", asked_at=NOW - HOUR)

    assessment = found(request, memory=Memory())

    assert hold_of(assessment, request).code is ReasonCode.OTHER_CODE


def test_a_code_that_its_device_was_given_here_is_another_sites_if_it_was_that_sites_before() -> (
    None
):
    memory = replace(remembering("edge-1"), elsewhere={"config-1": "the site plant-9"})

    assessment = found(a_request(), memory=memory)

    assert suspicions(assessment, a_request()).keys() == {SuspicionKind.WRONG_SITE}


def test_a_device_that_another_roster_names_too_is_at_the_wrong_site() -> None:
    theirs = {f"MAC {mac(1)}": PLANT_9}
    memory = replace(remembering("edge-1"), elsewhere=theirs)

    assert approved(found(a_request(), memory=memory)) == [a_request()]
    for first in (None, NOW - 9 * HOUR):
        named = found(a_request(), memory=replace(memory, on_rosters=dict.fromkeys(theirs, first)))
        assert suspicions(named, a_request()).keys() == {SuspicionKind.WRONG_SITE}


def test_a_roster_that_names_it_later_takes_it_from_nobody() -> None:
    trait = f"MAC {mac(1)}"
    known = remembering("edge-1", enrollments=(an_own_enrollment_record(),))
    memory = replace(known, elsewhere={trait: PLANT_9}, on_rosters={trait: NOW + HOUR})

    assert approved(found(a_request(), memory=memory)) == [a_request()]


def test_what_people_approved_before_its_site_was_known_is_held() -> None:
    key = (a_request().key, hold_of_a_stray().fingerprint)
    yes = Verdict(Decision.APPROVE, ReasonCode.APPROVED_BY_PEOPLE, "approved by Ann", by="Ann")
    memory = replace(
        remembering("edge-1"), elsewhere={"config-1": "the site plant-9"}, decisions={key: yes}
    )

    assert approved(found(a_request(), memory=memory)) == []
    no = replace(yes, decision=Decision.REJECT)
    rejected = found(a_request(), memory=replace(memory, decisions={key: no}))
    assert isinstance(rejected.statuses[0].action, Reject)


def hold_of_a_stray() -> Evidence:
    """The evidence of edge-1's request, which shows a code of another site."""
    memory = replace(remembering("edge-1"), elsewhere={"config-1": "the site plant-9"})
    evidence = hold_of(found(a_request(), memory=memory), a_request()).evidence
    assert evidence is not None
    return evidence


@pytest.mark.parametrize(
    ("key", "owner", "suspected"),
    [
        (f"MAC {mac(1)}", ("plant-9", "edge-1"), True),
        (f"MAC {mac(1)}", ("plant-7", "edge-2"), True),
        ("config-1", ("plant-7", "edge-2"), True),
        (f"MAC {mac(2)}", ("plant-7", "edge-2"), False),
        (f"MAC {mac(1)}", ("plant-7", "edge-1"), False),
    ],
)
def test_people_must_approve_whom_they_had_to_under_another_name(
    key: str, owner: tuple[str, str], suspected: bool
) -> None:
    memory = replace(remembering("edge-1"), by_people={key: frozenset({owner})})

    assessment = found(a_request(), memory=memory)

    assert (approved(assessment) == []) is suspected
    held = [hold.evidence for hold in assessment.holds if hold.evidence]
    assert [it.suspected_of(SuspicionKind.BY_PEOPLE) for it in held] == [True] * suspected
    assert all(it.may_be_approved for it in held)


def test_where_people_decide_anyway_it_is_not_suspicious() -> None:
    memory = replace(
        remembering("edge-1"), by_people={f"MAC {mac(1)}": frozenset({("plant-9", "edge-1")})}
    )
    desired = wanted(DEVICE, by_people=frozenset({"edge-1"}))

    (hold,) = assessed(desired, shown(a_request()), memory).holds

    assert hold.code is ReasonCode.PERSON_DECIDES


# Times


def arrived(
    at: datetime,
    *enrollments: EnrollmentRecord,
    code: str = "config-1",
    skew: timedelta = timedelta(),
) -> Assessment:
    """What is found when a device asked at `at` that was enrolled by `enrollments`."""
    memory = Memory(
        {"edge-1": enrolled(enrollments=enrollments)}, enrollment_ids=frozenset({"config-1"})
    )
    shows = replace(shown(a_request(asked_at=at, code=code)), skew=skew)
    return assessed(wanted(DEVICE), shows, memory)


def test_who_asked_before_its_device_was_first_enrolled_is_early() -> None:
    at = NOW - HOUR - CLOCKS - timedelta(seconds=1)

    assessment = arrived(
        at, an_enrollment_record(made_at=NOW - HOUR), an_enrollment_record(made_at=NOW)
    )

    message = (
        "it asked at 2026-03-02 07:54 UTC, before the device was enrolled at 2026-03-02 08:00 UTC"
    )
    assert suspicions(assessment, a_request(asked_at=at)) == {SuspicionKind.EARLY: message}
    assert approved(assessment) == []


@pytest.mark.parametrize(
    ("at", "enrollments"),
    [
        (NOW - HOUR - CLOCKS, (an_enrollment_record(),)),
        (NOW - HOUR, (an_enrollment_record(), an_enrollment_record(made_at=NOW))),
        (NOW - 9 * HOUR, (an_enrollment_record(adopted=True),)),
        (NOW - 9 * HOUR, (an_enrollment_record(adopted=True), an_enrollment_record("config-2"))),
    ],
    ids=["clocks differ", "enrolled again", "adopted", "adopted, then enrolled anew"],
)
def test_who_asked_when_its_code_was_there_is_not_early(
    at: datetime, enrollments: tuple[EnrollmentRecord, ...]
) -> None:
    assert approved(arrived(at, *enrollments)) == [a_request(asked_at=at)]


def test_who_asked_in_time_is_not_early_by_a_clock_that_is_an_hour_behind() -> None:
    assessment = arrived(NOW - HOUR, an_enrollment_record(made_at=NOW), skew=-HOUR)

    assert approved(assessment) == [a_request(asked_at=NOW - HOUR)]


def test_who_asked_too_early_is_early_by_a_clock_that_is_an_hour_ahead_too() -> None:
    at = NOW + timedelta(minutes=30)

    assessment = arrived(at, an_enrollment_record(made_at=NOW), skew=HOUR)

    assert suspicions(assessment, a_request(asked_at=at)).keys() == {SuspicionKind.EARLY}


def test_who_asked_by_another_code_than_the_adopted_one_may_be_early() -> None:
    at = NOW - 9 * HOUR

    assessment = arrived(
        at, an_enrollment_record(adopted=True), an_enrollment_record("config-2"), code="config-2"
    )

    request = a_request(asked_at=at, code="config-2")
    assert suspicions(assessment, request).keys() == {SuspicionKind.EARLY}


def test_a_request_by_an_expired_code_is_suspected_with_both_times() -> None:
    observation = Observation((an_enrollment(expires_at=NOW),), (a_request(asked_at=NOW),))

    assessment = assessed(wanted(DEVICE), observation, remembering("edge-1"))

    message = "it asked at 2026-03-02 09:00 UTC, and its code expired at 2026-03-02 09:00 UTC"
    assert suspicions(assessment, a_request(asked_at=NOW)) == {SuspicionKind.EXPIRED: message}


def test_who_asked_before_its_code_expired_may_be_approved_after_that() -> None:
    request = a_request(asked_at=NOW - timedelta(seconds=1))
    observation = Observation((an_enrollment(expires_at=NOW),), (request,))

    assessment = assessed(wanted(DEVICE), observation, remembering("edge-1"), now=NOW + HOUR)

    assert approved(assessment) == [request]


def test_without_a_time_nobody_is_early_or_late() -> None:
    observation = Observation((an_enrollment(expires_at=NOW - HOUR),), (a_request(),))

    assert approved(assessed(wanted(DEVICE), observation, remembering("edge-1"))) == [a_request()]


# After a review


def reviewed_as(request: Request, **then: object) -> Memory:
    """A memory in which people saw `request` as it was when it was like `then`."""
    seen = replace(request, **then)
    action = found(seen).statuses[0].action
    assert isinstance(action, Approve)
    assert action.evidence is not None
    said = frozenset({action.evidence.said, "something older"})
    return replace(remembering("edge-1"), reviewed={request.key: said})


def test_who_says_something_else_after_a_review_is_held_as_changed() -> None:
    request = a_request(hostname="edge-1")

    assessment = found(request, memory=reviewed_as(request, hostname="kiosk"))

    message = f"what it says of itself changed after it was reviewed: now MAC {mac(1)}"
    assert suspicions(assessment, request) == {SuspicionKind.CHANGED: message}
    assert hold_of(assessment, request).reason == message


def test_who_still_says_what_people_saw_has_not_changed() -> None:
    request = a_request(hostname="edge-1")

    assert approved(found(request, memory=reviewed_as(request))) == [request]


def test_an_unknown_device_that_was_put_on_the_roster_after_a_review_has_not_changed() -> None:
    request = a_request("2", macs=[mac(2)])
    (hold,) = found(request).holds
    assert hold.evidence is not None
    memory = replace(
        remembering("edge-1", "edge-2"), reviewed={request.key: frozenset({hold.evidence.said})}
    )

    assert approved(found(request, devices=BOTH, memory=memory)) == [request]


def test_a_run_for_other_devices_turns_away_nobody_for_whom_people_decided() -> None:
    theirs = a_request("2", macs=[mac(2)])
    memory = replace(
        remembering("edge-1"),
        known=frozenset({f"MAC {mac(2)}"}),
        decisions={
            (theirs.key, "as edge-2's"): Verdict(
                Decision.APPROVE, ReasonCode.UNKNOWN, "approved", by="Ann"
            )
        },
    )
    desired = wanted(DEVICE, is_whole_site=False, policy=REFUSING_UNKNOWN_DEVICES)

    assessment = assessed(desired, shown(theirs), memory)

    assert assessment.rejections == ()


# Whatever the policy


SUSPICIOUS = {
    SuspicionKind.UNKNOWN_DEVICE: (
        wanted(DEVICE),
        shown(a_request(macs=[mac(9)])),
        remembering("edge-1"),
    ),
    SuspicionKind.DISPUTED: (
        wanted(*BOTH),
        shown(a_request(macs=[mac(1), mac(2)])),
        remembering("edge-1", "edge-2"),
    ),
    SuspicionKind.CLONE: (
        wanted(DEVICE),
        shown(a_request("1", host_id="h1"), a_request("2", host_id="h2")),
        remembering("edge-1"),
    ),
    SuspicionKind.NEW_MACS: (
        wanted(HOSTED),
        shown(a_request(host_id="h1", macs=[mac(9)])),
        remembering("edge-1"),
    ),
    SuspicionKind.TOO_MANY: (
        wanted(a_device(macs=[])),
        shown(
            a_request("1", macs=[mac(8)]),
            a_request("2", macs=[mac(9)]),
            enrollments=[an_enrollment(capacity=1)],
        ),
        remembering("edge-1", enrollments=(an_own_enrollment_record(),)),
    ),
    SuspicionKind.WRONG_SITE: (
        wanted(DEVICE),
        shown(a_request(code="config-9")),
        replace(remembering("edge-1"), elsewhere={"config-9": "the site plant-9"}),
    ),
    SuspicionKind.EARLY: (
        wanted(DEVICE),
        shown(a_request(asked_at=NOW - 2 * HOUR)),
        remembering("edge-1"),
    ),
    SuspicionKind.EXPIRED: (
        wanted(DEVICE),
        shown(a_request(asked_at=EXPIRY)),
        remembering("edge-1"),
    ),
    SuspicionKind.CHANGED: (
        wanted(DEVICE),
        shown(a_request()),
        replace(remembering("edge-1"), reviewed={"1/config-1": frozenset({"another"})}),
    ),
    SuspicionKind.BY_PEOPLE: (
        wanted(DEVICE),
        shown(a_request()),
        replace(
            remembering("edge-1"),
            by_people={f"MAC {mac(1)}": frozenset({("plant-9", "edge-1")})},
        ),
    ),
    SuspicionKind.SECOND: (
        wanted(DEVICE),
        shown(a_request("1", progress=Progress.PROVISIONING), a_request("2")),
        remembering("edge-1"),
    ),
}


@pytest.mark.parametrize("policy", BUILT_IN.values(), ids=BUILT_IN)
@pytest.mark.parametrize("kind", [*SuspicionKind])
def test_no_built_in_policy_approves_what_is_suspicious(
    kind: SuspicionKind, policy: Policy
) -> None:
    desired, observation, memory = SUSPICIOUS[kind]

    assessment = assessed(replace(desired, policy=policy), observation, memory)

    held = [hold.evidence for hold in assessment.holds if hold.evidence]
    assert any(evidence.suspected_of(kind) for evidence in held)
    assert approved(assessment) == []
