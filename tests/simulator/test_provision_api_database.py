"""provision_api's database: bare, migrated or down; and two that activate at once."""

import asyncio
import hashlib

import httpx
import pytest

DEVICE = {"tenant_id": "tenant-a", "device_id": "dev-1", "site_id": "site-1"}


def broken(reply):
    assert reply.headers["content-type"].startswith("text/plain")
    return (reply.status_code, reply.text) == (500, "Internal Server Error")


@pytest.fixture
def migrated(start_provision_api):
    """A provision_api on the database that its own migrations make."""
    return start_provision_api(database="migrated")


def test_a_migrated_database_wants_to_know_the_tenant(migrated):
    assert migrated.register()["activation_code"]
    assert broken(migrated.admin("POST", "devices", {**DEVICE, "tenant_id": "tenant-b"}))


def test_a_migrated_database_cannot_list(migrated):
    assert broken(migrated.admin("GET", "devices"))


def test_a_migrated_database_can_only_revoke_nobody(migrated):
    code = migrated.register()["activation_code"]

    assert broken(migrated.revoke())
    assert migrated.revoke("nobody").json() == {"ok": True}
    assert migrated.activate(code).status_code == 200
    assert migrated.rotate().status_code == 200


@pytest.mark.parametrize("path", ["integrations", "integration-routes"])
def test_a_migrated_database_knows_no_integrations(migrated, path):
    assert broken(migrated.admin("GET", path))


def test_even_a_bare_database_can_be_without_integrations(start_provision_api):
    api = start_provision_api(integration_tables=False)
    body = {"tenant_id": "tenant-a", "name": "a", "url": "b"}

    assert broken(api.admin("GET", "integrations"))
    assert broken(api.admin("POST", "integrations", body))
    assert api.devices() == []


def test_a_call_the_database_breaks_counts_all_the_same(migrated):
    replies = [migrated.admin("GET", "devices").status_code for _ in range(11)]

    assert replies == [500] * 10 + [429]


def test_without_a_database_the_process_is_healthy_but_not_ready(start_provision_api):
    api = start_provision_api(database="down")

    assert api.call("GET", "health").status_code == 200
    ready = api.call("GET", "ready")
    assert (ready.status_code, ready.json()) == (503, {"detail": "not_ready"})
    assert broken(api.admin("POST", "devices", DEVICE))
    assert broken(api.admin("GET", "devices"))
    assert broken(api.revoke())
    assert broken(api.rotate())
    assert broken(api.activate("nonsense"))


def test_without_a_database_a_wrong_key_is_still_wrong(start_provision_api):
    api = start_provision_api(database="down")

    assert api.call("GET", "api/admin/devices").status_code == 401


def test_the_database_can_go_and_come_back(api):
    code = api.register()["activation_code"]

    api.control("provision_api/database", **{"is": "down"})
    assert broken(api.activate(code))
    api.control("provision_api/database", **{"is": "bare"})

    assert api.activate(code).status_code == 200


def at_once(api, code, times):
    """Activate one code so many times in parallel, within the app itself."""

    async def activate():
        transport = httpx.ASGITransport(api.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://a.test") as http:
            body = {"tenant_id": "tenant-a", "device_id": "dev-1", "activation_code": code}
            calls = (http.post("/provision/api/device/activate", json=body) for _ in range(times))
            return await asyncio.gather(*calls)

    return asyncio.run(activate())


def test_of_parallel_activations_one_succeeds(api):
    code = api.register()["activation_code"]

    replies = at_once(api, code, 6)

    assert sorted(reply.status_code for reply in replies) == [200] + [400] * 5


def test_with_a_gap_parallel_activations_all_succeed_and_the_last_token_works(start_provision_api):
    api = start_provision_api(activation_gap_seconds=0.05)
    code = api.register()["activation_code"]

    replies = at_once(api, code, 6)

    tokens = {reply.json()["provision_token"] for reply in replies if reply.status_code == 200}
    digests = {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
    state = api.state()
    assert len(tokens) == 6
    assert digests == {row["token_hash"] for row in state["tokens"]}
    assert state["devices"][0]["token_hash"] == state["tokens"][-1]["token_hash"]
    assert api.observation("calls")["activations"] == {"tenant-a/dev-1": 6}
