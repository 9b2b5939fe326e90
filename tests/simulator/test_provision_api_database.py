"""provision_api's database: bare, migrated or down; and two that activate at once."""

import asyncio
import hashlib
import http.client
from urllib.parse import urlsplit

import httpx
import pytest

from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator

DEVICE = {"tenant_id": "tenant-a", "device_id": "dev-1", "site_id": "site-1"}


def text(**values):
    """A registration as text; a value may be what no JSON writer writes."""
    written = {"tenant_id": '"a"', "device_id": '"b"', "site_id": '"c"'} | values
    return "{" + ", ".join(f'"{key}": {value}' for key, value in written.items()) + "}"


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


def test_a_patched_database_lists_and_still_does_neither_revoke_nor_know_other_tenants(
    start_provision_api,
):
    api = start_provision_api(database="patched")
    api.register()

    assert [device["device_id"] for device in api.devices()] == ["dev-1"]
    assert broken(api.revoke())
    assert broken(api.admin("POST", "devices", {**DEVICE, "tenant_id": "tenant-b"}))
    assert broken(api.admin("GET", "integrations"))
    assert api.device()["status"] == "ACTIVE"


def test_a_service_stays_ready_after_its_database_went(api):
    api.control("provision_api/database", **{"is": "down"})

    assert api.call("GET", "ready").json() == {"status": "ready"}
    assert broken(api.admin("GET", "devices"))


def test_without_a_database_from_the_start_the_process_is_healthy_but_not_ready(
    start_provision_api,
):
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


NUL = "a\0b"
TOO_MUCH = {
    "a tenant with NUL": ("devices", {**DEVICE, "tenant_id": NUL}),
    "a device with NUL": ("devices", {**DEVICE, "device_id": NUL}),
    "a version with NUL": ("devices", {**DEVICE, "fw_version": NUL}),
    "metadata with NUL": ("devices", {**DEVICE, "metadata": {"a": [{NUL: 1}]}}),
    "an integration with NUL": ("integrations", {"tenant_id": "a", "name": NUL, "url": "b"}),
    "a header with NUL": (
        "integrations",
        {"tenant_id": "a", "name": "b", "url": "c", "headers": {"d": NUL}},
    ),
}


@pytest.mark.parametrize(("path", "body"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_postgresql_cannot_hold_breaks_the_call(api, path, body):
    assert broken(api.admin("POST", path, body))

    assert api.state()["devices"] == api.state()["integrations"] == []


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", r'"\ud800"'])
def test_metadata_that_is_no_json_of_postgresql_breaks_the_call(api, value):
    body = text(metadata=f'{{"d": {value}}}')

    assert broken(api.http.post("/provision/api/admin/devices", content=body, headers=api.key))


@pytest.mark.parametrize("field", ["min_severity", "priority"])
@pytest.mark.parametrize(("number", "fits"), [(2**31 - 1, True), (2**31, False), (-(2**31), True)])
def test_a_number_of_a_route_fits_in_four_bytes(api, field, number, fits):
    hook = {"tenant_id": "tenant-a", "name": "a", "url": "b"}
    made = api.admin("POST", "integrations", hook).json()["integration_id"]
    route = {"tenant_id": "tenant-a", "integration_id": made, "name": "a", field: number}

    reply = api.admin("POST", "integration-routes", route)

    assert reply.status_code == 200 if fits else broken(reply)


@pytest.mark.parametrize("value", ["NaN", r'"\ud800"'])
def test_a_refusal_that_cannot_repeat_what_it_was_sent_breaks_the_call(api, value):
    body = text(tenant_id=value)

    assert broken(api.http.post("/provision/api/admin/devices", content=body, headers=api.key))


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "devices", {"tenant_id": NUL}),
        ("GET", "devices", {"status": NUL}),
        ("GET", "integrations", {"tenant_id": NUL}),
        ("GET", "integration-routes", {"tenant_id": NUL}),
        ("POST", "devices/tenant-a/a%00b/revoke", {}),
        ("POST", "devices/tenant-a/a%00b/rotate-token", {}),
    ],
)
def test_a_nul_that_is_asked_for_breaks_the_call(api, method, path, query):
    assert broken(api.admin(method, path, **query))


def test_metadata_may_hold_a_number_of_any_size(start_provision_api, tmp_path):
    api = start_provision_api({"state": tmp_path / "state.db"})

    api.register(metadata={"a": 10**30, "b": 7})

    assert api.state()["devices"][0]["metadata"] == {"a": 1e30, "b": 7}


def test_after_a_crash_the_connection_is_closed_and_after_a_refusal_it_is_not():
    with RunningSimulator() as running:
        wire = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=5)
        key = {"X-Admin-Key": DEFAULT_ADMIN_KEY}

        def ask(path):
            wire.request("GET", f"/provision/api/admin/{path}", headers=key)
            reply = wire.getresponse()
            reply.read()
            return reply.status

        assert ask("nonsense") == 404
        assert ask("devices?tenant_id=%00") == 500
        wire.sock.settimeout(5)
        assert wire.sock.recv(1) == b""
        wire.close()
