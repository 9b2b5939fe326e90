"""provision_api in the fleet's words: entries, codes, tokens, and what is not to be touched."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import AnyHttpUrl

from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.device.secret import Keyring, SecretKind
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator
from simulator.settings import ProvisionApiSettings as Switches
from simulator.settings import SimulatorSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.errors import CodeSpent, Refused
from tests.systems.shared.exchanging import SITE, Asked


@pytest.fixture(scope="module")
def simulator():
    switches = Switches(rate_limit=False)
    with RunningSimulator(SimulatorSettings(provision_api=switches)) as running:
        yield running


@pytest.fixture
def settings(simulator):
    url = AnyHttpUrl(f"{simulator.url}/provision")
    return ProvisionApiSettings(_env_file=None, url=url, admin_key=DEFAULT_ADMIN_KEY, quota_calls=0)


@pytest.fixture
def gateway(settings, request):
    name = f"gw-{abs(hash(request.node.name)) % 10**9}"
    return Asked(lambda: ProvisionApi.connect(settings), Device(name=name))


def test_a_device_that_was_never_registered_shows_as_nothing(gateway):
    seen = gateway.observation()

    assert (seen.requests, seen.enrollments, seen.present) == ((), (), frozenset())


def test_a_registered_device_waits_for_its_code_to_be_used(gateway):
    made = gateway.enroll()

    seen = gateway.observation()
    assert (seen.requests, seen.enrollments) == ((), (made.enrollment,))
    left = made.enrollment.expires_at - datetime.now(UTC)
    assert timedelta(minutes=59) < left < timedelta(minutes=61)


def test_a_code_is_named_without_being_shown(gateway):
    made = gateway.enroll()

    (code,) = made.secrets
    assert (code.kind, code.device) == (SecretKind.ACTIVATION_CODE, gateway.device.name)
    assert code.value.get_secret_value() not in repr(made)


def test_an_activated_device_is_present_and_its_token_is_ours(gateway):
    made = gateway.enroll()

    (token,) = gateway.admit(made.enrollment.id)

    (request,) = gateway.observation().requests
    assert (token.kind, token.enrollment_id) == (SecretKind.PROVISION_TOKEN, made.enrollment.id)
    assert (request.progress, request.key_held) == (Progress.PROVISIONED, True)
    assert gateway.observation().present == {gateway.device.name}
    assert gateway.observation().enrollments[0].free == 0


def test_a_code_that_was_spent_is_a_lost_key_and_not_a_second_token(gateway):
    made = gateway.enroll()
    gateway.admit(made.enrollment.id)

    with pytest.raises(CodeSpent) as error:
        gateway.admit(made.enrollment.id)

    assert error.value.key_lost


def test_a_code_that_is_not_held_cannot_be_exchanged(gateway):
    with pytest.raises(Refused, match="the ledger has no code for it"):
        gateway.admit("unknown")


def test_what_somebody_else_registered_waits_for_a_code_that_is_not_held(gateway):
    gateway.enroll(keep=False)

    (request,) = gateway.observation().requests

    assert (request.progress, request.key_held) == (Progress.WAITING, False)
    assert request.message.startswith("ACTIVE in provision_api without a token")


def test_a_device_of_another_site_is_not_this_site_s(gateway):
    gateway.enroll(site="plant-8")

    (request,) = gateway.observation().requests

    assert request.progress is Progress.DEACTIVATED
    assert "under the site 'plant-8'" in request.message


def test_a_revoked_device_is_deactivated(gateway):
    gateway.admit(gateway.enroll().enrollment.id)

    left = gateway.ask(lambda s: s.retire(SITE, gateway.device, Keyring()))

    assert left == ""
    assert gateway.observation().requests[0].progress is Progress.DEACTIVATED
    assert gateway.observation().present == frozenset()


def test_a_rotated_token_is_a_new_secret(gateway):
    (former,) = gateway.admit(gateway.enroll().enrollment.id)

    rotated = gateway.ask(lambda s: s.rotate(SITE, gateway.device))

    assert rotated.kind is SecretKind.PROVISION_TOKEN
    assert rotated.value != former.value


def shown(settings, limits, name="d1"):
    """An observation of a registry whose lists are as long as `limits` says of each."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        asked.append((query.get("site_id"), query.get("status")))
        count = limits.get(asked[-1], 0)
        entry = {"tenant_id": "tenant-a", "site_id": SITE, "status": "ACTIVE", "token_set": True}
        return httpx.Response(200, json=[entry | {"device_id": f"d{n}"} for n in range(count)])

    async def observation():
        transport = httpx.MockTransport(answer)
        async with ProvisionApiClient.connect(settings, transport) as client:
            system = ProvisionApi(client, settings)
            return await system.observe(SITE, (Device(name=name),), Keyring())

    return observation, asked


def test_a_tenant_too_large_for_one_list_is_observed_by_site(settings, gateway):
    observation, asked = shown(settings, {(None, None): 1000, (SITE, None): 999})

    seen = gateway.ask(lambda _: observation())

    assert asked == [(None, None), (SITE, None)]
    assert (seen.truncated, seen.shows_whole_site, seen.present) == (True, True, {"d1"})


def test_of_a_site_too_large_for_one_list_each_status_is_asked_for(settings, gateway):
    limits = {(None, None): 1000, (SITE, None): 1000, (SITE, "ACTIVE"): 999}
    observation, asked = shown(settings, limits)

    seen = gateway.ask(lambda _: observation())

    assert asked[2:] == [(SITE, s) for s in ("ACTIVE", "REVOKED", "SUSPENDED", "INACTIVE")]
    assert (seen.truncated, seen.shows_whole_site) == (True, True)


def test_a_site_whose_active_devices_are_too_many_is_said_not_to_be_shown_wholly(settings, gateway):
    observation, asked = shown(
        settings, {(None, None): 1000, (SITE, None): 1000, (SITE, "ACTIVE"): 1000}
    )

    seen = gateway.ask(lambda _: observation())

    assert asked[2:] == [(SITE, "ACTIVE")]
    assert (seen.truncated, seen.shows_whole_site) == (True, False)


def test_whether_a_device_is_elsewhere_is_asked_by_status_and_no_more_than_needed(
    settings, gateway
):
    proved, asked = shown(settings, {(None, None): 1000, (None, "ACTIVE"): 999}, "new")
    unproved, ended = shown(settings, {(None, None): 1000, (None, "ACTIVE"): 1000}, "new")

    assert not gateway.ask(lambda _: proved()).truncated
    assert gateway.ask(lambda _: unproved()).truncated
    assert asked[2:] == [(None, s) for s in ("ACTIVE", "REVOKED", "SUSPENDED", "INACTIVE")]
    assert ended[2:] == [(None, "ACTIVE")]
