"""A code that was lost with its answer is told as long as it may work: nobody can revoke it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.device.device import Device
from fleet.nightly.catalog import FindingKind
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.memory import Remembered
from fleet.state.reason_code import ReasonCode
from fleet.status.enrollment import lost_code
from fleet.status.status import DeviceStatus
from ledger.session import open_ledger
from ledger.state.claims import Claim
from tasks.runtime.connection_run import utc_now
from tests.fleet.builders import HOUR, NOW, an_enrollment_record
from tests.fleet.status.test_by_code import EXCHANGED
from tests.tasks.pipeline.unserved import SITE

GATEWAY = Device(name="gw-1")
SCOPE = "provision_api tenant tenant-a"
CODES = replace(EXCHANGED, code_life=HOUR)


def onboarded(gateways):
    (status,) = asyncio.run(gateways.onboard(GATEWAY)).statuses
    return status


def retire(simulator):
    simulator.control("provision_api/revoke", device_id="gw-1")
    status = DeviceStatus(GATEWAY, State.RETIRED, ReasonCode.RETIRED, "by this test")
    with open_ledger() as ledger:
        ledger.devices.save(Claim(SITE, SCOPE), Assessment((status,), ()), utc_now())


@pytest.fixture
def registered_twice(simulator, gateways):
    """The gateway, in service by its second code; the first was lost with its answer."""
    simulator.control("faults", method="POST", path="admin/devices$", kind="lost-reply", times=1)
    status = onboarded(gateways)
    assert status.state is State.IN_SERVICE
    assert simulator.control("calls")["registrations"] == {"tenant-a/gw-1": 2}
    return status


@pytest.mark.heavy
def test_a_device_in_service_says_that_a_lost_code_may_replace_its_key(registered_twice):
    assert "a code that was lost with its answer may work until" in registered_twice.reason


@pytest.mark.heavy
def test_a_night_says_that_a_lost_code_could_revive_a_retired_device(
    simulator, gateways, registered_twice
):
    retire(simulator)

    ((finding,), _) = asyncio.run(gateways.night())

    assert finding.kind is FindingKind.REVIVABLE
    assert "a code that was lost with its answer (good until" in finding.reason


def test_without_a_lost_code_nothing_is_said(simulator, gateways):
    status = onboarded(gateways)
    retire(simulator)

    assert status.reason == "activated, as its system shows"
    assert asyncio.run(gateways.night())[0] == []


@pytest.mark.parametrize(
    ("record", "until"),
    [
        (an_enrollment_record("code-2", lost_at=NOW - HOUR / 2), NOW + HOUR / 2),
        (an_enrollment_record(None, made_at=NOW - HOUR / 4), NOW + 3 * HOUR / 4),
        (an_enrollment_record("code-2", lost_at=NOW - HOUR), None),
        (an_enrollment_record("code-2"), None),
    ],
    ids=["asked again", "not answered yet", "expired", "answered"],
)
def test_a_lost_code_counts_for_as_long_as_codes_live(record, until):
    assert lost_code(Remembered(enrollments=(record,)), CODES, NOW) == until


def test_where_an_enrollment_is_found_or_revoked_no_code_is_lost():
    past = Remembered(enrollments=(an_enrollment_record(None, made_at=NOW - timedelta(minutes=1)),))

    assert lost_code(past, replace(CODES, code_life=None), NOW) is None
