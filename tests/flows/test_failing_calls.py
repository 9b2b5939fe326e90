"""A run whose calls fail names the last answer, with its remedy, on its message and its report."""

import json

from prefect.artifacts import Artifact

from flows.explain_device import explain_device
from flows.onboard_site import onboard_site
from flows.rotate_token import rotate_token
from tests.flows.site import SITE, device, mixed, roster, without_wait_limit

REGISTER = "POST /api/admin/devices: 500 Internal Server Error. Its database failed or refused it"
ADMIT = "POST /api/v1/activation/request/status: 500 Internal Server Error. Check that the system"


def reasons():
    return {
        row["device"]: row["reason"]
        for row in json.loads(Artifact.get(f"report-onboarding-{SITE}").data)
    }


def fail(simulator, path, **more):
    simulator.control("faults", method="POST", path=path, kind="status", status=500, **more)


def test_a_registration_that_failed_for_all_ends_failed_with_the_answer(lem, ended):
    fail(lem, "/api/admin/devices$")

    state = ended(onboard_site, SITE, mixed(gateways=2), wait_minutes=0)

    assert (state.name, state.message.startswith(REGISTER)) == ("Failed", True)
    assert "As of the last observation: plant-7: 2 not enrolled" in state.message
    assert all(f"The last call failed: {REGISTER}" in reason for reason in reasons().values())
    later = without_wait_limit(explain_device, SITE, "gw-1")
    assert f"The last call failed: {REGISTER}" in later.message


def test_a_registration_that_failed_for_one_is_named_beside_those_that_wait(lem, ended):
    fail(lem, "/api/admin/devices$", times=1)

    state = ended(onboard_site, SITE, mixed(gateways=2), wait_minutes=0, activated_by="the device")

    assert (state.name, REGISTER in state.message) == ("Waiting", True)
    assert state.message.startswith("plant-7: 1 waiting, 1 not enrolled. POST ")


def test_an_approval_that_failed_is_named_with_its_answer(lem, ended):
    lem.control("lem/boot", devices=[device(1)])
    ended(onboard_site, SITE, roster([device(1)]), wait_minutes=0)
    fail(lem, "request/status")
    lem.control("clock", advance_seconds=60)

    ended(onboard_site, SITE, roster([device(1)]), wait_minutes=0)

    assert f"The last call failed: {ADMIT}" in reasons()["edge-001"]


def test_a_rotation_that_failed_names_the_answer(lem, ended):
    ended(onboard_site, SITE, mixed(gateways=1))
    fail(lem, "rotate-token")

    state = without_wait_limit(rotate_token, SITE, "gw-1")

    path = "/api/admin/devices/tenant-a/gw-1/rotate-token"
    assert state.name == "Failed"
    assert state.message.startswith(f"POST {path}: 500 Internal Server Error. Its database failed")
    assert "the token of gw-1 may have been replaced. Run this again" in state.message


def test_a_device_without_a_first_token_is_not_sent_to_rotation(lem):
    lem.control("provision_api/register", devices=[{"device_id": "gw-1", "site_id": SITE}])

    state = without_wait_limit(rotate_token, SITE, "gw-1")

    assert state.name == "Failed"
    assert state.message.startswith("gw-1 was not activated in provision_api tenant tenant-a yet: ")
    assert state.message.endswith("Run provision-device for it, which gets it its first token.")
