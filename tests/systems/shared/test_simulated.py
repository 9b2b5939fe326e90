"""The clients of Acusight and provision_api at a running simulator, from nothing to in service."""

import asyncio
from datetime import timedelta

import pytest

from systems.acusight.client import AcusightClient
from systems.acusight.settings import AcusightSettings
from systems.acusight.wire import DeviceInfo
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings
from systems.provision_api.wire import NewDevice, NewIntegration, NewRoute
from systems.shared.errors import (
    CodeSpent,
    DeviceExists,
    Invalid,
    KeyRefused,
    TokenInvalid,
    TooManyRequests,
    Unauthorized,
    UnknownId,
)
from tests.systems.conftest import running

pytestmark = pytest.mark.usefixtures("unhurried")

DOCKER_ID = "ABCD:1234:EF"


@pytest.fixture
def own():
    """A simulator of this test alone, for neither system has projects to keep tests apart."""
    with running() as simulator:
        yield simulator


def at_acusight(simulator, story, **changes):
    async def message():
        here = {"url": f"{simulator.url}/acusight/api", "verify": False} | changes
        async with AcusightClient.connect(AcusightSettings(_env_file=None, **here)) as acusight:
            return await story(acusight)

    return asyncio.run(message())


def at_provision_api(simulator, story, **changes):
    async def message():
        here = {"url": f"{simulator.url}/provision", "verify": False} | changes
        settings = ProvisionApiSettings(_env_file=None, **here)
        async with ProvisionApiClient.connect(settings) as api:
            return await story(api)

    return asyncio.run(message())


def test_a_device_is_provisioned_verified_and_renamed(own):
    async def story(acusight):
        token = await acusight.create_token("line 7", timedelta(days=7))
        device = await acusight.provision(token.token, DeviceInfo(device_id=DOCKER_ID))
        await acusight.rename(DOCKER_ID, "Camera 2")
        actions = await acusight.checkin(device.api_endpoint, device.api_key)
        return await acusight.device_self(device.api_endpoint, device.api_key), actions

    device, actions = at_acusight(own, story)

    assert (device.device_id, device.name, device.status) == (DOCKER_ID, "Camera 2", "approved")
    assert actions == []


def test_a_second_provisioning_is_reported_that_the_device_exists(own):
    async def story(acusight):
        token = await acusight.create_token("line 7", "never")
        first = await acusight.provision(token.token, DeviceInfo(device_id=DOCKER_ID))
        with pytest.raises(DeviceExists):
            await acusight.provision(token.token, DeviceInfo(device_id=DOCKER_ID))
        return first

    assert at_acusight(own, story).api_key


def test_never_and_the_default_differ_at_the_other_end_too(own):
    async def story(acusight):
        return await acusight.create_token("a", "never"), await acusight.create_token("b")

    never, default = at_acusight(own, story)

    assert never.expires_at is None
    assert default.expires_at - default.created_at == timedelta(days=30)


def test_a_revoked_token_admits_nobody_and_cannot_be_revoked_again(own):
    async def story(acusight):
        token = await acusight.create_token("line 7")
        await acusight.revoke_token(token.id)
        with pytest.raises(TokenInvalid):
            await acusight.provision(token.token, DeviceInfo(device_id=DOCKER_ID))
        with pytest.raises(Invalid):
            await acusight.revoke_token(token.id)
        return await acusight.tokens()

    (token,) = at_acusight(own, story)

    assert token.revoked_at


def test_what_acusight_does_not_know_is_distinguished(own):
    async def story(acusight):
        with pytest.raises(UnknownId):
            await acusight.rename("nobody", "x")
        token = await acusight.create_token("line 7")
        device = await acusight.provision(token.token, DeviceInfo(device_id=DOCKER_ID))
        with pytest.raises(Unauthorized):
            await acusight.device_self(device.api_endpoint, token.token)

    at_acusight(own, story)

    with pytest.raises(Unauthorized):
        at_acusight(own, lambda acusight: acusight.tokens(), token="wrong")


def test_a_device_is_registered_activated_revoked_and_listed(own):
    async def story(api):
        await api.health()
        await api.ready()
        new = NewDevice(tenant_id="tenant-a", device_id=DOCKER_ID, site_id="site-1")
        made = await api.create_device(new)
        activated = await api.activate("tenant-a", DOCKER_ID, made.activation_code)
        with pytest.raises(CodeSpent):
            await api.activate("tenant-a", DOCKER_ID, made.activation_code)
        rotated = await api.rotate_token("tenant-a", DOCKER_ID)
        await api.revoke("tenant-a", DOCKER_ID)
        listed = await api.devices(site_id="site-1", status="REVOKED")
        return activated.provision_token, rotated.new_provision_token, listed

    first, second, listed = at_provision_api(own, story)

    assert first != second
    assert [(device.device_id, device.token_set) for device in listed.devices] == [
        (DOCKER_ID, True)
    ]
    assert not listed.truncated


def test_an_integration_gets_its_route(own):
    async def story(api):
        hook = NewIntegration(tenant_id="tenant-a", name="hook", url="https://hook.test")
        made = await api.create_integration(hook)
        route = NewRoute(tenant_id="tenant-a", integration_id=made.integration_id, name="severe")
        routed = await api.create_route(route)
        hooks, routes = await api.integrations("tenant-a"), await api.routes("tenant-a")
        return made, routed, hooks, routes

    made, routed, hooks, routes = at_provision_api(own, story)

    assert (hooks.integrations, routes.routes) == ([made], [routed])
    assert routed.deliver_on == ["OPEN"]


def test_the_eleventh_call_of_a_minute_is_one_too_many(own):
    async def story(api):
        for _ in range(10):
            await api.devices()
        with pytest.raises(TooManyRequests) as refusal:
            await api.devices()
        return refusal.value

    assert at_provision_api(own, story).retry_after is None


def test_a_wrong_admin_key_is_refused(own):
    with pytest.raises(KeyRefused):
        at_provision_api(own, lambda api: api.devices(), admin_key="wrong")
