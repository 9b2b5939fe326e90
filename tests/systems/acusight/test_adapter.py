"""Acusight in the fleet's words: tokens, and devices as their own keys show them."""

from dataclasses import replace

import pytest
from pydantic import AnyHttpUrl, SecretStr

from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.device.secret import Keyring, SecretKind
from simulator.acusight.settings import DEFAULT_JWT
from simulator.running import RunningSimulator
from simulator.settings import AcusightSettings as Switches
from simulator.settings import SimulatorSettings
from systems.acusight.adapter import Acusight
from systems.acusight.settings import AcusightSettings
from systems.shared.errors import DeviceExists, Refused
from tests.systems.shared.exchanging import SITE, Asked

HOST_ID = "AB12:CD34:EF56"


@pytest.fixture
def simulator():
    switches = Switches(approval_seconds=None)
    with RunningSimulator(SimulatorSettings(acusight=switches)) as running:
        yield running


@pytest.fixture
def settings(simulator):
    url = AnyHttpUrl(f"{simulator.url}/acusight/api")
    return AcusightSettings(_env_file=None, url=url, token=DEFAULT_JWT)


@pytest.fixture
def camera(settings):
    device = Device(name="cam-1", host_id=HOST_ID, macs=("020000000001",))
    return Asked(lambda: Acusight.connect(settings), device)


def test_a_token_is_an_enrollment_that_many_share(camera):
    made = camera.enroll()

    (secret,) = made.secrets
    assert (secret.kind, secret.device) == (SecretKind.PROVISIONING_TOKEN, None)
    assert camera.observation().enrollments == (made.enrollment,)
    assert made.enrollment.free > 1000


def test_a_token_that_is_not_held_here_is_none_of_ours(camera):
    camera.enroll(keep=False)

    assert camera.observation().enrollments == ()


def test_a_device_is_provisioned_by_its_host_id_in_the_case_it_is_printed_in(camera, simulator):
    (key,) = camera.admit(camera.enroll().enrollment.id)

    (device,) = simulator.control("acusight/state")["devices"]
    assert (device["device_id"], device["name"]) == (HOST_ID, "cam-1")
    assert (key.kind, key.device) == (SecretKind.API_KEY, "cam-1")
    assert key.endpoint.startswith("http")
    assert key.value.get_secret_value() not in repr(key)


def test_a_device_is_in_service_once_it_is_approved_and_then_not_asked_again(camera, simulator):
    camera.admit(camera.enroll().enrollment.id)
    pending = camera.observation().requests[0]
    simulator.control("acusight/approve", device_id=HOST_ID)
    simulator.clear("calls")

    async def observed_twice(system):
        for _ in range(2):
            seen = await system.observe(SITE, (camera.device,), camera.keyring)
        return seen

    seen = camera.ask(observed_twice)

    assert (pending.progress, seen.requests[0].progress) == (
        Progress.PROVISIONING,
        Progress.PROVISIONED,
    )
    assert seen.present == {HOST_ID}
    calls = {c["path"]: c["count"] for c in simulator.control("calls")["calls"]}
    assert calls["/acusight/api/device/self"] == 1


def test_one_list_of_tokens_serves_every_observation_also_when_it_is_empty(camera):
    async def observed_twice(system):
        system.only_observe_once()
        for _ in range(2):
            await system.observe(SITE, (camera.device,), camera.keyring)
        return system.calls

    assert camera.ask(observed_twice) == 1


def test_a_rejected_device_is_rejected(camera, simulator):
    camera.admit(camera.enroll().enrollment.id)
    simulator.control("acusight/reject", device_id=HOST_ID)

    assert camera.observation().requests[0].progress is Progress.REJECTED


def test_a_device_whose_key_is_refused_is_deactivated_with_the_reason(camera, simulator):
    camera.admit(camera.enroll().enrollment.id)
    simulator.control("acusight/delete-device", device_id=HOST_ID)

    (request,) = camera.observation().requests

    assert request.progress is Progress.DEACTIVATED
    assert request.message.startswith("its key is refused")


def test_a_device_that_exists_is_a_lost_key(camera):
    enrollment = camera.enroll().enrollment.id
    camera.admit(enrollment)

    with pytest.raises(DeviceExists) as error:
        camera.admit(enrollment)

    assert error.value.key_lost


def test_a_token_whose_answer_was_lost_is_revoked_before_another_is_made(camera, simulator):
    camera.enroll(keep=False)

    camera.enroll(again=True)

    tokens = simulator.control("acusight/state")["tokens"]
    assert len(tokens) == 2
    assert sum(token["revoked_at"] is None for token in tokens) == 1
    assert camera.observation().enrollments[0].free > 0


def test_a_revoked_token_has_room_for_nobody(camera):
    made = camera.enroll()
    camera.ask(lambda s: s.revoke_token(made.enrollment.id))

    assert camera.observation().enrollments[0].free == 0


def test_a_retired_device_s_token_is_revoked_and_the_rest_is_reported(camera):
    made = camera.enroll()
    camera.admit(made.enrollment.id)

    for _ in range(2):
        left = camera.ask(lambda s: s.retire(SITE, camera.device, camera.keyring))

    assert "Remove it in Acusight" in left
    assert camera.observation().enrollments[0].free == 0


def test_a_token_that_was_given_is_used_and_none_is_made(settings, camera, simulator):
    issued, secret = camera.ask(lambda s: s.issue("for all", None, single_use=False))
    given = settings.model_copy(update={"provisioning_token": secret.value})
    user = Asked(lambda: Acusight.connect(given), camera.device)

    user.admit(user.enroll().enrollment.id)

    assert user.observation().enrollments[0].free > 0
    assert [token["id"] for token in simulator.control("acusight/state")["tokens"]] == [issued.id]


def test_nothing_is_provisioned_without_a_token(camera):
    with pytest.raises(Refused, match="the ledger has no token for it"):
        camera.admit("unknown")


def test_nobody_asks_and_nothing_is_retried(camera):
    camera.admit(camera.enroll().enrollment.id)
    (request,) = camera.observation().requests

    for action in ("reject", "retry"):
        with pytest.raises(Refused):
            camera.ask(lambda s, action=action: getattr(s, action)(request))


def test_a_given_token_is_no_text_that_settings_show(settings):
    given = settings.model_copy(update={"provisioning_token": SecretStr("apt_hidden")})

    assert "apt_hidden" not in repr(given)
    assert Keyring().opener("x") is None


def test_a_device_that_is_given_another_address_keeps_nobody_from_being_observed(camera):
    camera.admit(camera.enroll().enrollment.id)
    camera.message[-1] = replace(camera.message[-1], endpoint="http://127.0.0.1:9")

    (request,) = camera.observation().requests

    assert request.progress is Progress.PROVISIONING
    assert "no connection to 127.0.0.1:9" in request.message
