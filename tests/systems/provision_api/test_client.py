"""What is sent to provision_api, what is made of its replies, and what its errors mean."""

import json
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from systems.provision_api.wire import NewDevice, NewRoute
from systems.shared.errors import (
    CodeExpired,
    CodeInvalid,
    CodeSpent,
    DatabaseFailed,
    Invalid,
    KeyRefused,
    NotJson,
    NotReady,
    Refused,
    TooManyRequests,
    Unanswered,
)
from tests.systems.provision_api.asking import (
    ADMIN_KEY,
    CALLS,
    CODE,
    DEVICE,
    HOOK,
    HOOK_KEY,
    OF_NOBODY,
    PROVISION_API,
)
from tests.systems.shared.calls import replying

pytestmark = pytest.mark.usefixtures("unhurried")

TOKEN = "tok--0123-abcd"
AT = "2026-03-09T12:30:15.000123+00:00"
INSTANT = datetime(2026, 3, 9, 12, 30, 15, 123, tzinfo=UTC)
IDS = {"tenant_id": "tenant-a", "device_id": "dev-001"}
WHERE = IDS | {"site_id": "site-1"}
LISTED = WHERE | {"status": "ACTIVE", "provisioned_at": AT, "fw_version": None, "token_set": True}
HOOKED = {
    "tenant_id": "tenant-a",
    "integration_id": "0b1e",
    "name": "legacy-webhook",
    "type": "webhook",
    "enabled": True,
    "url": "https://hook.test/in",
    "created_at": AT,
}
ROUTED = {
    "tenant_id": "tenant-a",
    "route_id": "7",
    "integration_id": "0b1e",
    "name": "severe",
    "enabled": True,
    "min_severity": 3,
    "alert_types": None,
    "site_ids": ["site-1"],
    "device_prefixes": [],
    "deliver_on": ["OPEN"],
    "priority": 100,
    "created_at": AT,
}
REPLIES = {
    "health": {"status": "ok"},
    "ready": {"status": "ready"},
    "create_device": WHERE | {"activation_code": CODE, "expires_at": AT},
    "devices": [LISTED],
    "revoke": {"ok": True},
    "rotate_token": IDS | {"new_provision_token": TOKEN},
    "activate": IDS | {"provision_token": TOKEN},
    "create_integration": HOOKED,
    "integrations": [HOOKED],
    "create_route": ROUTED,
    "routes": [ROUTED],
}
QUERIES = {"devices": "limit=1000", "integrations": "limit=200", "routes": "limit=200"}
HEADERS = {"Authorization": HOOK_KEY}
BODIES = {
    "create_device": WHERE,
    "activate": IDS | {"activation_code": CODE},
    # What the page asks for and what the service does, at once.
    "create_integration": {
        "tenant_id": "tenant-a",
        "name": "legacy-webhook",
        "enabled": True,
        "url": "https://hook.test/in",
        "headers": HEADERS,
        "integration_type": "webhook",
        "config": {"url": "https://hook.test/in", "headers": HEADERS},
    },
    "create_route": {
        "tenant_id": "tenant-a",
        "integration_id": "0b1e",
        "name": "severe",
        "enabled": True,
        "min_severity": 3,
        "deliver_on": ["OPEN"],
        "priority": 100,
    },
}


def sent(name):
    return PROVISION_API.sent(name, REPLIES[name])


def made_of(name, reply=None):
    return PROVISION_API.ask(CALLS[name][2], replying(reply or REPLIES[name]))


def query(call):
    """The query of a list call, and what it makes of an empty list."""
    made = []

    def answer(request):
        made.append(dict(request.url.params))
        return httpx.Response(200, json=[])

    PROVISION_API.ask(call, answer)
    return made[0]


def refusal(name, answer):
    (error,) = PROVISION_API.errors(answer, name).values()
    return error


@pytest.mark.parametrize("name", CALLS)
def test_a_call_sends_its_documented_request_and_nothing_else(name):
    request = sent(name)

    method, path, _ = CALLS[name]
    assert request.method == method
    assert request.url.raw_path.decode() == path + (f"?{QUERIES[name]}" if name in QUERIES else "")
    assert json.loads(request.content or "null") == BODIES.get(name)


