"""Sites whose devices are brought into several systems by one roster."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from prefect.artifacts import Artifact

from fleet.device.device import Device
from fleet.device.secret import SecretKind
from flows.hand_over_secrets import hand_over_secrets
from flows.onboard_site import onboard_site
from flows.provision_device import provision_device
from flows.retire_device import retire_device
from flows.rotate_token import rotate_token
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator
from simulator.settings import AcusightSettings, ProvisionApiSettings
from systems.lem.block import LemConnection
from tests.flows.conftest import SPEED
from tests.flows.site import (
    SITE,
    device,
    mixed,
    posts,
    secrets_of,
    without_wait_limit,
)
from tests.flows.test_provision_device import steps_of

CAMERA = Device(name="cam-1", host_id="AB12:CD34")
GATEWAY = Device(name="gw-1")


def registry(simulator: RunningSimulator) -> dict[str, Any]:
    found = simulator.control("provision_api/state")["devices"]
    return {device["device_id"]: device for device in found}


def test_a_mixed_roster_of_sixty_converges_and_is_then_left_alone(lem, ended, tmp_path):
    lem.control("lem/boot", devices=[device(n) for n in range(1, 21)])

    state = ended(onboard_site, SITE, mixed(20, 20, 20))
    remediations = lem.control("calls")
    lem.clear("calls")
    again = ended(onboard_site, SITE, mixed(20, 20, 20))

    assert (state.name, state.message.partition(".")[0]) == ("Completed", "plant-7: 60 in service")
    for remediation in ("approvals", "provisions", "registrations", "activations"):
        assert Counter(remediations[remediation].values()) == {1: 20}, remediation
    assert (again.name, posts(lem)) == ("Completed", {})
    assert "Nothing had to be done" in again.message
    assert len(secrets_of("api").secrets) == 40
    table = pd.read_csv(max(Path(tmp_path / "reports").glob("*.csv")))
    assert Counter(table["connection"]) == {"lem": 20, "acusight": 20, "provision-api": 20}


@pytest.mark.parametrize(
    ("wanted", "connection", "steps"),
    [
        (
            CAMERA,
            "acusight",
            ["create provisioning token for cam-1", "observe cam-1", "provision cam-1"],
        ),
        (GATEWAY, "provision-api", ["register gw-1", "observe gw-1", "activate gw-1"]),
    ],
)
def test_a_device_comes_into_service_by_the_steps_of_its_system(
    lem, ended, wanted, connection, steps
):
    state = ended(provision_device, SITE, wanted, connection=connection)

    name = wanted.name
    assert (state.name, "in service" in state.message) == ("Completed", True)
    assert steps_of(state.state_details.flow_run_id, 7) == [
        f"observe {name}",
        *steps,
        f"observe {name}",
        f"confirm {name}",
        f"publish the report on {name}",
    ]


def test_a_device_that_activates_itself_is_handed_its_code_and_confirmed_later(
    lem, ended, tmp_path
):
    first = ended(onboard_site, SITE, mixed(gateways=1), activated_by="the device", wait_minutes=0)
    code = secrets_of("api").latest(SecretKind.ACTIVATION_CODE, "gw-1")
    lem.control(
        "provision_api/boot",
        devices=[{"device_id": "gw-1", "code": code.value.get_secret_value()}],
    )

    second = ended(onboard_site, SITE, mixed(gateways=1), activated_by="the device")

    assert (first.name, second.name) == ("Waiting", "Completed")
    assert lem.control("calls")["registrations"] == {"tenant-a/gw-1": 1}
    assert secrets_of("api").latest(SecretKind.PROVISION_TOKEN, "gw-1") is None


@pytest.mark.parametrize(
    ("wanted", "connection", "path", "made"),
    [
        (CAMERA, "acusight", "/provisioning-tokens", {"provisioning-tokens": 2, "provision": 1}),
        (GATEWAY, "provision-api", "/admin/devices", {"devices": 2, "activate": 1}),
    ],
)
def test_a_code_that_was_lost_with_its_answer_is_made_again(
    lem, ended, wanted, connection, path, made
):
    lem.control("faults", method="POST", path=f"{path}$", kind="lost-reply", times=1)

    state = ended(provision_device, SITE, wanted, connection=connection)

    assert state.name == "Completed"
    assert made.items() <= posts(lem).items()


def test_a_token_that_was_lost_with_its_answer_is_revoked(lem, ended):
    lem.control("faults", method="POST", path="/provisioning-tokens", kind="lost-reply", times=1)

    ended(provision_device, SITE, CAMERA, connection="acusight")

    tokens = lem.control("acusight/state")["tokens"]
    assert sorted(token["revoked_at"] is None for token in tokens) == [False, True]
    assert len({token["name"] for token in tokens}) == 1


@pytest.mark.parametrize(
    ("wanted", "connection", "path", "remedy"),
    [
        (CAMERA, "acusight", "/devices/provision", "Remove the device in Acusight"),
        (GATEWAY, "provision-api", "/device/activate", "Rotate its token"),
    ],
)
def test_a_key_that_was_lost_with_its_answer_is_a_state_of_its_own_with_its_remedy(
    lem, ended, wanted, connection, path, remedy
):
    lem.control("faults", method="POST", path=path, kind="lost-reply", times=1)

    state = ended(provision_device, SITE, wanted, connection=connection)

    assert (state.name, "key lost" in state.message) == ("Failed", True)
    assert remedy in state.message


def test_a_lost_token_is_replaced_by_rotation_and_the_device_is_then_in_service(
    lem, ended, tmp_path
):
    lem.control("faults", method="POST", path="/device/activate", kind="lost-reply", times=1)
    ended(provision_device, SITE, GATEWAY, connection="provision-api")

    rotated = without_wait_limit(rotate_token, SITE, "gw-1")
    again = ended(provision_device, SITE, GATEWAY, connection="provision-api")

    assert (rotated.name, again.name) == ("Completed", "Completed")
    assert secrets_of("api").latest(SecretKind.PROVISION_TOKEN, "gw-1") is not None


def test_rotation_needs_a_device_that_is_there(lem):
    state = without_wait_limit(rotate_token, SITE, "gw-1")

    assert (state.name, posts(lem)) == ("Failed", {})
    assert "lists no gw-1" in state.message


def test_what_has_no_call_for_rotation_says_so(lem):
    state = without_wait_limit(rotate_token, SITE, "cam-1", connection="acusight")

    assert (state.name, "no call to replace" in state.message) == ("Failed", True)


def test_a_retired_device_stays_out_until_register_again_brings_it_back(lem, ended):
    ended(onboard_site, SITE, mixed(gateways=1))

    retired = without_wait_limit(retire_device, SITE, "gw-1", watch_minutes=0)
    held = ended(onboard_site, SITE, mixed(gateways=1), wait_minutes=0)
    revoked = registry(lem)["gw-1"]["status"]
    back = ended(onboard_site, SITE, mixed(gateways=1), register_again=True)

    assert (retired.name, revoked, registry(lem)["gw-1"]["status"]) == (
        "Completed",
        "REVOKED",
        "ACTIVE",
    )
    assert (held.name, "1 held for a person" in held.message) == ("Waiting", True)
    assert back.name == "Completed"


def test_a_device_that_a_list_cut_off_may_hide_is_neither_taken_nor_retired(lem, ended):
    theirs = [{"device_id": f"other-{n:04}", "site_id": "a-site"} for n in range(1000)]
    gateway = {"device_id": "gw-1", "site_id": "z-site", "metadata": {"owner": "another"}}
    lem.control("provision_api/register", devices=[*theirs, gateway])
    before = registry(lem)["gw-1"]

    state = ended(onboard_site, SITE, mixed(gateways=1))
    retired = without_wait_limit(retire_device, SITE, "gw-1", watch_minutes=0)

    assert (state.name, "1 held for a person" in state.message) == ("Waiting", True)
    assert (retired.name, "ended at its limit" in retired.message) == ("Failed", True)
    assert (registry(lem)["gw-1"], posts(lem)) == (before, {})


def test_the_live_code_of_a_retired_device_is_not_handed_over(lem, ended):
    ended(onboard_site, SITE, mixed(gateways=2), activated_by="the device", wait_minutes=0)
    without_wait_limit(retire_device, SITE, "gw-1", watch_minutes=0)

    state = without_wait_limit(hand_over_secrets, SITE, "Anna", dry_run=True)

    assert "1 secret of 1 device to be handed over" in state.message
    (row,) = json.loads(Artifact.get(f"handover-{SITE}").data)
    assert (row["device"], row["what"]) == ("gw-2", "activation code")


def test_a_device_that_comes_back_by_an_unused_code_is_revoked_again(lem, ended, monkeypatch):
    monkeypatch.setenv("MUSTER_WATCH_GAP", "PT0.5S")
    ended(onboard_site, SITE, mixed(gateways=1))
    device = {"tenant_id": "tenant-a", "device_id": "gw-1", "site_id": SITE}
    somebody = httpx.post(
        f"{lem.url}/provision/api/admin/devices",
        json=device,
        headers={"X-Admin-Key": DEFAULT_ADMIN_KEY},
    )
    code = somebody.json()["activation_code"]
    booted = {"device_id": "gw-1", "code": code, "after": 200}
    lem.control("provision_api/boot", devices=[booted])

    state = without_wait_limit(retire_device, SITE, "gw-1", watch_minutes=1)

    assert (state.name, registry(lem)["gw-1"]["status"]) == ("Completed", "REVOKED")
    assert posts(lem)["revoke"] == 2


def test_a_system_without_a_call_for_retirement_says_what_to_do_by_hand(lem, ended):
    lem.control("lem/boot", devices=[device(1)])
    ended(onboard_site, SITE, mixed(lem=1))

    state = without_wait_limit(
        retire_device, SITE, "edge-001", connection="lem", host_id="000000000001"
    )

    assert (state.name, "In LEM, delete the device" in state.message) == ("By hand", True)


def test_a_system_that_is_down_keeps_no_other_from_coming_in(lem, ended, monkeypatch):
    monkeypatch.setenv("ACUSIGHT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ACUSIGHT_TIMEOUT_SECONDS", "1")

    state = ended(onboard_site, SITE, mixed(cameras=2, gateways=2))

    assert state.name == "Failed"
    assert "no connection to 127.0.0.1:9" in state.message
    assert "2 in service, 2 not checked" in state.message


def test_an_unknown_connection_is_refused_before_anything_is_done(lem, ended):
    state = ended(onboard_site, SITE, "device,connection\nedge-1,nowhere\n")

    assert (state.name, posts(lem)) == ("Failed", {})
    assert state.message.startswith("There is no connection 'nowhere'")


def test_a_device_that_waits_for_approval_is_not_yet_in_service(start_lem, ended):
    lem = start_lem(acusight=AcusightSettings(approval_seconds=None))

    for _ in ("a token is made", "it is used"):
        state = ended(onboard_site, SITE, mixed(cameras=1), wait_minutes=0)
    lem.control("acusight/approve", device_id="DA3E:0001:ABCD")
    again = ended(onboard_site, SITE, mixed(cameras=1))

    assert (state.name, again.name) == ("Waiting", "Completed")
    assert "1 being provisioned" in state.message


def test_a_camera_without_host_id_fails_alone(lem, ended):
    text = f"{mixed(cameras=1)}\ncam-9,,acusight"

    state = ended(onboard_site, SITE, text)

    assert state.name == "Failed"
    assert "1 in service, 1 failed" in state.message


@pytest.mark.parametrize("kind", ["status", "lost-reply", "reset", "not-json"])
def test_with_a_fifth_of_all_calls_failing_every_device_converges_or_is_named(
    lem, ended, tmp_path, kind
):
    lem.control("faults", path="(acusight|provision)/", kind=kind, share=0.2)

    ended(onboard_site, SITE, mixed(cameras=8, gateways=8))
    lem.clear("faults")
    last = ended(onboard_site, SITE, mixed(cameras=8, gateways=8))

    stands = Counter(pd.read_csv(max(tmp_path.glob("reports/*.csv")))["state"])
    assert stands.total() == 16
    assert set(stands) <= {"in service", "key lost"}, last.message
    remediations = lem.control("calls")
    assert set(remediations["provisions"].values()) == {1}
    assert set(remediations["activations"].values()) == {1}


@pytest.fixture
def second_lem(lem):
    """A block that leads to the same project as the environment's connection."""
    block = LemConnection(url=lem.url, project=DEFAULT_PROJECT, token=DEFAULT_TOKEN)
    block.save("lem-too", overwrite=True)
    return "lem-too"


