"""Retiring a device: what is told when it does not work, and what is told of it afterwards."""

import json

import pytest
from prefect.artifacts import Artifact

from flows.explain_device import explain_device
from flows.onboard_site import onboard_site
from flows.retire_device import retire_device
from simulator.settings import ProvisionApiSettings
from tests.flows.site import SITE, mixed, without_wait_limit

REVOKE = "/api/admin/devices/tenant-a/gw-1/revoke"


def retired():
    return without_wait_limit(retire_device, SITE, "gw-1", watch_minutes=0)


def status(simulator):
    (gateway,) = simulator.control("provision_api/state")["devices"]
    return gateway["status"]


@pytest.fixture
def gateway(lem, ended):
    ended(onboard_site, SITE, mixed(gateways=1))
    return lem


def test_a_revocation_that_fails_is_reported_with_its_answer_and_not_as_done(gateway):
    gateway.control("faults", method="POST", path="revoke", kind="status", status=500)

    state = retired()

    assert (state.name, status(gateway)) == ("Failed", "ACTIVE")
    assert f"POST {REVOKE}: 500 Internal Server Error" in state.message
    assert "see its own log. Then run this again" in state.message
    assert "although it was revoked" not in state.message
    rows = json.loads(Artifact.get(f"retiring-{SITE}-gw-1").data)
    assert [row["step"] for row in rows] == ["observe", "revoke", "read back"]


def test_a_revocation_that_lost_its_answer_and_is_seen_to_have_worked_is_done(gateway):
    gateway.control("faults", method="POST", path="revoke", kind="lost-reply", times=1)

    state = retired()

    assert (state.name, status(gateway)) == ("Completed", "REVOKED")
    assert state.message == "gw-1 of plant-7: out of service"


def test_a_retired_device_is_sent_to_no_review(gateway):
    retired()

    state = without_wait_limit(explain_device, SITE, "gw-1")

    assert state.message == (
        "gw-1 of plant-7: retired (to be out of service, as a run was asked to). Next: "
        "Nothing: it was taken out of service. Every night checks that it stays so."
    )


def test_a_device_whose_code_expired_unused_is_registered_all_the_same(start_lem, ended):
    api = start_lem(provision_api=ProvisionApiSettings(code_minutes=0))
    mine = {"activated_by": "the device", "wait_minutes": 0}
    ended(onboard_site, SITE, mixed(gateways=1), **mine)

    before = without_wait_limit(retire_device, SITE, "gw-1", dry_run=True)
    (observed, _) = json.loads(Artifact.get(f"retiring-{SITE}-gw-1").data)
    state = retired()

    assert before.message.endswith("gw-1 of plant-7: it would be taken out of service")
    assert observed["result"].endswith("(registered, and not activated: its code was not used)")
    assert (state.name, status(api)) == ("Completed", "REVOKED")