@pytest.mark.parametrize("name", CALLS)
def test_the_key_is_shown_by_an_administrator_alone(name):
    headers = sent(name).headers

    assert headers.get("X-Admin-Key") == (None if name in OF_NOBODY else ADMIN_KEY)
    assert "Authorization" not in headers


def test_it_may_live_below_a_path():
    request = PROVISION_API.sent("health", REPLIES["health"], url="http://127.0.0.1/provision")

    assert str(request.url) == "http://127.0.0.1/provision/health"


def test_health_and_readiness_say_nothing_when_all_is_well():
    assert made_of("health") is None
    assert made_of("ready") is None


def test_a_device_is_registered_with_all_that_is_known_of_it():
    device = NewDevice(**WHERE, fw_version="1.2", metadata={"line": 7})
    made = []

    def answer(request):
        made.append(json.loads(request.content))
        return httpx.Response(200, json=REPLIES["create_device"])

    PROVISION_API.ask(lambda api: api.create_device(device), answer)

    assert made == [WHERE | {"fw_version": "1.2", "metadata": {"line": 7}}]


@pytest.mark.parametrize("name", WHERE)
def test_an_empty_id_is_refused_before_anything_is_asked(name):
    with pytest.raises(ValidationError):
        NewDevice(**(WHERE | {name: ""}))


def test_a_registered_device_has_a_code_that_expires():
    made = made_of("create_device")

    assert made.activation_code.get_secret_value() == CODE
    assert (made.tenant_id, made.device_id, made.site_id) == tuple(WHERE.values())
    assert made.expires_at == INSTANT


def test_devices_are_listed():
    (device,) = made_of("devices").devices

    assert device.model_dump() == LISTED | {"provisioned_at": INSTANT}


def test_what_is_asked_for_is_asked_for_exactly():
    asked = query(lambda api: api.devices(tenant_id="t", site_id="s", status="ACTIVE", limit=5))
    hooks = query(lambda api: api.integrations(tenant_id="t", enabled=False, limit=5))
    routes = query(lambda api: api.routes(tenant_id="t", integration_id="i", enabled=True, limit=5))

    assert asked == {"tenant_id": "t", "site_id": "s", "status": "ACTIVE", "limit": "5"}
    assert hooks == {"tenant_id": "t", "enabled": "false", "limit": "5"}
    assert routes == {"tenant_id": "t", "integration_id": "i", "enabled": "true", "limit": "5"}


@pytest.mark.parametrize(("count", "truncated"), [(0, False), (2, False), (3, True), (4, True)])
def test_a_list_as_long_as_its_limit_may_be_cut_and_says_so(count, truncated):
    def cut(call, listed):
        return PROVISION_API.ask(call, replying([listed] * count)).truncated

    assert cut(lambda api: api.devices(limit=3), LISTED) == truncated
    assert cut(lambda api: api.integrations(limit=3), HOOKED) == truncated
    assert cut(lambda api: api.routes(limit=3), ROUTED) == truncated


def test_a_token_is_reported_once_by_activation_and_by_rotation():
    assert made_of("activate").provision_token.get_secret_value() == TOKEN
    assert made_of("rotate_token").new_provision_token.get_secret_value() == TOKEN


def test_a_token_is_not_lost_because_all_else_is_missing():
    activated = made_of("activate", {"provision_token": TOKEN})

    assert activated.provision_token.get_secret_value() == TOKEN
    assert activated.device_id == ""


@pytest.mark.parametrize("token", ["", None])
def test_a_token_that_is_missing_is_not_what_was_promised(token):
    error = refusal("activate", replying(IDS | {"provision_token": token}))

    assert type(error) is NotJson
    assert error.outcome_unknown


def test_integrations_and_routes_are_what_the_service_made_of_them():
    assert made_of("create_integration").model_dump() == HOOKED | {"created_at": INSTANT}
    assert made_of("integrations").integrations == [made_of("create_integration")]
    routed = ROUTED | {"created_at": INSTANT, "alert_types": []}
    assert made_of("create_route").model_dump() == routed
    assert made_of("routes").routes == [made_of("create_route")]


