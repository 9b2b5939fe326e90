"""What is desired of a system's devices, as an order and the one before it say."""

from dataclasses import replace

import pytest

from fleet.admission.desired import Desired, Order, desired_of
from fleet.admission.policy import EXACT_MATCH, HUMAN
from fleet.device.device import Device
from fleet.roster.roster import Line, Roster
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.record import DeviceRecord
from fleet.state.verdict import Decision
from fleet.text.place import Place
from tests.fleet.builders import (
    ASKED,
    EXPIRY,
    NOW,
    a_device,
    a_request,
    assessed,
    remembering,
    shown,
    wanted,
)

DEVICES = [a_device("edge-1"), a_device("edge-2")]
ROSTER = Roster("plant-7", tuple(Line(Place(n), each, "lem") for n, each in enumerate(DEVICES)))
LEAVING_IT = replace(ASKED, device_may_activate=True)


@pytest.mark.parametrize(
    ("ordered", "system_profile", "itself"),
    [
        (None, LEAVING_IT, {"edge-2"}),
        (True, LEAVING_IT, {"edge-1", "edge-2"}),
        (False, LEAVING_IT, set()),
        (None, ASKED, set()),
        (True, ASKED, set()),
    ],
    ids=["as before", "the device", "Muster", "as before, elsewhere", "the device, elsewhere"],
)
def test_a_device_activates_itself_as_ordered_now_or_else_before(
    ordered, system_profile, itself
) -> None:
    order = Order(ROSTER, EXPIRY, device_activates=ordered)

    desired = order.desired(DEVICES, system_profile, EXACT_MATCH, {"edge-2", "edge-3"}, ())

    assert desired.self_activating == itself


@pytest.mark.parametrize(
    ("ordered", "by_people"),
    [(None, {"edge-2"}), (True, {"edge-1", "edge-2"}), (False, set())],
    ids=["as before", "human", "by policy"],
)
def test_people_approve_a_device_as_ordered_now_or_else_before(ordered, by_people) -> None:
    order = Order(ROSTER, EXPIRY, asks_people=ordered)

    desired = order.desired(DEVICES, ASKED, EXACT_MATCH, (), {"edge-2", "edge-3"})

    assert desired.by_people == by_people


# ASKED lets an existing enrollment be adopted, LEAVING_IT is the same, and PLAIN lets none.
PLAIN = replace(ASKED, can_adopt=False)


def test_an_order_is_desired_of_a_system_as_it_was_given() -> None:
    order = Order(
        ROSTER,
        EXPIRY,
        capacity=7,
        existing="AB12C",
        decision=Decision.HOLD,
        is_whole_site=False,
        register_again=True,
    )

    desired = order.desired(DEVICES[:1], ASKED, HUMAN, (), ())

    assert desired == Desired(
        site="plant-7",
        devices=(DEVICES[0],),
        expires_at=EXPIRY,
        system_profile=ASKED,
        capacity=7,
        existing="AB12C",
        decision=Decision.HOLD,
        is_whole_site=False,
        policy=HUMAN,
        register_again=True,
    )
    assert order.desired(DEVICES[:1], PLAIN, HUMAN, (), ()) == replace(
        desired, system_profile=PLAIN, capacity=None, existing=None
    )


def test_an_order_that_says_nothing_more_brings_a_whole_site_in_by_rule() -> None:
    order = Order(ROSTER, EXPIRY)

    assert order.desired(DEVICES, ASKED, EXACT_MATCH, (), ()) == Desired(
        "plant-7", tuple(DEVICES), EXPIRY, ASKED
    )
    assert Desired("plant-7", (), EXPIRY, ASKED) == Desired(
        "plant-7",
        (),
        EXPIRY,
        ASKED,
        capacity=None,
        existing=None,
        decision=Decision.APPROVE,
        is_whole_site=True,
        policy=EXACT_MATCH,
        by_people=frozenset(),
        self_activating=frozenset(),
        register_again=False,
    )
    assert (order.asks_people, order.purpose, order.connections) == (None, "onboarding", ())


def a_record(device: Device, **more: bool) -> DeviceRecord:
    return DeviceRecord("plant-7", "lem", "lem", device, State.WAITING, True, None, NOW, **more)


def test_what_is_desired_of_a_site_is_as_its_devices_were_ordered_last() -> None:
    records = [a_record(DEVICES[0], is_by_people=True), a_record(DEVICES[1], activates_itself=True)]

    left = desired_of("plant-7", records, LEAVING_IT, HUMAN, EXPIRY)
    plain = desired_of("plant-7", records, ASKED, HUMAN, EXPIRY)

    assert left == Desired(
        "plant-7",
        tuple(DEVICES),
        EXPIRY,
        LEAVING_IT,
        policy=HUMAN,
        by_people=frozenset({"edge-1"}),
        self_activating=frozenset({"edge-2"}),
    )
    assert plain == replace(left, system_profile=ASKED, self_activating=frozenset())


def test_on_a_device_that_was_ordered_by_people_no_rule_decides() -> None:
    found = assessed(
        wanted(*DEVICES[:1], by_people=frozenset({"edge-1"})),
        shown(a_request()),
        remembering("edge-1"),
    )

    assert found.statuses[0].code is ReasonCode.PERSON_DECIDES
