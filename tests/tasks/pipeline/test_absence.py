"""What a list cut off does not show is not touched: absence is proved, or the device is held."""

import asyncio

import pytest

from fleet.device.device import Device
from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from tests.laws import one_in
from tests.tasks.pipeline.unserved import SITE

NAME = "o-01003"
GATEWAY = Device(name=NAME)


def register(simulator, *names, site, status="ACTIVE"):
    devices = [{"device_id": name, "site_id": site, "status": status} for name in names]
    simulator.control("provision_api/register", devices=devices)


def fill(simulator, site, number, status="ACTIVE"):
    """So many devices of the tenant at `site`, which sorts before or after the others."""
    names = [f"{status[:3]}-{site}-{n:05}" for n in range(number)]
    register(simulator, *names, site=site, status=status)


def entry(simulator, name=NAME):
    devices = simulator.control("provision_api/state")["devices"]
    return next((each for each in devices if each["device_id"] == name), None)


def onboarded(gateways, *devices, **wishes):
    (status, *_) = asyncio.run(gateways.onboard(*(devices or (GATEWAY,)), **wishes)).statuses
    return status


@pytest.mark.parametrize("again", one_in(2, [False, True]), ids=["", "register again"])
def test_a_device_of_another_site_that_no_list_shows_is_not_taken(simulator, gateways, again):
    fill(simulator, "a-other", 1000)
    register(simulator, NAME, site="z-other")
    before = entry(simulator)

    status = onboarded(gateways, register_again=again)

    assert (status.state, entry(simulator)) == (State.HELD, before)
    assert "ended at its limit" in status.reason


@pytest.mark.parametrize(
    "status", ["decommissioned", pytest.param("SUSPENDED", marks=pytest.mark.heavy)]
)
def test_a_device_of_the_own_site_is_not_revived_whatever_its_status(simulator, gateways, status):
    fill(simulator, "a-other", 1000)
    register(simulator, NAME, site=SITE)
    simulator.control("provision_api/status", device_id=NAME, status=status)

    found = onboarded(gateways)

    assert (found.state, entry(simulator)["status"]) == (State.HELD, status)
    assert found.reason.startswith(status.lower())


@pytest.mark.heavy
def test_what_a_list_shows_is_taken_over_on_an_explicit_word_although_it_is_cut_off(
    simulator, gateways
):
    fill(simulator, "a-other", 1000)
    register(simulator, NAME, site=SITE)

    assert onboarded(gateways, register_again=True).state is State.IN_SERVICE


@pytest.mark.heavy
def test_absence_is_proved_by_a_list_for_each_status(simulator, gateways):
    fill(simulator, "a-other", 700)
    fill(simulator, "b-other", 299, status="REVOKED")
    fill(simulator, "c-other", 1, status="SUSPENDED")
    fill(simulator, "d-other", 5)

    assert onboarded(gateways).state is State.IN_SERVICE


@pytest.mark.parametrize(
    "status",
    [
        "SUSPENDED",
        *(pytest.param(each, marks=pytest.mark.heavy) for each in ("REVOKED", "INACTIVE")),
    ],
)
def test_a_device_of_another_site_is_found_by_its_status(simulator, gateways, status):
    fill(simulator, "a-other", 999)
    register(simulator, "y", NAME, site="z-other")
    simulator.control("provision_api/status", device_id=NAME, status=status)
    before = entry(simulator)

    found = onboarded(gateways)

    assert (found.state, entry(simulator)) == (State.HELD, before)
    assert "under the site 'z-other'" in found.reason


@pytest.mark.heavy
def test_a_status_that_is_seen_for_the_first_time_is_asked_about_as_well(simulator, gateways):
    fill(simulator, "a-other", 998)
    register(simulator, "x", site="b-other")
    simulator.control("provision_api/status", device_id="x", status="broken")
    register(simulator, "y", NAME, site="z-other")
    simulator.control("provision_api/status", device_id=NAME, status="broken")
    before = entry(simulator)

    assert (onboarded(gateways).state, entry(simulator)) == (State.HELD, before)


@pytest.mark.heavy
def test_a_tenant_that_outgrows_a_list_meanwhile_keeps_what_was_registered(simulator, gateways):
    fill(simulator, "a-other", 995)
    devices = [Device(name=f"gw-{n}") for n in range(10)]

    found = asyncio.run(gateways.onboard(*devices)).counts

    assert found == {State.IN_SERVICE: 10}


@pytest.mark.heavy
def test_a_night_says_that_the_list_was_cut_off_and_not_that_somebody_is_to_review_it(
    simulator, gateways
):
    fill(simulator, "a-other", 1000)
    onboarded(gateways)

    findings, _ = asyncio.run(gateways.night())

    assert [each.kind for each in findings] == [FindingKind.TRUNCATED]


@pytest.mark.heavy
def test_a_device_that_its_own_site_shows_no_more_is_missing_and_not_registered_anew(
    simulator, gateways
):
    onboarded(gateways)
    register(simulator, NAME, site="z-other")
    fill(simulator, "a-other", 1000)

    findings, (status,) = asyncio.run(gateways.night())
    held = onboarded(gateways)

    kinds = [each.kind for each in findings]
    assert kinds == [FindingKind.MISSING, FindingKind.TRUNCATED]
    assert (status.state, held.state) == (State.HELD, State.HELD)
    assert entry(simulator)["site_id"] == "z-other"