def test_a_roster_may_name_a_block(lem, ended, second_lem):
    lem.control("lem/boot", devices=[device(1)])
    text = mixed(lem=1).replace("000000000001,", f"000000000001,{second_lem}")

    assert ended(onboard_site, SITE, text).name == "Completed"


def test_two_connections_to_one_place_are_refused(lem, ended, second_lem):
    text = f"{mixed(lem=1)}\nedge-002,000000000002,{second_lem}"

    state = ended(onboard_site, SITE, text)

    assert (state.name, posts(lem)) == ("Failed", {})
    assert "both lead to LEM project" in state.message


def test_codes_that_live_shorter_than_the_queue_are_made_in_waves_and_none_expires(
    start_lem, ended, monkeypatch
):
    lem = start_lem(provision_api=ProvisionApiSettings(code_minutes=2))
    monkeypatch.setenv("PROVISION_API_CODE_MINUTES", str(2 / SPEED))

    state = ended(onboard_site, SITE, mixed(gateways=25))

    plan = Artifact.get("plan-onboarding-plant-7")
    assert plan is not None
    assert "would expire before their turn; so at most" in str(plan.description)
    assert state.message.startswith("plant-7: 25 in service.")
    assert Counter(lem.control("calls")["registrations"].values()) == {1: 25}