def test_a_route_has_all_that_the_service_knows():
    every = {
        "tenant_id": "t",
        "integration_id": "i",
        "name": "n",
        "enabled": False,
        "min_severity": 1,
        "alert_types": ["a"],
        "site_ids": ["s"],
        "device_prefixes": ["d"],
        "deliver_on": ["OPEN"],
        "priority": 5,
    }

    assert NewRoute(**every).body() == every


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("Invalid activation code", CodeInvalid),
        ("Activation code already used", CodeSpent),
        ("Activation code expired", CodeExpired),
        (f"in-the-body {CODE}", Refused),
        ([CODE], Refused),
        (None, Refused),
    ],
)
def test_an_activation_is_refused_for_a_reason_of_its_own(detail, kind):
    error = refusal("activate", replying({"detail": detail}, 400))

    remedy = f". {kind.remedy}" if kind.remedy else ""
    assert type(error) is kind
    assert str(error) == f"POST /api/device/activate: 400 Bad Request{remedy}"


def test_a_422_shows_nothing_of_the_code_that_it_repeats():
    item = {"loc": ["body", "device_id"], "msg": "Field required", "input": {"code": CODE}}

    error = refusal("activate", replying({"detail": [item]}, 422))

    assert type(error) is Invalid
    assert str(error) == f"POST /api/device/activate: 422 Unprocessable Entity. {Invalid.remedy}"


def test_a_500_in_plain_text_leaves_it_unknown_what_happened():
    error = refusal("create_device", lambda _: httpx.Response(500, text=f"in-the-body {CODE}"))

    assert type(error) is DatabaseFailed
    assert error.outcome_unknown
    assert error.problem == "POST /api/admin/devices: 500 Internal Server Error"


def test_a_wrong_key_is_reported_as_one():
    error = refusal("devices", replying({"detail": "Unauthorized"}, 401))

    assert type(error) is KeyRefused
    assert str(error).endswith("401 Unauthorized. Check the key: it may be wrong or revoked")


def test_what_is_not_ready_says_so_and_may_be_soon():
    error = refusal("ready", replying({"detail": "not_ready"}, 503))

    assert type(error) is NotReady
    assert error.may_pass
    assert not error.outcome_unknown


def test_another_503_is_no_answer():
    assert type(refusal("ready", lambda _: httpx.Response(503, text="busy"))) is Unanswered


NOW = "Mon, 09 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "42"}, timedelta(seconds=42)),
        ({"Retry-After": " 0 "}, timedelta()),
        ({"Retry-After": "Mon, 09 Mar 2026 12:01:30 GMT", "Date": NOW}, timedelta(seconds=90)),
        ({"Retry-After": "Mon, 09 Mar 2026 11:00:00 GMT", "Date": NOW}, timedelta()),
        ({"Retry-After": "Mon, 09 Mar 2026 12:01:30 GMT"}, None),
        ({"Retry-After": "Mon, 09 Mar 2026 12:01:30 -0000", "Date": NOW}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon", "Date": NOW}, None),
        ({"Retry-After": "9" * 5000}, None),
    ],
)
def test_too_many_requests_may_say_how_long_to_wait(headers, wait):
    limited = replying({"detail": "Rate limit exceeded"}, 429, **headers)

    error = refusal("devices", limited)

    assert type(error) is TooManyRequests
    assert error.retry_after == wait
    assert str(error) == "GET /api/admin/devices: 429 Too Many Requests"


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126))


@given(printable, st.just(NOW) | printable)
def test_whatever_a_429_says_it_is_too_many_requests(wait, date):
    limited = replying({}, 429, **{"Retry-After": wait, "Date": date})

    assert type(refusal("devices", limited)) is TooManyRequests


def test_no_secret_is_shown_by_what_holds_it():
    found = [made_of(name) for name in CALLS]

    shown = f"{found!r} {found} {HOOK!r} {HOOK} {HOOK.model_dump_json()} {DEVICE!r}"
    assert not [secret for secret in (CODE, TOKEN, HOOK_KEY) if secret in shown]


def test_no_log_of_any_level_shows_a_secret(caplog):
    caplog.set_level(logging.DEBUG)

    for name in CALLS:
        made_of(name)
        PROVISION_API.errors(replying({"detail": [{"input": CODE}]}, 422), name)

    assert not [secret for secret in (ADMIN_KEY, CODE, TOKEN, HOOK_KEY) if secret in caplog.text]
