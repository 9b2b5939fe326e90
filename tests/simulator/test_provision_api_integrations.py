"""provision_api's integrations and routes, which upstream calls legacy."""

import re

import pytest

ANYTHING = "6f1c2f0e-0000-4000-8000-000000000009"


def add(api, **changes):
    body = {"tenant_id": "tenant-a", "name": "hook", "url": "https://a.invalid", **changes}
    return api.admin("POST", "integrations", body)


def add_route(api, integration=ANYTHING, **changes):
    body = {"tenant_id": "tenant-a", "integration_id": integration, "name": "route", **changes}
    return api.admin("POST", "integration-routes", body)


@pytest.fixture
def integration(api):
    """The id of an integration of tenant-a."""
    return add(api).json()["integration_id"]


def test_an_integration_is_made(api):
    reply = add(api, url="  not a url ", headers={"Authorization": "Bearer hush"})

    made = reply.json()
    assert reply.status_code == 200
    assert re.fullmatch(r"[0-9a-f-]{36}", made.pop("integration_id"))
    assert made.pop("created_at").endswith("+00:00")
    assert made == {
        "tenant_id": "tenant-a",
        "name": "hook",
        "type": "webhook",
        "enabled": True,
        "url": "not a url",
    }


def test_headers_are_never_reported_again(api):
    add(api, headers={"Authorization": "Bearer hush"})

    assert "headers" not in api.admin("GET", "integrations").json()[0]
    assert "hush" not in str(api.state())


@pytest.mark.parametrize("missing", ["tenant_id", "name", "url"])
def test_an_integration_wants_tenant_name_and_url(api, missing):
    assert add(api, **{missing: None}).status_code == 422


def test_the_documented_sample_of_an_integration_is_refused(api):
    body = {"tenant_id": "tenant-a", "name": "a", "integration_type": "webhook", "config": {}}

    assert api.admin("POST", "integrations", body).status_code == 422


def test_two_integrations_may_have_one_name_and_the_newest_is_first(api):
    made = [add(api).json() for _ in range(2)]

    listed = api.admin("GET", "integrations").json()

    assert listed == made[::-1]
    assert listed[0]["integration_id"] != listed[1]["integration_id"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"tenant_id": "tenant-b"}, ["c"]),
        ({"enabled": False}, ["b"]),
        ({"limit": 1}, ["c"]),
        ({"tenant_id": ""}, ["c", "b", "a"]),
        ({}, ["c", "b", "a"]),
    ],
)
def test_integrations_are_filtered(api, query, found):
    add(api, name="a")
    add(api, name="b", enabled=False)
    add(api, name="c", tenant_id="tenant-b")

    listed = api.admin("GET", "integrations", **query).json()

    assert [integration["name"] for integration in listed] == found


def test_a_route_is_made_with_all_that_was_said(api, integration):
    made = add_route(api, integration, min_severity=3, site_ids=["site-1"], color="red").json()

    assert re.fullmatch(r"[0-9a-f-]{36}", made.pop("route_id"))
    assert made.pop("created_at").endswith("+00:00")
    assert made == {
        "tenant_id": "tenant-a",
        "integration_id": integration,
        "name": "route",
        "enabled": True,
        "min_severity": 3,
        "alert_types": None,
        "site_ids": ["site-1"],
        "device_prefixes": None,
        "deliver_on": ["OPEN"],
        "priority": 100,
    }


@pytest.mark.parametrize(
    ("said", "record"),
    [
        (["CLOSED"], ["OPEN"]),
        (["OPEN", "CLOSED"], ["OPEN"]),
        (["OPEN", "OPEN"], ["OPEN"]),
        ([], ["OPEN"]),
        (["open"], ["OPEN"]),
        (None, ["OPEN"]),
    ],
)
def test_a_route_delivers_on_open_whatever_it_was_reported(api, integration, said, record):
    assert add_route(api, integration, deliver_on=said).json()["deliver_on"] == record


@pytest.mark.parametrize("odd", [{"name": None}, {"integration_id": "seven"}])
def test_a_route_wants_a_name_and_a_uuid(api, odd):
    assert add_route(api, **odd).status_code == 422


def test_a_route_to_another_tenants_integration_breaks_the_call(api, integration):
    for reply in (add_route(api, integration, tenant_id="tenant-b"), add_route(api)):
        assert (reply.status_code, reply.text) == (500, "Internal Server Error")

    assert api.admin("GET", "integration-routes").json() == []


def test_routes_are_listed_by_priority_and_then_the_newest_first(api, integration):
    for name, priority in (("a", 100), ("b", 5), ("c", 100)):
        add_route(api, integration, name=name, priority=priority)

    listed = api.admin("GET", "integration-routes").json()

    assert [route["name"] for route in listed] == ["b", "c", "a"]


def test_routes_are_filtered(api, integration):
    other = add(api).json()["integration_id"]
    add_route(api, integration, name="a")
    add_route(api, other, name="b", enabled=False)

    def names(**query):
        return [route["name"] for route in api.admin("GET", "integration-routes", **query).json()]

    assert names(integration_id=other) == ["b"]
    assert names(enabled=True) == ["a"]
    assert names(tenant_id="tenant-b") == []
    assert names(tenant_id="") == ["b", "a"]
    assert names(limit=1) == ["b"]


def test_integrations_outlive_the_process(start_provision_api, tmp_path):
    before = start_provision_api({"state": tmp_path / "state.db"})
    made = add_route(before, add(before).json()["integration_id"]).json()

    after = start_provision_api({"state": tmp_path / "state.db"})

    assert after.admin("GET", "integration-routes").json() == [made]
