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
from fleet.state.memory import Grant
from fleet.state.observation import Observation
from fleet.state.record import Kept
from fleet.status.by_approval import ByApproval
from fleet.status.status import Standing
from fleet.system.profile import Admission, Manner
from tests.fleet.builders import (
    ASKED,
    EXPIRY,
    HOUR,
    NOW,
    a_device,
    a_request,
    an_enrolment,
    mac,
)
from tests.fleet.scenes import Scene, scenes

DAY = timedelta(days=1)
SITE, BY, LEM_A = "plant-7", "lem-north", "LEM project a"
DEVICE = a_device()
AT_ONCE = NightRules({kind: NightRule() for kind in FindingKind})
AFTER_A_DAY = NightRules({kind: NightRule(after=DAY) for kind in FindingKind})
REGISTRY = Manner(
    "registry", "code", "register", "register", "activate", admission=Admission.BY_CODE
)
SERVING = a_request(progress=Progress.PROVISIONED, device_id="d1")
FAILED = a_request(progress=Progress.FAILED, version="3.5.4", hardware="x86")
BEING_PROVISIONED = a_request(progress=Progress.PROVISIONING)


def stands(
    state: State, reason: str = "as it is", request: Request | None = None, **more: Any
) -> Standing:
    return Standing(DEVICE, state, reason, request, **more)


def kept(device: Device = DEVICE, **more: Any) -> Kept:
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
    return Kept(**(facts | more))


def a_look(*standings: Standing, **more: Any) -> Inspected:
    """One look at the site, which shows `standings` and nothing else."""
    shown = tuple(s.request for s in standings if s.request)
    facts = {
        "site": SITE,
        "connection": BY,
        "manner": ASKED,
        "observed": Observation(requests=shown),
        "standings": standings,
        "holds": (),
        "kept": {},
    }
    return Inspected(**(facts | more))


def found(*standings: Standing, rules: NightRules = AT_ONCE, **more: Any) -> list[Finding]:
    return inspect(a_look(*standings, **more), rules, NOW)


def the_one(*standings: Standing, **more: Any) -> Finding:
    (one,) = found(*standings, **more)
    return one


def told(*standings: Standing, **more: Any) -> tuple[FindingKind, str, datetime]:
    one = the_one(*standings, **more)
    return one.kind, one.reason, one.since


def key(kind: FindingKind, subject: str = "edge-1", site: str = SITE) -> Key:
    return site, BY, kind.value, subject


# Nothing is wrong


def test_a_settled_site_finds_nothing() -> None:
    standing = stands(State.IN_SERVICE, request=SERVING)
    observed = Observation((an_enrolment(),), (SERVING,), frozenset({"d1"}))

    assert found(standing, observed=observed, kept={"edge-1": kept()}) == []


def test_a_site_of_no_devices_finds_nothing() -> None:
    assert found() == []