def test_a_camera_that_was_removed_is_provisioned_again_when_register_again_is_set(lem, ended):
    ended(onboard_site, SITE, mixed(cameras=1))
    lem.control("acusight/delete-device", device_id="DA3E:0001:ABCD")

    held = ended(onboard_site, SITE, mixed(cameras=1), wait_minutes=0)
    again = ended(onboard_site, SITE, mixed(cameras=1), register_again=True)

    assert "1 held for a person" in held.message
    assert again.message.startswith("plant-7: 1 in service.")
    assert lem.control("calls")["provisions"] == {"DA3E:0001:ABCD": 2}


def test_a_code_that_was_left_to_the_device_stays_so_by_default(lem, ended):
    ended(onboard_site, SITE, mixed(gateways=1), activated_by="the device", wait_minutes=0)

    again = ended(onboard_site, SITE, mixed(gateways=1), wait_minutes=0)

    assert lem.control("calls")["activations"] == {}
    assert again.message.startswith("plant-7: 1 waiting.")
    assert "activate itself" not in Artifact.get(f"plan-onboarding-{SITE}").description


def test_an_order_to_the_contrary_is_followed_and_named_in_the_plan(lem, ended):
    ended(onboard_site, SITE, mixed(gateways=1), activated_by="the device", wait_minutes=0)

    ended(onboard_site, SITE, mixed(gateways=1), activated_by="Muster")

    assert lem.control("calls")["activations"] == {"tenant-a/gw-1": 1}
    plan = Artifact.get(f"plan-onboarding-{SITE}").description
    assert "gw-1 was ordered before to activate itself. Muster activates it now" in plan
