"""What is sent to Acusight, what is made of its replies, and what its error codes mean."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import SecretStr
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from fleet.text.settings import UnusableSettings
from systems.acusight.wire import DeviceInfo
from systems.shared.errors import (
    ApiError,
    BadAddress,
    Contradictory,
    DeviceExists,
    Forbidden,
    Invalid,
    KeyRefused,
    NotFound,
    NotJson,
    Refused,
    TokenExpired,
    TokenInvalid,
    Unanswered,
    Unauthorized,
    UnknownId,
)
from tests.laws import SAME_FIXTURES, met
from tests.systems.acusight.asking import (
    ACUSIGHT,
    CALLS,
    ENDPOINT,
    ID,
    INFO,
    JWT,
    KEY,
    OF_DEVICE,
    OF_USER,
    TOKEN,
)
from tests.systems.shared.calls import replying

pytestmark = pytest.mark.usefixtures("unhurried")

DOCUMENT = yaml.safe_load(Path(__file__).with_name("acusight-openapi.yaml").read_text("utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
REGISTRY = Registry().with_resource("urn:acusight", DRAFT202012.create_resource(DOCUMENT))

EDGE_KEY = "eyJhbGci-edge"
AT = "2026-03-09T12:30:15Z"
PROVISIONED = {
    "device_id": ID,
    "endpoint_id": ID,
    "api_key": KEY,
    "api_endpoint": "https://api.acusight.io",
    "edge_key": EDGE_KEY,
    "portainer_endpoint_id": 5,
}
NEW_TOKEN = {
    "id": "0b1e",
    "name": "line 7",
    "token": TOKEN,
    "single_use": True,
    "created_at": AT,
    "expires_at": None,
    "setup_command": f"curl -sSL https://acusight.io/setup | sh -s -- {TOKEN}",
}
LISTED = {
    "id": "0b1e",
    "name": "line 7",
    "single_use": True,
    "use_count": 1,
    "created_at": AT,
    "expires_at": None,
    "last_used_at": AT,
    "revoked_at": AT,
}
SELF = {
    "device_id": ID,
    "endpoint_id": ID,
    "organization_id": 12,
    "status": "approved",
    "name": "Edge Camera 1",
}
DATA = {
    "provision": PROVISIONED,
    "create_token": NEW_TOKEN,
    "tokens": [LISTED],
    "revoke_token": {"id": "0b1e", "revoked_at": AT},
    "organization": {"id": 12, "name": "Plant Seven", "slug": "plant-seven"},
    "rename": SELF,
    "device_self": SELF,
    "checkin": {"actions": [{"id": 7}, {"id": "act_8", "type": "reboot"}]},
}
BODIES = {
    "provision": {"token": TOKEN, "device_info": INFO.model_dump()},
    "create_token": {"name": "line 7", "single_use": True, "expires_in_days": 7},
    "rename": {"name": "Camera 2"},
    "checkin": {"status": "degraded", "metrics": {"cpu": 0.5}},
}


def document(ref):
    """The validator of a part of the OpenAPI document, given by its path there."""
    return Draft202012Validator({"$ref": f"urn:acusight#{ref}"}, registry=REGISTRY)


REQUEST = document("/components/schemas/handlers.ProvisionDeviceRequest")
CREATED_REPLY = document(
    "/paths/~1devices~1provision/post/responses/201/content/application~1json/schema"
)
ANY_REPLY = document("/components/schemas/types.APIResponse")


def enveloped(data):
    return {"success": True, "data": data, "meta": {"count": 1}}


def failed(code, **more):
    error = {"code": code, "message": f"in-the-body {TOKEN}", "details": KEY}
    return {"success": False, "error": error} | more


def sent(name):
    return ACUSIGHT.sent(name, enveloped(DATA[name]))


def made_of(name, reply, status=200):
    return ACUSIGHT.ask(CALLS[name][2], replying(reply, status))


def refusal(name, reply, status):
    (error,) = ACUSIGHT.errors(replying(reply, status), name).values()
    return error


def body_of(call):
    """The JSON that a call of no name sends."""
    made = []

    def answer(request):
        made.append(json.loads(request.content))
        return httpx.Response(201, json=enveloped(PROVISIONED | NEW_TOKEN))

    ACUSIGHT.ask(call, answer)
    return made[0]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_sends_its_documented_request_and_nothing_else(name):
    request = sent(name)

    method, path, _ = CALLS[name]
    assert request.method == method
    assert str(request.url) == (path if name in OF_DEVICE else f"https://acusight.test/api{path}")
    assert json.loads(request.content or "null") == BODIES.get(name)


@pytest.mark.parametrize("name", CALLS)
def test_a_credential_goes_where_it_belongs_and_nowhere_else(name):
    headers = sent(name).headers

    assert headers.get("Authorization") == (f"Bearer {JWT}" if name in OF_USER else None)
    assert headers.get("X-Device-Key") == (KEY if name in OF_DEVICE else None)


def test_what_provisioning_sends_is_of_the_document():
    body = json.loads(sent("provision").content)

    REQUEST.validate(body)
    assert (
        body["device_info"].keys()
        == SCHEMAS["handlers.ProvisionDeviceInfoInput"]["properties"].keys()
    )


words = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.builds(
        DeviceInfo,
        device_id=words.filter(bool),
        **dict.fromkeys(
            ["name", "hardware_id", "ip_address", "mac_address", "agent_version"],
            st.none() | words,
        ),
    )
)
def test_whatever_a_device_is_it_is_described_as_the_document_says(device):
    info = device.body()

    REQUEST.validate({"token": TOKEN, "device_info": info})
    assert DeviceInfo(**info) == device


def test_what_is_not_known_of_a_device_is_not_sent():
    sent = body_of(lambda a: a.provision(SecretStr(TOKEN), DeviceInfo(device_id="d1")))

    assert sent == {"token": TOKEN, "device_info": {"device_id": "d1"}}


def test_our_samples_are_replies_of_the_document():
    CREATED_REPLY.validate(enveloped(PROVISIONED))
    ANY_REPLY.validate(failed("DEVICE_EXISTS"))
    assert PROVISIONED.keys() == SCHEMAS["handlers.ProvisionDeviceResponse"]["properties"].keys()
    assert not CREATED_REPLY.is_valid(enveloped(PROVISIONED | {"api_key": 7}))


def test_the_example_of_the_document_is_understood():
    properties = SCHEMAS["handlers.ProvisionDeviceResponse"]["properties"]
    example = {name: each["example"] for name, each in properties.items()}

    device = made_of("provision", enveloped(example), 201)

    assert device.api_key.get_secret_value() == "adk_xyz789..."
    assert (device.device_id, device.endpoint_id) == ("docker-abc123", "docker-abc123")
    assert device.portainer_endpoint_id == "5"


@pytest.mark.parametrize("wrapped", [enveloped, lambda data: data], ids=["envelope", "bare"])
def test_a_provisioned_device_has_its_keys(wrapped):
    device = made_of("provision", wrapped(PROVISIONED), 201)

    assert device.api_key.get_secret_value() == KEY
    assert device.edge_key.get_secret_value() == EDGE_KEY
    assert device.api_endpoint == "https://api.acusight.io"


def test_a_key_is_not_lost_because_all_else_is_missing():
    device = made_of("provision", {"data": {"api_key": KEY, "name": None, "edge_key": None}}, 201)

    assert device.api_key.get_secret_value() == KEY
    assert (device.device_id, device.api_endpoint, device.edge_key) == ("", "", None)


@pytest.mark.parametrize(
    "data", [None, {}, [], {"api_key": None}, {"api_key": ""}], ids=["null", "{}", "[]", "no", '""']
)
def test_a_provisioned_device_without_a_key_is_not_what_was_promised(data):
    error = refusal("provision", enveloped(data), 201)

    assert type(error) is NotJson
    assert error.outcome_unknown


@pytest.mark.parametrize("reply", [{"success": True}, {"success": True, "data": None}, []])
def test_without_data_there_are_no_tokens(reply):
    assert made_of("tokens", reply) == []


@pytest.mark.parametrize("wrapped", [enveloped, lambda data: data], ids=["envelope", "bare"])
def test_tokens_are_listed_without_themselves(wrapped):
    (token,) = made_of("tokens", wrapped([LISTED]))

    assert (token.id, token.name, token.use_count) == ("0b1e", "line 7", 1)
    assert token.revoked_at == token.last_used_at == datetime(2026, 3, 9, 12, 30, 15, tzinfo=UTC)
    assert token.expires_at is None


def test_a_new_token_is_reported_with_its_setup_command():
    made = made_of("create_token", enveloped(NEW_TOKEN), 201)

    assert made.token.get_secret_value() == TOKEN
    assert TOKEN in made.setup_command.get_secret_value()
    assert made.single_use


@pytest.mark.parametrize(
    ("lifetime", "field"),
    [
        ("default", {}),
        ("never", {"expires_in_days": None}),
        (timedelta(days=90), {"expires_in_days": 90}),
    ],
    ids=str,
)
def test_never_and_the_default_lifetime_are_sent_differently(lifetime, field):
    sent = body_of(lambda acusight: acusight.create_token("line 7", lifetime))

    assert sent == {"name": "line 7", "single_use": False} | field


@pytest.mark.parametrize(
    "lifetime", [timedelta(), timedelta(days=-1), timedelta(hours=36), timedelta(seconds=1)]
)
def test_a_token_lives_for_whole_days(lifetime):
    with pytest.raises(ValueError, match="whole days"):
        body_of(lambda acusight: acusight.create_token("line 7", lifetime))


@pytest.mark.parametrize("wrapped", [enveloped, lambda data: data], ids=["envelope", "bare"])
def test_a_device_is_reported_about_itself(wrapped):
    device = made_of("device_self", wrapped(SELF))

    assert (device.device_id, device.status, device.organization_id) == (ID, "approved", "12")


def test_actions_have_ids_of_either_kind():
    assert [each.id for each in made_of("checkin", enveloped(DATA["checkin"]))] == ["7", "act_8"]


@pytest.mark.parametrize(
    "reply",
    [
        {"success": True, "pending_actions": []},
        {"success": True, "data": None},
        {"success": True, "data": {"actions": None}},
        {},
    ],
)
def test_without_actions_there_is_nothing_to_do(reply):
    assert made_of("checkin", reply) == []


@pytest.mark.parametrize("wrapped", [enveloped, lambda data: data], ids=["envelope", "bare"])
def test_a_user_is_reported_which_organization_it_is_of(wrapped):
    found = made_of("organization", wrapped(DATA["organization"]))

    assert (found.id, found.name, found.slug) == ("12", "Plant Seven", "plant-seven")


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("name", ["revoke_token", "rename"])
def test_what_has_no_answer_to_read_is_done(name, status):
    assert ACUSIGHT.ask(CALLS[name][2], lambda _: httpx.Response(status)) is None


@pytest.mark.parametrize(
    ("message", "base"),
    [
        ("https://api.acusight.io", "https://api.acusight.io/api"),
        ("https://acusight.io/", "https://acusight.io/api"),
        ("https://acusight.io/api", "https://acusight.io/api"),
        ("http://192.168.1.9:8080/api/", "http://192.168.1.9:8080/api"),
        ("http://127.0.0.1:8020/acusight", "http://127.0.0.1:8020/acusight/api"),
        (" http://[::1]:8020/acusight/api ", "http://[::1]:8020/acusight/api"),
        ("https://user:adk_4567cdef@acusight.io/?key=adk_4567cdef#x", "https://acusight.io/api"),
        ("", "https://acusight.test/api"),
    ],
)
def test_a_device_asks_where_it_was_reported_to(message, base):
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(200, json=enveloped(SELF))

    ACUSIGHT.ask(lambda a: a.device_self(message, SecretStr(KEY)), answer)
    ACUSIGHT.ask(lambda a: a.checkin(message, SecretStr(KEY)), answer)

    assert asked == [f"{base}/device/self", f"{base}/device/checkin"]


@pytest.mark.parametrize(
    "message",
    [
        "acusight.io",
        "acusight.io:8080/api",
        "ftp://acusight.io",
        "http://",
        "http://h:99999",
        "http://»",
        "http://\x00",
    ],
)
def test_an_endpoint_that_is_none_is_not_asked(message):
    with pytest.raises(BadAddress) as refused:
        ACUSIGHT.ask(
            lambda a: a.device_self(message, SecretStr(KEY)), lambda _: pytest.fail("asked")
        )

    assert str(refused.value).startswith("/device/self: its endpoint is not an http(s) address")


@pytest.mark.parametrize(
    ("device_id", "segment"),
    [("..", "%2E%2E"), (".", "%2E"), ("a?b#c", "a%3Fb%23c"), ("../x", "..%2Fx"), ("a b", "a%20b")],
)
def test_no_id_leads_to_another_path(device_id, segment):
    asked = []

    def answer(request):
        asked.append(request.url.raw_path.decode())
        return httpx.Response(204)

    ACUSIGHT.ask(lambda acusight: acusight.rename(device_id, "x"), answer)

    assert asked == [f"/api/core/devices/{segment}"]


@pytest.mark.parametrize(
    ("name", "status", "code", "kind"),
    [
        ("provision", 400, "VALIDATION_ERROR", Invalid),
        ("provision", 401, "INVALID_TOKEN", TokenInvalid),
        ("provision", 401, "TOKEN_EXPIRED", TokenExpired),
        ("provision", 409, "DEVICE_EXISTS", DeviceExists),
        ("provision", 400, "DEVICE_EXISTS", DeviceExists),
        ("provision", 200, "TOKEN_EXPIRED", TokenExpired),
        ("provision", 401, "ANOTHER", Unauthorized),
        ("provision", 409, "ANOTHER", DeviceExists),
        ("provision", 409, "", DeviceExists),
        ("provision", 409, None, DeviceExists),
        ("provision", 409, "VALIDATION_ERROR", Invalid),
        ("rename", 409, "ANOTHER", Refused),
        ("provision", 403, "", Forbidden),
        ("provision", 500, "ANOTHER", Unanswered),
        ("provision", 201, "ANOTHER", Contradictory),
        ("create_token", 400, "VALIDATION_ERROR", Invalid),
        ("create_token", 401, "INVALID_TOKEN", Unauthorized),
        ("tokens", 401, "TOKEN_EXPIRED", Unauthorized),
        ("revoke_token", 400, "VALIDATION_ERROR", Invalid),
        ("revoke_token", 404, "NOT_FOUND", UnknownId),
        ("revoke_token", 200, "", Contradictory),
        ("rename", 404, "NOT_FOUND", UnknownId),
        ("rename", 404, "", NotFound),
        ("rename", 200, None, Contradictory),
        ("device_self", 401, "INVALID_TOKEN", KeyRefused),
        ("checkin", 401, "TOKEN_EXPIRED", KeyRefused),
    ],
)
def test_an_error_is_what_its_code_says_and_says_nothing_of_the_body(name, status, code, kind):
    error = refusal(name, failed(code, data={"token": TOKEN}), status)

    reason = f"{status} {httpx.codes.get_reason_phrase(status)}"
    assert type(error) is kind
    assert str(error) == f"{ACUSIGHT.called(name)}: {reason}" + (
        f". {kind.remedy}" if kind.remedy else ""
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html>Conflict</html>", b'{"error":', b"\xff", b"[]", b"{}"]
)
def test_a_conflict_in_provisioning_is_a_lost_key_whatever_its_body(body):
    error = next(
        iter(ACUSIGHT.errors(lambda _: httpx.Response(409, content=body), "provision").values())
    )

    assert type(error) is DeviceExists
    assert error.key_lost


@pytest.mark.parametrize(
    "reply",
    [
        {"success": False},
        {"success": "false"},
        {"error": "in-the-body"},
        {"error": ["in-the-body"]},
        {"success": True, "error": {"code": ["in-the-body"]}},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", CALLS)
def test_a_success_that_says_it_failed_is_none(name, reply):
    error = refusal(name, reply | {"data": DATA[name]}, 200)

    assert type(error) is Contradictory
    assert error.outcome_unknown
    assert "in-the-body" not in str(error)


@pytest.mark.parametrize("error", [None, {}, ""], ids=repr)
def test_an_error_that_holds_nothing_is_none(error):
    assert made_of("tokens", {"success": True, "data": [LISTED], "error": error})


def test_no_secret_is_shown_by_what_holds_it():
    for name in met(CALLS):
        found = made_of(name, enveloped(DATA[name]))

        dumped = found.model_dump_json() if hasattr(found, "model_dump_json") else ""
        shown = f"{found!r} {found} {dumped}"
        assert not [secret for secret in (TOKEN, KEY, EDGE_KEY) if secret in shown]


def test_no_log_of_any_level_shows_a_secret(caplog):
    caplog.set_level(logging.DEBUG)

    for name in CALLS:
        made_of(name, enveloped(DATA[name]))
        ACUSIGHT.errors(replying(failed("DEVICE_EXISTS"), 409), name)

    assert not [secret for secret in (JWT, TOKEN, KEY, EDGE_KEY) if secret in caplog.text]


@pytest.mark.parametrize("message", ["", None])
def test_a_provisioning_token_need_not_be_given(message):
    assert ACUSIGHT.settings(provisioning_token=message).provisioning_token is None


def test_a_provisioning_token_that_was_given_is_a_credential_like_any_other():
    given = ACUSIGHT.settings(provisioning_token=f" {TOKEN}\n")

    assert given.provisioning_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(given)
    with pytest.raises(UnusableSettings):
        ACUSIGHT.settings(provisioning_token="apt_é")


def test_the_endpoint_of_the_samples_is_not_the_configured_address():
    assert not ENDPOINT.startswith(str(ACUSIGHT.settings().url))


@settings(SAME_FIXTURES, max_examples=100)
@given(message=st.text() | st.from_regex(r"\Ahttps?://[^/]{1,20}(:[0-9]{1,6})?/?.{0,10}\Z"))
def test_any_endpoint_is_asked_or_is_one_clear_error(message):
    found = []
    try:
        found += [
            ACUSIGHT.ask(
                lambda a: a.device_self(message, SecretStr(KEY)),
                lambda _: httpx.Response(200, json=enveloped(SELF)),
            )
        ]
    except ApiError as error:
        found += [str(error)]

    assert len(found) == 1