def test_a_finding_tells_all_that_is_known_of_its_device() -> None:
    standing = stands(State.FAILED, "provisioning failed: LICENSE", FAILED)

    assert found(standing) == [
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
def test_a_device_that_is_not_in_service_is_told_by_its_state(
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
    standing = stands(State.PROVISIONING, "approved and being provisioned", BEING_PROVISIONED)

    reason = f"approved and being provisioned; {ByApproval.stuck_hint}"
    assert told(standing, times={"edge-1": times}) == (FindingKind.STUCK, reason, since)


@pytest.mark.parametrize("request_", [a_request(), None], ids=["undecided", "shown no more"])
def test_an_approval_that_is_not_shown_is_found_since_it_was_made_and_no_tunnel_is_blamed(
    request_: Request | None,
) -> None:
    standing = stands(State.APPROVAL_NOT_SHOWN, "LEM does not show it", request_)
    times = {"edge-1": Times(asked=NOW - 2 * DAY, approved=NOW - DAY)}

    one = the_one(standing, times=times)

    assert one.kind is FindingKind.APPROVAL_NOT_SHOWN
    assert (one.reason, one.since) == ("LEM does not show it", NOW - DAY)
    assert "UDP" not in one.reason + one.kind.record.remedy


def test_no_tunnel_is_named_where_a_system_has_none() -> None:
    standing = stands(State.PROVISIONING, "not yet approved there", BEING_PROVISIONED)

    assert the_one(standing, manner=REGISTRY).reason == "not yet approved there"


def test_who_is_let_in_tonight_is_not_pending() -> None:
    standing = stands(State.WAITING, request=a_request())

    assert found(replace(standing, act=Approve(DEVICE, a_request(), "it fits"))) == []


def test_no_rule_does_anything_about_a_request_that_planning_turns_away() -> None:
    request = a_request(version="3.5.4")
    standing = stands(State.WAITING, request=request)
    planned = replace(standing, act=Reject(DEVICE, request, "a rule says so"))

    one = the_one(planned)

    assert the_one(standing).request_key == request.key
    assert (one.kind, one.request_key, one.version) == (FindingKind.PENDING, None, "3.5.4")


def test_a_device_that_needs_a_new_enrolment_is_told_so() -> None:
    standing = stands(
        State.NOT_ENROLLED, "its code expired at 2026-03-01 06:00 UTC", needs_enrolment=True
    )

    one = the_one(standing, times={"edge-1": Times(enrolled=NOW - 9 * DAY)})

    assert (one.kind, one.since) == (FindingKind.ENDED, NOW)
    assert one.reason == "its code expired at 2026-03-01 06:00 UTC"


def test_a_device_is_held_since_its_request_is() -> None:
    request = a_request()
    standing = stands(State.HELD, "it asked too early", request)
    holds = [Hold(request, "it asked too early", DEVICE)]

    one = the_one(standing, holds=holds, held_since={request.key: NOW - DAY})

    assert (one.kind, one.subject, one.since) == (FindingKind.HELD, "edge-1", NOW - DAY)
    assert (one.reason, one.request_key) == ("it asked too early", request.key)


@pytest.mark.parametrize(
    "state", [State.FAILED, State.KEY_LOST, State.REJECTED, State.WAITING, State.HELD]
)
def test_a_device_stands_so_at_least_since_our_own_record_says_it_does(state: State) -> None:
    before = kept(state=state, confirmed_as=None, changed_at=NOW - 2 * DAY)

    assert the_one(stands(state), kept={"edge-1": before}).since == NOW - 2 * DAY


def test_a_record_of_another_state_tells_nothing_of_this_one() -> None:
    before = kept(state=State.WAITING, confirmed_as=None)

    assert the_one(stands(State.FAILED), kept={"edge-1": before}).since == NOW


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
def test_a_device_that_was_in_service_and_is_shown_no_more_is_gone(
    state: State, request_: Request | None
) -> None:
    standing = stands(state, "it stands so", request_, needs_enrolment=request_ is None)

    kind, reason, since = told(standing, kept={"edge-1": kept()})

    assert (kind, since) == (FindingKind.MISSING, NOW)
    more = ": it stands so" if request_ and request_ is not SERVING else ""
    assert reason == f"it was in service, and LEM shows it no more{more}"


def test_a_device_that_is_gone_is_so_since_the_record_says_it_is_not_in_service() -> None:
    since_then = kept(state=State.WAITING, changed_at=NOW - 2 * DAY)

    one = the_one(stands(State.WAITING), kept={"edge-1": since_then})

    assert (one.kind, one.since) == (FindingKind.MISSING, NOW - 2 * DAY)


def test_a_device_that_was_never_in_service_is_not_gone() -> None:
    one = the_one(stands(State.WAITING), kept={"edge-1": kept(confirmed_as=None)})

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
def test_where_its_system_says_what_became_of_a_device_it_is_not_gone(
    state: State, kind: FindingKind
) -> None:
    standing = stands(state, request=a_request())

    assert the_one(standing, kept={"edge-1": kept()}).kind is kind


def test_a_device_that_is_still_listed_is_not_gone() -> None:
    standing = stands(State.PROVISIONING, request=replace(SERVING, progress=Progress.PROVISIONING))
    observed = Observation(requests=(SERVING,), present=frozenset({"d1"}))

    assert the_one(standing, observed=observed, kept={"edge-1": kept()}).kind is FindingKind.STUCK


@pytest.mark.parametrize("is_kept", [True, False], ids=["was in service", "never was"])
@pytest.mark.parametrize("state", [State.HELD, State.WAITING, State.NOT_ENROLLED])
def test_of_a_device_behind_the_end_of_a_list_cut_off_nothing_is_said(
    state: State, is_kept: bool
) -> None:
    standing = stands(state, needs_enrolment=state is State.NOT_ENROLLED)
    before = {"edge-1": kept()} if is_kept else {}

    one = the_one(standing, observed=Observation(truncated=True), kept=before)

    assert one.kind is FindingKind.TRUNCATED


def test_a_list_cut_off_keeps_nobody_from_being_told_failed_or_without_key() -> None:
    for state in (State.FAILED, State.KEY_LOST):
        told_of = found(stands(state), observed=Observation(truncated=True))

        assert {one.kind for one in told_of} > {FindingKind.TRUNCATED}


@pytest.mark.parametrize(
    ("progress", "kind"),
    [(Progress.PROVISIONED, FindingKind.STUCK), (Progress.DEACTIVATED, FindingKind.MISSING)],
    ids=["it may be listed", "its system says so"],
)
def test_by_a_list_cut_off_only_what_its_system_says_is_gone_is_gone(
    progress: Progress, kind: FindingKind
) -> None:
    state = State.HELD if progress is Progress.DEACTIVATED else State.PROVISIONING
    standing = stands(state, request=a_request(progress=progress, device_id="d1"))

    first, second = found(standing, observed=Observation(truncated=True), kept={"edge-1": kept()})

    assert (first.kind, second.kind) == (kind, FindingKind.TRUNCATED)


# At the wrong site


def test_a_device_that_its_system_has_at_another_site_is_at_the_wrong_one() -> None:
    request = a_request(progress=Progress.DEACTIVATED, site="plant-9")

    reason = "LEM has it under the site 'plant-9'"
    assert told(stands(State.HELD, request=request)) == (FindingKind.WRONG_SITE, reason, NOW)


def test_a_device_that_came_in_by_a_code_of_another_site_is_at_the_wrong_one() -> None:
    request = replace(SERVING, enrolment_id="config-9")
    standing = stands(State.IN_SERVICE, request=request)

    kind, reason, _ = told(standing, elsewhere={"config-9": "the site plant-9"})

    assert kind is FindingKind.WRONG_SITE
    assert reason == "it came in by a code that was made for the site plant-9"


def test_a_device_that_only_asks_by_a_code_of_another_site_is_held() -> None:
    request = a_request(code="config-9")
    standing = stands(State.HELD, request=request)

    assert the_one(standing, elsewhere={"config-9": "the site plant-9"}).kind is FindingKind.HELD


def test_a_device_that_its_system_has_at_its_own_site_is_at_the_right_one() -> None:
    assert found(stands(State.IN_SERVICE, request=replace(SERVING, site=SITE))) == []


# Strangers, and requests beside a device's own


def test_a_stranger_s_request_is_told_by_its_number_and_what_it_calls_itself() -> None:
    request = a_request("12", hostname="kiosk", asked_at=NOW - DAY, version="3.5.4")

    one = the_one(holds=[Hold(request, "no device of its roster")])

    assert (one.kind, one.subject, one.device) == (FindingKind.HELD, "#12", None)
    assert (one.reason, one.since) == ("kiosk: no device of its roster", NOW - DAY)
    assert (one.request_key, one.version) == (request.key, "3.5.4")


def test_a_stranger_without_a_name_is_told_by_its_identity() -> None:
    one = the_one(holds=[Hold(a_request("12"), "no device of its roster")])

    assert one.reason == f"MAC {mac(1)}: no device of its roster"


def test_a_second_request_of_a_device_in_service_is_told_beside_it() -> None:
    second = a_request("12")
    hold = Hold(second, "the device already asked as request 1", DEVICE)

    one = the_one(
        stands(State.IN_SERVICE, request=SERVING),
        holds=[hold],
        held_since={second.key: NOW - 2 * DAY},
    )

    assert (one.subject, one.device, one.since) == ("#12", "edge-1", NOW - 2 * DAY)


def test_of_several_requests_in_a_device_s_name_each_is_told_once() -> None:
    one, other = a_request("11"), a_request("12")
    holds = [Hold(each, "several machines ask", DEVICE) for each in (one, other)]

    told_of = found(stands(State.HELD, request=other, holds=tuple(holds)), holds=holds)

    assert [(each.subject, each.request_key) for each in told_of] == [
        ("edge-1", other.key),
        ("#11", one.key),
    ]


# Retired


def retired(device: Device = DEVICE, **more: Any) -> Kept:
    return kept(device, **({"state": State.RETIRED, "changed_at": NOW - 2 * DAY} | more))


def with_code(expires_at: datetime | None = EXPIRY) -> Keyring:
    value = SecretStr("AAAA-BBBB")
    return Keyring([Secret(SecretKind.ACTIVATION_CODE, value, "edge-1", "config-1", expires_at)])


def lists(*requests: Request, **more: Any) -> Observation:
    return Observation(
        **({"enrolments": (an_enrolment(),), "requests": requests} | more),
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
def test_a_retired_device_that_is_in_service_is_alive(request_: Request, before: Kept) -> None:
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
def test_a_retired_device_that_is_out_of_service_is_not_told(request_: Request) -> None:
    assert found(retired=[retired()], observed=lists(request_)) == []


def test_a_retired_device_that_came_in_again_under_another_name_is_not_told() -> None:
    standing = Standing(a_device("edge-9"), State.IN_SERVICE, "as it is", SERVING)

    assert found(standing, retired=[retired()], observed=lists(SERVING)) == []


def test_a_retired_device_whose_code_nobody_used_could_be_revived() -> None:
    one = the_one(retired=[retired()], observed=lists(), keyring=with_code())

    assert (one.kind, one.subject, one.since) == (FindingKind.REVIVABLE, "edge-1", NOW - 2 * DAY)
    assert one.reason == (
        "retired, and its unused code (good until 2026-03-09 09:00 UTC) would let it in again"
    )


@pytest.mark.parametrize(
    ("enrolments", "keyring"),
    [
        ([an_enrolment()], Keyring()),
        ([], with_code()),
        ([an_enrolment()], with_code(NOW)),
        ([an_enrolment(expires_at=NOW)], with_code(None)),
        ([an_enrolment(used=5)], with_code()),
    ],
    ids=["no code", "not there any more", "expired", "expired there", "used"],
)
def test_a_retired_device_without_a_living_code_is_not_told(
    enrolments: list[Any], keyring: Keyring
) -> None:
    observed = lists(enrolments=tuple(enrolments))

    assert found(retired=[retired()], observed=observed, keyring=keyring) == []


def test_a_device_that_is_alive_is_not_told_as_revivable_too() -> None:
    one = the_one(retired=[retired()], observed=lists(SERVING), keyring=with_code())

    assert one.kind is FindingKind.RETIRED_IN_SERVICE


# What nobody answered, and what nobody was shown


def test_an_act_of_unknown_outcome_is_told_with_its_time() -> None:
    intents = [OpenIntent("edge-1", ActionKind.APPROVE, NOW - 2 * HOUR)]

    one = the_one(stands(State.IN_SERVICE, request=SERVING), open_intents=intents)

    assert (one.kind, one.subject, one.since) == (FindingKind.UNKNOWN, "edge-1", NOW - 2 * HOUR)
    assert one.reason == "approve was asked at 2026-03-02 07:00 UTC and never answered"


@pytest.mark.parametrize("turn", [1, -1])
def test_several_acts_of_unknown_outcome_on_a_device_are_told_as_one(turn: int) -> None:
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


def test_an_act_of_unknown_outcome_on_no_device_is_a_stranger_s() -> None:
    one = the_one(open_intents=[OpenIntent("", ActionKind.REJECT, NOW)])

    assert (one.subject, one.device) == ("a stranger", None)


def test_a_list_cut_off_is_told_since_it_was_seen_first() -> None:
    seen = {key(FindingKind.TRUNCATED, "LEM"): NOW - DAY}

    one = the_one(observed=Observation(truncated=True), first_seen=seen)

    assert (one.kind, one.subject, one.device) == (FindingKind.TRUNCATED, "LEM", None)
    assert one.since == NOW - DAY
    assert one.reason.startswith("its list ended at its limit")


def test_who_asks_in_the_name_of_a_device_that_has_no_code_yet_is_told_first() -> None:
    request = a_request()
    hold = Hold(request, "it asks by another's code", DEVICE)
    held = stands(State.HELD, "it asks by another's code", request, needs_enrolment=True)

    assert the_one(held, holds=[hold]).kind is FindingKind.HELD


def test_a_device_of_which_two_outcomes_are_unknown_is_told_once() -> None:
    lost = Grant(wanted_expiry=EXPIRY, made_at=NOW - HOUR, capacity=1)
    standing = stands(State.NOT_ENROLLED, needs_enrolment=True, unanswered=lost)

    assert the_one(
        standing, open_intents=[OpenIntent("edge-1", ActionKind.APPROVE, NOW)]
    ).since == (NOW - HOUR)


# As old as its rule says


AGED = {
    FindingKind.PENDING: a_look(stands(State.WAITING), times={"edge-1": Times(enrolled=NOW - DAY)}),
    FindingKind.APPROVAL_NOT_SHOWN: a_look(
        stands(State.APPROVAL_NOT_SHOWN), times={"edge-1": Times(approved=NOW - DAY)}
    ),
    FindingKind.STUCK: a_look(
        stands(State.PROVISIONING), times={"edge-1": Times(approved=NOW - DAY)}
    ),
    FindingKind.HELD: a_look(
        holds=[Hold(a_request(asked_at=NOW - DAY), "no device of its roster")]
    ),
    FindingKind.UNKNOWN: a_look(open_intents=[OpenIntent("edge-1", ActionKind.APPROVE, NOW - DAY)]),
    FindingKind.RETIRED_IN_SERVICE: a_look(
        observed=lists(SERVING),
        retired=[retired()],
        first_seen={key(FindingKind.RETIRED_IN_SERVICE): NOW - DAY},
    ),
    FindingKind.REVIVABLE: a_look(
        observed=lists(), retired=[retired(changed_at=NOW - DAY)], keyring=with_code()
    ),
    FindingKind.TRUNCATED: a_look(
        observed=Observation(truncated=True),
        first_seen={key(FindingKind.TRUNCATED, "LEM"): NOW - DAY},
    ),
} | {
    kind: a_look(standing, first_seen={key(kind): NOW - DAY}, kept=before)
    for kind, standing, before in [
        (FindingKind.FAILED, stands(State.FAILED), {}),
        (FindingKind.LOST, stands(State.KEY_LOST), {}),
        (FindingKind.REJECTED, stands(State.REJECTED), {}),
        (FindingKind.ENDED, stands(State.NOT_ENROLLED, needs_enrolment=True), {}),
        (FindingKind.MISSING, stands(State.WAITING), {"edge-1": kept()}),
        (FindingKind.WRONG_SITE, stands(State.HELD, request=a_request(site="plant-9")), {}),
    ]
}


@pytest.mark.parametrize("kind", AGED, ids=lambda kind: kind.value)
def test_each_kind_is_told_only_once_it_is_as_old_as_its_rule_says(kind: FindingKind) -> None:
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


def test_what_was_told_once_stays_old_enough_whatever_is_learned_later() -> None:
    request = a_request("12", asked_at=NOW - DAY)
    look = a_look(holds=[Hold(request, "no device of its roster")])
    (first,) = inspect(look, AFTER_A_DAY, NOW)
    seen = {first.key: NOW}
    later = replace(look, held_since={request.key: NOW + HOUR}, first_seen=seen)

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
        device.name: kept(
            device,
            state=draw(st.sampled_from([*State])),
            confirmed_as=draw(st.sampled_from([None, "d0", "d1"])),
            changed_at=draw(instants),
        )
        for device in scene.desired.devices
    }
    gone = [a_device("edge-9", macs=[mac(1)]), a_device("edge-8", macs=[])]
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
    return a_look(
        *assessment.standings,
        holds=assessment.holds,
        observed=replace(shown, truncated=draw(st.booleans())),
        kept=past,
        retired=[retired(d, confirmed_as=draw(st.sampled_from([None, "d2"]))) for d in gone],
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
    told_of = inspect(seen, AFTER_A_DAY, NOW)
    all_ = inspect(seen, AT_ONCE, NOW)

    assert len({one.key for one in all_}) == len(all_)
    assert all(one.since <= NOW for one in all_)
    assert told_of == [one for one in all_ if one.since <= NOW - DAY]


@given(inspected())
def test_a_device_is_told_at_most_once_for_itself_and_never_when_it_stands_well(
    seen: Inspected,
) -> None:
    of_devices = Counter(
        one.subject
        for one in inspect(seen, AT_ONCE, NOW)
        if one.kind not in {FindingKind.UNKNOWN, FindingKind.TRUNCATED}
    )

    settled = {s.device.name for s in seen.standings if s.state is State.IN_SERVICE}
    wrong = {
        one.subject for one in inspect(seen, AT_ONCE, NOW) if one.kind is FindingKind.WRONG_SITE
    }
    assert set(of_devices.values()) <= {1}
    assert not (settled - wrong) & of_devices.keys()


@given(inspected(), st.randoms(use_true_random=False))
def test_the_order_of_what_a_look_showed_means_nothing(seen: Inspected, random: Any) -> None:
    observed = seen.observed
    shuffled = replace(
        observed,
        requests=tuple(random.sample(observed.requests, len(observed.requests))),
        enrolments=tuple(random.sample(observed.enrolments, len(observed.enrolments))),
    )

    again = inspect(replace(seen, observed=shuffled), AT_ONCE, NOW)

    assert again == inspect(seen, AT_ONCE, NOW)


@given(inspected())
def test_a_retired_device_is_told_only_when_it_is_alive_or_could_be(seen: Inspected) -> None:
    names = {each.device.name for each in seen.retired}

    kinds = {one.kind for one in inspect(seen, AT_ONCE, NOW) if one.subject in names}

    assert kinds <= {FindingKind.RETIRED_IN_SERVICE, FindingKind.REVIVABLE}
