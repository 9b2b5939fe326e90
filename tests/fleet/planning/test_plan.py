"""The plan, by example: which enrollments are made, adopted or asked for once more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleet.action.action import Action, Adopt, Hold, Reject
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.planning.assess import Assessment
from fleet.planning.plan import plan
from fleet.state.device_state import State
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from fleet.system.quota import Quota
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
    wanted,
)
from tests.fleet.status.test_by_code import EXCHANGED

ONE, TWO = a_device("edge-1"), a_device("edge-2", macs=[mac(2)])
NOBODY = a_device("edge-3", macs=[])
EXISTING = an_enrollment("theirs", ending="ZZ999")


def planned(
    *devices: Device,
    memory: Memory | None = None,
    enrollments: tuple[Enrollment, ...] = (),
    **more: Any,
) -> list[Action]:
    """The plan for devices that have not asked."""
    desired, observed, past = wanted(*devices, **more), Observation(enrollments), memory or Memory()
    return plan(desired, observed, past, assessed(desired, observed, past))


def test_devices_share_one_enrollment_and_one_without_identity_gets_its_own() -> None:
    assert planned(ONE, NOBODY, TWO) == [
        Enroll((ONE, TWO), 2, EXPIRY),
        Enroll((NOBODY,), 1, EXPIRY),
    ]


def test_a_shared_enrollment_has_the_capacity_that_was_asked_for() -> None:
    assert planned(ONE, TWO, capacity=9) == [Enroll((ONE, TWO), 9, EXPIRY)]
    assert planned(ONE, TWO, capacity=0) == [Enroll((ONE, TWO), 2, EXPIRY)]


def test_where_nobody_shares_an_enrollment_none_is_made() -> None:
    assert planned(NOBODY) == [Enroll((NOBODY,), 1, EXPIRY)]


def test_an_existing_enrollment_is_adopted_by_those_who_do_not_ask_by_it_yet() -> None:
    expired = an_enrollment(expires_at=NOW)
    past = {
        "edge-1": enrolled(enrollments=(an_enrollment_record("theirs"), an_enrollment_record())),
        "edge-2": enrolled(enrollments=(an_enrollment_record("theirs"),)),
    }
    ended = replace(EXISTING, expires_at=NOW)

    new = planned(ONE, TWO, existing="zz999", enrollments=(EXISTING,))
    lacking = planned(ONE, TWO, memory=Memory(past), existing="ZZ999", enrollments=(expired, ended))

    assert new == [Adopt((ONE, TWO), EXISTING)]
    assert lacking == [Adopt((ONE,), ended)]


def test_an_existing_enrollment_that_all_ask_by_is_not_adopted_again() -> None:
    records = an_enrollment_record(), an_enrollment_record("theirs")
    past = {"edge-1": enrolled(enrollments=records)}
    ended = replace(EXISTING, expires_at=NOW)

    assert planned(ONE, memory=Memory(past), existing="ZZ999", enrollments=(ended,)) == []


@pytest.mark.parametrize(
    "found",
    [(), (EXISTING, replace(EXISTING, id="another"))],
    ids=["it is not there", "two end so"],
)
def test_an_existing_enrollment_that_is_not_certain_is_not_adopted(
    found: tuple[Enrollment, ...],
) -> None:
    assert planned(ONE, existing="ZZ999", enrollments=found) == []


def test_an_existing_enrollment_is_found_in_whatever_case_its_system_shows_it() -> None:
    small = replace(EXISTING, ending="zz999")

    assert planned(ONE, existing="ZZ999", enrollments=(small,)) == [Adopt((ONE,), small)]


def test_an_existing_enrollment_that_is_listed_twice_is_one() -> None:
    found = planned(ONE, existing="ZZ999", enrollments=(EXISTING, EXISTING))

    assert found == [Adopt((ONE,), EXISTING)]


def test_an_enrollment_without_an_answer_is_asked_for_once_more_for_all_who_were_to_share_it() -> (
    None
):
    asked_at, fingerprint = NOW - HOUR, EXPIRY + timedelta(milliseconds=7)
    record = an_enrollment_record(None, made_at=asked_at, wanted_expiry=fingerprint, capacity=4)
    past = {name: enrolled(enrollments=(record,)) for name in ("edge-1", "edge-2")}
    new = a_device("edge-4", macs=[mac(4)])

    assert planned(ONE, TWO, new, memory=Memory(past)) == [
        Enroll((ONE, TWO), 4, fingerprint, asked_before=asked_at),
        Enroll((new,), 1, EXPIRY),
    ]


def test_where_codes_are_short_those_that_are_not_used_yet_take_their_room() -> None:
    # 10 calls a minute, 2 for each device, and a quarter of 4 minutes: 5 codes at a time.
    profile = replace(
        EXCHANGED, quota=Quota(10, timedelta(minutes=1)), code_life=timedelta(minutes=4)
    )
    devices = [a_device(f"edge-{n}", macs=[mac(n)]) for n in range(8)]
    past = {
        name: enrolled(enrollments=(an_own_enrollment_record(name),))
        for name in ("edge-0", "edge-1", "edge-2")
    }
    codes = tuple(an_enrollment(name, capacity=1) for name in past)

    found = planned(*devices, memory=Memory(past), enrollments=codes, system_profile=profile)
    full = planned(
        *devices[:3],
        *devices[3:5],
        memory=Memory(past),
        enrollments=codes,
        system_profile=replace(profile, code_life=timedelta(minutes=2)),
    )

    assert [a.devices for a in found if isinstance(a, Enroll)] == [(devices[3],), (devices[4],)]
    assert [a for a in full if isinstance(a, Enroll)] == []


def test_enrollments_come_first_then_actions_then_what_is_newly_held() -> None:
    request, foreign = a_request(), a_request("2", macs=[mac(9)])
    hold = Hold(request, ReasonCode.OTHER_CODE, "it asks by another code", ONE)
    known = replace(hold, request=foreign)
    rejection = Reject(None, foreign, "nobody comes in")
    needing = DeviceStatus(ONE, State.NOT_ENROLLED, ReasonCode.NEW, "", needs_enrollment=True)
    busy = DeviceStatus(TWO, State.WAITING, ReasonCode.UNKNOWN, "", action=rejection)
    assessment = Assessment((busy, needing), (known, hold), (rejection,))
    memory = remembering(held=[(foreign.key, ReasonCode.OTHER_CODE)])

    actions = plan(wanted(ONE, TWO), Observation(), memory, assessment)

    assert actions == [Enroll((ONE,), 1, EXPIRY), rejection, rejection, hold]
