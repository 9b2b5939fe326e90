"""The simulators, fuzzed by the documents of their systems: every answer is one that is documented.

Schemathesis draws calls that keep to a document and calls that break it. Only provision_api may
answer 500, where its database refuses what the service let pass; its own tests say where.
"""

from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from simulator.acusight.settings import DEFAULT_JWT
from simulator.lem.settings import DEFAULT_TOKEN
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator
from simulator.settings import ProvisionApiSettings, SimulatorSettings

pytestmark = pytest.mark.process
DOCUMENTS = {file.stem: file for file in Path(__file__).with_name("documents").glob("*.yaml")}
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
BASES = {"lem": "", "acusight": "/acusight/api", "provision_api": "/provision"}


SCHEMAS = {name: schemathesis.openapi.from_path(file) for name, file in DOCUMENTS.items()}
# These want a secret that was just handed out, or a failed request; they have a test of their own.
NEVER_BY_CHANCE = {
    "GET /api/v1/activation/config",
    "POST /api/v1/activation/request/request-retry-provision",
    "POST /devices/provision",
    "DELETE /provisioning-tokens/{id}",
    "POST /api/device/activate",
    "POST /api/admin/integration-routes",
}


def operations(name):
    """Every operation of a document, by the system and what it is called."""
    found = [each.ok() for each in SCHEMAS[name].get_all_operations()]
    return [pytest.param(name, each, id=f"{name} {each.label}") for each in found]


@pytest.fixture(scope="module")
def simulator():
    switches = ProvisionApiSettings(rate_limit=False)
    with RunningSimulator(SimulatorSettings(speed=0, provision_api=switches)) as running:
        yield running


@pytest.fixture(scope="module")
def credentials(simulator):
    """What each system admits a caller by; a device of each is there to be asked about."""
    with requests.Session() as wire:
        user = {"Authorization": f"Bearer {DEFAULT_JWT}"}
        at = f"{simulator.url}/acusight/api"
        made = wire.post(f"{at}/provisioning-tokens", json={"name": "a"}, headers=user).json()
        asked = {"token": made["data"]["token"], "device_info": {"device_id": "docker-1"}}
        device = wire.post(f"{at}/devices/provision", json=asked).json()["data"]
        admin, lem = {"X-Admin-Key": DEFAULT_ADMIN_KEY}, {"X-AuthToken": DEFAULT_TOKEN}
        registered = {"tenant_id": "tenant-a", "device_id": "dev-1", "site_id": "site-1"}
        wire.post(f"{simulator.url}/provision/api/admin/devices", json=registered, headers=admin)
        config = {"projectId": "462j1mq70mph31wa100t1yuxa", "expiresAt": 2**42, "deviceCount": 9}
        wire.post(f"{simulator.url}/api/v1/activation/config", json=config, headers=lem)
    simulator.control("lem/boot", devices=[{"name": f"edge-{number}"} for number in range(3)])
    key = {"X-Device-Key": device["api_key"]}
    return {"acusight": user | key, "provision_api": admin, "lem": lem}


@pytest.fixture(scope="module")
def wire():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def fuzzed(operation, data):
    """A call that keeps to the document, or one that breaks it."""
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    strategies = [operation.as_strategy(generation_mode=mode) for mode in modes]
    return data.draw(st.one_of(strategies).filter(stays))


def stays(case):
    """Whether a call is still the same operation: not where a part of its path is none, or dots."""
    return all(str(part).strip("./\\ ") for part in case.path_parameters.values())


@pytest.fixture
def asked(simulator, credentials, wire):
    """What a case is answered, once that is found to be as documented."""

    def asked(name, case):
        base = simulator.url + BASES[name]
        reply = case.call(base_url=base, session=wire, headers=credentials[name])
        case.validate_response(reply, checks=CHECKS)
        return reply

    return asked


@pytest.mark.parametrize(("name", "operation"), [p for name in DOCUMENTS for p in operations(name)])
def test_every_answer_is_a_documented_one(asked, name, operation):
    statuses = set()

    @settings(max_examples=30)
    @given(data=st.data())
    def law(data):
        statuses.add(asked(name, fuzzed(operation, data)).status_code)

    law()
    assert any(status < 300 for status in statuses) or operation.label in NEVER_BY_CHANCE


def test_what_was_handed_out_is_answered_as_documented(asked):
    def made(name, method, path, **parts):
        case = SCHEMAS[name][path][method].Case(**parts)
        reply = asked(name, case)
        assert reply.status_code < 300, (case.formatted_path, reply.text)
        return reply.json()

    project = "462j1mq70mph31wa100t1yuxa"
    new = {"projectId": project, "expiresAt": 2**42, "deviceCount": 9}
    config = made("lem", "POST", "/api/v1/activation/config", body=new)
    asks = {"projectId": project, "code": config["code"]}
    made("lem", "GET", "/api/v1/activation/config", query=asks)

    token = made("acusight", "POST", "/provisioning-tokens", body={"name": "b"})["data"]
    device = {"token": token["token"], "device_info": {"device_id": "docker-2"}}
    made("acusight", "POST", "/devices/provision", body=device)
    made("acusight", "DELETE", "/provisioning-tokens/{id}", path_parameters={"id": token["id"]})

    named = {"tenant_id": "tenant-a", "device_id": "dev-7"}
    code = made("provision_api", "POST", "/api/admin/devices", body=named | {"site_id": "s"})
    spent = named | {"activation_code": code["activation_code"]}
    made("provision_api", "POST", "/api/device/activate", body=spent)
    hook = {"tenant_id": "tenant-a", "name": "a", "url": "b"}
    known = made("provision_api", "POST", "/api/admin/integrations", body=hook)["integration_id"]
    route = {"tenant_id": "tenant-a", "integration_id": known, "name": "a", "deliver_on": None}
    made("provision_api", "POST", "/api/admin/integration-routes", body=route)
    assert made("provision_api", "GET", "/api/admin/integration-routes")
