from dataclasses import replace
from typing import Any

import pytest

from fleet.action.action import Hold
from fleet.admission.evidence_collection import UNKNOWN_DEVICE
from fleet.device.identity import Identity
from fleet.device.request import Progress
from fleet.planning.plan import plan
from fleet.state.device_state import State
from fleet.state.match import match
from fleet.state.memory import Memory
from fleet.state.reason_code import ReasonCode
from tests.fleet.builders import (
    a_device,
    a_request,
    an_enrollment_record,
    an_own_enrollment_record,
    assessed,
    enrolled,
    mac,
    remembering,
    shown,
    wanted,
)


def test_a_device_owns_the_requests_that_show_its_host_id_or_any_of_its_macs() -> None:
    device = a_device(host_id="h1", macs=[mac(1), mac(2)])
    by_host = a_request("1", host_id="h1", macs=[])
    by_mac = a_request("2", macs=[mac(2), mac(9)])

    matching = match([device], shown(by_mac, by_host), Memory())

    assert matching.by_device == {"edge-1": (by_host, by_mac)}


def test_a_device_without_identity_owns_the_requests_that_show_its_own_code() -> None:
    request = a_request(macs=[mac(9)])

    matching = match(
        [a_device(macs=[])],
        shown(request),
        remembering("edge-1", enrollments=(an_own_enrollment_record(),)),
    )

    assert matching.by_device == {"edge-1": (request,)}


def test_a_device_without_identity_owns_nothing_by_a_code_that_it_shares() -> None:
    request = a_request(macs=[mac(9)])

    matching = match([a_device(macs=[])], shown(request), remembering("edge-1"))

    assert matching.by_device == {}
    assert matching.unknown_devices == ()


def test_an_unknown_device_shows_a_code_of_these_devices_and_not_just_any_of_the_site() -> None:
    ours, theirs = a_request("1", macs=[mac(9)]), a_request("2", macs=[mac(8)], code="other")
    memory = remembering("edge-1")
    memory = replace(
        memory,
        devices={
            **memory.devices,
            "edge-2": enrolled(enrollments=(an_enrollment_record("other"),)),
        },
        enrollment_ids=memory.enrollment_ids | {"other"},
    )

    matching = match([a_device()], shown(ours, theirs), memory)

    assert matching.unknown_devices == (ours,)


@pytest.mark.parametrize("facts", [{"macs": [mac(9)]}, {"macs": [], "host_id": "h9"}])
def test_a_device_of_the_site_that_is_on_another_roster_is_no_unknown_device(
    facts: dict[str, Any],
) -> None:
    elsewhere, unknown_device = a_request("1", **facts), a_request("2", macs=[mac(8)])
    known = Identity("h9", frozenset({mac(9)})).traits()

    matching = match(
        [a_device()],
        shown(elsewhere, unknown_device),
        replace(remembering("edge-1"), known=known),
    )

    assert matching.unknown_devices == (unknown_device,)


def test_a_run_for_a_part_of_the_site_takes_nobody_for_an_unknown_device() -> None:
    observation, memory = shown(a_request(macs=[mac(9)])), remembering("edge-1")

    whole = assessed(wanted(a_device()), observation, memory)
    part = assessed(wanted(a_device(), is_whole_site=False), observation, memory)

    assert [hold.reason for hold in whole.holds] == [UNKNOWN_DEVICE]
    assert part.holds == ()


def test_whoever_asks_by_a_shared_code_is_not_disputed_by_a_device_that_lost_its_identity() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[])]
    request = a_request(macs=[mac(1)])

    matching = match(devices, shown(request), remembering("edge-1", "edge-2"))

    assert matching.by_device == {"edge-1": (request,)}
    assert matching.disputed == ()


def test_a_hostname_alone_makes_nobody_the_owner() -> None:
    request = a_request(macs=[mac(9)], hostname="edge-1")

    matching = match([a_device()], shown(request), remembering("edge-1"))

    assert matching.by_device == {}
    assert matching.unknown_devices == (request,)


def test_whoever_shows_neither_code_nor_identity_of_the_site_is_none_of_its_business() -> None:
    request = a_request(macs=[mac(9)], code="foreign")

    matching = match([a_device()], shown(request), remembering("edge-1"))

    assert (matching.by_device, matching.disputed, matching.unknown_devices) == ({}, (), ())


def test_a_request_that_shows_the_identity_of_two_devices_is_disputed() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[mac(2)])]
    request = a_request(macs=[mac(1), mac(2)])

    matching = match(devices, shown(request), remembering("edge-1", "edge-2"))

    assert matching.by_device == {}
    assert matching.disputed == ((request, ("edge-1", "edge-2")),)


def test_a_device_with_identity_that_shows_anothers_own_code_is_disputed() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[])]
    memory = Memory(
        {"edge-2": enrolled(enrollments=(an_own_enrollment_record("own-2"),))},
        enrollment_ids={"own-2"},
    )
    request = a_request(macs=[mac(1)], code="own-2")

    matching = match(devices, shown(request), memory)

    assert matching.disputed == ((request, ("edge-1", "edge-2")),)


def test_waiting_unknown_devices_and_disputed_requests_are_held_with_the_reason() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[mac(2)])]
    unknown_device = a_request("1", macs=[mac(9)])
    disputed = a_request("2", macs=[mac(1), mac(2)])

    assessment = assessed(
        wanted(*devices), shown(unknown_device, disputed), remembering("edge-1", "edge-2")
    )

    assert assessment.holds == (
        Hold(unknown_device, ReasonCode.UNKNOWN_DEVICE, UNKNOWN_DEVICE),
        Hold(disputed, ReasonCode.DISPUTED, "it shows the identity of edge-1 and edge-2"),
    )


def test_unknown_devices_who_no_longer_wait_are_nobodys_news() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[mac(2)])]
    unknown_device = a_request("1", macs=[mac(9)], progress=Progress.REJECTED)
    disputed = a_request("2", macs=[mac(1), mac(2)], progress=Progress.FAILED)

    assessment = assessed(
        wanted(*devices), shown(unknown_device, disputed), remembering("edge-1", "edge-2")
    )

    assert assessment.holds == ()


def test_a_hold_that_was_reported_is_not_reported_again() -> None:
    desired, unknown_device = wanted(a_device()), a_request(macs=[mac(9)])
    memory = remembering("edge-1", held=[(unknown_device.key, ReasonCode.UNKNOWN_DEVICE)])

    actions = plan(
        desired,
        shown(unknown_device),
        memory,
        assessed(desired, shown(unknown_device), memory),
    )

    assert actions == []


def test_an_assessment_counts_where_its_devices_stand() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[mac(2)])]

    assessment = assessed(wanted(*devices), shown(a_request()), remembering("edge-2"))

    assert assessment.counts == {State.HELD: 1, State.WAITING: 1}
    assert not assessment.has_converged


def test_a_request_that_names_its_device_is_that_devices_alone() -> None:
    devices = [a_device("edge-1"), a_device("edge-2", macs=[mac(2)])]
    named = a_request(macs=[], device="edge-2", code="another")

    matching = match(devices, shown(named), remembering("edge-1", "edge-2"))

    assert (matching.by_device, matching.disputed) == ({"edge-2": (named,)}, ())


def test_a_request_that_names_a_device_of_another_roster_is_no_unknown_device() -> None:
    elsewhere = a_request(macs=[], device="edge-9")

    matching = match([a_device()], shown(elsewhere), remembering("edge-1"))

    assert (matching.by_device, matching.unknown_devices) == ({}, ())
