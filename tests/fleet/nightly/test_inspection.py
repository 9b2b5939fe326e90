"""Inspecting: each thing that can be wrong is told once, with its reason and since when."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from fleet.action.action import Approve, Hold, Reject
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.device.secret import Keyring, Secret, SecretKind
from fleet.device.times import Times
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding, Key
from fleet.nightly.inspection import Inspected, OpenIntent, inspect
from fleet.nightly.rule import NightRule
from fleet.nightly.rules import NightRules
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.memory import EnrollmentRecord
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.record import DeviceRecord
from fleet.status.by_approval import ByApproval
from fleet.status.holds import NO_REVIEW
from fleet.status.status import DeviceStatus
from fleet.system.profile import Admission, SystemProfile
from tests.fleet.builders import (
    ASKED,
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    a_request,
    an_enrollment,
    mac,
)
from tests.fleet.scenes import Scene, scenes

DAY = timedelta(days=1)
SITE, BY, LEM_A = "plant-7", "lem-north", "LEM project a"
DEVICE = a_device()
AT_ONCE = NightRules({kind: NightRule() for kind in FindingKind})
AFTER_A_DAY = NightRules({kind: NightRule(after=DAY) for kind in FindingKind})
REGISTRY = SystemProfile(
    "registry", "code", "register", "register", "activate", admission=Admission.BY_CODE
)
SERVING = a_request(progress=Progress.PROVISIONED, device_id="d1")
FAILED = a_request(progress=Progress.FAILED, version="3.5.4", hardware="x86")
BEING_PROVISIONED = a_request(progress=Progress.PROVISIONING)


def stands(
    state: State, reason: str = "as it is", request: Request | None = None, **more: Any
) -> DeviceStatus:
    return DeviceStatus(DEVICE, state, ReasonCode.UNKNOWN, reason, request, **more)


def record(device: Device = DEVICE, **more: Any) -> DeviceRecord:
    """What our own record keeps of a device of the site, which was in service once."""
    facts = {
        "site": SITE,
        "scope": LEM_A,
        "connection": BY,
        "device": device,
        "state": State.IN_SERVICE,
        "is_listed": True,
        "confirmed_as": "d1",
        "changed_at": NOW - 9 * DAY,
    }
    return DeviceRecord(**(facts | more))


def an_observation(*statuses: DeviceStatus, **more: Any) -> Inspected:
    """One look at the site, which shows `statuses` and nothing else."""
    shown = tuple(s.request for s in statuses if s.request)
    facts = {
        "site": SITE,
        "connection": BY,
        "system_profile": ASKED,
        "observed": Observation(requests=shown),
        "statuses": statuses,
        "holds": (),
        "records": {},
    }
    return Inspected(**(facts | more))


def found(*statuses: DeviceStatus, rules: NightRules = AT_ONCE, **more: Any) -> list[Finding]:
    return inspect(an_observation(*statuses, **more), rules, NOW)


def the_one(*statuses: DeviceStatus, **more: Any) -> Finding:
    (one,) = found(*statuses, **more)
    return one


def message(*statuses: DeviceStatus, **more: Any) -> tuple[FindingKind, str, datetime]:
    one = the_one(*statuses, **more)
    return one.kind, one.reason, one.since


def key(kind: FindingKind, subject: str = "edge-1", site: str = SITE) -> Key:
    return site, BY, kind.value, subject


# Nothing is wrong


def test_a_converged_site_finds_nothing() -> None:
    status = stands(State.IN_SERVICE, request=SERVING)
    observed = Observation((an_enrollment(),), (SERVING,), frozenset({"d1"}))

    assert found(status, observed=observed, records={"edge-1": record()}) == []


def test_a_site_of_no_devices_finds_nothing() -> None:
    assert found() == []


def test_a_finding_says_all_that_is_known_of_its_device() -> None:
    status = stands(State.FAILED, "provisioning failed: LICENSE", FAILED)

    assert found(status) == [
        Finding(
            FindingKind.FAILED,
            SITE,
            BY,
            subject="edge-1",
            reason="provisioning failed: LICENSE",
            since=NOW,
            device="edge-1",
            request_key=FAILED.key,
            version="3.5.4",
            hardware="x86",
        )
    ]


# One device of the roster


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.NOT_ENROLLED, FindingKind.PENDING),
        (State.WAITING, FindingKind.PENDING),
        (State.APPROVAL_NOT_SHOWN, FindingKind.APPROVAL_NOT_SHOWN),
        (State.PROVISIONING, FindingKind.STUCK),
        (State.FAILED, FindingKind.FAILED),
        (State.KEY_LOST, FindingKind.LOST),
        (State.REJECTED, FindingKind.REJECTED),
        (State.HELD, FindingKind.HELD),
    ],
)
def test_a_device_that_is_not_in_service_is_reported_by_its_state(
    state: State, kind: FindingKind
) -> None:
    one = the_one(stands(state, "in plain words"))

    assert (one.kind, one.subject, one.device) == (kind, "edge-1", "edge-1")
    assert one.reason.startswith("in plain words")


@pytest.mark.parametrize(
    ("times", "since"),
    [
        (Times(enrolled=NOW - 3 * DAY), NOW - 3 * DAY),
        (Times(enrolled=NOW - 3 * DAY, asked=NOW - 2 * DAY), NOW - 2 * DAY),
        (Times(), NOW),
    ],
    ids=["enrolled", "asked", "nobody can tell"],
)
def test_a_device_is_pending_since_it_asked_or_was_enrolled(times: Times, since: datetime) -> None:
    assert the_one(stands(State.WAITING), times={"edge-1": times}).since == since


@pytest.mark.parametrize(
    ("times", "since"),
    [
        (Times(asked=NOW - 2 * DAY), NOW - 2 * DAY),
        (Times(asked=NOW - 2 * DAY, approved=NOW - DAY), NOW - DAY),
    ],
    ids=["by somebody else", "here"],
)
def test_a_device_is_stuck_since_it_was_approved_and_its_tunnel_is_named(
    times: Times, since: datetime
) -> None:
    status = stands(State.PROVISIONING, "approved and being provisioned", BEING_PROVISIONED)

    reason = f"approved and being provisioned; {ByApproval.stuck_hint}"
    assert message(status, times={"edge-1": times}) == (FindingKind.STUCK, reason, since)


@pytest.mark.parametrize("request_", [a_request(), None], ids=["undecided", "shown no more"])
def test_an_approval_that_is_not_shown_is_found_since_it_was_made_and_no_tunnel_is_blamed(
    request_: Request | None,
) -> None:
    status = stands(State.APPROVAL_NOT_SHOWN, "LEM does not show it", request_)
    times = {"edge-1": Times(asked=NOW - 2 * DAY, approved=NOW - DAY)}

    one = the_one(status, times=times)

    assert one.kind is FindingKind.APPROVAL_NOT_SHOWN
    assert (one.reason, one.since) == ("LEM does not show it", NOW - DAY)
    assert "UDP" not in one.reason + one.kind.record.remedy


def test_no_tunnel_is_named_where_a_system_has_none() -> None:
    status = stands(State.PROVISIONING, "not yet approved there", BEING_PROVISIONED)

    assert the_one(status, system_profile=REGISTRY).reason == "not yet approved there"


def test_who_is_admitted_tonight_is_not_pending() -> None:
    status = stands(State.WAITING, request=a_request())

    assert found(replace(status, action=Approve(DEVICE, a_request(), "it fits"))) == []


def test_no_rule_does_anything_about_a_request_that_planning_turns_away() -> None:
    request = a_request(version="3.5.4")
    status = stands(State.WAITING, request=request)
    planned = replace(status, action=Reject(DEVICE, request, "a rule says so"))

    one = the_one(planned)

    assert the_one(status).request_key == request.key
    assert (one.kind, one.request_key, one.version) == (FindingKind.PENDING, None, "3.5.4")


def test_a_device_that_needs_a_new_enrollment_is_reported_so() -> None:
    status = stands(
        State.NOT_ENROLLED, "its code expired at 2026-03-01 06:00 UTC", needs_enrollment=True
    )

    one = the_one(status, times={"edge-1": Times(enrolled=NOW - 9 * DAY)})

    assert (one.kind, one.since) == (FindingKind.ENDED, NOW)
    assert one.reason == "its code expired at 2026-03-01 06:00 UTC"


def test_a_device_is_held_since_its_request_is() -> None:
    request = a_request()
    status = stands(State.HELD, "it asked too early", request)
    holds = [Hold(request, ReasonCode.UNKNOWN, "it asked too early", DEVICE)]

    one = the_one(status, holds=holds, held_since={request.key: NOW - DAY})

    assert (one.kind, one.subject, one.since) == (FindingKind.HELD, "edge-1", NOW - DAY)
    assert (one.reason, one.request_key) == ("it asked too early", request.key)


def test_what_is_held_without_evidence_is_not_sent_to_a_review() -> None:
    request = a_request()
    status = stands(State.HELD, "no token", request)

    own = the_one(status)
    hold = Hold(request, ReasonCode.REGISTERED_BY_OTHERS, "no token", DEVICE)
    beside = the_one(stands(State.IN_SERVICE, request=SERVING), holds=[hold])

    assert own.remedy == beside.remedy == NO_REVIEW


@pytest.mark.parametrize(
    "state", [State.FAILED, State.KEY_LOST, State.REJECTED, State.WAITING, State.HELD]
)
def test_a_device_stands_so_at_least_since_our_own_record_says_it_does(state: State) -> None:
    before = record(state=state, confirmed_as=None, changed_at=NOW - 2 * DAY)

    assert the_one(stands(state), records={"edge-1": before}).since == NOW - 2 * DAY


def test_a_record_of_another_state_says_nothing_of_this_one() -> None:
    before = record(state=State.WAITING, confirmed_as=None)

    assert the_one(stands(State.FAILED), records={"edge-1": before}).since == NOW


# Gone


@pytest.mark.parametrize(
    ("state", "request_"),
    [
        (State.WAITING, None),
        (State.NOT_ENROLLED, None),
        (State.WAITING, a_request()),
        (State.PROVISIONING, SERVING),
        (State.HELD, a_request(progress=Progress.DEACTIVATED, device_id="d1")),
    ],
    ids=["no request", "not even enrolled", "it asks again", "not listed", "deactivated"],
)
def test_a_device_that_was_in_service_and_is_shown_no_more_is_missing(
    state: State, request_: Request | None
) -> None:
    status = stands(state, "it stands so", request_, needs_enrollment=request_ is None)

    kind, reason, since = message(status, records={"edge-1": record()})

    assert (kind, since) == (FindingKind.MISSING, NOW)
    is_shown = request_ is not None and request_ is not SERVING
    shown, absent = "is not any more: it stands so", "LEM does not show it any more"
    assert reason == f"it was in service, and {shown if is_shown else absent}"


def test_a_device_that_is_missing_is_so_since_the_record_says_it_is_not_in_service() -> None:
    since_then = record(state=State.WAITING, changed_at=NOW - 2 * DAY)

    one = the_one(stands(State.WAITING), records={"edge-1": since_then})

    assert (one.kind, one.since) == (FindingKind.MISSING, NOW - 2 * DAY)


def test_a_device_that_was_never_in_service_is_not_missing() -> None:
    one = the_one(stands(State.WAITING), records={"edge-1": record(confirmed_as=None)})

    assert one.kind is FindingKind.PENDING


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.FAILED, FindingKind.FAILED),
        (State.KEY_LOST, FindingKind.LOST),
        (State.REJECTED, FindingKind.REJECTED),
        (State.HELD, FindingKind.HELD),
    ],
)
def test_where_its_system_says_what_became_of_a_device_it_is_not_missing(
    state: State, kind: FindingKind
) -> None:
    status = stands(state, request=a_request())

    assert the_one(status, records={"edge-1": record()}).kind is kind


def test_a_device_that_is_still_listed_is_not_missing() -> None:
    status = stands(State.PROVISIONING, request=replace(SERVING, progress=Progress.PROVISIONING))
    observed = Observation(requests=(SERVING,), present=frozenset({"d1"}))

    assert (
        the_one(status, observed=observed, records={"edge-1": record()}).kind is FindingKind.STUCK
    )


@pytest.mark.parametrize("is_stored", [True, False], ids=["was in service", "never was"])
@pytest.mark.parametrize("state", [State.HELD, State.WAITING, State.NOT_ENROLLED])
def test_of_a_device_behind_the_end_of_a_list_cut_off_nothing_is_said(
    state: State, is_stored: bool
) -> None:
    status = stands(state, needs_enrollment=state is State.NOT_ENROLLED)
    before = {"edge-1": record()} if is_stored else {}

    one = the_one(status, observed=Observation(truncated=True), records=before)

    assert one.kind is FindingKind.TRUNCATED


CUT_OFF_ELSEWHERE = Observation(truncated=True, shows_whole_site=True)


@pytest.mark.parametrize("state", [State.HELD, State.NOT_ENROLLED])
def test_a_device_that_its_wholly_shown_site_shows_no_more_is_missing(state: State) -> None:
    status = stands(state, needs_enrollment=state is State.NOT_ENROLLED)

    first, second = found(status, observed=CUT_OFF_ELSEWHERE, records={"edge-1": record()})

    assert (first.kind, second.kind) == (FindingKind.MISSING, FindingKind.TRUNCATED)


def test_of_a_new_device_that_may_be_at_another_site_only_the_list_is_reported() -> None:
    assert the_one(stands(State.HELD), observed=CUT_OFF_ELSEWHERE).kind is FindingKind.TRUNCATED


def test_a_device_that_waits_for_its_code_is_reported_although_other_sites_are_cut_off() -> None:
    kinds = [each.kind for each in found(stands(State.WAITING), observed=CUT_OFF_ELSEWHERE)]

    assert kinds == [FindingKind.PENDING, FindingKind.TRUNCATED]


def test_a_list_cut_off_keeps_nobody_from_being_reported_failed_or_without_key() -> None:
    for state in (State.FAILED, State.KEY_LOST):
        reported_of = found(stands(state), observed=Observation(truncated=True))

        assert {one.kind for one in reported_of} > {FindingKind.TRUNCATED}


@pytest.mark.parametrize(
    ("progress", "kind"),
    [(Progress.PROVISIONED, FindingKind.STUCK), (Progress.DEACTIVATED, FindingKind.MISSING)],
    ids=["it may be listed", "its system says so"],
)
def test_by_a_list_cut_off_only_what_its_system_says_is_missing_is_missing(
    progress: Progress, kind: FindingKind
) -> None:
    state = State.HELD if progress is Progress.DEACTIVATED else State.PROVISIONING
    status = stands(state, request=a_request(progress=progress, device_id="d1"))

    first, second = found(
        status, observed=Observation(truncated=True), records={"edge-1": record()}
    )

    assert (first.kind, second.kind) == (kind, FindingKind.TRUNCATED)


# At the wrong site


def test_a_device_that_its_system_has_at_another_site_is_at_the_wrong_one() -> None:
    request = a_request(progress=Progress.DEACTIVATED, site="plant-9")

    reason = "LEM has it under the site 'plant-9'"
    assert message(stands(State.HELD, request=request)) == (FindingKind.WRONG_SITE, reason, NOW)


def test_a_device_that_came_in_by_a_code_of_another_site_is_at_the_wrong_one() -> None:
    request = replace(SERVING, enrollment_id="config-9")
    status = stands(State.IN_SERVICE, request=request)

    kind, reason, _ = message(status, elsewhere={"config-9": "the site plant-9"})

    assert kind is FindingKind.WRONG_SITE
    assert reason == "it came in by a code that was made for the site plant-9"


def test_a_device_that_only_asks_by_a_code_of_another_site_is_held() -> None:
    request = a_request(code="config-9")
    status = stands(State.HELD, request=request)

    assert the_one(status, elsewhere={"config-9": "the site plant-9"}).kind is FindingKind.HELD


def test_a_device_that_its_system_has_at_its_own_site_is_at_the_right_one() -> None:
    assert found(stands(State.IN_SERVICE, request=replace(SERVING, site=SITE))) == []


# Strangers, and requests beside a device's own


def test_an_unknown_device_s_request_is_reported_by_its_number_and_what_it_calls_itself() -> None:
    request = a_request("12", hostname="kiosk", asked_at=NOW - DAY, version="3.5.4")

    one = the_one(holds=[Hold(request, ReasonCode.UNKNOWN_DEVICE, "no device of its roster")])

    assert (one.kind, one.subject, one.device) == (FindingKind.HELD, "#12", None)
    assert (one.reason, one.since) == ("kiosk: no device of its roster", NOW - DAY)
    assert (one.request_key, one.version) == (request.key, "3.5.4")


def test_an_unknown_device_without_a_name_is_reported_by_its_identity() -> None:
    one = the_one(
        holds=[Hold(a_request("12"), ReasonCode.UNKNOWN_DEVICE, "no device of its roster")]
    )

    assert one.reason == f"MAC {mac(1)}: no device of its roster"


def test_a_second_request_of_a_device_in_service_is_reported_beside_it() -> None:
    second = a_request("12")
    hold = Hold(second, ReasonCode.SECOND, "the device already asked as request 1", DEVICE)

    one = the_one(
        stands(State.IN_SERVICE, request=SERVING),
        holds=[hold],
        held_since={second.key: NOW - 2 * DAY},
    )

    assert (one.subject, one.device, one.since) == ("#12", "edge-1", NOW - 2 * DAY)


def test_of_several_requests_in_a_device_s_name_each_is_reported_once() -> None:
    one, other = a_request("11"), a_request("12")
    holds = [
        Hold(each, ReasonCode.SEVERAL_MACHINES, "several machines ask", DEVICE)
        for each in (one, other)
    ]

    reported_of = found(stands(State.HELD, request=other, holds=tuple(holds)), holds=holds)

    assert [(each.subject, each.request_key) for each in reported_of] == [
        ("edge-1", other.key),
        ("#11", one.key),
    ]


# Retired


def retired(device: Device = DEVICE, **more: Any) -> DeviceRecord:
    return record(device, **({"state": State.RETIRED, "changed_at": NOW - 2 * DAY} | more))


def with_code(expires_at: datetime | None = EXPIRY) -> Keyring:
    value = SecretStr("AAAA-BBBB")
    return Keyring([Secret(SecretKind.ACTIVATION_CODE, value, "edge-1", "config-1", expires_at)])


def lists(*requests: Request, **more: Any) -> Observation:
    return Observation(
        **({"enrollments": (an_enrollment(),), "requests": requests} | more),
        present=frozenset(each.device_id for each in requests if each.device_id),
    )


@pytest.mark.parametrize(
    ("request_", "before"),
    [
        (SERVING, retired(confirmed_as=None)),
        (replace(SERVING, device_id="d2"), retired()),
        (a_request(macs=[], progress=Progress.PROVISIONED, device_id="d1"), retired()),
        (
            a_request(macs=[], progress=Progress.PROVISIONED, device_id="d2", device="edge-1"),
            retired(),
        ),
    ],
    ids=["by its MAC", "by its MAC as another", "by its id", "by its name"],
)
def test_a_retired_device_that_is_in_service_is_alive(
    request_: Request, before: DeviceRecord
) -> None:
    one = the_one(retired=[before], observed=lists(request_))

    assert (one.kind, one.device, one.since) == (FindingKind.RETIRED_IN_SERVICE, "edge-1", NOW)
    assert one.reason == "retired here, and LEM has it in service. Retire it again"


def test_a_retired_device_that_is_listed_without_a_request_is_alive() -> None:
    observed = Observation(present=frozenset({"d1"}))

    assert the_one(retired=[retired()], observed=observed).kind is FindingKind.RETIRED_IN_SERVICE


@pytest.mark.parametrize("turn", [1, -1])
def test_of_a_retired_device_s_requests_any_that_serves_counts(turn: int) -> None:
    old = a_request("1", progress=Progress.DEACTIVATED)
    requests = [old, replace(SERVING, id="2")][::turn]

    assert (
        the_one(retired=[retired()], observed=lists(*requests)).kind
        is FindingKind.RETIRED_IN_SERVICE
    )


@pytest.mark.parametrize(
    "request_",
    [
        a_request(),
        a_request(progress=Progress.REJECTED),
        replace(SERVING, progress=Progress.DEACTIVATED, device_id=None),
        replace(SERVING, device_id="d2", identity=a_device(macs=[mac(2)]).identity),
    ],
    ids=["it waits", "rejected", "deactivated", "another device"],
)
def test_a_retired_device_that_is_out_of_service_is_not_reported(request_: Request) -> None:
    assert found(retired=[retired()], observed=lists(request_)) == []


def test_a_retired_device_that_came_in_again_under_another_name_is_not_reported() -> None:
    status = DeviceStatus(
        a_device("edge-9"), State.IN_SERVICE, ReasonCode.UNKNOWN, "as it is", SERVING
    )

    assert found(status, retired=[retired()], observed=lists(SERVING)) == []


def test_a_retired_device_whose_code_nobody_used_could_be_revived() -> None:
    one = the_one(retired=[retired()], observed=lists(), keyring=with_code())

    assert (one.kind, one.subject, one.since) == (FindingKind.REVIVABLE, "edge-1", NOW - 2 * DAY)
    assert one.reason == (
        "retired, and its unused code (good until 2026-03-09 09:00 UTC) would admit it again"
    )


@pytest.mark.parametrize(
    ("enrollments", "keyring"),
    [
        ([an_enrollment()], Keyring()),
        ([], with_code()),
        ([an_enrollment()], with_code(NOW)),
        ([an_enrollment(expires_at=NOW)], with_code(None)),
        ([an_enrollment(used=5)], with_code()),
    ],
    ids=["no code", "not there any more", "expired", "expired there", "used"],
)
def test_a_retired_device_without_a_living_code_is_not_reported(
    enrollments: list[Any], keyring: Keyring
) -> None:
    observed = lists(enrollments=tuple(enrollments))

    assert found(retired=[retired()], observed=observed, keyring=keyring) == []


def test_a_device_that_is_alive_is_not_reported_as_revivable_too() -> None:
    one = the_one(retired=[retired()], observed=lists(SERVING), keyring=with_code())

    assert one.kind is FindingKind.RETIRED_IN_SERVICE


# What nobody answered, and what nobody was shown


def test_an_action_of_unknown_outcome_is_reported_with_its_time() -> None:
    intents = [OpenIntent("edge-1", ActionKind.APPROVE, NOW - 2 * HOUR)]

    one = the_one(stands(State.IN_SERVICE, request=SERVING), open_intents=intents)

    assert (one.kind, one.subject, one.since) == (FindingKind.UNKNOWN, "edge-1", NOW - 2 * HOUR)
    assert one.reason == "approve was asked at 2026-03-02 07:00 UTC and never answered"


@pytest.mark.parametrize("turn", [1, -1])
def test_several_actions_of_unknown_outcome_on_a_device_are_reported_as_one(turn: int) -> None:
    intents = [
        OpenIntent("edge-1", ActionKind.APPROVE, NOW - 2 * HOUR),
        OpenIntent("edge-1", ActionKind.RETRY, NOW),
    ]

    one = the_one(open_intents=intents[::turn])

    assert one.since == NOW - 2 * HOUR
    assert one.reason == (
        "approve was asked at 2026-03-02 07:00 UTC, retry failed provisioning was asked at "
        "2026-03-02 09:00 UTC and never answered"
    )


def test_an_action_of_unknown_outcome_on_no_device_is_an_unknown_devices() -> None:
    one = the_one(open_intents=[OpenIntent("", ActionKind.REJECT, NOW)])

    assert (one.subject, one.device) == ("an unknown device", None)


def test_a_list_cut_off_is_reported_since_it_was_seen_first() -> None:
    seen = {key(FindingKind.TRUNCATED, "LEM"): NOW - DAY}

    one = the_one(observed=Observation(truncated=True), first_seen=seen)

    assert (one.kind, one.subject, one.device) == (FindingKind.TRUNCATED, "LEM", None)
    assert one.since == NOW - DAY
    assert one.reason.startswith("its list ended at its limit")


def test_an_entry_that_cannot_be_read_is_reported_and_so_no_device_is_said_to_be_missing() -> None:
    unreadable = tuple(f"GET /list: entry {number}.id" for number in range(5))
    observed = Observation(unreadable=unreadable)

    one = the_one(stands(State.WAITING), observed=observed, records={"edge-1": record()})

    assert (one.kind, one.subject, one.device) == (FindingKind.UNREADABLE, "LEM", None)
    assert one.reason.startswith("GET /list: entry 0.id; GET /list: entry 1.id; ")
    assert "entry 3" not in one.reason


def test_who_asks_in_the_name_of_a_device_that_has_no_code_yet_is_reported_first() -> None:
    request = a_request()
    hold = Hold(request, ReasonCode.UNKNOWN, "it asks by another's code", DEVICE)
    held = stands(State.HELD, "it asks by another's code", request, needs_enrollment=True)

    assert the_one(held, holds=[hold]).kind is FindingKind.HELD


def test_a_device_of_which_two_outcomes_are_unknown_is_reported_once() -> None:
    lost = EnrollmentRecord(wanted_expiry=EXPIRY, made_at=NOW - HOUR, capacity=1)
    status = stands(State.NOT_ENROLLED, needs_enrollment=True, unanswered=lost)

    assert the_one(status, open_intents=[OpenIntent("edge-1", ActionKind.APPROVE, NOW)]).since == (
        NOW - HOUR
    )


# As old as its rule says


AGED = {
    FindingKind.PENDING: an_observation(
        stands(State.WAITING), times={"edge-1": Times(enrolled=NOW - DAY)}
    ),
    FindingKind.APPROVAL_NOT_SHOWN: an_observation(
        stands(State.APPROVAL_NOT_SHOWN), times={"edge-1": Times(approved=NOW - DAY)}
    ),
    FindingKind.STUCK: an_observation(
        stands(State.PROVISIONING), times={"edge-1": Times(approved=NOW - DAY)}
    ),
    FindingKind.HELD: an_observation(
        holds=[
            Hold(
                a_request(asked_at=NOW - DAY), ReasonCode.UNKNOWN_DEVICE, "no device of its roster"
            )
        ]
    ),
    FindingKind.UNKNOWN: an_observation(
        open_intents=[OpenIntent("edge-1", ActionKind.APPROVE, NOW - DAY)]
    ),
    FindingKind.RETIRED_IN_SERVICE: an_observation(
        observed=lists(SERVING),
        retired=[retired()],
        first_seen={key(FindingKind.RETIRED_IN_SERVICE): NOW - DAY},
    ),
    FindingKind.REVIVABLE: an_observation(
        observed=lists(), retired=[retired(changed_at=NOW - DAY)], keyring=with_code()
    ),
    FindingKind.TRUNCATED: an_observation(
        observed=Observation(truncated=True),
        first_seen={key(FindingKind.TRUNCATED, "LEM"): NOW - DAY},
    ),
    FindingKind.UNREADABLE: an_observation(
        observed=Observation(unreadable=("GET /list: entry 3.id",)),
        first_seen={key(FindingKind.UNREADABLE, "LEM"): NOW - DAY},
    ),
} | {
    kind: an_observation(status, first_seen={key(kind): NOW - DAY}, records=before)
    for kind, status, before in [
        (
            FindingKind.KEY_NOT_HELD,
            replace(stands(State.IN_SERVICE), code=ReasonCode.KEY_NOT_HELD),
            {},
        ),
        (FindingKind.FAILED, stands(State.FAILED), {}),
        (FindingKind.IDENTITY_MISMATCH, stands(State.IDENTITY_MISMATCH), {}),
        (FindingKind.LOST, stands(State.KEY_LOST), {}),
        (FindingKind.REJECTED, stands(State.REJECTED), {}),
        (FindingKind.ENDED, stands(State.NOT_ENROLLED, needs_enrollment=True), {}),
        (FindingKind.MISSING, stands(State.WAITING), {"edge-1": record()}),
        (FindingKind.WRONG_SITE, stands(State.HELD, request=a_request(site="plant-9")), {}),
    ]
}


@pytest.mark.parametrize("kind", AGED, ids=lambda kind: kind.value)
def test_each_kind_is_reported_only_once_it_is_as_old_as_its_rule_says(kind: FindingKind) -> None:
    young = inspect(AGED[kind], AFTER_A_DAY, NOW - timedelta(seconds=1))
    old = inspect(AGED[kind], AFTER_A_DAY, NOW)

    assert young == []
    assert [(one.kind, one.since) for one in old] == [(kind, NOW - DAY)]


def test_every_kind_is_made_above_and_has_a_next_step() -> None:
    assert AGED.keys() | {FindingKind.UNLISTED} == {*FindingKind}


def test_a_site_s_own_rule_says_when_something_is_old_enough() -> None:
    own = {SITE: {FindingKind.FAILED: NightRule(after=DAY)}}

    assert found(stands(State.FAILED), rules=NightRules(AT_ONCE.rules, own)) == []
    assert found(stands(State.FAILED), rules=NightRules(AT_ONCE.rules, {"plant-9": own[SITE]}))


def test_what_was_reported_once_stays_old_enough_whatever_is_learned_later() -> None:
    request = a_request("12", asked_at=NOW - DAY)
    observation = an_observation(
        holds=[Hold(request, ReasonCode.UNKNOWN_DEVICE, "no device of its roster")]
    )
    (first,) = inspect(observation, AFTER_A_DAY, NOW)
    seen = {first.key: NOW}
    later = replace(observation, held_since={request.key: NOW + HOUR}, first_seen=seen)

    (again,) = inspect(later, AFTER_A_DAY, NOW + DAY)

    assert again.since == NOW


# Laws


instants = st.integers(-99, 99).map(lambda hours: NOW + hours * HOUR)
SUBJECTS = ["edge-0", "edge-1", "edge-2", "#7", "#8", "LEM"]


@st.composite
def inspected(draw: st.DrawFn) -> Inspected:
    """Any look at all at a site, with whatever is remembered of it."""
    scene: Scene = draw(scenes())
    assessment, shown = scene.assessment, scene.observed
    names = [device.name for device in scene.desired.devices]
    past = {
        device.name: record(
            device,
            state=draw(st.sampled_from([*State])),
            confirmed_as=draw(st.sampled_from([None, "d0", "d1"])),
            changed_at=draw(instants),
        )
        for device in scene.desired.devices
    }
    missing = [a_device("edge-9", macs=[mac(1)]), a_device("edge-8", macs=[])]
    intents = st.builds(
        OpenIntent, st.sampled_from([*names, ""]), st.sampled_from(ActionKind), instants
    )
    keys = st.tuples(
        st.just(SITE),
        st.just(BY),
        st.sampled_from([*map(str, FindingKind)]),
        st.sampled_from(SUBJECTS),
    )
    times = st.builds(Times, enrolled=instants | st.none(), asked=instants | st.none())
    return an_observation(
        *assessment.statuses,
        holds=assessment.holds,
        observed=replace(shown, truncated=draw(st.booleans())),
        records=past,
        retired=[retired(d, confirmed_as=draw(st.sampled_from([None, "d2"]))) for d in missing],
        times=draw(st.fixed_dictionaries(dict.fromkeys(names, times))),
        held_since={r.key: draw(instants) for r in shown.requests},
        first_seen=draw(st.dictionaries(keys, instants)),
        open_intents=draw(st.lists(intents, max_size=4)),
        elsewhere=draw(st.sampled_from([{}, {"foreign": "the site plant-9"}])),
        keyring=draw(st.sampled_from([Keyring(), with_code()])),
    )


@given(inspected())
def test_what_is_found_has_keys_of_its_own_began_before_now_and_is_old_enough(
    seen: Inspected,
) -> None:
    reported_of = inspect(seen, AFTER_A_DAY, NOW)
    all_ = inspect(seen, AT_ONCE, NOW)

    assert len({one.key for one in all_}) == len(all_)
    assert all(one.since <= NOW for one in all_)
    assert reported_of == [one for one in all_ if one.since <= NOW - DAY]


@given(inspected())
def test_a_device_is_reported_at_most_once_for_itself_and_never_when_it_stands_well(
    seen: Inspected,
) -> None:
    of_devices = Counter(
        one.subject
        for one in inspect(seen, AT_ONCE, NOW)
        if one.kind not in {FindingKind.UNKNOWN, FindingKind.TRUNCATED}
    )

    resolved = {s.device.name for s in seen.statuses if s.state is State.IN_SERVICE}
    wrong = {
        one.subject for one in inspect(seen, AT_ONCE, NOW) if one.kind is FindingKind.WRONG_SITE
    }
    assert set(of_devices.values()) <= {1}
    assert not (resolved - wrong) & of_devices.keys()


@given(inspected(), st.randoms(use_true_random=False))
def test_the_order_of_what_an_observation_showed_means_nothing(
    seen: Inspected, random: Any
) -> None:
    observed = seen.observed
    shuffled = replace(
        observed,
        requests=tuple(random.sample(observed.requests, len(observed.requests))),
        enrollments=tuple(random.sample(observed.enrollments, len(observed.enrollments))),
    )

    again = inspect(replace(seen, observed=shuffled), AT_ONCE, NOW)

    assert again == inspect(seen, AT_ONCE, NOW)


@given(inspected())
def test_a_retired_device_is_reported_only_when_it_is_alive_or_could_be(seen: Inspected) -> None:
    names = {each.device.name for each in seen.retired}

    kinds = {one.kind for one in inspect(seen, AT_ONCE, NOW) if one.subject in names}

    assert kinds <= {FindingKind.RETIRED_IN_SERVICE, FindingKind.REVIVABLE}
