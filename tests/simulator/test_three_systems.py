"""Three systems in one simulator: side by side, and struck by the same faults."""

import httpx
import pytest
from pydantic import ValidationError

from simulator.acusight.settings import DEFAULT_BASE as ACUSIGHT
from simulator.acusight.settings import DEFAULT_JWT
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.provision_api.settings import DEFAULT_BASE as PROVISION_API
from simulator.running import RunningSimulator
from simulator.settings import AcusightSettings, ProvisionApiSettings, SimulatorSettings

DEVICES = f"{PROVISION_API}/api/admin/devices"
DEVICE = {"tenant_id": "tenant-a", "device_id": "dev-1", "site_id": "site-1"}
BOTH = ["/acusight/api/device/self", "/provision/health"]


@pytest.fixture(scope="module")
def running():
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    yield running
    running.clear("faults")


@pytest.fixture
def http(simulator):
    headers = {"X-Admin-Key": DEFAULT_ADMIN_KEY, "Authorization": f"Bearer {DEFAULT_JWT}"}
    with httpx.Client(base_url=simulator.url, headers=headers, trust_env=False) as client:
        yield client


def test_a_provision_whose_reply_is_lost_has_lost_its_key(simulator, http):
    made = http.post(f"{ACUSIGHT}/provisioning-tokens", json={"name": "line-1"}).json()
    body = {"token": made["data"]["token"], "device_info": {"device_id": "docker-1"}}
    simulator.control("faults", kind="lost-reply", path="/devices/provision", times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        http.post(f"{ACUSIGHT}/devices/provision", json=body)

    again = http.post(f"{ACUSIGHT}/devices/provision", json=body)
    assert again.json()["error"]["code"] == "DEVICE_EXISTS"


def test_an_activation_whose_reply_is_lost_has_spent_its_code(simulator, http):
    code = http.post(DEVICES, json=DEVICE).json()["activation_code"]
    body = {"tenant_id": "tenant-a", "device_id": "dev-1", "activation_code": code}
    simulator.control("faults", kind="lost-reply", path="/device/activate", times=1)

    with pytest.raises(httpx.RemoteProtocolError):
        http.post(f"{PROVISION_API}/api/device/activate", json=body)

    again = http.post(f"{PROVISION_API}/api/device/activate", json=body)
    assert again.json() == {"detail": "Activation code already used"}


def test_a_device_follows_the_endpoint_it_was_reported(http):
    made = http.post(f"{ACUSIGHT}/provisioning-tokens", json={"name": "line-2"}).json()
    body = {"token": made["data"]["token"], "device_info": {"device_id": "docker-2"}}
    message = http.post(f"{ACUSIGHT}/devices/provision", json=body).json()["data"]

    headers = {"X-Device-Key": message["api_key"]}
    reply = httpx.get(f"{message['api_endpoint']}/device/self", headers=headers, trust_env=False)

    assert reply.json()["data"]["device_id"] == "docker-2"


def test_an_id_with_a_slash_is_out_of_reach_over_the_wire_too(http):
    assert http.post(f"{DEVICES}/tenant-a/dev%2F1/revoke").status_code == 404


@pytest.mark.parametrize("path", BOTH)
def test_a_reset_strikes_every_system(simulator, http, path):
    simulator.control("faults", kind="reset", path=path)

    with pytest.raises(httpx.ReadError):
        http.get(path)


@pytest.mark.parametrize("path", BOTH)
def test_a_status_strikes_every_system(lem, path):
    lem.control("faults", kind="status", status=429, path=path)

    assert lem.http.get(path).status_code == 429


@pytest.mark.parametrize("path", BOTH)
def test_a_page_that_is_not_json_strikes_every_system(lem, path):
    lem.control("faults", kind="not-json", path=path)

    assert lem.http.get(path).text.startswith("<html>")


def test_a_slow_system_answers_all_the_same(api):
    api.control("faults", kind="slow", seconds=0.01)

    assert api.call("GET", "health").json() == {"status": "ok"}


def test_a_call_that_a_fault_strikes_uses_up_nobodys_share(start_provision_api):
    api = start_provision_api()
    api.control("faults", kind="status", times=5)

    replies = [api.admin("GET", "devices").status_code for _ in range(16)]

    assert replies == [503] * 5 + [200] * 10 + [429]


def test_paths_nobody_serves_are_counted_as_they_are(lem):
    lem.http.get("/provision/nonsense")

    (counted,) = lem.observation("calls")["calls"]
    assert counted["path"] == "/provision/nonsense"


def test_every_system_refuses_in_its_own_way(lem):
    replies = [lem.http.get(f"{base}/nonsense").json() for base in ("", ACUSIGHT, PROVISION_API)]

    assert [[*reply] for reply in replies] == [["error"], ["success", "error"], ["detail"]]


def test_bases_can_be_elsewhere(build, lem):
    moved = build(
        type(lem),
        acusight=AcusightSettings(base="/a/cloud"),
        provision_api=ProvisionApiSettings(base="/pulse"),
    )

    assert moved.http.get("/pulse/health").status_code == 200
    assert moved.http.get("/a/cloud/device/self").status_code == 401
    assert moved.http.get("/provision/health").status_code == 404


@pytest.mark.parametrize(
    ("one", "other"),
    [("/x", "/x"), ("/x", "/x/y"), ("/x/y", "/x"), ("/api", "/x"), ("/x", "/_simulator/y")],
)
def test_bases_must_not_be_in_each_others_way(one, other):
    switches = {
        "acusight": AcusightSettings(base=one),
        "provision_api": ProvisionApiSettings(base=other),
    }

    with pytest.raises(ValidationError, match="in the way"):
        SimulatorSettings(**switches)


@pytest.mark.parametrize("base", ["", "/", "x", "/x/"])
def test_a_base_is_a_path(base):
    with pytest.raises(ValidationError):
        AcusightSettings(base=base)


def test_an_admin_key_is_of_at_least_32_letters():
    with pytest.raises(ValidationError):
        ProvisionApiSettings(admin_key="short")


def test_the_switches_of_every_system_can_be_set_in_the_environment(monkeypatch):
    monkeypatch.setenv("SIMULATOR_PROVISION_API_RATE_CALLS", "3")
    monkeypatch.setenv("SIMULATOR_ACUSIGHT_APPROVAL_SECONDS", "20")

    settings = SimulatorSettings()

    assert settings.provision_api.rate_calls == 3
    assert settings.acusight.approval_seconds == 20
