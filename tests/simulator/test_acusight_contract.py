"""Acusight's published OpenAPI document, and whether the simulator keeps to it both ways."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.laws import SAME_FIXTURES, share_of

PUBLISHED = yaml.safe_load(Path(__file__).with_name("acusight-openapi.yaml").read_text("utf-8"))
CALL = "/paths/~1devices~1provision/post"
BODY = f"{CALL}/requestBody/content/application~1json/schema"
REGISTRY = Registry().with_resource("urn:acusight", Resource(PUBLISHED, DRAFT202012))

TEXT = st.text(max_size=5)
ODD = st.one_of(st.none(), st.integers(), st.booleans(), st.lists(TEXT, max_size=1))
KEYS = ("name", "hardware_id", "ip_address", "mac_address", "agent_version", "colour")
INFO = st.fixed_dictionaries(
    {},
    optional={
        "device_id": st.one_of(st.text(min_size=1), ODD),
        **{key: st.one_of(TEXT, TEXT, ODD) for key in KEYS},
    },
)
BODIES = st.one_of(
    ODD,
    st.fixed_dictionaries(
        {}, optional={"token": st.one_of(TEXT, ODD), "device_info": st.one_of(INFO, INFO, ODD)}
    ),
)


def published(pointer):
    return Draft202012Validator({"$ref": f"urn:acusight#{pointer}"}, registry=REGISTRY)


def answer_schema(status):
    return published(f"{CALL}/responses/{status}/content/application~1json/schema")


def keeps_to_it(reply):
    answer_schema(reply.status_code).validate(reply.json())
    assert reply.headers["content-type"] == "application/json"
    return reply.status_code


def test_the_document_is_read_at_all():
    assert published(BODY).is_valid({"token": "a", "device_info": {"device_id": "b"}})
    assert not published(BODY).is_valid({"token": "a", "device_info": {"device_id": 1}})
    assert not answer_schema(201).is_valid({"success": True, "data": {"api_key": 1}})


@pytest.mark.parametrize("portainer", [True, False])
def test_a_success_is_as_published(start_acusight, portainer):
    acusight = start_acusight(portainer=portainer)
    reply = acusight.provision(acusight.make_token()["token"], name="Cam", hardware_id="RPi4")

    assert keeps_to_it(reply) == 201
    messages = PUBLISHED["components"]["schemas"]["handlers.ProvisionDeviceResponse"]["properties"]
    extra = set() if portainer else {"edge_key", "portainer_endpoint_id"}
    assert reply.json()["data"].keys() == messages.keys() - extra


def test_every_refusal_is_as_published(acusight):
    good, expired = acusight.make_token(), acusight.make_token(expires_in_days=1)
    acusight.provision(good["token"])
    acusight.pass_time(24 * 3600)

    replies = [
        acusight.call("POST", "devices/provision", {}),
        acusight.provision("apt_wrong"),
        acusight.provision(expired["token"]),
        acusight.provision(good["token"]),
    ]

    assert [keeps_to_it(reply) for reply in replies] == [400, 401, 401, 409]


def test_every_other_answer_is_in_the_published_envelope(acusight):
    envelope = published("/components/schemas/types.APIResponse")
    key = acusight.new_device("docker-1")["api_key"]

    for reply in (
        acusight.by_user("GET", "provisioning-tokens"),
        acusight.by_user("POST", "provisioning-tokens", {"name": "a"}),
        acusight.by_user("POST", "provisioning-tokens", {}),
        acusight.revoke(acusight.make_token()["id"]),
        acusight.revoke("not-a-uuid"),
        acusight.by_device(key, "GET", "device/self"),
        acusight.by_device(key, "POST", "device/checkin", {"status": "healthy"}),
        acusight.by_user("PATCH", "core/devices/docker-1", {"name": "Cam"}),
        acusight.call("GET", "nonsense"),
    ):
        envelope.validate(reply.json())
        assert reply.json()["success"] is reply.is_success


@settings(SAME_FIXTURES, max_examples=share_of(100))
@given(body=BODIES)
def test_a_body_passes_exactly_when_it_is_as_published(acusight, body):
    reply = acusight.call("POST", "devices/provision", body)

    # No token here is good, so a body that passes is refused for its token.
    assert keeps_to_it(reply) == (401 if published(BODY).is_valid(body) else 400)


def test_a_body_that_is_not_json_is_refused_as_published(acusight):
    reply = acusight.http.post("/acusight/api/devices/provision", content=b"token=apt_1")

    assert keeps_to_it(reply) == 400


def test_an_empty_device_id_is_refused_though_the_document_is_silent(acusight):
    reply = acusight.provision(acusight.make_token()["token"], "")

    assert keeps_to_it(reply) == 400
