"""Who provision_api lets in, how often, and how it refuses."""

import pytest

from simulator.provision_api.settings import DEFAULT_ADMIN_KEY

DEVICE = {"tenant_id": "tenant-a", "device_id": "dev-1", "site_id": "site-1"}
CALLS = [
    ("POST", "devices", DEVICE),
    ("GET", "devices", None),
    ("POST", "devices/tenant-a/dev-1/revoke", None),
    ("POST", "devices/tenant-a/dev-1/rotate-token", None),
    ("POST", "integrations", {"tenant_id": "tenant-a", "name": "a", "url": "b"}),
    ("GET", "integrations", None),
    (
        "POST",
        "integration-routes",
        {
            "tenant_id": "tenant-a",
            "integration_id": "6f1c2f0e-0000-4000-8000-000000000009",
            "name": "a",
        },
    ),
    ("GET", "integration-routes", None),
]


@pytest.fixture
def limited(start_provision_api):
    """A provision_api as it comes."""
    return start_provision_api()


def statuses(api, count, **headers):
    headers = headers or {"X-Admin-Key": DEFAULT_ADMIN_KEY}
    return [api.call("GET", "api/admin/devices", **headers).status_code for _ in range(count)]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("headers", [{}, {"X-Admin-Key": "wrong"}, {"X-Admin-Key": ""}])
def test_a_missing_key_and_a_wrong_one_are_the_same(api, method, path, body, headers):
    reply = api.call(method, f"api/admin/{path}", body, **headers)

    assert (reply.status_code, reply.json()) == (401, {"detail": "Unauthorized"})


def test_the_process_is_healthy_and_the_database_ready(api):
    assert api.call("GET", "health").json() == {"status": "ok"}
    assert api.call("GET", "ready").json() == {"status": "ready"}


@pytest.mark.parametrize("path", ["docs", "redoc", "openapi.json"])
def test_its_document_is_shown_to_everybody(api, path):
    reply = api.call("GET", path)

    assert reply.status_code == 200
    assert "/provision/openapi.json" in reply.text or "/api/admin/devices" in reply.json()["paths"]


def test_ten_calls_a_minute_are_admitted(limited):
    assert statuses(limited, 11) == [200] * 10 + [429]


def test_a_call_too_many_is_reported_no_time_to_wait(limited):
    statuses(limited, 10)

    reply = limited.admin("GET", "devices")

    assert reply.json() == {"detail": "Rate limit exceeded"}
    assert "retry-after" not in reply.headers


def test_the_window_slides(limited):
    statuses(limited, 1)
    limited.pass_time(30)
    statuses(limited, 9)
    limited.pass_time(29.999)
    assert statuses(limited, 1) == [429]

    limited.pass_time(0.001)

    assert statuses(limited, 2) == [200, 429]


def test_calls_too_many_do_not_prolong_the_wait(limited):
    statuses(limited, 10)
    limited.pass_time(59)
    statuses(limited, 20)
    limited.pass_time(1)

    assert statuses(limited, 10) == [200] * 10


def test_wrong_keys_use_up_the_share_of_the_right_one(limited):
    wrong = {"X-Admin-Key": "wrong"}

    assert statuses(limited, 12, **wrong) == [401] * 10 + [429] * 2
    assert statuses(limited, 1) == [429]


def test_malformed_calls_count_for_nothing(limited):
    for _ in range(20):
        assert limited.admin("GET", "devices", limit=0).status_code == 422

    assert statuses(limited, 10) == [200] * 10


def test_a_call_too_many_that_is_malformed_is_malformed(limited):
    statuses(limited, 10)

    assert limited.admin("POST", "devices", {}).status_code == 422


def test_devices_and_probes_are_not_limited(limited):
    statuses(limited, 10)

    for _ in range(20):
        assert limited.call("GET", "health").status_code == 200
        assert limited.call("GET", "ready").status_code == 200
        assert limited.activate("nonsense").status_code == 400
    limited.pass_time(60)

    assert statuses(limited, 10) == [200] * 10


def test_every_address_has_a_share_of_its_own(limited):
    statuses(limited, 10)
    limited.http._transport._app.client = ("192.0.2.7", 4711)

    assert statuses(limited, 11) == [200] * 10 + [429]


def test_the_limit_is_a_switch(start_provision_api):
    tight = start_provision_api(rate_calls=2, rate_seconds=5)
    loose = start_provision_api(rate_limit=False)

    assert statuses(tight, 3) == [200, 200, 429]
    tight.pass_time(5)
    assert statuses(tight, 1) == [200]
    assert statuses(loose, 50) == [200] * 50


def test_a_restart_forgets_who_called(start_provision_api, tmp_path):
    before = start_provision_api({"state": tmp_path / "state.db"})
    statuses(before, 11)

    after = start_provision_api({"state": tmp_path / "state.db"})

    assert statuses(after, 1) == [200]


def test_a_malformed_call_is_reported_what_it_said_before_its_key_is_seen(api):
    reply = api.call("POST", "api/admin/devices", {**DEVICE, "site_id": ""})

    assert reply.status_code == 422
    (fault,) = reply.json()["detail"]
    assert (fault["type"], fault["loc"], fault["input"]) == (
        "string_too_short",
        ["body", "site_id"],
        "",
    )


def test_a_malformed_activation_repeats_the_code(api):
    reply = api.call("POST", "api/device/activate", {"activation_code": "the-code"})

    faults = reply.json()["detail"]
    assert [fault["loc"][-1] for fault in faults] == ["tenant_id", "device_id"]
    assert all(fault["input"] == {"activation_code": "the-code"} for fault in faults)


@pytest.mark.parametrize("missing", [*DEVICE])
def test_tenant_device_and_site_are_required(api, missing):
    body = {key: value for key, value in DEVICE.items() if key != missing}

    assert api.admin("POST", "devices", body).status_code == 422


@pytest.mark.parametrize("limit", [0, -1, 1001, "many"])
def test_a_list_is_of_one_to_a_thousand(api, limit):
    assert api.admin("GET", "devices", limit=limit).status_code == 422


def test_a_body_is_read_though_its_type_is_not_reported(api):
    reply = api.http.post(
        "/provision/api/device/activate",
        content=b'{"tenant_id": "a", "device_id": "b", "activation_code": "c"}',
    )

    assert reply.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "devices/tenant-a/dev-1", 404, "Not Found"),
        ("DELETE", "devices", 405, "Method Not Allowed"),
        ("GET", "devices/tenant-a/dev-1/revoke", 405, "Method Not Allowed"),
    ],
)
def test_what_does_not_exist_is_not_served(api, method, path, status, detail):
    reply = api.admin(method, path)

    assert (reply.status_code, reply.json()) == (status, {"detail": detail})
